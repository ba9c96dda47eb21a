package token

import (
	"bytes"
	"html"
	"unicode/utf16"
	"unicode/utf8"
)

// peel takes off the encodings that text as a whole may be in, then looks at
// the runs in it.
func (d *Decoder) peel(text []byte, parent int, s Steps, at Place) {
	if int(s.n) == MaxDepth {
		return
	}
	all, marks, others := uint8(0), uint8(0), false
	for _, c := range text {
		class := classes[c]
		all |= class
		others = others || class == 0
		marks |= escapeMarks[c]
	}
	switch {
	case !others: // one run, as most segments and values are
		d.run(text, all, parent, s, at)
		return
	case marks == 0:
		d.runs(text, parent, s, at)
		return
	}
	for i := range escapes {
		e := &escapes[i]
		if marks&e.marks != e.marks {
			continue
		}
		out := d.room(len(text))
		if out == nil {
			return
		}
		out, ok := e.decode(out, text)
		if !ok {
			continue
		}
		plain := isText(out)
		d.add(out, parent, s.and(e.encoding), at, plain)
		if !plain && e.encoding == Percent {
			d.spaces(text, parent, s, at)
			d.quotes(text, parent, s, at)
		}
		if !e.unsure {
			return
		}
	}
	d.runs(text, parent, s, at)
}

// escapeMarks has a bit for each character that an escape begins or ends with.
var escapeMarks = [256]uint8{'%': 1, '&': 2, ';': 4, '\\': 8, '=': 16}

// escapes are the encodings that leave plain characters as they are. Those that
// are unsure may have been taken for what they are not: the text as it was is
// looked at too.
var escapes = [...]struct {
	encoding Encoding
	marks    uint8 // characters that must be there
	decode   func(out, text []byte) ([]byte, bool)
	unsure   bool
}{
	{QuotedPrintable, 16, quoted, true},
	{ROT13, 1, turnedPercent, false},
	{Percent, 1, percent, false},
	{Entity, 2 | 4, entities, false},
	{Escapes, 8, unescape, false},
}

func percent(out, text []byte) ([]byte, bool) { return unpercent(out, text, '+') }

// unpercent decodes percent-encoding, with a byte for each plus.
func unpercent(out, text []byte, plus byte) ([]byte, bool) {
	found := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '+':
			c = plus
		case c == '%' && i+2 < len(text):
			if hi, lo := digits[text[i+1]], digits[text[i+2]]; hi < 16 && lo < 16 {
				c = hi<<4 | lo
				i += 2
				found = true
			}
		}
		out = append(out, c)
	}
	return out, found
}

// spaces decodes bytes again, where a plus may have been a space.
func (d *Decoder) spaces(text []byte, parent int, s Steps, at Place) {
	if bytes.IndexByte(text, '+') < 0 {
		return
	}
	out := d.room(len(text))
	if out == nil {
		return
	}
	out, _ = unpercent(out, text, ' ')
	d.add(out, parent, s.and(Percent), at, isText(out))
}

// quotes looks at each part of percent-encoded JSON or parameters alone: bytes that
// are no text may stand between others that are.
func (d *Decoder) quotes(text []byte, parent int, s Steps, at Place) {
	for len(text) >= minRun {
		n := bytes.IndexAny(text, "\"&=")
		if n < 0 {
			return
		}
		text = text[n+1:]
		if n = bytes.IndexAny(text, "\"&"); n < 0 {
			n = len(text)
		}
		if part := text[:n]; n >= minRun && bytes.IndexByte(part, '%') >= 0 {
			d.peel(part, parent, s, at)
		}
		text = text[n:]
	}
}

// turnedPercent undoes ROT13 on percent-encoded text, whose digits A to F are
// then N to S.
func turnedPercent(out, text []byte) ([]byte, bool) {
	turned := false
	for i := range text {
		if text[i] != '%' || i+2 >= len(text) {
			continue
		}
		if digits[rot13[text[i+1]]] > 15 || digits[rot13[text[i+2]]] > 15 {
			return out, false
		}
		turned = turned || digits[text[i+1]] > 15 || digits[text[i+2]] > 15
	}
	if !turned {
		return out, false
	}
	for _, c := range text {
		out = append(out, rot13[c])
	}
	return out, true
}

// rot13 moves letters by 13.
var rot13 = func() (t [256]byte) {
	for i := range t {
		c := byte(i)
		switch l := c | 0x20; {
		case 'a' <= l && l <= 'm':
			c += 13
		case 'n' <= l && l <= 'z':
			c -= 13
		}
		t[i] = c
	}
	return t
}()

func entities(out, text []byte) ([]byte, bool) {
	plain := html.UnescapeString(string(text))
	if len(plain) >= len(text) {
		return out, false // an entity is longer than what it stands for
	}
	return append(out, plain...), true
}

// hasQuoted reports whether text holds what quoted-printable makes of "@", "=" or
// the end of a line, or three bytes of something else (RFC 2045 section 6.7, where
// digits are in upper case). A lone "=4F" may as well be the value of a parameter.
func hasQuoted(text []byte) bool {
	n := 0
	for i := 0; i+2 < len(text); i++ {
		if text[i] != '=' {
			continue
		}
		hi, lo := text[i+1], text[i+2]
		if hi == '\r' || hi == '\n' {
			return true
		}
		if digits[hi] > 15 || digits[lo] > 15 || hi >= 'a' || lo >= 'a' {
			continue
		}
		if hi == '4' && lo == '0' || hi == '3' && lo == 'D' {
			return true
		}
		if n++; n == 3 {
			return true
		}
	}
	return false
}

func quoted(out, text []byte) ([]byte, bool) {
	if !hasQuoted(text) {
		return out, false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '=' {
			rest := text[i+1:]
			switch {
			case len(rest) >= 2 && digits[rest[0]] < 16 && digits[rest[1]] < 16 && rest[0] < 'a' && rest[1] < 'a':
				c = digits[rest[0]]<<4 | digits[rest[1]]
				i += 2
			case bytes.HasPrefix(rest, []byte("\r\n")):
				i += 2
				continue
			case bytes.HasPrefix(rest, []byte("\n")):
				i++
				continue
			}
		}
		out = append(out, c)
	}
	return out, len(out) < len(text)
}

// unescape undoes the escapes of JSON strings (RFC 8259 section 7).
func unescape(out, text []byte) ([]byte, bool) {
	found := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '\\' || i+1 == len(text) {
			out = append(out, c)
			continue
		}
		found = true
		i++
		switch c = text[i]; c {
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, n := unit(text[i+1:])
			i += n
			if utf16.IsSurrogate(r) && bytes.HasPrefix(text[i+1:], []byte(`\u`)) {
				if low, n := unit(text[i+3:]); n > 0 {
					r = utf16.DecodeRune(r, low)
					i += n + 2
				}
			}
			if n > 0 {
				out = utf8.AppendRune(out, r)
			}
		default:
			out = append(out, c)
		}
	}
	return out, found
}

// unit reads four hexadecimal digits.
func unit(text []byte) (r rune, n int) {
	if len(text) < 4 {
		return 0, 0
	}
	for _, c := range text[:4] {
		if digits[c] > 15 {
			return 0, 0
		}
		r = r<<4 | rune(digits[c])
	}
	return r, 4
}
