package detector

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"unsafe"
)

// person is an address of the reader with everything that it is looked for as.
type person struct {
	address string // as written
	normal  string // see normal
	forms   []form
	starts  bitmap
	once    []string             // digests of each spelling, by hash
	sums    [len(sumSizes)]*sums // of each size, made when a URL holds such a token
}

// keptPeople is how many of them a detector remembers: a mailbox has one reader.
const keptPeople = 64

// person returns what is known of an address; nil for none. Those of earlier
// messages are kept.
func (s *scan) person(address string) *person {
	address = strings.TrimSpace(address)
	if at := strings.IndexByte(address, '@'); at < 1 || len(address) < 6 || len(address) > 254 || !isDomain(address[strings.LastIndexByte(address, '@')+1:]) {
		return nil
	}
	for _, p := range s.people {
		if p.address == address {
			return p
		}
	}
	if len(s.people) == keptPeople {
		s.people = append(s.people[:0], s.people[keptPeople/2:]...)
	}
	p := newPerson(strings.Clone(address))
	s.people = append(s.people, p)
	return p
}

func newPerson(address string) *person {
	p := &person{address: address, normal: string(normal(nil, bytesOf(address)))}
	low := strings.ToLower(address)
	local, domain, _ := strings.Cut(low, "@")
	text := "the recipient's address"
	p.forms = append(make([]form, 0, 24),
		form{text: hex.EncodeToString([]byte(low)), fold: true, alone: true, what: "base16 of " + text, evidence: Proven},
		form{text: turnLetters(low), fold: true, alone: true, what: "rot13 of " + text, evidence: Proven},
		form{text: reversed(low), fold: true, alone: true, what: text + " backwards", evidence: Proven},
	)
	if len(local) >= 3 {
		p.forms = append(p.forms, form{text: local + "=" + domain, fold: true, alone: true, inside: true, what: text + ", with = for @", evidence: Proven})
	}
	p.aligned(low, "base64 of "+text)
	if address != low {
		p.aligned(address, "base64 of "+text)
	}
	if len(local) >= 5 {
		p.forms = append(p.forms, form{text: local, fold: true, whole: true, what: "only the local part of the recipient's address, which proves nobody", evidence: NoEvidence})
	}
	p.starts.setAll(p.forms)
	return p
}

// spellings lists how senders write an address: as it is written in the
// message, in lower and upper case, and as it reaches the same mailbox without its
// tag, and at Gmail without dots.
func (p *person) spellings() []string {
	low := strings.ToLower(p.address)
	list := append(make([]string, 0, 7), low)
	add := func(a string) {
		if !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	add(p.address)
	add(strings.ToUpper(low))
	local, domain, _ := strings.Cut(low, "@")
	plain, _, _ := strings.Cut(local, "+")
	if plain == "" {
		return list
	}
	add(plain + "@" + domain)
	if isGmail(domain) {
		plain = strings.ReplaceAll(plain, ".", "")
		add(plain + "@gmail.com")
		add(plain + "@googlemail.com")
	}
	return list
}

func isGmail(domain string) bool { return domain == "gmail.com" || domain == "googlemail.com" }

// aligned adds a text in base64 as it stands inside something longer, at each
// of the three places where it may begin.
func (p *person) aligned(text, what string) {
	padded := append(append(make([]byte, 0, len(text)+2), "xx"...), text...)
	for shift := range 3 {
		std := base64.RawStdEncoding.EncodeToString(padded[2-shift:])
		// The characters at both ends depend on what stands around.
		from, to := (shift*8+5)/6, len(std)
		if (shift+len(text))%3 != 0 {
			to--
		}
		if to-from < 8 {
			continue
		}
		std = std[from:to]
		p.forms = append(p.forms, form{text: std, what: what, evidence: Proven})
		if strings.ContainsAny(std, "+/") {
			p.forms = append(p.forms, form{text: base64URL.Replace(std), what: what, evidence: Proven})
		}
	}
}

var base64URL = strings.NewReplacer("+", "-", "/", "_")

// turnLetters moves letters by 13.
func turnLetters(s string) string {
	b := []byte(s)
	for i, c := range b {
		switch {
		case !isLetter(c):
		case c|0x20 <= 'm':
			b[i] += 13
		default:
			b[i] -= 13
		}
	}
	return string(b)
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// normal appends an address as it names a mailbox: in lower case, without a tag,
// and at Gmail without dots.
func normal(dst, address []byte) []byte {
	at := bytes.LastIndexByte(address, '@')
	domain := append(make([]byte, 0, 64), address[at+1:]...)
	for i := range domain {
		domain[i] = lowerByte(domain[i])
	}
	gmail := isGmail(view(domain))
	from := len(dst)
	for _, c := range address[:at] {
		if c == '+' && len(dst) > from {
			break
		}
		if c != '.' || !gmail {
			dst = append(dst, lowerByte(c))
		}
	}
	if gmail {
		return append(dst, "@gmail.com"...)
	}
	return append(append(dst, '@'), domain...)
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// addressAround returns where the address ends whose @ stands at an offset.
func addressAround(text []byte, at int) (from, to int) {
	from, to = at, at+1
	for from > 0 && at-from < 64 && (wordByte(text[from-1]) || strings.IndexByte("._+-", text[from-1]) >= 0) {
		from--
	}
	for to < len(text) && to-at < 190 && (wordByte(text[to]) || text[to] == '.' || text[to] == '-') {
		to++
	}
	for to > at+1 && !wordByte(text[to-1]) {
		to--
	}
	return from, to
}

// at returns the person whose address stands around an @. A file name may
// follow: ann@reader.example.gif.
func (r *reader) at(text []byte, at int) *person {
	from, to := addressAround(text, at)
	if from == at || to == at+1 {
		return nil
	}
	var room [256]byte
	got := normal(room[:0], text[from:to])
	for _, p := range r.people {
		if rest, ok := bytes.CutPrefix(got, bytesOf(p.normal)); ok && (len(rest) == 0 || isExtension(view(rest))) {
			return p
		}
	}
	return nil
}

func isExtension(s string) bool {
	switch s {
	case ".gif", ".png", ".jpg", ".jpeg", ".webp", ".svg":
		return true
	}
	return false
}

// bytesOf returns the bytes of s, which nobody may write to.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
