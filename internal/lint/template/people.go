package template

import "strings"

// A Person is what a tag writes about one reader.
type Person struct {
	What    What
	Name    string // as written in the tag
	Service string // whose documentation says so, "" for the usual words
}

// What is what a value tells of a reader.
type What uint8

// What a value may be.
const (
	Nobody   What = iota
	Address       // the address itself
	Hash          // made from something of the reader
	Identity      // a number or token of one reader, contact or copy
	Trait         // a name, a telephone number, a place
)

func (w What) String() string {
	return [...]string{"nobody", "the address", "a hash", "an identifier", "a personal detail"}[w]
}

// Person says what a tag writes about one reader. A name counts by the table of
// services, by the usual words of templates, or because the template set it to
// something that does.
func (d *Doc) Person(t *Tag) (Person, bool) { return t.person, t.person.What != Nobody }

// persons finds out of each tag what it writes of a reader.
func (d *Doc) persons() {
	s := newScope(d)
	for i := range d.Tags {
		t := &d.Tags[i]
		if t.Kind == Control {
			s.enter(t)
		}
		if t.Kind != Output {
			continue
		}
		written := d.Text[t.Start:t.End]
		p, ok := s.here.known[string(written)]
		if !ok {
			inner := t.Inner(d.Text)
			if e, found := mergeTags[tagKey(string(written[:1]), inner)]; found && !s.binds(inner) {
				p = Person{e.what, inner, e.services}
			} else {
				p, _ = d.person(inner, s)
			}
			s.here.known[string(written)] = p
		}
		t.person = p
	}
}

// person says what an expression writes of a reader. A nil scope binds nothing.
func (d *Doc) person(inner string, s *scope) (Person, bool) {
	best, hashed := Person{}, false
	paths(flat(written(inner)), func(path string) {
		key := s.resolve(strings.ToLower(path))
		p, ok := d.people[key]
		if !ok {
			p, ok = named(key)
		}
		if !ok {
			p, ok = named(s.within(key))
		}
		if of, function := cutLast(key); !ok && hashes[function] {
			hashed = true
			p, ok = named(of) // user.email.md5
		}
		if ok && (best.What == Nobody || p.What < best.What) {
			p.Name = path
			best = p
		}
	})
	if best.What != Nobody && hashed {
		best.What = Hash
	}
	return best, best.What != Nobody
}

// cutLast parts a path before its last word.
func cutLast(path string) (of, word string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}

// squeeze drops what languages part words with, so that e-mail_address and
// EmailAddress are one.
func squeeze(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c != '_' && c != '-' && c != ' ' {
			b.WriteByte(c | 0x20*b2i(c >= 'A' && c <= 'Z'))
		}
	}
	return b.String()
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// named looks a path up, in lower case, by its last words.
func named(path string) (Person, bool) {
	words := strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == ':' })
	for len(words) > 1 && conversions[squeeze(words[len(words)-1])] {
		words = words[:len(words)-1] // user.email.downcase
	}
	if len(words) == 0 {
		return Person{}, false
	}
	if len(words) > 2 && words[0] == "data" { // Mailjet's {{data:email:"default"}}
		words = words[:2]
	}
	if len(words) == 2 && words[0] == "custom_attribute" {
		return customAttribute(words[1])
	}
	last, whose := squeeze(words[len(words)-1]), owner(words[:len(words)-1])
	what := ownWords[last]
	switch {
	case whose == another:
		what = Nobody
	case what != Nobody:
	case whose == reader:
		what = wordsOfPersons[last]
	case len(words) == 1:
		what = alone(last)
	}
	if what == Nobody {
		what = hashedAddress(last, whose)
	}
	return Person{What: what}, what != Nobody
}

// alone is what a word tells that stands by itself.
func alone(word string) What {
	if w := aloneWords[word]; w != Nobody {
		return w
	}
	if field := strings.TrimRight(word, "0123456789"); field != word && (field == "merge" || field == "mmerge") {
		return Trait // a field of the audience, by its number (Mailchimp)
	}
	for person := range persons { // user_id, contactKey
		if rest, ok := strings.CutPrefix(word, person); ok && wordsOfPersons[rest] != Nobody {
			return wordsOfPersons[rest]
		}
	}
	return Nobody
}

// hashedAddress knows names such as user_email_md5, sha256_email and encoded_email.
func hashedAddress(word string, whose whose) What {
	if whose == another || !strings.Contains(word, "email") {
		return Nobody
	}
	for _, made := range []struct {
		by   string
		what What
	}{{"md5", Hash}, {"sha1", Hash}, {"sha256", Hash}, {"sha512", Hash}, {"hash", Hash}, {"encoded", Address}, {"base64", Address}, {"encrypted", Identity}} {
		rest, ok := strings.CutSuffix(word, made.by)
		if !ok {
			rest, ok = strings.CutPrefix(word, made.by)
		}
		if ok && ownWords[rest] == Address {
			return made.what
		}
	}
	return Nobody
}

// whose says whose something is, by the words before it.
type whose uint8

const (
	anybody whose = iota
	reader
	another // the sender's, an author's, or of many alike
)

// owner finds out whose the last of words is: the nearest word that says so decides.
func owner(words []string) whose {
	for i := len(words) - 1; i >= 0; i-- {
		switch w := squeeze(words[i]); {
		case notPersons[w]:
			return another
		case isPerson(w):
			if i > 0 && texts[squeeze(words[i-1])] {
				return another // post.user is who wrote it
			}
			return reader
		}
	}
	return anybody
}

