package template

import (
	"regexp"
	"strings"
)

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
	known := map[string]Person{}
	for i := range d.Tags {
		t := &d.Tags[i]
		if t.Kind != Output {
			continue
		}
		written := d.Text[t.Start:t.End]
		p, ok := known[string(written)]
		if !ok {
			inner := t.Inner(d.Text)
			if e, found := mergeTags[tagKey(string(written[:1]), inner)]; found {
				p = Person{e.what, inner, e.services}
			} else {
				p, _ = d.person(inner)
			}
			known[string(written)] = p
		}
		t.person = p
	}
}

func (d *Doc) person(inner string) (Person, bool) {
	best, hashed := Person{}, false
	paths(flat(inner), func(path string) {
		key := strings.ToLower(path)
		p, ok := d.people[key]
		if !ok {
			p, ok = named(key)
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

// subscript is what stands in brackets after a name, as Jinja, Ruby and PHP write it.
var subscript = regexp.MustCompile(`\[\s*(?:'([\w -]+)'|"([\w -]+)"|:(\w+))\s*\]`)

// flat writes an expression with dots only: user->email (Blade and PHP), user['email'],
// user[:email] and user().email are user.email, and custom_attribute.${crm_id} (Braze)
// is custom_attribute.crm_id.
func flat(inner string) string {
	if !strings.ContainsAny(inner, ">[({") {
		return inner
	}
	inner = flatten.Replace(inner)
	return subscript.ReplaceAllStringFunc(inner, func(s string) string {
		return "." + strings.ReplaceAll(strings.Trim(s, "[]'\": \t"), " ", "_")
	})
}

var flatten = strings.NewReplacer("?->", ".", "->", ".", "()", "", ".${", ".")

// paths calls f with each name of an expression, with what leads to it:
// "contact.email" of {{ contact.email | url_encode }}. Text in quotes is none.
func paths(inner string, f func(string)) {
	for i := 0; i < len(inner); {
		switch c := inner[i]; {
		case c == '"' || c == '\'':
			end := strings.IndexByte(inner[i+1:], c)
			if end < 0 {
				return
			}
			if q := inner[i+1 : i+1+end]; i > 0 && (inner[i-1] == '[' || inner[i-1] == '(') && isPlainName(q) { // user["email"], fetch("email")
				f(q)
			}
			i += end + 2
		case isLetter(c) || c == '_':
			j := i
			for j < len(inner) && (isName(inner[j]) || inner[j] == '.' || inner[j] == '-' && j+1 < len(inner) && isLetter(inner[j+1]) || inner[j] == ':' && j+1 < len(inner) && isLetter(inner[j+1])) {
				j++
			}
			f(strings.TrimRight(inner[i:j], "."))
			i = j
		default:
			i++
		}
	}
}

func isPlainName(s string) bool {
	for i := range len(s) {
		if !isName(s[i]) && s[i] != '.' && s[i] != ' ' {
			return false
		}
	}
	return s != ""
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
	if len(words) == 0 {
		return Person{}, false
	}
	if len(words) > 2 && words[0] == "data" { // Mailjet's {{data:email:"default"}}
		words = words[:2]
	}
	last := squeeze(words[len(words)-1])
	if w := ownWords[last]; w != Nobody {
		return Person{What: w}, true
	}
	if len(words) == 2 && words[0] == "custom_attribute" {
		return customAttribute(words[1])
	}
	if len(words) > 1 {
		if w := wordsOfPersons[last]; w != Nobody {
			for _, owner := range words[:len(words)-1] {
				if persons[squeeze(owner)] {
					return Person{What: w}, true
				}
			}
		}
		return Person{}, false
	}
	for owner := range persons { // user_id, contactKey
		if rest, ok := strings.CutPrefix(last, owner); ok && wordsOfPersons[rest] != Nobody {
			return Person{What: wordsOfPersons[rest]}, true
		}
	}
	return Person{}, false
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
	"uid": Identity, "uniqid": Identity, "userid": Identity, "subscriberid": Identity, "contactid": Identity, "customerid": Identity,
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
	"reader": true, "donor": true, "prospect": true, "auth": true,
}

var wordsOfPersons = map[string]What{
	"email": Address, "id": Identity, "pk": Identity, "uuid": Identity, "guid": Identity, "key": Identity, "token": Identity, "number": Identity, "externalid": Identity,
	"hash": Hash, "name": Trait, "address": Address, "mail": Address, "username": Trait, "city": Trait, "md5": Hash, "sha256": Hash,
	"secret": Identity, "getusername": Trait, "getfullname": Trait, "getshortname": Trait,
}

// hashes are functions and filters that make a hash.
var hashes = map[string]bool{
	"md5": true, "sha1": true, "sha256": true, "sha512": true, "hmac": true, "hmac_sha1": true, "hmac_sha256": true,
	"hash": true, "hexdigest": true, "sha2": true, "crc32": true, "hmac_sha1_hex": true, "hmac_sha1_base64": true,
}

// isAssignment reports whether a tag sets a variable.
func isAssignment(inner string) bool {
	_, _, ok := assignment(inner)
	return ok
}

// assignment splits "e = user.email", with or without the word that sets, into name
// and value. It knows :=, and AMPscript's SET @e = EmailAddr.
func assignment(inner string) (name, value string, ok bool) {
	inner = strings.TrimSpace(inner)
	for _, word := range []string{"assign ", "set ", "SET ", "var ", "let ", "const ", "Set "} {
		inner = strings.TrimPrefix(inner, word)
	}
	name, value, ok = strings.Cut(inner, "=")
	if !ok || strings.HasPrefix(value, "=") || strings.HasPrefix(value, ">") {
		return "", "", false
	}
	name = strings.TrimSpace(strings.TrimSuffix(name, ":"))
	name = strings.TrimLeft(name, "@$ ")
	for i := range len(name) {
		if !isName(name[i]) {
			return "", "", false
		}
	}
	return strings.ToLower(name), value, name != ""
}

// ampscriptWords begin the statements of AMPscript, which may share a line ("AMPscript
// Syntax Guide", developer.salesforce.com).
var ampscriptWords = regexp.MustCompile(`(?i)(?:^|[\s;])(?:set|var|if|then|else|elseif|endif|for|do|next)\b`)

// assignments learns which variables hold something of a person.
func (d *Doc) assignments() {
	for i := range d.Tags {
		t := &d.Tags[i]
		if t.Kind != Control {
			continue
		}
		statements := []string{t.Inner(d.Text)}
		if d.Text[t.Start] == '%' { // a block of AMPscript holds many
			statements = ampscriptWords.Split(t.Inner(d.Text), -1)
		}
		for _, s := range statements {
			name, value, ok := assignment(s)
			if !ok {
				continue
			}
			p, found := d.person(value)
			if !found {
				continue
			}
			if d.people == nil {
				d.people = map[string]Person{}
			}
			d.people[name] = p
		}
	}
}
