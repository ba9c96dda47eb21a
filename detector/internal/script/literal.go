package script

import (
	"strings"
	"unicode/utf8"
)

// Unescape decodes what stands in a string literal (ECMA-262 section 12.9.4).
func Unescape(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	return unescape([]byte(raw))
}

// unescape decodes the inside of a string literal (ECMA-262 section 12.9.4).
func unescape(raw []byte) string {
	if i := strings.IndexByte(view(raw), '\\'); i < 0 && strings.IndexByte(view(raw), hole[0]) < 0 {
		return view(raw)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		n, text := escape(raw[i:])
		out = append(out, text...)
		i += n
	}
	return string(out)
}

// rawOffset is where byte at of the decoded literal stands in raw.
func rawOffset(raw []byte, at int) int {
	i := 0
	for i < len(raw) && at > 0 {
		n, text := escape(raw[i:])
		i += n
		at -= len(text)
	}
	return i
}

// escape decodes the first character of raw, and says how long it is written.
func escape(raw []byte) (int, string) {
	c := raw[0]
	if c == hole[0] {
		return 1, ""
	}
	if c != '\\' || len(raw) == 1 {
		return 1, view(raw[:1])
	}
	switch c = raw[1]; c {
	case 'n':
		return 2, "\n"
	case 't':
		return 2, "\t"
	case 'r':
		return 2, "\r"
	case 'b', 'f', 'v':
		return 2, " "
	case '\n':
		return 2, ""
	case '\r':
		if len(raw) > 2 && raw[2] == '\n' {
			return 3, ""
		}
		return 2, ""
	case 'x':
		if n, ok := hexNumber(raw[2:], 2); ok {
			return 4, character(n)
		}
	case 'u':
		if len(raw) > 3 && raw[2] == '{' {
			if end := strings.IndexByte(view(raw[3:min(len(raw), 12)]), '}'); end > 0 {
				if n, ok := hexNumber(raw[3:], end); ok {
					return end + 4, character(n)
				}
			}
		}
		if n, ok := hexNumber(raw[2:], 4); ok {
			return 6, character(n)
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n, i := 0, 1
		for i < len(raw) && i < 4 && raw[i] >= '0' && raw[i] <= '7' && n < 32 {
			n = n*8 + int(raw[i]-'0')
			i++
		}
		return i, character(n)
	}
	_, n := utf8.DecodeRune(raw[1:])
	if raw[1] == hole[0] {
		return 2, ""
	}
	return 1 + n, view(raw[1 : 1+n])
}

func character(n int) string { return string(rune(n)) }

func hexNumber(raw []byte, digits int) (int, bool) {
	if len(raw) < digits {
		return 0, false
	}
	n := 0
	for _, c := range raw[:digits] {
		switch {
		case c >= '0' && c <= '9':
			n = n<<4 | int(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			n = n<<4 | int(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return n, true
}