// isPerson reports whether a word is one for a reader.
func isPerson(word string) bool {
	return persons[word] || persons[strings.TrimPrefix(word, "current")]
}

// customAttribute says what a field of Braze's profile of a user tells. The field has
// any name, and is a detail at least, unless a request tells it anyway.
func customAttribute(name string) (Person, bool) {
	p := Person{What: Trait, Service: "Braze"}
	switch last := squeeze(name); last {
	case "language", "lang", "locale", "country", "countrycode", "timezone", "currency":
		return Person{}, false
	default:
		if w := wordsOfPersons[last]; w != Nobody {
			p.What = w
		} else if strings.HasSuffix(name, "_id") || strings.HasSuffix(last, "uuid") || strings.HasSuffix(last, "guid") {
			p.What = Identity
		}
	}
	return p, true
}

// ownWords tell of a reader whoever they are said of.
var ownWords = map[string]What{
	"email": Address, "emailaddress": Address, "emailaddr": Address, "mailaddress": Address, "useremail": Address,
	"customeremail": Address, "recipientemail": Address, "subscriberemail": Address, "toemail": Address, "emailto": Address,
	"emailhash": Hash, "hashedemail": Hash, "emailmd5": Hash, "md5email": Hash, "emailsha256": Hash, "sha256email": Hash,
	"uniqid": Identity, "userid": Identity, "subscriberid": Identity, "contactid": Identity, "customerid": Identity,
	"recipientid": Identity, "memberid": Identity, "subscriberkey": Identity, "contactkey": Identity, "leadid": Identity,
	"subkey": Identity, "cryptedid": Identity, "personid": Identity, "profileid": Identity, "visitorid": Identity, "subscriberhash": Hash, "contacthash": Hash, "userhash": Hash,
	"trackingid": Identity, "trackingtoken": Identity, "messageid": Identity, "msgid": Identity, "openid": Identity,
	"firstname": Trait, "lastname": Trait, "fullname": Trait, "fname": Trait, "lname": Trait, "phone": Trait, "phonenumber": Trait,
	"mobile": Trait, "birthday": Trait, "birthdate": Trait, "zipcode": Trait, "postalcode": Trait,
}

// persons are words for a reader; what wordsOfPersons names is theirs.
var persons = map[string]bool{
	"user": true, "subscriber": true, "contact": true, "customer": true, "recipient": true, "member": true, "person": true,
	"lead": true, "profile": true, "visitor": true, "patient": true, "student": true, "guest": true, "subscription": true,
	"reader": true, "donor": true, "prospect": true, "auth": true, "buyer": true,
}

// aloneWords tell of a reader where nothing says of whom they are.
var aloneWords = map[string]What{
	"uid": Identity, "user": Identity, "subscriber": Identity, "recipient": Identity, "currentuser": Identity, "username": Trait,
}

// notPersons are words for a sender, and for what many readers have in common. What
// stands behind them is not one reader's: shop.email, list.uid, subscription.plan.name.
var notPersons = map[string]bool{
	"sender": true, "from": true, "author": true, "agent": true, "rep": true, "seller": true, "shop": true, "store": true, "company": true,
	"site": true, "organization": true, "organisation": true, "brand": true, "vendor": true, "merchant": true, "speaker": true,
	"venue": true, "hotel": true, "restaurant": true, "office": true, "branch": true, "dealer": true, "plan": true, "tier": true,
	"team": true, "list": true, "audience": true, "segment": true, "campaign": true, "newsletter": true, "product": true,
	"category": true, "role": true,
}

// texts are words for what somebody wrote, whose user is its author.
var texts = map[string]bool{
	"post": true, "comment": true, "article": true, "topic": true, "review": true, "reply": true, "answer": true, "question": true,
}

// conversions are methods that write the same in another form.
var conversions = map[string]bool{
	"tos": true, "tostr": true, "tostring": true, "toi": true, "tolowercase": true, "touppercase": true, "tolower": true, "toupper": true,
	"downcase": true, "upcase": true, "lower": true, "upper": true, "strip": true, "trim": true, "encode": true, "decode": true,
	"hex": true, "presence": true, "htmlsafe": true, "urlencode": true, "value": true, "parameterize": true,
}

var wordsOfPersons = map[string]What{
	"uid": Identity, "toparam": Identity, "signedid": Identity, "tosgid": Identity, "togid": Identity, "dob": Trait, "dateofbirth": Trait,
	"contactemail": Address, "primaryemail": Address, "workemail": Address, "personalemail": Address,
	"email": Address, "id": Identity, "pk": Identity, "uuid": Identity, "guid": Identity, "key": Identity, "token": Identity, "number": Identity, "externalid": Identity,
	"hash": Hash, "name": Trait, "address": Address, "mail": Address, "username": Trait, "city": Trait, "md5": Hash, "sha256": Hash,
	"secret": Identity, "getusername": Trait, "getfullname": Trait, "getshortname": Trait,
}

// hashes are functions and filters that make a hash.
var hashes = map[string]bool{
	"md5": true, "sha1": true, "sha256": true, "sha512": true, "hmac": true, "hmac_sha1": true, "hmac_sha256": true,
	"hash": true, "hexdigest": true, "sha2": true, "crc32": true, "hmac_sha1_hex": true, "hmac_sha1_base64": true,
}
