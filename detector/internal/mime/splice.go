package mime

import (
	"bytes"
	"encoding/base64"
	"math"
	"slices"
)

// Edit replaces the bytes in a range by Text.
type Edit struct {
	Range
	Text []byte
}

// Apply returns src with the edits, which must be in order and apart.
func Apply(src []byte, edits []Edit) []byte {
	size := len(src)
	for i := range edits {
		size += len(edits[i].Text) - edits[i].Len()
	}
	out := make([]byte, 0, max(size, 0))
	at := 0
	for i := range edits {
		out = append(out, src[at:edits[i].Start]...)
		out = append(out, edits[i].Text...)
		at = edits[i].End
	}
	return append(out, src[at:]...)
}

// Splice turns edits of the decoded body of p into edits of p.Src that touch as
// little as the transfer encoding allows: the bytes themselves, the lines of
// quoted-printable, and in base64 what follows the first of them. The edits are
// in order and apart. What is encoded is decoded again, to prove it.
func Splice(p *Part, edits []Edit) []Edit {
	if len(edits) == 0 {
		return nil
	}
	var out []Edit
	ok := true
	switch p.Encoding {
	case "quoted-printable":
		out, ok = spliceQP(p.Raw(), edits)
	case "base64":
		out, ok = spliceBase64(p.Raw(), edits)
	default:
		out = spliceLines(p.Raw(), edits)
	}
	if !ok {
		out = []Edit{whole(p, Apply(decodeAll(p.Encoding, p.Raw()), edits))}
	}
	for i := range out {
		out[i].Range = out[i].shift(p.Body.Start)
	}
	return out
}

// decodeAll decodes without a limit.
func decodeAll(encoding string, raw []byte) (data []byte) {
	if encoding == "base64" {
		data, _ = decodeBase64(nil, raw, math.MaxInt/2)
	} else {
		data, _ = decodeQP(make([]byte, 0, len(raw)+8), raw, len(raw)+1)
	}
	return data
}

// whole encodes a body anew, for sources that are too broken to be patched.
func whole(p *Part, data []byte) Edit {
	raw := p.Raw()
	e := Edit{Range: Range{0, len(raw)}}
	if p.Encoding == "base64" {
		e.Text = appendBase64(nil, data, 0, 76, breakOf(raw))
		return e
	}
	var line []atom
	eol := breakOf(raw)
	for len(data) > 0 {
		n := bytes.IndexByte(data, '\n') + 1
		hard := n > 0
		if !hard {
			n = len(data)
		}
		text := data[:n]
		if hard {
			text = bytes.TrimSuffix(text[:n-1], []byte("\r"))
		}
		line = encodeQP(line[:0], text)
		e.Text = appendLines(e.Text, line, hard || n == len(data), eol)
		e.Text = append(e.Text, data[len(text):n]...)
		data = data[n:]
	}
	return e
}

// breakOf returns the line break that src uses.
func breakOf(src []byte) string {
	i := bytes.IndexByte(src, '\n')
	switch {
	case i > 0 && src[i-1] == '\r':
		return "\r\n"
	case i < 0 && bytes.IndexByte(src, '\r') >= 0:
		return "\r"
	case i < 0:
		return "\r\n"
	}
	return "\n"
}

// spliceLines keeps what an edit uncovers from becoming a line of an mbox or the
// end of a message in SMTP.
func spliceLines(raw []byte, edits []Edit) []Edit {
	out := slices.Clone(edits)
	for i := range out {
		e := &out[i]
		if len(e.Text) == 0 && (e.Start == 0 || isBreak(raw[e.Start-1])) && special(raw[e.End:]) {
			e.Text = []byte(" ")
		}
	}
	return out
}

// special reports whether a line that starts like rest means something to a
// mailbox, to SMTP or to a multipart.
func special(rest []byte) bool {
	return len(rest) > 0 && rest[0] == '.' || bytes.HasPrefix(rest, []byte("From ")) || bytes.HasPrefix(rest, []byte("--"))
}

// atom is one encoded byte of quoted-printable: itself, or an escape.
type atom struct {
	text string
	n    int
}

// maxLine is the longest line that RFC 2045 section 6.7 allows.
const maxLine = 76

// leap is how far decoding is the faster way to an offset than looking at each
// byte, and how much is decoded at a time.
const leap = 4 << 10

