package markup

import (
	"bytes"
	"html"
	"strings"
	"unsafe"
)

// view returns b as a string without copying. The string is valid as long as
// the source of the document is.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unescape decodes the character references of an attribute value by the rules
// of the WHATWG standard (section 13.2.5.73): a name without its semicolon that
// is followed by '=' or a letter stays text, so that "&copy=1" in a URL does.
// It returns a view of b where there is nothing to decode.
func unescape(b []byte) string {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		if bytes.IndexByte(b, 0) >= 0 {
			return strings.ReplaceAll(string(b), "\x00", "\uFFFD")
		}
		return view(b)
	}
	out := make([]byte, 0, len(b))
	for {
		out = append(out, b[:i]...)
		b = b[i:]
		n, text := charRef(b)
		if n == 0 {
			n, text = 1, "&"
		}
		out = append(out, text...)
		b = b[n:]
		if i = bytes.IndexByte(b, '&'); i < 0 {
			break
		}
	}
	out = append(out, b...)
	return strings.ReplaceAll(view(out), "\x00", "\uFFFD")
}

// charRef decodes the character reference at the start of b and returns its
// length, 0 if there is none.
func charRef(b []byte) (int, string) {
	if bytes.HasPrefix(b, []byte("&amp;")) {
		return 5, "&"
	}
	if len(b) > 2 && b[1] == '#' {
		return numericRef(b)
	}
	n := 1
	for n < len(b) && n < 40 && isAlnum(b[n]) {
		n++
	}
	if n == 1 {
		return 0, ""
	}
	if n < len(b) && b[n] == ';' {
		s := html.UnescapeString(string(b[:n+1]))
		if whole := s[len(s)-1] != ';' || s == ";"; whole && (s[0] != '&' || s == "&") {
			return n + 1, s
		}
		return 0, "" // at most a prefix of the name is one
	}
	if n < len(b) && b[n] == '=' {
		return 0, ""
	}
	if s := html.UnescapeString(string(b[:n])); s[0] != '&' || s == "&" {
		if s[len(s)-1] != b[n-1] { // the whole name, not a legacy prefix of it
			return n, s
		}
	}
	return 0, ""
}

func numericRef(b []byte) (int, string) {
	n, digits := 2, isDigit
	if b[2] == 'x' || b[2] == 'X' {
		n, digits = 3, isHex
	}
	start := n
	for n < len(b) && digits(b[n]) {
		n++
	}
	if n == start {
		return 0, ""
	}
	num := b[:n]
	if n < len(b) && b[n] == ';' {
		n++
	}
	if len(num) > start+8 { // leading zeros aside, out of range
		if rest := bytes.TrimLeft(num[start:], "0"); len(rest) > 8 {
			return n, "\uFFFD"
		} else {
			return n, html.UnescapeString(string(b[:start]) + string(rest) + ";")
		}
	}
	return n, html.UnescapeString(string(num) + ";")
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func isAlnum(c byte) bool { return isDigit(c) || isLetter(c) }
