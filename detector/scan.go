package detector

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/pixelsweep/pixelsweep/detector/internal/markup"
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/token"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// scratch is what one scan needs and the next one uses again.
type scratch struct {
	mime mime.Reader
	doc  markup.Document
	refs []ref
	read [][]byte // the HTML parts, decoded and converted

	request filter.Request // for the filter lists
	source  filter.Source  // of the message's requests

	matter  matter // under judgement
	found   []Finding
	signals []Signal // of found, one after the other
	order   []uint64 // of references: where one stands, and which

	seen  map[string]int  // how often a URL is loaded
	hosts map[string]bool // third parties
	links wrapped

	ballots []ballot // of the services whose shapes the URLs have

	rules  rules.Matcher
	tokens token.Decoder
	people []*person // readers of earlier messages
	judged map[judged]identity
}

var scratches = sync.Pool{New: func() any {
	return &scratch{seen: map[string]int{}, hosts: map[string]bool{}, judged: map[judged]identity{}, signals: []Signal{}}
}}

// scan is one run over a message or page.
type scan struct {
	*scratch
	det      *Detector
	rep      *Report
	reader   reader
	esp      *rules.Service // that the headers name
	deadline time.Time
	page     bool
	consent  consent // of a page
	spent    bool    // no time is left to decode URLs
	template Template
	trace    *trace.Scan // nil unless somebody looks on
}

// ref is a reference on its way to a finding. Its strings are views into the
// message, and copied where they get into the report.
type ref struct {
	Reference
	url   weburl.URL // as written
	real  weburl.URL // without a webmail's proxy
	proxy string     // name of that proxy
	end   int
	span  [2]int // Offset and end in the text
	index int    // of the part, for the trace
	// rawOffset is the offset in the message, -1 where there is none.
	rawOffset int
	nested    bool
	dark      bool
	box       markup.Box
	alt       string
	linked    bool // stands inside a link
	repeats   int  // how often its URL stands in the message
	last      bool // the last resource of its part
	later     bool // once somebody calls the function of a script that it stands in
	made      bool // a script adds what only a browser knows
	call      *markup.Call
	request   *Request
	body      *body  // of the request
	within    string // vector in the markup that a script writes
	elem      int32  // that holds it, of a page
}

// message scans a whole message.
func (s *scan) message(data []byte) {
	m := s.mime.Split(data, s.mimeLimits())
	s.parts(m)
	if m.Odd {
		s.secondView(data)
	}
}

func (s *scan) mimeLimits() mime.Limits {
	l := s.det.opts.Limits
	return mime.Limits{
		Nesting: l.Nesting, Parts: l.Parts, Headers: l.Headers, HeaderBytes: l.HeaderBytes, PartBytes: l.HTMLBytes,
	}
}

// parts scans the header and the leaves of a message.
func (s *scan) parts(m *mime.Message) {
	for _, w := range m.Warnings {
		s.warn(w.Part, w.Text)
		if w.Limit {
			s.rep.Complete = false
		}
	}
	if s.trace != nil {
		s.trace.Mime = m
	}
	s.rep.Message, s.reader = s.head(m)
	s.source.Set(s.rep.Message.FromDomain)
	s.headerRefs(m)
	for i := range m.Parts {
		if s.late() {
			break
		}
		s.part(&m.Parts[i], i)
	}
}

// part scans one leaf of the message.
func (s *scan) part(p *mime.Part, index int) {
	if !p.CanTrack() {
		return
	}
	if p.Type == "message/external-body" {
		s.externalBody(p)
		return
	}
	data, offsets, warn := s.mime.Decode(p)
	if warn != "" {
		s.warn(p.Path, warn)
		s.rep.Complete = s.rep.Complete && len(data) < s.det.opts.Limits.HTMLBytes
	}
	if len(data) == 0 {
		return
	}
	if limit := s.det.opts.Limits.HTMLBytes; len(data) > limit {
		data = data[:limit]
		s.cut(p.Path, "part is larger than the limit; its rest is not read")
	}
	if !mayRefer(data) {
		return
	}
	text, origin := mime.ToUTF8(data, p.Charset)
	var base *weburl.URL
	if p.IsHTML() {
		s.read = append(s.read, text)
		base = s.base(p)
	}
	at := place{part: p.Path, media: p.Type, src: data, text: text, origin: origin, base: base, index: s.show(index, p.Type, data, text, origin)}
	if !p.Decoded {
		at.raw = &offsets
	}
	if origin == nil {
		at.decode = legacy(p.Charset, text)
	}
	s.content(s.mask(&at), at)
}

