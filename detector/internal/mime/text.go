package mime

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"net/mail"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/emersion/go-message/charset"
)

// ToUTF8 converts data to UTF-8 where its charset is not a superset of ASCII:
// UTF-16, UTF-32, ISO-2022, HZ, UTF-7. It reports whether it did. Everything
// else is returned as it is: URLs are ASCII, and offsets stay true.
func ToUTF8(data []byte, cs string) ([]byte, bool) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE, 0, 0}), cs == "utf-32le":
		return utf32(data, false), true
	case bytes.HasPrefix(data, []byte{0, 0, 0xFE, 0xFF}), cs == "utf-32be", cs == "utf-32":
		return utf32(data, true), true
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return utf16Text(data[2:], false), true
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return utf16Text(data[2:], true), true
	}
	switch cs {
	case "":
	case "utf-16", "utf-16be":
		if wide(data) {
			return utf16Text(data, cs == "utf-16be" || len(data) > 1 && data[0] == 0), true
		}
	case "utf-16le", "ucs-2", "unicode":
		if wide(data) {
			return utf16Text(data, false), true
		}
	case "utf-7", "unicode-1-1-utf-7":
		return utf7(data), true
	default:
		if strings.HasPrefix(cs, "iso-2022-") || cs == "hz-gb-2312" {
			return decodeText(data, cs), true
		}
	}
	return data, false
}

// wide reports whether data holds the zero bytes that markup in UTF-16 must.
func wide(data []byte) bool {
	return bytes.Count(data[:min(len(data), 256)], []byte{0})*4 >= min(len(data), 256)
}

func utf16Text(data []byte, big bool) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		a, b := uint16(data[2*i]), uint16(data[2*i+1])
		if big {
			units[i] = a<<8 | b
		} else {
			units[i] = b<<8 | a
		}
	}
	return []byte(string(utf16.Decode(units)))
}

func utf32(data []byte, big bool) []byte {
	out := make([]byte, 0, len(data)/4)
	for ; len(data) >= 4; data = data[4:] {
		r := rune(data[3])<<24 | rune(data[2])<<16 | rune(data[1])<<8 | rune(data[0])
		if big {
			r = rune(data[0])<<24 | rune(data[1])<<16 | rune(data[2])<<8 | rune(data[3])
		}
		if r != 0xFEFF {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

// utf7 decodes RFC 2152; what is not well formed stays.
func utf7(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		i := bytes.IndexByte(data, '+')
		if i < 0 {
			return append(out, data...)
		}
		out = append(out, data[:i]...)
		data = data[i+1:]
		n := 0
		for n < len(data) && base64Codes[data[n]] != junk && data[n] != '-' && data[n] != '_' {
			n++
		}
		if n == 0 {
			out = append(out, '+')
		} else {
			raw := make([]byte, base64.RawStdEncoding.DecodedLen(n))
			m, _ := base64.RawStdEncoding.Decode(raw, data[:n])
			out = append(out, utf16Text(raw[:m], true)...)
		}
		data = data[n:]
		if len(data) > 0 && data[0] == '-' {
			data = data[1:]
		}
	}
	return out
}

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
