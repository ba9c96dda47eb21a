package token

import "unicode/utf8"

// isText reports whether b is printable UTF-8.
func isText(b []byte) bool {
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError || r < 0xA0 {
				return false
			}
			i += n
			continue
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' || c == 0x7F:
			return false
		}
		i++
	}
	return len(b) > 0
}
