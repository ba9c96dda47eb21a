package mime

import (
	"bytes"
	"strconv"
	"strings"
)

// Reader splits messages and decodes their parts. It keeps its memory from
// message to message and belongs to one goroutine. The zero value is ready.
type Reader struct {
	lim   Limits
	msg   Message
	arena arena
	todo  []entity

	sniffed []byte // room for the first bytes of a part
}

// Limits that cost the rest of a message.
const (
	warnParts   = "more parts than the limit, the rest was not read"
	warnNesting = "parts are nested deeper than the limit, the inner ones were not read"
)

// entity is a stretch of bytes that is still to be read as header and body.
type entity struct {
	src     []byte
	span    Range
	parent  int
	path    string // of the entity; for the root what children are numbered below
	depth   int
	root    bool // of a message: its single part is path.1
	nested  bool
	encoded int // messages around it that were transfer-encoded
	alt     bool
	digest  bool // inside multipart/digest, where message/rfc822 is the default
}

// Split finds the parts of msg. What it returns is valid until the next call.
func (r *Reader) Split(msg []byte, l Limits) *Message {
	r.lim = l.withDefaults()
	r.arena.reset()
	m := &r.msg
	*m = Message{Src: msg, Parts: m.Parts[:0], Warnings: m.Warnings[:0], fields: m.fields[:0]}
	r.todo = append(r.todo[:0], entity{src: msg, span: Range{skipLead(msg), len(msg)}, parent: -1, root: true})
	for len(r.todo) > 0 {
		e := r.todo[len(r.todo)-1]
		r.todo = r.todo[:len(r.todo)-1]
		if len(m.Parts) >= r.lim.Parts {
			r.limit("", warnParts)
			break
		}
		r.entity(&e)
	}
	return m
}

// Parts returns the parts that the last call of Split found.
func (r *Reader) Parts() []Part { return r.msg.Parts }

// skipLead steps over a byte order mark and blank lines before the header.
func skipLead(msg []byte) int {
	n := 0
	if bytes.HasPrefix(msg, []byte("\xEF\xBB\xBF")) {
		n = 3
	}
	for n < len(msg) && (msg[n] == '\r' || msg[n] == '\n') {
		n++
	}
	return n
}

func (r *Reader) limit(path, text string) {
	for _, w := range r.msg.Warnings {
		if w.Text == text {
			return
		}
	}
	r.msg.Warnings = append(r.msg.Warnings, Warning{Part: path, Text: text, Limit: true})
}

func (r *Reader) warn(path, text string) {
	r.msg.Warnings = append(r.msg.Warnings, Warning{Part: path, Text: text})
}

// entity reads one entity into a part and queues what it contains.
func (r *Reader) entity(e *entity) {
	m := &r.msg
	src := e.src[:e.span.End]
	h := readHeader(src, e.span.Start, eolOf(src[e.span.Start:]), r.lim, e.parent < 0, m.fields[:0])
	if h.clipped {
		r.limit(e.path, "header is longer than the limit, the rest was not read")
	}
	if e.parent < 0 {
		m.Header = h.fields
		m.setFields(h.list)
	}
	p := Part{
		Path: e.path, Src: e.src, Header: h.fields, Body: Range{min(h.body, e.span.End), e.span.End},
		Parent: e.parent, Nested: e.nested, Decoded: e.encoded > 0, Alt: e.alt, Encoding: "7bit",
	}
	m.Odd = m.Odd || h.garbage || h.otherType.Len() > 0
	r.describe(&p, &h, e)
	if h.base.Len() > 0 {
		p.Base = unfold(h.base.Of(e.src), nil)
	}
	if p.Type == "application/octet-stream" && isMessageName(p.Filename()) {
		p.Type = "message/rfc822"
	}
	if e.root && !strings.HasPrefix(p.Type, "multipart/") {
		p.Path = join(e.path, 1)
	}
	index := len(m.Parts)
	switch {
	case strings.HasPrefix(p.Type, "multipart/"):
		if e.root {
			p.Path = strings.TrimPrefix(e.path+".TEXT", ".")
		}
		m.Parts = append(m.Parts, p)
		if !r.children(index, e) {
			r.leaf(index, e)
		}
	case p.isMessage():
		m.Parts = append(m.Parts, p)
		r.message(index, e)
	default:
		m.Parts = append(m.Parts, p)
		r.sniff(&m.Parts[index])
	}
}

