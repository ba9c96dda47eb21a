package detector

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"unsafe"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// reader is who the message was sent to, and from which site.
type reader struct {
	site      string // of the sender domain
	id        string // the message's ID, without its domain
	addresses []string
	forms     forms // of the addresses, made when the first URL asks for them
	ready     bool
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
	rd := reader{addresses: slices.Clone(more)}
	if m != nil {
		for _, h := range recipientHeaders {
			list := mime.Addresses(m.Field(h))
			if len(list) <= 5 {
				rd.addresses = append(rd.addresses, list...)
			}
		}
		id := strings.Trim(strings.TrimSpace(m.Field("Message-ID")), "<>")
		if id, _, _ = strings.Cut(id, "@"); len(id) >= 12 {
			rd.id = id
		}
	}
	return rd
}

// known makes the forms of the addresses.
func (rd *reader) known() *forms {
	if rd.ready {
		return &rd.forms
	}
	rd.ready = true
	for i, a := range rd.addresses {
		rd.addresses[i] = strings.ToLower(strings.TrimSpace(a))
	}
	slices.Sort(rd.addresses)
	for _, a := range slices.Compact(rd.addresses) {
		if len(a) >= 6 && strings.Contains(a, "@") {
			rd.forms.add(formsOf(a))
		}
	}
	return &rd.forms
}

// formsOf lists an address plain, encoded and hashed, as senders put it into
// URLs (Englehardt, Han, Narayanan: I never signed up for this, PETS 2018).
func formsOf(a string) []form {
	m, s1, s2 := md5.Sum([]byte(a)), sha1.Sum([]byte(a)), sha256.Sum256([]byte(a))
	list := append(make([]form, 0, 14),
		form{a, true, "the recipient's address"},
		form{strings.Replace(a, "@", "%40", 1), true, "the recipient's address, percent-encoded"},
		form{strings.Replace(a, "@", "%2540", 1), true, "the recipient's address, percent-encoded twice"},
		form{strings.Replace(a, "@", "=", 1), true, "the recipient's address, with = for @"},
		form{hex.EncodeToString([]byte(a)), true, "the recipient's address in hexadecimal"},
		form{hex.EncodeToString(m[:]), true, "MD5 of the recipient's address"},
		form{hex.EncodeToString(s1[:]), true, "SHA-1 of the recipient's address"},
		form{hex.EncodeToString(s2[:]), true, "SHA-256 of the recipient's address"},
	)
	text := append(append(make([]byte, 0, len(a)+2), "xx"...), a...)
	for shift := range 3 {
		std := base64.RawStdEncoding.EncodeToString(text[2-shift:])
		// The characters at both ends depend on what stands around.
		from, to := (shift*8+5)/6, len(std)
		if (shift+len(a))%3 != 0 {
			to--
		}
		if to-from < 8 {
			continue
		}
		std = std[from:to]
		list = append(list, form{std, false, "the recipient's address in base64"})
		if strings.ContainsAny(std, "+/") {
			list = append(list, form{base64URL.Replace(std), false, "the recipient's address in base64"})
		}
	}
	return list
}

var base64URL = strings.NewReplacer("+", "-", "/", "_")

// thirdParty reports whether a site is not the sender's.
func (r *reader) thirdParty(site string) bool {
	return site != "" && site != r.site
}

// forms is a set of texts that are all looked for in one pass.
type forms struct {
	list []form
	// starts has a bit for the hash of each form's first four bytes; a URL is
	// compared with the forms only where its own have that bit.
	starts [64]uint64
}

func (fs *forms) add(list []form) {
	fs.list = slices.Grow(fs.list, len(list))
	for _, f := range list {
		if len(f.text) < 4 {
			continue
		}
		fs.list = append(fs.list, f)
		h := hash4(binary.LittleEndian.Uint32([]byte(f.text[:4])))
		fs.starts[h>>6] |= 1 << (h & 63)
	}
}

// hash4 hashes four bytes, in any case, to twelve bits.
func hash4(w uint32) uint32 { return (w | 0x20202020) * 0x9E3779B1 >> 20 }

// recognise says how a URL names the reader, "" if it does not. Of several
// forms it is the first in the list.
func (r *reader) recognise(url string) string {
	fs := r.known()
	if len(fs.list) == 0 {
		return ""
	}
	best := len(fs.list)
	text := unsafe.Slice(unsafe.StringData(url), len(url))
	for at := 0; at+4 <= len(text); at++ {
		h := hash4(binary.LittleEndian.Uint32(text[at:]))
		if fs.starts[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for i := range fs.list[:best] {
			if fs.list[i].standsAt(url, at) {
				best = i
				break
			}
		}
	}
	if best == len(fs.list) {
		return ""
	}
	return fs.list[best].how
}

// standsAt reports whether f stands in a URL at an offset.
func (f *form) standsAt(url string, at int) bool {
	if len(url)-at < len(f.text) {
		return false
	}
	text := url[at : at+len(f.text)]
	if f.fold && !strings.EqualFold(text, f.text) || !f.fold && text != f.text {
		return false
	}
	return alone(url, at, len(f.text), f)
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