// legacy gives the decoder of a charset other than UTF-8, nil for UTF-8. Where
// no charset is given, the document may declare one.
func legacy(charset string, doc []byte) func(string) string {
	switch charset {
	case "utf-8", "us-ascii", "utf8":
		return nil
	case "":
		return func(s string) string { return mime.Decode(s, metaCharset(doc)) }
	}
	return func(s string) string { return mime.Decode(s, charset) }
}

// metaCharset returns the charset that a document declares in its first
// kilobyte, "" if it does not (WHATWG section 13.2.3.2).
func metaCharset(doc []byte) string {
	doc = bytes.ToLower(doc[:min(len(doc), 1024)])
	for {
		i := bytes.Index(doc, []byte("charset"))
		if i < 0 {
			return ""
		}
		tag := doc[bytes.LastIndexByte(doc[:i], '<')+1 : i]
		doc = bytes.TrimLeft(doc[i+len("charset"):], " \t\r\n")
		if len(tag) < 4 || string(tag[:4]) != "meta" || len(doc) == 0 || doc[0] != '=' {
			continue
		}
		name := bytes.TrimLeft(doc[1:], " \t\r\n\"'")
		n := bytes.IndexAny(name, " \t\r\n\"';>/")
		if n <= 0 || n > 40 {
			return ""
		}
		return string(name[:n])
	}
}

// place says where a decoded part stands.
type place struct {
	part, media string
	src         []byte       // before charset conversion
	text        []byte       // after it, what was read
	origin      *mime.Origin // nil where text is src
	raw         *mime.Map    // nil where an offset cannot be traced to the source
	base        *weburl.URL  // of relative URLs, nil for none
	index       int          // in the trace

	decode func(string) string // of text in a legacy charset, nil for UTF-8
}

// origins maps the offsets of refs in text to those in src; nil where they are
// the same.
func (p place) origins(refs []ref) map[int]int {
	if p.origin == nil || len(refs) == 0 {
		return nil
	}
	from := make([]int, 0, 2*len(refs))
	for i := range refs {
		from = append(from, refs[i].Offset, refs[i].end)
	}
	slices.Sort(from)
	from = slices.Compact(from)
	to := slices.Clone(from)
	p.origin.Offsets(to)
	at := make(map[int]int, len(from))
	for i, off := range from {
		at[off] = to[i]
	}
	return at
}

// content reads a decoded part by its media type.
func (s *scan) content(text []byte, at place) {
	s.doc.Charset(at.decode)
	switch {
	case at.media == "text/css":
		s.doc.Sheet(text, s.markupLimits())
		s.collect(at, false)
	case at.media == "text/calendar":
		s.calendar(text, at)
	case at.media == "text/vcard" || at.media == "text/x-vcard" || at.media == "text/directory":
		s.vcard(text, at)
	case strings.Contains(at.media, "pkcs7"):
		s.certificates(text, at)
	case isMarkup(at.media):
		s.doc.Read(text, at.base, s.markupLimits())
		s.collect(at, true)
	default:
		s.plain(text, at)
	}
}

func isMarkup(media string) bool {
	switch media {
	case "text/html", "application/xhtml+xml", "text/x-amp-html", "image/svg+xml", "application/xml", "text/xml":
		return true
	}
	return false
}

func (s *scan) markupLimits() markup.Limits {
	l := s.det.opts.Limits
	return markup.Limits{Refs: l.References - len(s.refs), Nesting: l.DataNesting, URLBytes: l.URLBytes, Until: s.deadline, Services: s.det.opts.Services}
}

// mayRefer reports whether data can hold a reference at all: without a slash,
// an equals sign or a parenthesis none can.
func mayRefer(data []byte) bool {
	return len(data) > 3
}

