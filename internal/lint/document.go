package lint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// A document is one file as the rules see it.
type document struct {
	path   string
	data   []byte
	html   bool // a template or page that stands alone; else a message
	linter *Linter
	rules  *effective

	report *detector.Report
	parts  []*part
	refs   []*ref
	fields []field
	mail   mailKind
	unread []string // what was not read whole
	lines  lines    // of data

	problems     []placed
	suppressions []*suppression
	loads        []Load
	leaving      []unsubscribe    // nil until they are looked for
	places       map[*part][]*ref // in order, nil until one is looked for
}

// A part is a decoded part, or the whole of what stands alone.
type part struct {
	index       int
	path, media string
	text        []byte
	doc         *template.Doc
	raw         func(int) (int, bool)
	lines       lines          // of text
	baseTags    []template.Tag // nil until they are looked for
}

// maxBaseTags is how many tags of a base URL count, since every relative URL has them.
const maxBaseTags = 16

// base returns the tags in the URL that relative ones of the part begin with: of the
// first base element (WHATWG HTML section 4.2.3).
func (p *part) base() []template.Tag {
	if p.baseTags == nil {
		p.baseTags = []template.Tag{}
		for i := range p.doc.Elements {
			if e := &p.doc.Elements[i]; e.Name == "base" && p.isMarkup() {
				if a, ok := p.doc.Attr(e, "href"); ok {
					tags := p.doc.Within(a.From, a.To)
					p.baseTags = append(p.baseTags, tags[:min(len(tags), maxBaseTags)]...)
					break
				}
			}
		}
	}
	return p.baseTags
}

// isRelative reports whether a URL as written names no host: it begins with neither a
// scheme, "//" nor a tag, which may write either.
func isRelative(url string) bool {
	url = strings.TrimSpace(url)
	first := strings.IndexAny(url, ":/?#{*%<[$")
	return first < 0 || strings.IndexByte("?#", url[first]) >= 0 || url[first] == '/' && !strings.HasPrefix(url, "//")
}

// isMarkup reports whether the part is read as HTML.
func (p *part) isMarkup() bool { return strings.Contains(p.media, "html") }

// A ref is a reference with what is known of it.
type ref struct {
	detector.Reference
	finding *detector.Finding // nil for none
	part    *part             // nil in a header
	html    bool              // the document is no message
	tags    []template.Tag    // inside of the URL as written
	person  template.Person   // that a tag among them names
}

// end is where the reference ends in its part.
func (r *ref) end() int { return r.Offset + max(len(r.written()), 1) }

// written is the URL as it stands in the file.
func (r *ref) written() string {
	if r.Raw != "" {
		return r.Raw
	}
	return r.URL
}

// loads reports whether the reference fires without a click.
func (r *ref) loads() bool {
	switch r.Trigger {
	case detector.Click, detector.Receipt:
		return false
	}
	return true
}

// known reports whether the host stands in the file, not in a tag.
func (r *ref) known() bool {
	if r.Host == "" {
		return false
	}
	host := r.Offset + strings.Index(r.written(), "//") + 2
	for i := range r.tags {
		if t := &r.tags[i]; t.Start <= host && !strings.Contains(r.written()[:max(host-r.Offset-2, 0)], ":") {
			return false
		}
	}
	end := strings.IndexAny(r.written()[min(host-r.Offset, len(r.written())):], "/?#")
	if end < 0 {
		end = len(r.written())
	}
	for i := range r.tags {
		if t := &r.tags[i]; t.Start >= host && t.Start < host+end {
			return false
		}
	}
	return true
}

// placed is a problem with what orders it.
type placed struct {
	report.Problem
	part, start, order int
	end                int
}

// again reports whether p says what q says of the same place: a queue's call may
// hold many commands.
func (p *placed) again(q *placed) bool {
	return p.part == q.part && p.start == q.start && p.end == q.end && p.Rule == q.Rule && p.Message == q.Message && p.Ignored == q.Ignored
}