// join numbers a part below path.
func join(path string, n int) string {
	if path == "" {
		if n < 10 {
			return "123456789"[n-1 : n]
		}
		return strconv.Itoa(n)
	}
	return path + "." + strconv.Itoa(n)
}

// describe reads type, charset and encoding.
func (r *Reader) describe(p *Part, h *header, e *entity) {
	src := e.src
	p.Type = "text/plain"
	if e.digest {
		p.Type = "message/rfc822"
	}
	if h.contentType.Len() > 0 {
		r.declare(p, h, src)
	}
	if h.disposition.Len() > 0 {
		p.disposition = unfold(h.disposition.Of(src), nil)
		d, _, _ := bytes.Cut(p.disposition, []byte(";"))
		p.Disposition = strings.ToLower(string(bytes.TrimSpace(d)))
	}
	if h.encoding.Len() > 0 {
		p.Encoding = r.encoding(h.encoding.Of(src))
	}
	if strings.HasPrefix(p.Type, "text/") && len(p.contentType) > 0 {
		first, _, odd := param(p.contentType, "charset")
		p.Charset = known(first)
		r.msg.Odd = r.msg.Odd || odd
	}
}

// declare reads the media type. Of two fields the first counts, unless only
// the second makes a client show more: HTML, or parts.
func (r *Reader) declare(p *Part, h *header, src []byte) {
	p.contentType = unfold(h.contentType.Of(src), nil)
	t, odd := mediaType(p.contentType)
	r.msg.Odd = r.msg.Odd || odd
	if h.otherType.Len() > 0 {
		p.otherType = unfold(h.otherType.Of(src), nil)
		if other, _ := mediaType(p.otherType); rank(other) > rank(t) {
			t, p.contentType, p.otherType = other, p.otherType, nil
		}
	}
	p.Declared = known(t)
	if bytes.IndexByte(t, '/') > 0 {
		p.Type = p.Declared
	}
}

// rank orders media types by how much a client shows of them.
func rank(t []byte) int {
	switch s := known(t); {
	case strings.HasPrefix(s, "multipart/"):
		return 2
	case isHTMLType(s):
		return 1
	}
	return 0
}

// encoding reads a transfer encoding, past comments, quotes and rubbish.
func (r *Reader) encoding(v []byte) string {
	v = skipCFWS(unfold(v, nil))
	v = bytes.Trim(v, "\"' ;")
	if i := bytes.IndexAny(v, " ;(\t"); i > 0 {
		v = v[:i]
	}
	e := known(v)
	switch e {
	case "base64", "quoted-printable", "7bit", "8bit", "binary":
		return e
	case "8-bit", "7-bit", "8bits", "utf-8", "none", "":
		r.msg.Odd = true
		return "8bit"
	case "quoted_printable", "quotedprintable", "qp", "quoted":
		r.msg.Odd = true
		return "quoted-printable"
	case "base-64", "b64", "base64,base64":
		r.msg.Odd = true
		return "base64"
	}
	r.msg.Odd = true
	return e
}

// known returns b in lower case; the usual values cost no allocation.
func known(b []byte) string {
	b = bytes.TrimSpace(b)
	for _, s := range usual {
		if equalFold(b, s) {
			return s
		}
	}
	return strings.ToLower(string(b))
}

