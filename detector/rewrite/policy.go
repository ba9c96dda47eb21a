package rewrite

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
	"github.com/pixelsweep/pixelsweep/rules"
)

// target is a reference that is to be rewritten.
type target struct {
	Edit
	at   int    // index in the trace
	text string // what its URL becomes, for modes that know
}

// mode is what becomes of findings of kind k.
func (o *Options) mode(k detector.Kind) Mode {
	if m, ok := o.Kinds[k]; ok {
		return m
	}
	switch k {
	case detector.TrackedContent:
		return Scrub
	case detector.ReadReceipt:
		return Remove
	case detector.ClickTracker, detector.RemoteContent:
		return Keep
	}
	return Neutralise
}

// choose lists the targets of a scan and what is kept. Where a URL is rewritten
// it is wherever it loads.
func (r *run) choose(rep *detector.Report, tr *trace.Scan) {
	r.targets, r.kept = r.targets[:0], r.kept[:0]
	finding := map[int]*detector.Finding{}
	taken := map[int]bool{}
	urls := map[string]*detector.Finding{}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		finding[f.Ref-1] = f
		t := r.target(f)
		switch {
		case t.Mode == "":
		case t.Mode == Keep:
			r.kept = append(r.kept, t.Edit)
		default:
			r.targets = append(r.targets, t)
			taken[t.at] = true
			if f.Kind.Decides() && t.Mode != Proxy {
				urls[plainURL(f.URL)] = f
			}
		}
	}
	if len(urls) == 0 && !r.opts.BlockAll {
		return
	}
	for i := range tr.Refs {
		ref := &tr.Refs[i]
		if taken[i] || !loads(ref) || r.proxied(ref.URL) {
			continue
		}
		f := urls[plainURL(ref.URL)]
		if f == nil && !r.opts.BlockAll {
			continue
		}
		e := Edit{Ref: i + 1, Kind: detector.RemoteContent, Mode: Neutralise, URL: strings.Clone(ref.URL), Vector: ref.Vector, Part: r.path(tr, ref)}
		if own := finding[i]; own != nil {
			e.Kind, e.Severity, e.Line = own.Kind, own.Severity, own.Line
		}
		if f != nil {
			e.Kind, e.Severity, e.Mode = f.Kind, f.Severity, r.opts.mode(f.Kind)
		}
		t := target{Edit: e, at: i}
		if e.Mode == Scrub {
			t.text = scrubbed(ref.URL)
		}
		r.targets = append(r.targets, t)
		taken[i] = true
	}
	kept := r.kept[:0]
	for _, e := range r.kept {
		if !taken[e.Ref-1] {
			kept = append(kept, e)
		}
	}
	r.kept = kept
}

// loads reports whether a reference loads without a click.
func loads(ref *trace.Ref) bool {
	switch detector.Trigger(ref.Trigger) {
	case detector.Click, detector.Receipt:
		return false
	}
	return true
}

// plainURL is what a request for u carries.
func plainURL(u string) string {
	u, _, _ = strings.Cut(u, "#")
	return u
}

// path is the part path of a reference.
func (r *run) path(tr *trace.Scan, ref *trace.Ref) string {
	switch {
	case ref.Part == trace.InHeader:
		return "HEADER"
	case ref.Part < 0 || tr.Mime == nil || tr.Parts[ref.Part].Index < 0:
		return ""
	}
	return strings.Clone(tr.Mime.Parts[tr.Parts[ref.Part].Index].Path)
}

// target decides about one finding. Its mode is "" where the policy does not
// select it, and [Keep] where it does but nothing can or should be done.
func (r *run) target(f *detector.Finding) target {
	t := target{at: f.Ref - 1, Edit: Edit{
		Ref: f.Ref, Kind: f.Kind, Severity: f.Severity, URL: f.URL, Vector: f.Vector, Part: f.Part, Line: f.Line,
	}}
	m := r.opts.mode(f.Kind)
	least := r.opts.Severity
	if least == "" {
		least = detector.SeverityMedium
	}
	switch {
	case f.Kind.Decides() && f.Severity.Rank() < least.Rank() && m != Proxy:
		return t
	case !f.Kind.Decides() && m == Keep:
		return t
	case r.proxied(f.URL):
		return t
	}
	t.Mode = m
	switch m {
	case Proxy:
		if t.text = r.proxy(f); t.text == "" {
			t.Mode = ""
			if f.Kind.Decides() && f.Severity.Rank() >= least.Rank() {
				t.Mode = Neutralise // only images can be loaded by a proxy
			}
		}
	case Scrub:
		if t.text = scrubbed(f.URL); t.text == "" {
			t.Mode = Keep // nobody is known to serve it without the token
		}
	case Links:
		if f.Trigger != detector.Click {
			t.Mode = ""
		} else if t.text = r.unwrap(f); t.text == "" {
			t.Mode = ""
		}
	}
	if t.Mode == Keep && !f.Kind.Decides() {
		t.Mode = ""
	}
	return t
}

// scrubbed is the URL without the parameters that its service is known not to
// need, "" where there are none.
func scrubbed(full string) string {
	u, ok := rules.ParseURL(full)
	if !ok {
		return ""
	}
	if r := rules.Default().Match(u); r != nil {
		if to, ok := r.Scrubbed(full); ok {
			return to
		}
	}
	return ""
}

// Wants reports whether a rewrite by o may change the message of a report. It errs
// on the side of yes: [Message] decides with the bytes.
func (o *Options) Wants(rep *detector.Report) bool {
	if o == nil {
		o = &Options{}
	}
	least := o.Severity
	if least == "" {
		least = detector.SeverityMedium
	}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		m := o.mode(f.Kind)
		small := f.Kind.Decides() && f.Severity.Rank() < least.Rank()
		if o.BlockAll && f.Trigger != detector.Click || m != Keep && (!small || m == Proxy) {
			return true
		}
	}
	for _, t := range []detector.Trigger{detector.Open, detector.Print, detector.Forward, detector.DNS, detector.Script, detector.Auto} {
		if o.BlockAll && rep.Counts[string(t)] > 0 {
			return true
		}
	}
	return false
}

// Keeps lists what the policy selects of a report and keeps, as [Result.Kept] does
// for a rewritten message.
func (o *Options) Keeps(rep *detector.Report) []Edit {
	r := newRun(o, false)
	var list []Edit
	for i := range rep.Findings {
		if t := r.target(&rep.Findings[i]); t.Mode == Keep {
			list = append(list, t.Edit)
		}
	}
	return list
}