// spliceQP re-encodes the lines that the edits touch. It reports false where
// these do not decode to what they should.
func spliceQP(raw []byte, edits []Edit) (out []Edit, ok bool) {
	at, done := 0, 0 // raw[at] is the first of byte done
	var room [leap]byte
	seek := func(off int) int {
		for off-done > leap {
			part, read := decodeQP(room[:0], raw[at:], leap)
			if len(part) == 0 {
				break
			}
			at, done = at+read, done+len(part)
		}
		at += qpAt(raw[at:], off-done)
		done = off
		return at
	}
	ok = true
	eol := breakOf(raw)
	for i := 0; i < len(edits); {
		first := i
		start := seek(edits[i].Start)
		from, head := lineStart(raw, start), start
		var line []atom
		line = appendAtoms(line, raw[from:start])
		end, to := start, start
		for {
			guard(line)
			end = start
			if edits[i].Len() > 0 { // after its last byte, before a soft break
				end = seek(edits[i].End - 1)
				_, n := escapeQP(raw[end:])
				if raw[end] != '=' {
					n = 1
				}
				end += n
			}
			line = encodeQP(line, edits[i].Text)
			if i == first || end >= to {
				to = lineEnd(raw, end)
			}
			i++
			if i == len(edits) {
				break
			}
			save, was := at, done
			if start = seek(edits[i].Start); start >= to {
				at, done = save, was
				break
			}
			line = appendAtoms(line, raw[end:start])
		}
		line = appendAtoms(line, raw[end:to])
		soft := to > from && raw[to-1] == '=' && isSoft(raw[to-1:])
		if soft && len(line) > 0 && line[len(line)-1].text == "=" {
			line = line[:len(line)-1]
		}
		e := Edit{Range: Range{from, to}, Text: appendLines(nil, line, !soft, eol)}
		if soft {
			e.Text = append(e.Text, '=')
		}
		ok = ok && provenQP(raw, e, head, edits[first:i])
		out = append(out, trimEdit(raw, e))
	}
	return out, ok
}

// provenQP decodes the lines of an edit before and after it. The first of edits
// starts at head.
func provenQP(raw []byte, e Edit, head int, edits []Edit) bool {
	end := e.End
	if i := bytes.IndexByte(raw[end:], '\n'); i >= 0 {
		end += i + 1
	} else {
		end = len(raw)
	}
	before := decodeAll("quoted-printable", raw[e.Start:head])
	shift := len(before) - edits[0].Start
	inner := slices.Clone(edits)
	for i := range inner {
		inner[i].Range = inner[i].shift(shift)
	}
	old := decodeAll("quoted-printable", raw[e.Start:end])
	if inner[len(inner)-1].End > len(old) || inner[0].Start < 0 {
		return false
	}
	got := decodeAll("quoted-printable", append(slices.Clone(e.Text), raw[e.End:end]...))
	return bytes.Equal(got, Apply(old, inner))
}

// isSoft reports whether b, an equals sign and what follows it, is a soft line
// break.
func isSoft(b []byte) bool {
	_, n := escapeQP(b)
	return n < 0
}

// lineStart returns where the physical line of src that holds at starts.
func lineStart(src []byte, at int) int {
	for at > 0 && !isBreak(src[at-1]) {
		at--
	}
	return at
}

// lineEnd returns where the physical line that holds at ends, without its break
// and, after a soft one, without blanks.
func lineEnd(src []byte, at int) int {
	end := at
	for end < len(src) && !isBreak(src[end]) {
		end++
	}
	stop := end
	for stop > at && (src[stop-1] == ' ' || src[stop-1] == '\t') {
		stop--
	}
	if stop > at && src[stop-1] == '=' && isSoft(src[stop-1:]) {
		return stop
	}
	return end
}

// appendAtoms cuts encoded text into atoms; soft line breaks go.
func appendAtoms(line []atom, raw []byte) []atom {
	for i := 0; i < len(raw); {
		n := 1
		if raw[i] == '=' {
			if _, n = escapeQP(raw[i:]); n < 0 {
				if i-n == len(raw) && n == -1 {
					line = append(line, atom{"=", 1}) // the soft break itself follows
				}
				i -= n
				continue
			}
		}
		line = append(line, atom{view(raw[i : i+n]), n})
		i += n
	}
	return line
}

// guard escapes an equals sign that stands for itself where other characters
// will follow it now.
func guard(line []atom) {
	n := len(line)
	for n > 0 && (line[n-1].text == " " || line[n-1].text == "\t") {
		n--
	}
	for i := max(0, min(n, len(line)-1)-1); i < len(line); i++ {
		if line[i].text == "=" {
			line[i] = atom{"=3D", 3}
		}
	}
}

