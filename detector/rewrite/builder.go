package rewrite

import (
	"bytes"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
)

// builder collects the edits of one round, part by part.
type builder struct {
	run   *run
	data  []byte
	tr    *trace.Scan
	parts map[int][]*target // by their index in the trace
	raw   []mime.Edit       // of the message itself

	fields int // of the header, that go
}

func newBuilder(r *run, data []byte, tr *trace.Scan) *builder {
	return &builder{run: r, data: data, tr: tr, parts: map[int][]*target{}}
}

// add takes a target: into its part, or as an edit of the message where it
// stands in the header or in no part.
func (b *builder) add(t *target) {
	ref := &b.tr.Refs[t.at]
	t.strengthen(b.run.tries[t.URL+t.Vector])
	switch ref.Part {
	case trace.InHeader:
		if g, ok := field(b.tr.Mime, ref.Start); ok {
			t.Mode = Remove
			b.fields++
			b.raw = append(b.raw, mime.Edit{Range: g})
		}
	case trace.Untraced:
		b.search(t, ref)
	default:
		b.parts[ref.Part] = append(b.parts[ref.Part], t)
	}
}

// strengthen changes the mode of a target that was rewritten before, in vain.
func (t *target) strengthen(tries int) {
	if tries > 0 {
		t.Mode, t.text = Remove, ""
	}
}

// search finds a URL in the bytes of the message, for parts that only another
// reading of it has.
func (b *builder) search(t *target, ref *trace.Ref) {
	url := ref.URL
	for _, form := range []string{url, strings.ReplaceAll(url, "&", "&amp;")} {
		for at := 0; ; {
			i, n := findQP(b.data[at:], form)
			if i < 0 {
				break
			}
			b.raw = append(b.raw, mime.Edit{Range: mime.Range{Start: at + i, End: at + i + n}, Text: []byte(neutralQP(ref))})
			at += i + n
		}
		if !strings.Contains(url, "&") {
			break
		}
	}
}

// neutralQP reads the same with and without quoted-printable.
func neutralQP(ref *trace.Ref) string {
	if resource(ref.Vector, ref.Trigger) == sheet {
		return sheetURL
	}
	return blankURL
}

// findQP finds text in src, written plainly or in quoted-printable.
func findQP(src []byte, text string) (at, n int) {
	for at := 0; at+len(text) <= len(src); at++ {
		i := bytes.IndexByte(src[at:], text[0])
		if i < 0 {
			return -1, 0
		}
		at += i
		if n := matchQP(src[at:], text); n > 0 {
			return at, n
		}
	}
	return -1, 0
}

func matchQP(src []byte, text string) int {
	i := 0
	for k := 0; k < len(text); k++ {
		for i < len(src) && src[i] == '=' && (bytes.HasPrefix(src[i:], []byte("=\n")) || bytes.HasPrefix(src[i:], []byte("=\r\n"))) {
			i += bytes.IndexByte(src[i:], '\n') + 1
		}
		const digits = "0123456789ABCDEF"
		c := text[k]
		switch {
		case i+2 < len(src) && src[i] == '=' && upper(src[i+1]) == digits[c>>4] && upper(src[i+2]) == digits[c&15]:
			i += 3
		case i < len(src) && src[i] == c:
			i++
		default:
			return 0
		}
	}
	return i
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return c
}

// edits returns the edits of the message, in order and apart. Messages inside
// the message that were transfer-encoded are edited before what holds them.
func (b *builder) edits() []mime.Edit {
	if b.tr.Mime == nil {
		var out []mime.Edit
		for i, targets := range b.parts {
			out = append(out, b.part(i, targets)...)
		}
		return settle(out)
	}
	bodies := map[int][]mime.Edit{} // of decoded bodies, by the index of the part
	for i, targets := range b.parts {
		n := b.tr.Parts[i].Index
		bodies[n] = append(bodies[n], b.part(i, targets)...)
	}
	parts := b.tr.Mime.Parts
	for n := len(parts) - 1; n >= 0; n-- {
		if len(bodies[n]) == 0 {
			continue
		}
		p := &parts[n]
		edits := mime.Splice(p, settle(bodies[n]))
		if !p.Decoded {
			b.raw = append(b.raw, edits...)
			continue
		}
		if holder := b.holder(p); holder >= 0 {
			bodies[holder] = append(bodies[holder], edits...)
		}
	}
	out := settle(b.raw)
	if b.fields > 0 && b.fields >= len(b.tr.Mime.Fields()) {
		// Without any field the body would be read as the header.
		out[0].Text = []byte(placeholder + eolOf(b.data))
		b.run.held = true
	}
	return out
}

