package detector

import (
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
)

// Inspect scans as Scan does, or as ScanHTML does with html, and shows visit
// what was read before it is forgotten. It is for package rewrite: its types
// are internal.
func (d *Detector) Inspect(src Source, data []byte, html bool, visit func(*Report, *trace.Scan)) (*Report, error) {
	read := func(s *scan) { s.html(data) }
	if !html {
		src.Type = TypeMessage
		read = func(s *scan) { s.message(data) }
	}
	return d.scan(src, len(data), read, visit)
}

// show adds a part to the trace, if there is one, and returns its index.
func (s *scan) show(index int, media string, src, text []byte, origin *mime.Origin) int {
	if s.trace == nil {
		return 0
	}
	s.trace.Parts = append(s.trace.Parts, trace.Part{Index: index, Src: src, Text: text, Origin: origin, Media: media})
	return len(s.trace.Parts) - 1
}

func (s *scan) inspect(visit func(*Report, *trace.Scan)) {
	s.trace.Refs = make([]trace.Ref, len(s.refs))
	for i := range s.refs {
		r := &s.refs[i]
		s.trace.Refs[i] = trace.Ref{
			Part: r.index, Start: r.span[0], End: r.span[1], Nested: r.nested, Call: r.call != nil,
			Vector: r.Vector, Trigger: string(r.Trigger), URL: r.URL,
		}
	}
	visit(s.rep, s.trace)
}
