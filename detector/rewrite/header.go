package rewrite

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
)

// headerName is the field that tells readers about a rewrite.
const headerName = "X-Pixelsweep"

// placeholder holds the place of our field where no other is left.
const placeholder = headerName + ": removed"

// shape is what of a message decides how it may be rewritten.
type shape struct {
	seals  []seal
	signed bool         // by DKIM
	forged bool         // has a field of ours
	stamps []mime.Range // those fields
	header mime.Range
	body   int // where it starts, 0 for a page
}

// A seal is a signature or an encryption that a change below its part breaks.
type seal struct {
	how   string
	part  string // its path
	whole bool   // it is all of the message
}

// covers reports whether what stands in a part, or in "HEADER", is sealed.
func (s *seal) covers(part string) bool {
	return s.whole || part == s.part || strings.HasPrefix(part, s.part+".")
}

// seal returns the seal over a part, nil if there is none.
func (s *shape) seal(part string) *seal {
	for i := range s.seals {
		if s.seals[i].covers(part) {
			return &s.seals[i]
		}
	}
	return nil
}

func shapeOf(data []byte, tr *trace.Scan) (s shape) {
	if tr.Mime == nil {
		return s
	}
	m := tr.Mime
	s.header = m.Header
	if len(m.Parts) > 0 {
		s.body = m.Parts[0].Body.Start
	}
	for _, f := range m.Fields() {
		switch {
		case strings.EqualFold(f.Name, "DKIM-Signature"):
			s.signed = true
		case strings.EqualFold(f.Name, headerName):
			s.forged = true
			if g, ok := field(m, f.Value.Start); ok {
				s.stamps = append(s.stamps, g)
			}
		}
	}
	add := func(part int, how string) {
		if how != "" {
			s.seals = append(s.seals, seal{how, strings.Clone(m.Parts[part].Path), part == 0})
		}
	}
	for i := range m.Parts {
		add(i, sealed(&m.Parts[i]))
	}
	for i := range tr.Parts {
		if p := &tr.Parts[i]; p.Media == "text/plain" && p.Index >= 0 {
			add(p.Index, armoured(p.Text))
		}
	}
	return s
}

// armoured says how a plain text is protected by PGP: a line of it starts the
// armour (RFC 4880 sections 6.2 and 7).
func armoured(text []byte) string {
	for _, a := range []struct{ line, how string }{
		{"-----BEGIN PGP MESSAGE-----", "encrypted (inline PGP)"}, {"-----BEGIN PGP SIGNED MESSAGE-----", "signed (inline PGP)"},
	} {
		if bytes.HasPrefix(text, []byte(a.line)) || bytes.Contains(text, []byte("\n"+a.line)) {
			return a.how
		}
	}
	return ""
}

// sealed says how a part is protected, "" for not.
func sealed(p *mime.Part) string {
	for _, t := range []string{p.Type, p.Declared} {
		switch t {
		case "multipart/signed":
			return "signed (" + protocol(p) + ")"
		case "multipart/encrypted":
			return "encrypted (PGP)"
		case "application/pkcs7-mime", "application/x-pkcs7-mime":
			return "signed or encrypted (S/MIME)"
		}
	}
	return ""
}

func protocol(p *mime.Part) string {
	if strings.Contains(strings.ToLower(p.Param("protocol")), "pgp") {
		return "PGP"
	}
	return "S/MIME"
}

// field returns the whole header field that holds offset at, with its folded
// lines and its end.
func field(m *mime.Message, at int) (mime.Range, bool) {
	for _, f := range m.Fields() {
		if f.Value.Start > at || f.Value.End < at || f.Value.Len() == 0 {
			continue
		}
		src := m.Src
		start := f.Value.Start
		start = bytes.LastIndexByte(src[:start], ':')
		for start > 0 && (src[start-1] == ' ' || src[start-1] == '\t') {
			start--
		}
		start -= len(f.Name)
		if start < 0 {
			return mime.Range{}, false
		}
		end := f.Value.End
		for {
			for end < m.Header.End && src[end] != '\n' {
				end++
			}
			if end >= m.Header.End {
				break
			}
			if end++; end >= m.Header.End || src[end] != ' ' && src[end] != '\t' {
				break
			}
		}
		return mime.Range{Start: start, End: end}, true
	}
	return mime.Range{}, false
}

