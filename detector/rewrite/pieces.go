package rewrite

import "github.com/pixelsweep/pixelsweep/detector/internal/mime"

// piece is a stretch of the source, or text that stands in its place.
type piece struct {
	start, end int
	text       []byte
	fresh      bool
}

func (p *piece) len() int {
	if p.fresh {
		return len(p.text)
	}
	return p.end - p.start
}

// cut returns the bytes [from, to) of p as a piece.
func (p *piece) cut(from, to int) piece {
	if p.fresh {
		return piece{text: p.text[from:to], fresh: true}
	}
	return piece{start: p.start + from, end: p.start + to}
}

// pieces tell how a text was made of the source, through several rounds of
// edits.
type pieces []piece

// edit applies edits of the present text, which are in order and apart.
func (ps pieces) edit(edits []mime.Edit) pieces {
	var out pieces
	at, i, off := 0, 0, 0 // at is where ps[i] starts, off how much of it is done
	take := func(to int, keep bool) {
		for i < len(ps) && at+off < to {
			n := min(ps[i].len(), to-at)
			if keep && n > off {
				out = append(out, ps[i].cut(off, n))
			}
			if off = n; off == ps[i].len() {
				at, i, off = at+off, i+1, 0
			}
		}
	}
	for _, e := range edits {
		take(e.Start, true)
		if len(e.Text) > 0 {
			out = append(out, piece{text: e.Text, fresh: true})
		}
		take(e.End, false)
	}
	for ; i < len(ps); i, off = i+1, 0 {
		if off < ps[i].len() {
			out = append(out, ps[i].cut(off, ps[i].len()))
		}
	}
	return out
}

// splices lists the changes of a source of the given size.
func (ps pieces) splices(size int) []Splice {
	var out []Splice
	at := 0
	var text []byte
	flush := func(next int) {
		if next > at || len(text) > 0 {
			out = append(out, Splice{at, next - at, text})
		}
		text = nil
	}
	for i := range ps {
		p := &ps[i]
		if p.fresh {
			text = append(text[:len(text):len(text)], p.text...)
			continue
		}
		flush(p.start)
		at = p.end
	}
	flush(size)
	return out
}
