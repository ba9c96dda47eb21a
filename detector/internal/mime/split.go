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
}

// entity is a stretch of bytes that is still to be read as header and body.
type entity struct {
	src     []byte
	span    Range
	parent  int
	path    string // of the entity; for the root what children are numbered below
	depth   int
	root    bool // of a message: its single part is path.1
	nested  bool
	decoded bool
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
			r.limit("", "more parts than the limit, the rest was not read")
			break
		}
		r.entity(&e)
	}
	return m
}

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
	h := readHeader(src, e.span.Start, eolOf(src[e.span.Start:]), r.lim, func(line []byte) bool { return true })
	if h.clipped {
		r.limit(e.path, "header is longer than the limit, the rest was not read")
	}
	if e.parent < 0 {
		m.Header = h.fields
		m.fields = fieldsOf(e.src, h.fields, m.fields[:0])
	}
	p := Part{
		Path: e.path, Src: e.src, Header: h.fields, Body: Range{min(h.body, e.span.End), e.span.End},
		Parent: e.parent, Nested: e.nested, Decoded: e.decoded, Alt: e.alt, Encoding: "7bit",
	}
	m.Odd = m.Odd || h.garbage || h.otherType.Len() > 0
	r.describe(&p, &h, e)
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
		p.contentType = unfold(h.contentType.Of(src), nil)
		t, odd := mediaType(p.contentType)
		p.Declared = known(t)
		if bytes.IndexByte(t, '/') > 0 {
			p.Type = p.Declared
		}
		r.msg.Odd = r.msg.Odd || odd
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
		r.limit(p.Path, "parts are nested deeper than the limit, the inner ones were not read")
		return true
	}
	first, second, odd := param(p.contentType, "boundary")
	r.msg.Odd = r.msg.Odd || odd || second != nil
	body := p.Raw()
	spans, closed := delimited(body, first)
	alt := false
	if len(spans) == 0 && second != nil {
		spans, closed = delimited(body, second)
		alt = len(spans) > 0
	}
	if len(spans) == 0 {
		r.msg.Odd = true
		if guess := guessBoundary(body); guess != nil {
			r.warn(p.Path, "boundary is missing or wrong, its parts were found by their first line")
			spans, closed = delimited(body, guess)
		}
	}
	if len(spans) == 0 {
		return false
	}
	if !closed {
		r.msg.Odd = true
	}
	below := p.Path
	if e.root {
		below = e.path
	}
	room := r.lim.Parts - len(r.msg.Parts)
	if len(spans) > room {
		r.limit(p.Path, "more parts than the limit, the rest was not read")
		spans = spans[:max(room, 0)]
	}
	digest := p.Type == "multipart/digest"
	for i := len(spans) - 1; i >= 0; i-- {
		r.todo = append(r.todo, entity{
			src: e.src, span: Range{p.Body.Start + spans[i].Start, p.Body.Start + spans[i].End}, parent: index,
			path: join(below, i+1), depth: e.depth + 1, nested: e.nested, decoded: e.decoded, alt: e.alt || alt, digest: digest,
		})
	}
	return true
}

// delimited cuts body at the lines that hold a boundary (RFC 2046 section
// 5.1.1) and reports whether the last one was there.
func delimited(body, boundary []byte) (spans []Range, closed bool) {
	if len(boundary) == 0 {
		return nil, false
	}
	boundary = bytes.TrimRight(boundary, " \t")
	start := -1
	for at := 0; ; {
		i, after, last := delimiter(body, at, boundary)
		if i < 0 {
			break
		}
		if start >= 0 {
			spans = append(spans, Range{start, beforeBreak(body, start, i)})
		}
		start, at = after, after
		if last {
			return spans, true
		}
	}
	if start >= 0 && start < len(body) {
		spans = append(spans, Range{start, len(body)})
	}
	return spans, false
}

// delimiter finds the next line at or after at that is a boundary: where it
// starts, where the next line does, and whether it is the last.
func delimiter(body []byte, at int, boundary []byte) (int, int, bool) {
	for at < len(body) {
		i := bytes.Index(body[at:], boundary)
		if i < 0 {
			return -1, 0, false
		}
		i += at
		at = i + 1
		if i < 2 || body[i-1] != '-' || body[i-2] != '-' || i > 2 && body[i-3] != '\n' && body[i-3] != '\r' {
			continue
		}
		end := i + len(boundary)
		last := bytes.HasPrefix(body[end:], []byte("--"))
		stop := end
		for stop < len(body) && body[stop] != '\n' && body[stop] != '\r' {
			stop++
		}
		rest := body[end:stop]
		if last {
			rest = rest[2:]
		}
		if len(bytes.TrimSpace(rest)) > 0 && !last {
			continue // another boundary of which this one is a prefix
		}
		if stop < len(body) && body[stop] == '\r' {
			stop++
		}
		if stop < len(body) && body[stop] == '\n' {
			stop++
		}
		return i - 2, stop, last
	}
	return -1, 0, false
}

