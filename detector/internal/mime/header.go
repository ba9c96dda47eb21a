package mime

import (
	"bytes"
	"slices"
	"strings"
	"unsafe"
)

// Field is one header field. The name is a view of the source; Value counts in the source that the header stands
// in, without the blanks around it; it may hold line breaks.
type Field struct {
	Name  string
	Value Range
}

// Unfold returns a field value on one line: a view of it where it is on one
// already.
func Unfold(value []byte) string {
	return view(unfold(value, nil))
}

// view returns b as a string without copying.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// unfold drops line breaks. A value without any is returned as it is; others
// are written to dst.
func unfold(value, dst []byte) []byte {
	if bytes.IndexByte(value, '\n') < 0 && bytes.IndexByte(value, '\r') < 0 {
		return value
	}
	dst = slices.Grow(dst, len(value))
	for _, c := range value {
		if c != '\n' && c != '\r' {
			dst = append(dst, c)
		}
	}
	return dst
}

func fieldOf(src []byte, header Range, name string) string {
	s := fieldScanner{src: src, pos: header.Start, end: header.End, eol: eolOf(header.Of(src))}
	for s.next() {
		if s.kind == lineField && equalFold(s.name(), name) {
			return Unfold(s.value.Of(src))
		}
	}
	return ""
}

func fieldsOf(src []byte, header Range, fields []Field) []Field {
	s := fieldScanner{src: src, pos: header.Start, end: header.End, eol: eolOf(header.Of(src))}
	for s.next() {
		if s.kind == lineField {
			fields = append(fields, Field{view(s.name()), s.value})
		}
	}
	return fields
}

