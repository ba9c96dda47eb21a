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