// beforeBreak steps back over the line break that belongs to a boundary.
func beforeBreak(body []byte, from, i int) int {
	if i > from && body[i-1] == '\n' {
		i--
	}
	if i > from && body[i-1] == '\r' {
		i--
	}
	return i
}

// guessBoundary takes the first line that starts with two hyphens and has a
// header after it for the boundary of a multipart that names none.
func guessBoundary(body []byte) []byte {
	for at, n := 0, 0; at < len(body) && n < 200; n++ {
		stop := len(body)
		if i := bytes.IndexByte(body[at:], '\n'); i >= 0 {
			stop = at + i
		}
		line := bytes.TrimRight(body[at:stop], "\r \t")
		if len(line) > 4 && line[0] == '-' && line[1] == '-' && line[2] != ' ' && stop+1 < len(body) {
			next := body[stop+1:]
			if len(next) > 8 && equalFold(next[:8], "content-") {
				return line[2:]
			}
		}
		at = stop + 1
	}
	return nil
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

// message queues the message inside a message/rfc822 part.
func (r *Reader) message(index int, e *entity) {
	p := &r.msg.Parts[index]
	if e.depth >= r.lim.Nesting {
		r.limit(p.Path, "parts are nested deeper than the limit, the inner ones were not read")
		return
	}
	src, span, decoded := e.src, p.Body, e.decoded
	if isEncoded(p.Encoding) {
		data, warn := r.decode(p)
		if warn != "" {
			r.limit(p.Path, warn)
		}
		src, span, decoded = data, Range{0, len(data)}, true
	}
	span.Start += skipLead(src[span.Start:span.End])
	r.todo = append(r.todo, entity{
		src: src, span: span, parent: index, path: p.Path, depth: e.depth + 1, root: true, nested: true, decoded: decoded, alt: e.alt,
	})
}

// sniff sets the type that a client would act on, from the file name or the
// first bytes, where the declared one says little.
func (r *Reader) sniff(p *Part) {
	switch {
	case p.Type == "text/plain" || p.Type == "text/enriched":
	case p.Type == "application/octet-stream" || bytes.IndexByte([]byte(p.Type), '/') < 0 ||
		strings.HasPrefix(p.Type, "application/x-") || p.Type == "application/html" || p.Type == "text/htm":
		if t := typeOfName(p.Filename()); t != "" {
			p.Type = t
			return
		}
		if p.Type == "application/octet-stream" && p.Filename() != "" {
			return
		}
	default:
		return
	}
	if looksHTML(r.head(p)) {
		p.Type, p.Sniffed = "text/html", true
	} else if p.Type == "text/plain" && len(p.disposition) > 0 {
		if t := typeOfName(p.Filename()); t != "" {
			p.Type = t
		}
	}
}

// typeOfName is the type that a file name stands for, "" for names that load
// nothing.
func typeOfName(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return ""
	}
	switch strings.ToLower(name[i+1:]) {
	case "html", "htm", "shtml", "xht":
		return "text/html"
	case "xhtml":
		return "application/xhtml+xml"
	case "svg":
		return "image/svg+xml"
	case "ics":
		return "text/calendar"
	case "vcf":
		return "text/vcard"
	case "css":
		return "text/css"
	}
	return ""
}

// head decodes the first bytes of a part.
func (r *Reader) head(p *Part) []byte {
	raw := p.Raw()
	raw = raw[:min(len(raw), 1024)]
	var buf [1032]byte
	switch p.Encoding {
	case "base64":
		out, _ := decodeBase64(buf[:0], raw, 1024)
		return out
	case "quoted-printable":
		out, _ := decodeQP(buf[:0], raw, 1024)
		return out
	}
	return raw
}

// looksHTML reports whether text starts as an HTML document does.
func looksHTML(b []byte) bool {
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	b = bytes.TrimLeft(b, " \t\r\n\f\x00")
	for bytes.HasPrefix(b, []byte("<!--")) {
		i := bytes.Index(b, []byte("-->"))
		if i < 0 {
			return false
		}
		b = bytes.TrimLeft(b[i+3:], " \t\r\n\f")
	}
	if len(b) < 4 || b[0] != '<' {
		return false
	}
	for _, s := range []string{
		"<!doctype html", "<html", "<head", "<body", "<table", "<div", "<img", "<p>", "<center", "<style", "<meta", "<font", "<script",
		"<iframe", "<a href", "<h1", "<br", "<span", "<?xml version", "<title",
	} {
		if len(b) >= len(s) && equalFold(b[:len(s)], s) {
			return s != "<?xml version" || bytes.Contains(bytes.ToLower(b), []byte("<html"))
		}
	}
	return false
}