// holder is the part whose decoded body the ranges of p count in, -1 if none.
func (b *builder) holder(p *mime.Part) int {
	parts := b.tr.Mime.Parts
	for n := p.Parent; n >= 0; n = parts[n].Parent {
		q := &parts[n]
		if len(q.Src) != len(p.Src) || len(p.Src) > 0 && &q.Src[0] != &p.Src[0] {
			return n
		}
	}
	return -1
}

// settle brings edits in order. Of two that overlap, the wider one swallows
// the other; of two that cross, one is made.
func settle(edits []mime.Edit) []mime.Edit {
	slices.SortStableFunc(edits, func(a, b mime.Edit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	out := edits[:0]
	for _, e := range edits {
		if n := len(out); n > 0 && e.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, e.End)
			continue
		}
		out = append(out, e)
	}
	return out
}

// part returns the edits of a part's decoded body.
func (b *builder) part(i int, targets []*target) []mime.Edit {
	p := &b.tr.Parts[i]
	for _, t := range targets {
		if b.run.tries[t.URL+t.Vector] >= 2 { // nothing else has helped
			return []mime.Edit{{Range: mime.Range{Start: 0, End: len(p.Src)}}}
		}
	}
	var items []item
	chosen := map[int]*target{}
	for _, t := range targets {
		chosen[t.at] = t
	}
	for n := p.Refs[0]; n < p.Refs[1]; n++ {
		ref := &b.tr.Refs[n]
		items = append(items, item{ref.Start, ref.End, ref.Nested, ref.Call, ref.Vector, ref.Trigger, chosen[n]})
		if chosen[n] != nil {
			b.run.remember(p.Text, ref)
		}
	}
	edits := settle(b.text(p, items))
	if p.Origin != nil {
		return p.Origin.Splice(p.Src, p.Text, edits)
	}
	return edits
}

func (b *builder) text(p *trace.Part, items []item) []mime.Edit {
	switch {
	case strings.Contains(p.Media, "pkcs7"):
		return certificate(items)
	case p.Media == "text/css":
		return level(sheetText, p.Text, items)
	case isMarkup(p.Media):
		return level(markupText, p.Text, items)
	}
	return plain(p.Text, items)
}

func isMarkup(media string) bool {
	switch media {
	case "text/html", "application/xhtml+xml", "text/x-amp-html", "image/svg+xml", "application/xml", "text/xml":
		return true
	}
	return false
}

// certificate keeps the lengths that DER counts.
func certificate(items []item) []mime.Edit {
	var out []mime.Edit
	for _, it := range items {
		if it.t == nil {
			continue
		}
		text := []byte(blankURL + "#")
		for len(text) < it.end-it.start {
			text = append(text, '0')
		}
		out = append(out, mime.Edit{Range: mime.Range{Start: it.start, End: it.end}, Text: text[:it.end-it.start]})
	}
	return out
}

// plain edits the URLs of text, calendars and cards.
func plain(text []byte, items []item) []mime.Edit {
	var out []mime.Edit
	for _, it := range items {
		if it.t == nil {
			continue
		}
		g := mime.Range{Start: it.start, End: it.end}
		if it.nested {
			out = append(out, mime.Edit{Range: g, Text: folded(text[it.start:it.end])})
			continue
		}
		to := it.t.text
		if to == "" {
			to = blankURL
		}
		out = append(out, mime.Edit{Range: g, Text: []byte(to)})
	}
	return out
}

// folded rewrites every URL of a content line that is folded, and folds it
// again (RFC 5545 section 3.1).
func folded(line []byte) []byte {
	eol := "\n"
	if bytes.Contains(line, []byte("\r\n")) {
		eol = "\r\n"
	}
	flat := string(bytes.ReplaceAll(bytes.ReplaceAll(line, []byte("\r\n"), []byte("\n")), []byte("\n "), nil))
	flat = strings.ReplaceAll(flat, "\n\t", "")
	var out strings.Builder
	for {
		i := strings.Index(flat, "://")
		if i < 0 {
			break
		}
		from := i
		for from > 0 && isLetter(flat[from-1]) {
			from--
		}
		to := i + 3
		for to < len(flat) && flat[to] > ' ' && !strings.ContainsRune("<>\"", rune(flat[to])) {
			to++
		}
		out.WriteString(flat[:from] + blankURL)
		flat = flat[to:]
	}
	out.WriteString(flat)
	flat = out.String()
	out.Reset()
	for len(flat) > 75 {
		n := 75
		for n > 1 && flat[n]&0xC0 == 0x80 {
			n--
		}
		out.WriteString(flat[:n] + eol + " ")
		flat = flat[n:]
	}
	out.WriteString(flat)
	return []byte(out.String())
}

func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }
