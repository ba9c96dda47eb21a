package report

import (
	"io"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
)

// diffJSON writes one document with all groups, or one group a line.
type diffJSON struct {
	w     io.Writer
	all   bool
	lines bool
	n     int
	enc   encoder
}

func (j *diffJSON) Group(g *diff.Group) error {
	e := &j.enc
	e.b = e.b[:0]
	switch {
	case j.lines:
		e.text(`{"schema":`, DiffGroupSchema)
		e.raw(",")
	case j.n == 0:
		e.text(`{"schema":`, DiffSchema)
		e.raw(`,"groups":[{`)
	default:
		e.raw(",\n{")
	}
	j.n++
	e.group(g, j.all)
	if j.lines {
		e.raw("\n")
	}
	_, err := j.w.Write(e.b)
	return err
}

func (j *diffJSON) Close(s *DiffSummary) error {
	if j.lines {
		return nil
	}
	e := &j.enc
	e.b = e.b[:0]
	if j.n == 0 {
		e.text(`{"schema":`, DiffSchema)
		e.raw(`,"groups":[`)
	}
	e.int(`],"summary":{"messages":`, s.Messages)
	e.int(`,"single":`, s.Single)
	e.int(`,"groups":`, s.Groups)
	e.int(`,"tracking":`, s.Tracking)
	e.int(`,"links":`, s.Links)
	e.int(`,"skipped":`, s.Skipped)
	e.int(`,"errors":`, s.Errors)
	e.raw("}}\n")
	_, err := j.w.Write(e.b)
	return err
}

// group writes the fields of a group and its closing brace.
func (e *encoder) group(g *diff.Group, all bool) {
	same := 0
	var slots []*diff.Slot
	for i := range g.Slots {
		if g.Slots[i].Class == diff.Constant {
			same++
		}
		if all || g.Slots[i].Class != diff.Constant {
			slots = append(slots, &g.Slots[i])
		}
	}
	items(e, `"messages":`, g.Members, func(m *diff.Member) {
		e.text(`{"path":`, m.Source.Path)
		if m.Source.Index > 0 {
			e.int(`,"index":`, m.Source.Index)
		}
		e.some(`,"reader":`, m.Reader)
		e.int(`,"mailing":`, m.Mailing)
		e.some(`,"id":`, m.Message.ID)
		e.some(`,"from":`, m.Message.From)
		e.some(`,"subject":`, m.Message.Subject)
		e.some(`,"date":`, m.Message.Date)
		e.int(`,"references":`, len(m.References))
		e.raw("}")
	})
	e.int(`,"left":`, g.Left)
	e.int(`,"same":`, same)
	items(e, `,"slots":`, slots, func(s **diff.Slot) { e.slot(*s, all) })
	items(e, `,"unaligned":`, g.Unaligned, func(p *diff.Place) {
		e.int(`{"message":`, p.Member+1)
		e.int(`,"ref":`, p.Ref)
		e.text(`,"vector":`, p.Vector)
		e.text(`,"trigger":`, string(p.Trigger))
		e.text(`,"url":`, p.URL)
		e.raw("}")
	})
	e.raw("}")
}

func (e *encoder) slot(s *diff.Slot, all bool) {
	e.text(`{"vector":`, s.Vector)
	e.text(`,"trigger":`, string(s.Trigger))
	e.text(`,"class":`, string(s.Class))
	e.some(`,"kind":`, string(s.Mark.Kind))
	e.some(`,"service":`, s.Mark.Service)
	if s.Identifies {
		e.bool(`,"individual":`, s.Loaded())
		e.text(`,"recipient":{"evidence":`, string(detector.Proven))
		e.text(`,"how":`, s.How)
		e.raw("}")
	}
	items(e, `,"refs":`, s.Refs, func(r **detector.Reference) {
		if *r == nil {
			e.raw("null")
			return
		}
		e.int("", (*r).Ref)
	})
	items(e, `,"urls":`, s.Refs, func(r **detector.Reference) {
		if *r == nil {
			e.raw("null")
			return
		}
		e.string((*r).URL)
	})
	var pieces []*diff.Piece
	for i := range s.Pieces {
		if all || s.Pieces[i].Class != diff.Constant {
			pieces = append(pieces, &s.Pieces[i])
		}
	}
	items(e, `,"pieces":`, pieces, func(p **diff.Piece) { e.piece(*p) })
	e.raw("}")
}

func (e *encoder) piece(p *diff.Piece) {
	e.text(`{"at":`, p.At)
	e.text(`,"class":`, string(p.Class))
	if p.Identifies {
		e.bool(`,"identifies":`, true)
	}
	if p.Class == diff.Constant {
		items(e, `,"values":`, p.Values, func(v *string) { e.string(*v) })
		e.raw("}")
		return
	}
	e.raw(`,"values":[`)
	for i := range p.Values {
		if i > 0 {
			e.raw(",")
		}
		if !p.Ranges[i].Valid() {
			e.raw("null")
			continue
		}
		e.string(p.Values[i])
	}
	e.raw("]")
	items(e, `,"ranges":`, p.Ranges, e.rangeOf)
	items(e, `,"part_ranges":`, p.PartRanges, e.rangeOf)
	e.raw("}")
}

// rangeOf writes a range, null for that of nothing.
func (e *encoder) rangeOf(r *diff.Range) {
	if !r.Valid() {
		e.raw("null")
		return
	}
	e.int("[", r.Start)
	e.int(",", r.End)
	e.raw("]")
}

// items writes a list under a name, an empty one if there is none.
func items[T any](e *encoder, name string, all []T, write func(*T)) {
	if all == nil {
		all = []T{}
	}
	list(e, name, all, write)
}
