package report

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes text from a message safe for a terminal: control characters,
// escape sequences, bidirectional overrides and invalid bytes become visible.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			b.WriteRune('\uFFFD')
		case r == '\t' || r == '\n' || r == '\r':
			b.WriteByte(' ')
		case unsafe(r):
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

func isClean(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// unsafe reports whether a terminal could take r as more than a character.
func unsafe(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == '\ufeff' ||
		r >= 0xE0000 && r <= 0xE007F
}

// shortURL shortens the long tokens of a URL, which may identify the reader.
func shortURL(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	var b strings.Builder
	b.WriteString(scheme + "://" + host)
	for path != "" {
		n := strings.IndexAny(path[1:], "/?#&=;,") + 1
		if n == 0 {
			n = len(path)
		}
		b.WriteByte(path[0])
		b.WriteString(shorten(path[1:n]))
		path = path[n:]
	}
	return b.String()
}

// shorten keeps the first four and last two bytes of a long token.
func shorten(t string) string {
	if len(t) <= 14 || strings.Contains(t, "@") && len(t) <= 6 {
		return t
	}
	if !strings.ContainsAny(t, "0123456789%@") && len(t) < 32 {
		return t
	}
	return t[:4] + "…" + t[len(t)-2:]
}

// fit cuts s to width columns.
func fit(s string, width int) string {
	if utf8.RuneCountInString(s) <= width || width < 2 {
		return s
	}
	runes := []rune(s)
	return string(runes[:width-1]) + "…"
}