// collect takes over what the document reader found.
func (s *scan) collect(at place, boxes bool) {
	from := len(s.refs)
	shown, own := int32(-1), markup.Look{}
	s.refs = slices.Grow(s.refs, len(s.doc.Refs)) // a large page has 10 MB of them
	if s.page {
		s.platforms()
	}
	for i := range s.doc.Refs {
		r := &s.doc.Refs[i]
		if r.Call != nil && s.det.opts.NoServices {
			continue
		}
		n := ref{url: r.URL, end: r.End, nested: r.Nested, dark: r.Dark, later: r.Later, made: r.Made, call: r.Call, within: r.Within}
		n.elem = r.Elem
		n.Vector, n.Trigger, n.Condition, n.Offset = r.Vector, Trigger(r.Trigger), r.Condition, r.Start
		if boxes && r.Elem >= 0 && n.Trigger != Click {
			look := r.Inner
			if look == nil {
				if shown != r.Elem { // a script has many
					own, shown = s.doc.Look(r.Elem), r.Elem
				}
				look = &own
			}
			n.box, n.alt, n.linked = look.Box, look.Alt, look.Linked
		}
		s.refs = append(s.refs, n)
	}
	for _, h := range s.doc.Hit {
		s.cut(at.part, hitText(h))
	}
	s.settle(s.refs[from:], at)
	for i := len(s.refs) - 1; i >= from; i-- {
		if class(&s.refs[i]) == imageClass {
			s.refs[i].last = true
			break
		}
	}
}

// hitText says what became of a limit that was hit.
func hitText(limit string) string {
	switch limit {
	case "time":
		return "time limit reached; the rest is not read"
	case "URL length":
		return "limit on URL length reached; the rest of the URL is not read"
	}
	return "limit on " + limit + " reached; the rest is not listed"
}

// settle fills in what follows from the place: order, lines, hosts. Strings
// stay views into the part, which [mime.Reader] keeps for the whole message.
func (s *scan) settle(refs []ref, at place) {
	s.inOrder(refs)
	if s.trace != nil && at.index >= 0 {
		s.trace.Parts[at.index].Refs = [2]int{len(s.refs) - len(refs), len(s.refs)}
	}
	lines := lineCounter{src: at.src}
	origins, proxies := at.origins(refs), false
	for i := range refs {
		r := &refs[i]
		r.Part, r.MediaType = at.part, at.media
		r.span, r.index = [2]int{r.Offset, r.end}, at.index
		raw := r.url.Full
		if r.Offset <= r.end && r.end <= len(at.text) {
			raw = view(at.text[r.Offset:r.end])
		}
		if origins != nil {
			r.Offset, r.end = origins[r.Offset], origins[r.end]
		}
		r.Line, r.Column = lines.at(r.Offset)
		if raw != r.url.Full {
			r.Raw = raw
		}
		r.rawOffset = -1
		if at.raw != nil && !s.det.opts.NoReferences {
			if off, ok := at.raw.Raw(r.Offset); ok {
				r.rawOffset = off
			}
		}
		r.URL, r.Host = r.url.Full, r.url.Host
		if i > 0 && r.Host == refs[i-1].Host { // as most are
			r.Site, r.ThirdParty = refs[i-1].Site, refs[i-1].ThirdParty
		} else {
			r.Site = weburl.Site(r.Host)
			r.ThirdParty = s.reader.thirdParty(r.Site)
			proxies = weburl.IsProxy(r.Host)
		}
		if r.real = r.url; proxies {
			r.real, r.proxy = weburl.Unproxy(r.url)
		}
	}
}

// view returns b as a string without copying.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (s *scan) warn(part, text string) {
	s.rep.Warnings = append(s.rep.Warnings, Warning{Part: part, Text: text})
}

// cut warns that a part could not be read whole.
func (s *scan) cut(part, text string) {
	s.warn(part, text)
	s.rep.Complete = false
}

// late reports whether the time for the message is up, and warns once.
func (s *scan) late() bool {
	if time.Now().Before(s.deadline) {
		return false
	}
	s.cut("", "time limit reached; the rest is not read")
	return true
}

// secondView scans the HTML parts that only go-message finds in a message
// whose structure can be read in two ways.
func (s *scan) secondView(data []byte) {
	for _, v := range mime.Differs(mime.SecondView(data), s.read) {
		if s.late() {
			return
		}
		s.warn(v.Path, "part is seen by one of two readings of this message only")
		at := place{part: v.Path, media: v.Type, src: v.Data, text: v.Data, index: trace.Untraced}
		s.content(s.mask(&at), at)
	}
}

// lineCounter turns growing offsets into lines and columns.
type lineCounter struct {
	src        []byte
	pos, start int
	line       int
}

func (c *lineCounter) at(off int) (line, column int) {
	off = min(off, len(c.src))
	if off > c.pos {
		gap := c.src[c.pos:off]
		if n := bytes.Count(gap, newline); n > 0 {
			c.line += n
			c.start = c.pos + bytes.LastIndexByte(gap, '\n') + 1
		}
		c.pos = off
	}
	return c.line + 1, off - c.start + 1
}

var newline = []byte("\n")