// read scans the file, once for each reading that its template needs, and checks it
// while the scan still knows the parts.
func (d *document) read() error {
	src := detector.Source{Path: d.path, Type: detector.TypeMessage}
	for pass, passes := 0, 1; pass < passes; pass++ {
		n := 0
		_, err := d.linter.det.ScanTemplate(src, d.data, d.html, detector.Template{
			Mask: func(p detector.Part) []byte {
				if pass == 0 {
					d.parts = append(d.parts, d.newPart(p))
				}
				if n >= len(d.parts) { // a branch made another part of the message
					return nil
				}
				part := d.parts[n]
				n++
				part.raw = p.Raw
				if pass == 0 {
					passes = max(passes, part.doc.Variants())
				}
				return part.doc.Mask(min(pass, part.doc.Variants()-1))
			},
			Done: func(r *detector.Report) {
				d.merge(r)
				if pass == passes-1 {
					d.check()
				}
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// newPart copies a part that the scan will forget, but for the file itself.
func (d *document) newPart(p detector.Part) *part {
	own := func(b []byte) []byte {
		if d.html && len(b) > 0 && len(d.data) > 0 && &b[0] == &d.data[0] {
			return b
		}
		return bytes.Clone(b)
	}
	n := &part{index: len(d.parts), path: p.Path, media: p.Media, text: own(p.Text)}
	n.doc = template.Read(n.text)
	return n
}

// merge adds what one reading found and no other before it.
func (d *document) merge(r *detector.Report) {
	first := d.report == nil
	if first {
		d.report = r
	} else {
		d.report.Complete = d.report.Complete && r.Complete
		d.report.Warnings = append(d.report.Warnings, r.Warnings...)
	}
	type key struct {
		part, vector string
		offset       int
	}
	seen := map[key]bool{}
	if !first {
		for _, have := range d.refs {
			seen[key{have.Part, have.Vector, have.Offset}] = true
		}
	}
	by := make([]*detector.Finding, len(r.References)+1)
	for i := range r.Findings {
		by[r.Findings[i].Ref] = &r.Findings[i]
	}
	refs := make([]ref, len(r.References))
	for i := range r.References {
		n := &refs[i]
		n.Reference = r.References[i]
		if !first && seen[key{n.Part, n.Vector, n.Offset}] {
			continue
		}
		n.finding, n.html = by[n.Ref], d.html
		d.resolve(n)
		d.refs = append(d.refs, n)
	}
}

// resolve finds the part of a reference, and the tags in it.
func (d *document) resolve(r *ref) {
	for _, p := range d.parts {
		if p.path == r.Part && r.Part != "HEADER" && (p.media == r.MediaType || r.MediaType == "") {
			r.part = p
			break
		}
	}
	if r.part == nil {
		return
	}
	r.tags = r.part.doc.Within(r.Offset, r.end())
	if base := r.part.base(); len(base) > 0 && isRelative(r.written()) {
		r.tags = append(slices.Clone(base), r.tags...)
	}
	for i := range r.tags {
		if p, ok := r.part.doc.Person(&r.tags[i]); ok && (r.person.What == template.Nobody || p.What < r.person.What) {
			r.person = p
		}
	}
}

// spot is a stretch of a part, or of the header (part nil), or the file as a whole
// (end 0).
type spot struct {
	part       *part
	start, end int
	header     bool
	whole      int // where what the fingerprint is made of ends, 0 for end
}

// spot is the attribute that a reference stands in, or the URL itself where that is
// in a style sheet or text.
func (r *ref) spot() spot {
	s := spot{part: r.part, start: r.Offset, end: r.end(), header: r.Part == "HEADER"}
	if r.part == nil || !strings.HasSuffix(r.Vector, "]") {
		return s
	}
	doc := r.part.doc
	if e := elementAt(doc, r.Offset); e != nil {
		for _, a := range doc.Attrs(e) {
			if a.From <= r.Offset && r.Offset <= a.To && a.To > a.From && !strings.EqualFold(string(doc.Text[a.Start:a.End]), "style") {
				return spot{part: r.part, start: a.Start, end: min(a.To+1, len(doc.Text))}
			}
		}
	}
	return s
}

// add reports a problem by a rule, unless that is off here.
func (d *document) add(id string, s spot, message string, r *ref) {
	d.addAt(id, d.rules.level(id), s, message, r)
}

// less reports a problem one level lower than the rule's.
func (d *document) less(id string, s spot, message string, r *ref) {
	level := d.rules.level(id)
	switch level {
	case report.Error:
		level = report.Warning
	case report.Warning:
		level = report.Note
	}
	d.addAt(id, level, s, message, r)
}

func (d *document) addAt(id string, level report.Level, s spot, message string, r *ref) {
	if level == report.Off || level == "" || len(d.problems) > maxProblems {
		return
	}
	if len(d.problems) == maxProblems {
		id, s, message, r = "incomplete", spot{}, fmt.Sprintf("more than %d problems; the rest is not listed", maxProblems), nil
		d.unread = append(d.unread, "")
	}
	n := placed{start: s.start, end: s.end, order: len(d.problems)}
	n.Problem = report.Problem{Rule: id, Level: level, Path: d.path, Message: message}
	what := message
	if r != nil {
		n.URL, n.Vector = r.written(), r.Vector
		what = r.Vector + "\x00" + n.URL
		if f := r.finding; f != nil && len(r.tags) == 0 {
			what = f.Fingerprint // without the token of one reader
		}
	} else if s.part != nil && s.end > s.start {
		what = string(squeezed(s.part.text[min(s.start, len(s.part.text)):min(max(s.end, s.whole), len(s.part.text))]))
	}
	n.Fingerprint = fingerprint(id+"\x00"+what, 0)
	switch {
	case s.header:
		n.part, n.Part = -1, "HEADER"
		d.locate(&n, d.data, &d.lines, s)
		n.FileLine, n.FileColumn = n.Line, n.Column
	case s.part != nil && s.end > 0:
		n.part, n.Part = s.part.index, s.part.path
		d.locate(&n, s.part.text, &s.part.lines, s)
		if s.part.path != "" {
			if at, ok := s.part.raw(s.start); ok {
				n.FileLine, n.FileColumn = d.lines.at(d.data, at)
			}
		}
	default:
		n.part = -2
	}
	d.problems = append(d.problems, n)
}

// maxProblems is how many problems of a file are listed.
const maxProblems = 5000

// squeezed is text with its white space made one, so that a fingerprint does not
// hang on how lines are broken.
func squeezed(text []byte) []byte { return bytes.Join(bytes.Fields(text), []byte(" ")) }

func fingerprint(what string, n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", what, n))
	return hex.EncodeToString(sum[:8])
}

// maxSource is how much of a line is kept around a problem.
const maxSource = 400

// locate fills in line, columns and the source around a problem.
func (d *document) locate(n *placed, src []byte, l *lines, s spot) {
	n.Line, n.Column = l.at(src, s.start)
	from := min(s.start, len(src))
	begin := from - (n.Column - 1)
	stop := min(max(s.end, from+maxSource)+1, len(src)) // no further, since a line may be all there is
	if i := bytes.IndexByte(src[from:stop], '\n'); i >= 0 {
		stop = from + i
	}
	if stop > from && src[stop-1] == '\r' {
		stop--
	}
	n.End = n.Column + max(min(s.end, stop)-from, 1)
	n.SourceAt = 1
	if from-begin > maxSource {
		n.SourceAt = from - begin - maxSource + 1
		begin = from - maxSource
	}
	n.Source = strings.ToValidUTF8(string(src[begin:min(stop, from+maxSource)]), "?")
}

// lines knows where the lines of a text begin, from the first question on.
type lines struct {
	starts []int
}

// at returns the line and the column of an offset, from 1.
func (l *lines) at(src []byte, offset int) (line, column int) {
	if l.starts == nil {
		l.starts = []int{0}
		for i, c := range src {
			if c == '\n' {
				l.starts = append(l.starts, i+1)
			}
		}
	}
	offset = min(offset, len(src))
	line = sort.SearchInts(l.starts, offset+1)
	return line, offset - l.starts[line-1] + 1
}

// elementAt finds the element whose tag holds an offset.
func elementAt(doc *template.Doc, at int) *template.Element {
	low, high := 0, len(doc.Elements)
	for low < high {
		mid := (low + high) / 2
		if doc.Elements[mid].End <= at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(doc.Elements) && doc.Elements[low].Start <= at {
		return &doc.Elements[low]
	}
	return nil
}