var usual = []string{
	"text/html", "text/plain", "multipart/alternative", "multipart/mixed", "multipart/related", "quoted-printable",
	"base64", "7bit", "8bit", "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "image/png", "image/jpeg", "image/gif",
	"application/pdf", "multipart/signed", "message/rfc822", "application/octet-stream", "binary",
}

// children queues the parts of a multipart. It reports false where there are
// none.
func (r *Reader) children(index int, e *entity) bool {
	p := &r.msg.Parts[index]
	if e.depth >= r.lim.Nesting {
		r.limit(p.Path, warnNesting)
		return true
	}
	spans, others := r.spans(p)
	if len(spans) == 0 {
		return false
	}
	room := r.lim.Parts - len(r.msg.Parts)
	if len(spans)+len(others) > room {
		r.limit(p.Path, warnParts)
		spans = spans[:min(len(spans), max(room, 0))]
		others = others[:min(len(others), max(room-len(spans), 0))]
	}
	below := p.Path
	if e.root {
		below = e.path
	}
	child := entity{
		src: e.src, parent: index, depth: e.depth + 1, encoded: e.encoded, nested: e.nested,
		alt: true, digest: p.Type == "multipart/digest",
	}
	for i := len(others) - 1; i >= 0; i-- {
		child.span, child.path = others[i].shift(p.Body.Start), join(below, len(spans)+i+1)
		r.todo = append(r.todo, child)
	}
	child.alt = e.alt
	for i := len(spans) - 1; i >= 0; i-- {
		child.span, child.path = spans[i].shift(p.Body.Start), join(below, i+1)
		r.todo = append(r.todo, child)
	}
	return true
}

// spans cuts the body of a multipart. Where a second boundary parameter cuts it
// in another way, others are the parts that its followers see.
func (r *Reader) spans(p *Part) (spans, others []Range) {
	first, second, odd := param(p.contentType, "boundary")
	if second == nil && len(p.otherType) > 0 {
		second, _, _ = param(p.otherType, "boundary")
	}
	body, most := p.Raw(), r.lim.Parts+1
	spans, closed := delimited(body, first, most)
	if second != nil && !bytes.Equal(first, second) {
		others, _ = delimited(body, second, most)
		odd = true
	}
	if len(spans) == 0 {
		spans, others = others, nil
	}
	if len(spans) == 0 {
		odd = true
		if guess := guessBoundary(body); guess != nil {
			r.warn(p.Path, "boundary is missing or wrong, its parts were found by their first line")
			spans, closed = delimited(body, guess, most)
		}
	}
	r.msg.Odd = r.msg.Odd || odd || !closed
	return spans, others
}

// leaf reads a multipart without parts as what it looks like.
func (r *Reader) leaf(index int, e *entity) {
	p := &r.msg.Parts[index]
	p.Type = "text/plain"
	if e.root {
		p.Path = join(e.path, 1)
	}
	r.warn(p.Path, "multipart without parts, read as text")
	r.sniff(p)
}

// maxEncoded bounds how many transfer-encoded messages are read inside one
// another, since each costs memory as large as itself.
const maxEncoded = 8

// message queues the message inside a message/rfc822 part.
func (r *Reader) message(index int, e *entity) {
	p := &r.msg.Parts[index]
	inner := entity{
		src: e.src, span: p.Body, parent: index, path: p.Path, depth: e.depth + 1, root: true, nested: true,
		encoded: e.encoded, alt: e.alt,
	}
	if e.depth >= r.lim.Nesting || isEncoded(p.Encoding) && e.encoded >= maxEncoded {
		r.limit(p.Path, warnNesting)
		return
	}
	if isEncoded(p.Encoding) {
		data, warn := r.decode(p)
		if warn != "" {
			r.limit(p.Path, warn)
		}
		inner.src, inner.span = data, Range{0, len(data)}
		inner.encoded++
	}
	inner.span.Start += skipLead(inner.span.Of(inner.src))
	r.todo = append(r.todo, inner)
}
