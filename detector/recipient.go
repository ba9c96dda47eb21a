package detector

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// reader is who the message was sent to, and from which site.
type reader struct {
	site  string // of the sender domain
	id    string // the message's ID, without its domain
	forms []form
}

// form is one way in which an address can stand in a URL.
type form struct {
	text string
	fold bool // compared in lower case
	how  string
}

// recipientHeaders name the reader.
var recipientHeaders = []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc"}

// newReader collects the addresses of the reader. m may be nil. A message to
// many people names none of them.
func newReader(m *mime.Message, more []string) reader {
	addresses := slices.Clone(more)
	var rd reader
	if m != nil {
		for _, h := range recipientHeaders {
			list := mime.Addresses(m.Field(h))
			if len(list) <= 5 {
				addresses = append(addresses, list...)
			}
		}
		id := strings.Trim(strings.TrimSpace(m.Field("Message-ID")), "<>")
		if id, _, _ = strings.Cut(id, "@"); len(id) >= 12 {
			rd.id = id
		}
	}
	for i := range addresses {
		addresses[i] = strings.ToLower(strings.TrimSpace(addresses[i]))
	}
	slices.Sort(addresses)
	for _, a := range slices.Compact(addresses) {
		if len(a) >= 6 && strings.Contains(a, "@") {
			rd.forms = append(rd.forms, forms(a)...)
		}
	}
	return rd
}

// forms lists an address plain, encoded and hashed, as senders put it into
// URLs (Englehardt, Han, Narayanan: I never signed up for this, PETS 2018).
func forms(a string) []form {
	m, s1, s2 := md5.Sum([]byte(a)), sha1.Sum([]byte(a)), sha256.Sum256([]byte(a))
	list := []form{
		{a, true, "the recipient's address"},
		{strings.Replace(a, "@", "%40", 1), true, "the recipient's address, percent-encoded"},
		{strings.Replace(a, "@", "%2540", 1), true, "the recipient's address, percent-encoded twice"},
		{strings.Replace(a, "@", "=", 1), true, "the recipient's address, with = for @"},
		{hex.EncodeToString([]byte(a)), true, "the recipient's address in hexadecimal"},
		{hex.EncodeToString(m[:]), true, "MD5 of the recipient's address"},
		{hex.EncodeToString(s1[:]), true, "SHA-1 of the recipient's address"},
		{hex.EncodeToString(s2[:]), true, "SHA-256 of the recipient's address"},
	}
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for shift := range 3 {
			text := enc.EncodeToString([]byte(strings.Repeat("x", shift) + a))
			// The characters at both ends depend on what stands around.
			from := (shift*8 + 5) / 6
			to := len(text)
			if (shift+len(a))%3 != 0 {
				to--
			}
			if to-from >= 8 {
				list = append(list, form{text[from:to], false, "the recipient's address in base64"})
			}
		}
	}
	return list
}

// thirdParty reports whether a site is not the sender's.
func (r *reader) thirdParty(site string) bool {
	return site != "" && site != r.site
}

// recognise says how a URL names the reader, "" if it does not.
func (r *reader) recognise(url string) string {
	if len(r.forms) == 0 {
		return ""
	}
	lower := strings.ToLower(url)
	for i := range r.forms {
		f := &r.forms[i]
		hay := url
		if f.fold {
			hay = lower
		}
		if at := strings.Index(hay, f.text); at >= 0 && alone(hay, at, len(f.text), f) {
			return f.how
		}
	}
	return ""
}

// alone reports whether a plain or hashed form does not stand inside a longer
// word: ann@x.example is not joann@x.example.
func alone(s string, at, n int, f *form) bool {
	if !f.fold {
		return true
	}
	before, after := at == 0 || !wordByte(s[at-1]), at+n == len(s) || !wordByte(s[at+n])
	if at >= 3 && s[at-3] == '%' {
		before = true
	}
	return before && after
}

func wordByte(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' }
