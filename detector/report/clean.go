package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Clean makes text from elsewhere safe for a terminal, in one line.
func Clean(s string) string { return clean(s) }

// Cell makes text from elsewhere safe for a cell of a CSV file: for a terminal,
// and for a spreadsheet that would take it for a formula.
func Cell(s string) string { return cell(s) }

// JSON encodes v as encoding/json does, without HTML escaping and with what a
// terminal could obey escaped.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	var out encoder
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if unsafe(r) {
			out.rune(r)
		} else {
			out.b = append(out.b, text[:n]...)
		}
		text = text[n:]
	}
	return out.b, nil
}

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

// Fit makes text from a message safe for a terminal and cuts it to width
// columns.
func Fit(s string, width int) string { return fit(clean(s), width) }

// Columns is how many columns of a terminal s takes.
func Columns(s string) (n int) {
	for _, r := range s {
		n += columns(r)
	}
	return n
}

// fit cuts s to width columns.
func fit(s string, width int) string {
	if len(s) <= width {
		return s
	}
	used, end := 0, 0
	for i, r := range s {
		n := columns(r)
		if used+n > width {
			return s[:end] + "…"
		}
		if used += n; used < width {
			end = i + utf8.RuneLen(r)
		}
	}
	return s
}

// wrap breaks s at spaces into lines of at most width columns; a word that is
// longer has a line of its own, and is cut.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(s) {
		n := 0
		for _, r := range word {
			n += columns(r)
		}
		if used > 0 && used+1+n > width {
			lines, line, used = append(lines, line), "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		line, used = line+fit(word, width), used+n
	}
	return append(lines, line)
}

// columns is how many columns of a terminal r takes.
func columns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}