// stamp makes the edits that finish a rewritten message: our field, and a
// Content-Length that was true.
func (r *run) stamp(data []byte, ps pieces, size int) []mime.Edit {
	var edits []mime.Edit
	if e, ok := r.length(data, ps, size); ok {
		edits = append(edits, e)
	}
	if at := bytes.Index(data, []byte(placeholder)); at >= 0 && r.held {
		from := at + len(headerName) + len(": ")
		return append(edits, mime.Edit{Range: mime.Range{Start: from, End: at + len(placeholder)}, Text: []byte(r.summary())})
	}
	at := stampAt(data, r.shape.header, r.shape.body)
	if at < 0 {
		return edits
	}
	for _, g := range r.shape.stamps { // else who reads the first field believes the sender
		edits = append(edits, mime.Edit{Range: g})
	}
	eol := eolOf(data)
	text := headerName + ": " + r.summary() + eol
	if at > 0 && data[at-1] != '\n' && data[at-1] != '\r' {
		text = eol + text
	}
	edits = append(edits, mime.Edit{Range: mime.Range{Start: at, End: at}, Text: []byte(text)})
	slices.SortStableFunc(edits, func(a, b mime.Edit) int { return a.Start - b.Start })
	return edits
}

// eolOf is how lines of a message end.
func eolOf(data []byte) string {
	switch i := bytes.IndexByte(data, '\n'); {
	case i > 0 && data[i-1] == '\r':
		return "\r\n"
	case i < 0 && bytes.IndexByte(data, '\r') >= 0:
		return "\r"
	}
	return "\n"
}

// stampAt is where a field is added: before the blank line that ends the
// header. It is -1 for a message without a header.
func stampAt(data []byte, header mime.Range, body int) int {
	if header.Len() == 0 && body == 0 {
		return -1
	}
	if body > len(data) || body < header.End {
		return min(header.End, len(data)) // all of the header may be gone
	}
	line := body
	if line > 0 && data[line-1] == '\n' {
		line--
	}
	for line > header.End && data[line-1] != '\n' {
		line--
	}
	if len(bytes.TrimSpace(data[line:body])) == 0 {
		return line
	}
	return header.End
}

// summary is the value of our field.
func (r *run) summary() string {
	var kinds []string
	n := 0
	for i := range r.res.Edits {
		e := &r.res.Edits[i]
		if !e.Stronger {
			n++
		}
		if k := string(e.Kind); !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	slices.Sort(kinds)
	return "removed=" + strconv.Itoa(n) + "; kinds=" + strings.Join(kinds, ",")
}

// length keeps a Content-Length true, by which some mailboxes divide messages.
func (r *run) length(data []byte, ps pieces, size int) (mime.Edit, bool) {
	head := data[:min(r.shape.body, len(data))]
	for at := 0; at < len(head); {
		end := at + bytes.IndexByte(head[at:], '\n') + 1
		if end <= at {
			break
		}
		line := head[at:end]
		const name = "content-length:"
		if len(line) > len(name) && strings.EqualFold(string(line[:len(name)]), name) {
			value := strings.TrimSpace(string(line[len(name):]))
			n, err := strconv.Atoi(value)
			old := size - (len(head) - headDelta(ps, len(head)))
			if err != nil || n < old-2 || n > old+2 {
				return mime.Edit{}, false
			}
			from := at + bytes.Index(line, []byte(value))
			return mime.Edit{
				Range: mime.Range{Start: from, End: from + len(value)},
				Text:  []byte(strconv.Itoa(n + len(data) - len(head) - old)),
			}, true
		}
		at = end
	}
	return mime.Edit{}, false
}

// headDelta is by how much the first n bytes of the present text are longer
// than what they were made of.
func headDelta(ps pieces, n int) int {
	at, source := 0, 0
	for i := range ps {
		p := &ps[i]
		if at+p.len() > n {
			if !p.fresh {
				return n - (p.start + n - at)
			}
			return n - source
		}
		at += p.len()
		if !p.fresh {
			source = p.end
		}
	}
	return n - source
}
