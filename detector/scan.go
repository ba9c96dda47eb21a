package detector

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"time"
	"unsafe"

	"github.com/pixelsweep/pixelsweep/detector/internal/markup"
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/token"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// scratch is what one scan needs and the next one uses again.
type scratch struct {
	mime mime.Reader
	doc  markup.Document
	refs []ref
	read [][]byte // the HTML parts, decoded and converted

	matter  matter // under judgement
	found   []Finding
	signals []Signal // of found, one after the other

	seen  map[string]int  // how often a URL is loaded
	hosts map[string]bool // third parties

	ballots []ballot // of the services whose shapes the URLs have

	tokens token.Decoder
	people []*person // readers of earlier messages
	judged map[judged]identity
}

var scratches = sync.Pool{New: func() any {
	return &scratch{seen: map[string]int{}, hosts: map[string]bool{}, judged: map[judged]identity{}}
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
	spent    bool // no time is left to decode URLs
}

// ref is a reference on its way to a finding. Its strings are views into the
// message, and copied where they get into the report.
type ref struct {
	Reference
	url   weburl.URL // as written
	real  weburl.URL // without a webmail's proxy
	proxy string     // name of that proxy
	end   int
	// rawOffset is the offset in the message, -1 where there is none.
	rawOffset int
	nested    bool
	dark      bool
	box       markup.Box
	alt       string
	linked    bool // stands inside a link
	repeats   int  // how often its URL stands in the message
	last      bool // the last resource of its part
}

func (s *scan) message(data []byte) {
	l := s.det.opts.Limits
	m := s.mime.Split(data, mime.Limits{
		Nesting: l.Nesting, Parts: l.Parts, Headers: l.Headers, HeaderBytes: l.HeaderBytes, PartBytes: l.HTMLBytes,
	})
	for _, w := range m.Warnings {
		s.warn(w.Part, w.Text)
		if w.Limit {
			s.rep.Complete = false
		}
	}
	s.rep.Message, s.reader = s.head(m)
	s.headerRefs(m)
	for i := range m.Parts {
		if s.late() {
			break
		}
		s.part(&m.Parts[i])
	}
	if m.Odd {
		s.secondView(data)
	}
}

// part scans one leaf of the message.
func (s *scan) part(p *mime.Part) {
	if !p.CanTrack() {
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
	if p.IsHTML() {
		s.read = append(s.read, text)
	}
	s.doc.Charset(legacy(p.Charset))
	if origin != nil {
		s.doc.Charset(nil)
	}
	at := place{part: p.Path, media: p.Type, src: data, text: text, origin: origin}
	if !p.Decoded {
		at.raw = &offsets
	}
	s.content(text, at)
}

// legacy gives the decoder of a charset other than UTF-8, nil for UTF-8 and
// where nothing is said.
func legacy(charset string) func(string) string {
	switch charset {
	case "", "utf-8", "us-ascii", "utf8":
		return nil
	}
	return func(s string) string { return mime.Decode(s, charset) }
}

// place says where a decoded part stands.
type place struct {
	part, media string
	src         []byte       // before charset conversion
	text        []byte       // after it, what was read
	origin      *mime.Origin // nil where text is src
	raw         *mime.Map    // nil where an offset cannot be traced to the source
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
	switch {
	case at.media == "text/css":
		s.doc.Sheet(text, s.markupLimits())
		s.collect(at, false)
	case at.media == "text/calendar":
		s.calendar(text, at)
	case at.media == "text/vcard" || at.media == "text/x-vcard" || at.media == "text/directory":
		s.vcard(text, at)
	case isMarkup(at.media):
		s.doc.Read(text, nil, s.markupLimits())
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
	return markup.Limits{Refs: l.References - len(s.refs), Nesting: l.DataNesting, URLBytes: l.URLBytes}
}

// mayRefer reports whether data can hold a reference at all: without a slash,
// an equals sign or a parenthesis none can.
func mayRefer(data []byte) bool {
	return len(data) > 3
}

// collect takes over what the document reader found.
func (s *scan) collect(at place, boxes bool) {
	for _, h := range s.doc.Hit {
		s.cut(at.part, "limit on "+h+" reached; the rest is not listed")
	}
	from := len(s.refs)
	for i := range s.doc.Refs {
		r := &s.doc.Refs[i]
		n := ref{url: r.URL, end: r.End, nested: r.Nested, dark: r.Dark}
		n.Vector, n.Trigger, n.Condition, n.Offset = r.Vector, Trigger(r.Trigger), r.Condition, r.Start
		if boxes && r.Elem >= 0 && n.Trigger != Click {
			n.box = s.doc.Box(r.Elem)
			n.alt = s.doc.Alt(r.Elem)
			n.linked = s.doc.Linked(r.Elem)
		}
		s.refs = append(s.refs, n)
	}
	s.settle(s.refs[from:], at)
	for i := len(s.refs) - 1; i >= from; i-- {
		if class(&s.refs[i]) == imageClass {
			s.refs[i].last = true
			break
		}
	}
}

// settle fills in what follows from the place: order, lines, hosts. Strings
// stay views into the part, which [mime.Reader] keeps for the whole message.
func (s *scan) settle(refs []ref, at place) {
	slices.SortStableFunc(refs, func(a, b ref) int { return cmp.Compare(a.Offset, b.Offset) })
	lines := lineCounter{src: at.src}
	origins := at.origins(refs)
	for i := range refs {
		r := &refs[i]
		r.Part, r.MediaType = at.part, at.media
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
		r.real, r.proxy = weburl.Unproxy(r.url)
		r.Site = weburl.Site(r.Host)
		r.ThirdParty = s.reader.thirdParty(r.Site)
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
		s.content(v.Data, place{part: v.Path, media: v.Type, src: v.Data, text: v.Data})
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