// eolOf returns the byte that ends lines: CR in the rare text without any LF.
func eolOf(b []byte) byte {
	if bytes.IndexByte(b, '\n') < 0 && bytes.IndexByte(b, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

type lineKind int

const (
	lineBlank lineKind = iota
	lineField
	lineGarbage // neither a field nor a continuation
)

// fieldScanner walks the logical lines of a header. It never fails: what is no
// field is garbage, and whoever asks decides what that means.
type fieldScanner struct {
	src      []byte
	pos, end int
	eol      byte

	kind  lineKind
	start int   // of the logical line
	colon int   // of a field
	named int   // where its name ends
	value Range // of a field
}

func (s *fieldScanner) name() []byte {
	return s.src[s.start:s.named]
}

// next reads one logical line; pos is then the start of the following one.
func (s *fieldScanner) next() bool {
	if s.pos >= s.end {
		return false
	}
	s.start = s.pos
	stop := s.physical()
	line := s.src[s.start:stop]
	switch {
	case len(line) == 0:
		s.kind = lineBlank
		return true
	case s.colonOf(line):
		s.kind = lineField
	default:
		s.kind = lineGarbage
		return true
	}
	for s.pos < s.end && (s.src[s.pos] == ' ' || s.src[s.pos] == '\t') {
		if s.blankEnds() {
			break
		}
		stop = s.physical()
	}
	s.value = trimRange(s.src, Range{s.colon + 1, stop})
	return true
}

// physical moves past one physical line and returns its end without the break.
func (s *fieldScanner) physical() int {
	begin, stop := s.pos, s.end
	if i := bytes.IndexByte(s.src[begin:s.end], s.eol); i >= 0 {
		stop = begin + i
		s.pos = stop + 1
	} else {
		s.pos = s.end
	}
	if stop > begin && s.src[stop-1] == '\r' {
		stop--
	}
	return stop
}

// colonOf finds the colon of a field. RFC 5322 section 2.2 forbids blanks in a
// name; blanks before the colon are forgiven.
func (s *fieldScanner) colonOf(line []byte) bool {
	n := 0
	for n < len(line) && line[n] > ' ' && line[n] < 0x7F && line[n] != ':' {
		n++
	}
	i := n
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
		i++
	}
	if n == 0 || i == len(line) || line[i] != ':' {
		return false
	}
	s.colon, s.named = s.start+i, s.start+n
	return true
}

// blankEnds reports whether the line at pos, which starts with a blank, is
// nothing but blanks and the next line is not part of a header.
//
// QUIRK: editors leave blanks on the empty line after the header. RFC 5322
// calls that a continuation, clients end the header there.
func (s *fieldScanner) blankEnds() bool {
	for i := s.pos; i < s.end && s.src[i] != s.eol; i++ {
		if !isBlank(s.src[i]) {
			return false
		}
	}
	line := fieldScanner{src: s.src, pos: s.pos, end: s.end, eol: s.eol}
	line.physical()
	after := fieldScanner{src: s.src, pos: line.pos, end: s.end, eol: s.eol}
	if after.pos >= after.end {
		return true
	}
	if c := s.src[after.pos]; c == ' ' || c == '\t' {
		return false
	}
	after.start = after.pos
	stop := after.physical()
	return stop == after.start || !after.colonOf(s.src[after.start:stop])
}

// header is what the splitter needs of one header.
type header struct {
	fields Range
	body   int // where the body starts

	contentType Range
	otherType   Range // a second Content-Type
	encoding    Range
	disposition Range
	base        Range // Content-Base, else Content-Location

	boundary    []byte // of a contentType that ends at boundaryEnd
	boundaryEnd int

	keep bool
	list []Field

	count   int  // fields
	garbage bool // a line that is no field, not counting an mbox line
	clipped bool // a limit was hit
}

// readHeader reads the header that starts at pos. With keep it lists the fields
// in dst.
func readHeader(src []byte, pos int, eol byte, lim Limits, keep bool, dst []Field) header {
	h := header{fields: Range{pos, pos}, keep: keep, list: dst}
	first := pos
	s := fieldScanner{src: src, pos: pos, end: len(src), eol: eol}
	for s.next() {
		if s.kind == lineBlank {
			h.body = s.pos
			return h.finish(first)
		}
		if s.kind == lineGarbage || s.src[s.start] == '-' {
			if h.startsBody(&s) {
				h.body = s.start
				return h.finish(first)
			}
		}
		if s.kind == lineGarbage {
			h.unfolded(&s)
			h.garbage = h.garbage || !isBlank(src[s.start]) && !isMboxLine(src[s.start:s.pos])
			continue
		}
		if h.count >= lim.Headers || s.pos-first > lim.HeaderBytes {
			h.clipped = true
			continue
		}
		h.add(&s)
	}
	h.body = len(src)
	return h.finish(first)
}

// finish settles a header without any field: then all of it is body.
func (h header) finish(first int) header {
	if h.count == 0 && h.garbage {
		h.body = first
	}
	return h
}

func (h *header) add(s *fieldScanner) {
	if h.count == 0 {
		h.fields.Start = s.start
	}
	h.count++
	h.fields.End = s.pos
	if h.keep {
		h.list = append(h.list, Field{view(s.name()), s.value})
	}
	if s.src[s.start]|0x20 != 'c' {
		return
	}
	switch name := s.name(); {
	case equalFold(name, "content-type"):
		if h.contentType.Len() == 0 {
			h.contentType = s.value
		} else if h.otherType.Len() == 0 {
			h.otherType = s.value
		}
	case equalFold(name, "content-transfer-encoding"):
		if h.encoding.Len() == 0 {
			h.encoding = s.value
		}
	case equalFold(name, "content-disposition"):
		if h.disposition.Len() == 0 {
			h.disposition = s.value
		}
	case equalFold(name, "content-base"), equalFold(name, "content-location") && h.base.Len() == 0:
		h.base = s.value
	}
}

// unfolded takes a line that is no field for the rest of the Content-Type
// above it, where that one ends in a semicolon.
//
// QUIRK: gateways strip the blanks that fold a header, so the boundary stands
// alone at the start of its line.
func (h *header) unfolded(s *fieldScanner) {
	g := h.contentType
	if g.Len() == 0 || s.src[g.End-1] != ';' {
		return
	}
	if gap := (Range{g.End, s.start}); trimRange(s.src, gap).Len() == 0 {
		h.contentType.End = trimRange(s.src, Range{g.Start, s.pos}).End
	}
}

// startsBody reports whether a line that is no field, or starts with a hyphen,
// belongs to the body because the blank line before it is missing.
func (h *header) startsBody(s *fieldScanner) bool {
	line := s.src[s.start:s.pos]
	switch {
	case bytes.HasPrefix(line, []byte("--")):
		return h.count > 0 && (s.kind == lineGarbage || h.isBoundary(s.src, line))
	case s.kind != lineGarbage:
		return false
	case line[0] == '<':
		return isTagLine(line)
	}
	return h.encoding.Len() > 0 && len(line) >= 40 && isBase64Line(line)
}

// isBoundary reports whether line is a boundary that the header itself names.
// A line with a colon may be a field with a strange name otherwise.
func (h *header) isBoundary(src, line []byte) bool {
	if h.contentType.Len() == 0 {
		return false
	}
	if h.boundaryEnd != h.contentType.End {
		h.boundaryEnd = h.contentType.End
		h.boundary, _, _ = param(unfold(h.contentType.Of(src), nil), "boundary")
	}
	return len(h.boundary) > 0 && bytes.HasPrefix(line[2:], h.boundary)
}

// isTagLine reports whether a line starts with a tag, a declaration or a
// comment, and not with an address or a message ID in angle brackets.
func isTagLine(line []byte) bool {
	i := 1
	for i < len(line) && (isAlnum(line[i]) || line[i] == '!' || line[i] == ':') {
		i++
	}
	if i == 1 || i == len(line) {
		return false
	}
	return isBlank(line[i]) || line[i] == '>' || line[i] == '/' || bytes.HasPrefix(line, []byte("<!"))
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func isBase64Line(line []byte) bool {
	for _, c := range bytes.TrimRight(line, "\r\n") {
		if base64Codes[c] == junk && c != '=' {
			return false
		}
	}
	return true
}

// isMboxLine recognises the line before a message in an mbox.
func isMboxLine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimRange(src []byte, g Range) Range {
	for g.Start < g.End && isBlank(src[g.Start]) {
		g.Start++
	}
	for g.End > g.Start && isBlank(src[g.End-1]) {
		g.End--
	}
	return g
}

func equalFold(b []byte, s string) bool {
	return len(b) == len(s) && strings.EqualFold(string(b), s)
}
