package mime

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"strings"

	"github.com/emersion/go-message/charset"
)

// Decode converts text from a charset to UTF-8; what cannot be is returned as
// it is.
func Decode(text, charset string) string { return string(decodeText([]byte(text), charset)) }

// decodeText converts b from a charset; what cannot be is returned as it is.
func decodeText(b []byte, cs string) []byte {
	if cs == "" || strings.EqualFold(cs, "utf-8") || strings.EqualFold(cs, "us-ascii") {
		return b
	}
	r, err := charset.Reader(cs, bytes.NewReader(b))
	if err != nil {
		return b
	}
	out, err := io.ReadAll(r)
	if err != nil && len(out) == 0 {
		return b
	}
	return out
}

var words = mime.WordDecoder{CharsetReader: charset.Reader}

// DecodeHeader decodes the encoded words of a header value (RFC 2047). What
// cannot be decoded stays as it is.
func DecodeHeader(s string) string {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "=?") && len(s) < 64<<10 {
		if d, err := words.DecodeHeader(s); err == nil {
			s = d
		}
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// Addresses lists the addresses in a header value, as they are written. Where
// the grammar is broken, whatever has an @ counts.
func Addresses(value string) []string {
	value = strings.TrimSpace(value)
	if value == "" || len(value) > 64<<10 {
		return nil
	}
	if !strings.ContainsAny(value, " \t,<\"(;:") {
		if strings.Contains(value, "@") {
			return []string{value}
		}
		return nil
	}
	if a, ok := oneAddress(value); ok {
		return []string{a}
	}
	if len(value) < 8<<10 {
		if list, err := (&mail.AddressParser{WordDecoder: &words}).ParseList(value); err == nil {
			out := make([]string, len(list))
			for i, a := range list {
				out[i] = a.Address
			}
			return out
		}
	}
	var out []string
	for f := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;<>\"'()", r) }) {
		if i := strings.IndexByte(f, '@'); i > 0 && i < len(f)-1 && !strings.Contains(f, "=?") {
			out = append(out, strings.TrimPrefix(strings.ToLower(f), "mailto:"))
		}
	}
	return out
}

// oneAddress reads the usual value, a plain or quoted name and one address in
// angle brackets, or such an address alone.
func oneAddress(value string) (string, bool) {
	end := len(value) - 1
	open := strings.LastIndexByte(value, '<')
	if value[end] != '>' || open < 0 || strings.IndexByte(value, '>') != end {
		return "", false
	}
	name, address := strings.TrimRight(value[:open], " \t"), value[open+1:end]
	if n := len(name); n > 1 && name[0] == '"' && name[n-1] == '"' {
		name = name[1 : n-1]
		if strings.ContainsAny(name, "\"\\\r\n") {
			return "", false
		}
	} else if strings.ContainsAny(name, "\"\\(),:;<>@[]\r\n") {
		return "", false
	}
	at := strings.IndexByte(address, '@')
	if at <= 0 || !isDotAtom(address[:at]) || !isDotAtom(address[at+1:]) {
		return "", false
	}
	return address, true
}

// isDotAtom reports whether s is words of ASCII with single dots between them
// (RFC 5322 section 3.2.3).
func isDotAtom(s string) bool {
	dot := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if dot {
				return false
			}
			dot = true
		case c <= ' ' || c >= 0x7F || strings.IndexByte("()<>[]:;@\\,\"", c) >= 0:
			return false
		default:
			dot = false
		}
	}
	return !dot
}
