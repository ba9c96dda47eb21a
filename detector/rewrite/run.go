package rewrite

import (
	"bytes"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
)

// maxRounds bounds how often a message is edited and scanned again.
const maxRounds = 8

// run is the rewriting of one message.
type run struct {
	opts   Options
	det    *detector.Detector
	html   bool
	dry    bool // only targets are wanted
	listed map[string]bool

	targets []target
	kept    []Edit
	edits   []mime.Edit    // of the text that was scanned last
	tries   map[string]int // how often a URL was rewritten
	removed []string       // URLs as they were read, that must be in no tree
	shape   shape
	held    bool // a placeholder stands in the header
	res     *Result
}

func newRun(o *Options, html bool) *run {
	r := &run{html: html, tries: map[string]int{}}
	if o != nil {
		r.opts = *o
	}
	if r.det = r.opts.Detector; r.det == nil {
		r.det = defaultDetector
	}
	return r
}

func do(msg []byte, html bool, o *Options) (Result, error) {
	r := newRun(o, html)
	res := Result{Data: msg, source: msg}
	r.res = &res
	rep, err := r.scan(msg)
	if err != nil {
		return res, err
	}
	res.Report = rep
	res.Kept = slices.Clone(r.kept)
	if r.shape.forged {
		res.warn("", "a "+headerName+" field came with the message; it may be forged and is not trusted")
	}
	if len(r.targets) == 0 {
		return res, nil
	}
	if r.shape.sealed != "" && !r.opts.Force {
		res.warn(r.shape.sealedPart, "message is "+r.shape.sealed+" and left alone; a change would break that")
		for i := range r.targets {
			res.Left = append(res.Left, r.targets[i].Edit)
		}
		return res, nil
	}
	r.rounds(msg)
	return res, nil
}

// rounds edits and scans again until nothing is left to do.
func (r *run) rounds(msg []byte) {
	res, ps, data := r.res, pieces{{end: len(msg)}}, msg
	sealed, sealedPart, signed := r.shape.sealed, r.shape.sealedPart, r.shape.signed
	for round := 0; ; round++ {
		if len(r.targets) == 0 {
			break
		}
		if round == maxRounds || len(r.edits) == 0 {
			for i := range r.targets {
				res.Left = append(res.Left, r.targets[i].Edit)
			}
			break
		}
		for i := range r.targets {
			e := r.targets[i].Edit
			e.Stronger = r.tries[e.URL+e.Vector] > 0
			if round > 0 {
				e.Ref, e.Line = 0, 0
			}
			res.Edits = append(res.Edits, e)
		}
		tried := map[string]bool{}
		for i := range r.targets {
			k := r.targets[i].URL + r.targets[i].Vector
			if !tried[k] {
				tried[k] = true
				r.tries[k]++
			}
		}
		data = mime.Apply(data, r.edits)
		ps = ps.edit(r.edits)
		if _, err := r.scan(data); err != nil {
			break
		}
	}
	if len(res.Edits) == 0 {
		return
	}
	for _, e := range r.kept { // what a scrub could not take out of a URL
		if !slices.ContainsFunc(res.Kept, func(k Edit) bool { return k.URL == e.URL && k.Vector == e.Vector }) {
			e.Ref, e.Line = 0, 0
			res.Kept = append(res.Kept, e)
		}
	}
	if !r.html {
		edits := r.stamp(data, ps, len(msg))
		data, ps = mime.Apply(data, edits), ps.edit(edits)
	}
	if bytes.Equal(data, msg) {
		return
	}
	res.Data, res.Changed, res.Splices = data, true, ps.splices(len(msg))
	for i := range res.Edits {
		if e := &res.Edits[i]; e.Stronger {
			res.warn(e.Part, "a stronger edit was needed for "+e.URL)
		}
	}
	if sealed != "" {
		res.warn(sealedPart, "FORCED: the message is "+sealed+"; that is broken now")
	}
	if signed {
		res.warn("HEADER", "the DKIM signature of the message is no longer valid")
	}
}

func (res *Result) warn(part, text string) {
	for _, w := range res.Warnings {
		if w.Part == part && w.Text == text {
			return
		}
	}
	res.Warnings = append(res.Warnings, detector.Warning{Part: part, Text: text})
}

// scan scans data, chooses the targets and prepares their edits.
func (r *run) scan(data []byte) (*detector.Report, error) {
	src := detector.Source{Type: detector.TypeMessage}
	return r.det.Inspect(src, data, r.html, func(rep *detector.Report, tr *trace.Scan) {
		r.edits = nil
		r.shape = shapeOf(data, tr)
		r.listed = listed(tr.Mime)
		r.choose(rep, tr)
		if len(r.targets) == 0 && !r.dry && len(r.removed) > 0 {
			r.oracle(tr)
		}
		if len(r.targets) > 0 && !r.dry {
			r.prepare(data, tr)
		}
	})
}

// listed holds the URLs of List-Unsubscribe, which links must keep.
func listed(m *mime.Message) map[string]bool {
	if m == nil {
		return nil
	}
	value := m.Field("List-Unsubscribe")
	if value == "" {
		return nil
	}
	set := map[string]bool{}
	for u := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune("<>, \t", r) }) {
		set[strings.Clone(u)] = true
	}
	return set
}

// prepare turns the targets into edits of data.
func (r *run) prepare(data []byte, tr *trace.Scan) {
	b := newBuilder(r, data, tr)
	for i := range r.targets {
		b.add(&r.targets[i])
	}
	r.edits = b.edits()
}