// encodeQP appends the atoms of text.
func encodeQP(line []atom, text []byte) []atom {
	const digits = "0123456789ABCDEF"
	for i, c := range text {
		blank := (c == ' ' || c == '\t') && !(i+1 < len(text) && isBreak(text[i+1]))
		if c > ' ' && c < 0x7F && c != '=' || blank || isBreak(c) {
			line = append(line, atom{view(text[i : i+1]), 1})
			continue
		}
		line = append(line, atom{string([]byte{'=', digits[c>>4], digits[c&15]}), 3})
	}
	return line
}

// appendLines writes atoms as one line, or as several with soft breaks. hard
// says that a real line end follows, before which a blank must be escaped.
func appendLines(dst []byte, line []atom, hard bool, eol string) []byte {
	if n := len(line); hard && n > 0 {
		switch line[n-1].text {
		case " ":
			line[n-1] = atom{"=20", 3}
		case "\t":
			line[n-1] = atom{"=09", 3}
		}
	}
	total := 0
	for _, a := range line {
		total += a.n
	}
	if !hard {
		total++
	}
	for total > maxLine {
		n, width := fit(line)
		for _, a := range line[:n] {
			dst = append(dst, a.text...)
		}
		dst = append(append(dst, '='), eol...)
		line = line[n:]
		total -= width
	}
	for _, a := range line {
		dst = append(dst, a.text...)
	}
	return dst
}

// fit returns how many atoms go on a line before a soft break. A line never
// begins with what a mailbox or SMTP reads as its own.
func fit(line []atom) (n, width int) {
	for n < len(line)-1 && width+line[n].n < maxLine {
		width += line[n].n
		n++
	}
	for k := n; k > 1; k-- {
		if c := line[k].text[0]; c != 'F' && c != '.' && c != '-' {
			for _, a := range line[k:n] {
				width -= a.n
			}
			return k, width
		}
	}
	return n, width
}

// trimEdit leaves out of an edit what it does not change at its ends.
func trimEdit(src []byte, e Edit) Edit {
	for e.Start < e.End && len(e.Text) > 0 && src[e.Start] == e.Text[0] {
		e.Start++
		e.Text = e.Text[1:]
	}
	for e.Start < e.End && len(e.Text) > 0 && src[e.End-1] == e.Text[len(e.Text)-1] {
		e.End--
		e.Text = e.Text[:len(e.Text)-1]
	}
	return e
}

// spliceBase64 encodes anew from the group that the first edit touches on, in
// lines as long as they were. What stands after the data stays. It reports
// false where the result does not decode to what it should.
func spliceBase64(raw []byte, edits []Edit) ([]Edit, bool) {
	at, done := 0, 0
	var room [leap]byte
	for edits[0].Start-done > leap {
		part, read := decodeBase64(room[:0], raw[at:], leap/2)
		if len(part) == 0 || len(part) > edits[0].Start-done {
			break
		}
		at, done = at+read, done+len(part)
	}
	_, start, left := base64At(raw[at:], edits[0].Start-done)
	at += start
	from := edits[0].Start - left
	tail := slices.Clone(edits)
	for i := range tail {
		tail[i].Range = tail[i].shift(-from)
	}
	data := decodeAll("base64", raw[at:])
	if tail[len(tail)-1].End > len(data) {
		return nil, false
	}
	want := Apply(data, tail)
	end := len(raw)
	for end > at && base64Codes[raw[end-1]] == junk && raw[end-1] != '=' {
		end--
	}
	e := Edit{Range: Range{at, end}}
	e.Text = appendBase64(nil, want, at-lineStart(raw, at), lineLength(raw), breakOf(raw))
	ok := bytes.Equal(decodeAll("base64", e.Text), want)
	return []Edit{trimEdit(raw, e)}, ok
}

// lineLength is the length of the lines of src, 0 for one without an end.
func lineLength(src []byte) int {
	i := indexAny(src, "\r\n")
	if i >= len(src) || i < 4 {
		if i < len(src) {
			return maxLine
		}
		return 0
	}
	return i
}

// appendBase64 encodes data in lines of the given length; column is how much
// stands on the first line already.
func appendBase64(dst, data []byte, column, length int, eol string) []byte {
	text := make([]byte, base64.StdEncoding.EncodedLen(len(data)))
	base64.StdEncoding.Encode(text, data)
	if length <= 0 {
		return append(dst, text...)
	}
	for len(text) > 0 {
		if column >= length {
			dst = append(dst, eol...)
			column = 0
		}
		n := min(length-column, len(text))
		dst = append(dst, text[:n]...)
		text = text[n:]
		column += n
	}
	return dst
}
