package corpus

import (
	"html"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Row is a labelled load and what the detector says of it.
type Row struct {
	Label
	Group   string
	Sender  string           // site of the sender domain
	Listed  bool             // the detector lists the load
	Finding detector.Finding // the gravest on it, the zero value if there is none
	Width   float64          // -1 where not known
	Height  float64
}

// Found reports whether a finding of a kind that decides verdicts stands on
// the load, with medium severity or higher.
func (r *Row) Found() bool { return counts(&r.Finding) }

// counts reports whether f is a decision to be measured.
func counts(f *detector.Finding) bool {
	return f.Kind.Decides() && f.Severity.Rank() >= detector.SeverityMedium.Rank()
}

// Noted reports whether an expectation must name f: a decision, or a finding of
// a kind that is counted beside the verdict.
func Noted(f *detector.Finding) bool {
	return counts(f) || f.Kind == detector.ClickTracker || f.Kind == detector.ReadReceipt
}

// Tracker reports whether the load must be found.
func (r *Row) Tracker() bool { return r.Kind == LabelTracker && (r.Want == "" || r.Want.Decides()) }

// Score is the row's decision, counted.
func (r *Row) Score() Score { return decide(r, r.Found()) }

// decide counts a decision on a row.
func decide(r *Row, found bool) Score {
	switch {
	case r.Kind == LabelUnknown:
		return Score{}
	case found && r.Tracker():
		return Score{TP: 1}
	case found:
		return Score{FP: 1}
	case r.Tracker():
		return Score{FN: 1}
	}
	return Score{}
}

// Judge scans the messages of a set and returns a row for each label, and for
// each other load of a message whose labels are whole. A nil *detector.Options
// means the zero value.
func Judge(set *Set, o *detector.Options, workers int) []Row {
	det := detector.New(o)
	rows := make([][]Row, len(set.Messages))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(1, workers) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(rows) {
					return
				}
				rows[i] = judge(det, &set.Messages[i])
			}
		})
	}
	wg.Wait()
	return slices.Concat(rows...)
}

func judge(det *detector.Detector, m *Message) []Row {
	rep, err := det.Scan(detector.Source{Path: m.Name}, m.Data)
	if err != nil {
		rep = &detector.Report{}
	}
	loads := loadsOf(rep, m.Whole)
	sender := ""
	if rep.Message != nil {
		sender = site(rep.Message.FromDomain)
	}
	rows := make([]Row, 0, len(m.Labels))
	row := func(l Label, ld *load) {
		r := Row{Label: l, Group: m.Group, Sender: sender, Width: -1, Height: -1}
		if ld != nil {
			r.Listed, r.Finding, r.Width, r.Height = true, ld.finding, ld.width, ld.height
			ld.labelled = true
		}
		rows = append(rows, r)
	}
	for _, l := range m.Labels {
		row(l, loads[loadKey(l.URL, l.Vector, m.Whole)])
	}
	if !m.Whole {
		return rows
	}
	// All else is content: no trackers, and not to be found.
	for i := range rep.References {
		r := &rep.References[i]
		loaded := r.Trigger != detector.Click && r.Trigger != detector.Receipt
		if ld := loads[loadKey(r.URL, r.Vector, true)]; !ld.labelled && (loaded || Noted(&ld.finding)) {
			row(Label{File: m.Name, URL: r.URL, Kind: LabelContent, Vector: r.Vector}, ld)
		}
	}
	return rows
}

// load is what is known of all references with one URL.
type load struct {
	finding       detector.Finding
	width, height float64
	labelled      bool
}

// loadKey is what labels and findings are matched by.
func loadKey(url, vector string, whole bool) string {
	if whole {
		return vector + " " + Key(url)
	}
	return Key(url)
}

// loadsOf maps each load of a message to the gravest finding on it. Labels of
// a table know loads only, those of a folder all kinds.
func loadsOf(rep *detector.Report, whole bool) map[string]*load {
	loads := map[string]*load{}
	add := func(url string, f *detector.Finding, r *detector.Reference) {
		key := loadKey(url, f.Vector, whole)
		ld := loads[key]
		if ld == nil {
			ld = &load{finding: *f, width: -1, height: -1}
			loads[key] = ld
		}
		if f.Severity.Rank() > ld.finding.Severity.Rank() || f.Score > ld.finding.Score && f.Severity == ld.finding.Severity {
			ld.finding = *f
		}
		if r.Width != nil {
			ld.width = *r.Width
		}
		if r.Height != nil {
			ld.height = *r.Height
		}
	}
	both := func(f *detector.Finding, r *detector.Reference) {
		add(f.URL, f, r)
		// A table holds what was written, decoded.
		if r.Raw != "" && !whole {
			add(html.UnescapeString(r.Raw), f, r)
		}
	}
	for i := range rep.References {
		r := &rep.References[i]
		if r.Trigger != detector.Click || whole {
			both(&detector.Finding{URL: r.URL, Vector: r.Vector, Severity: detector.SeverityInfo, Kind: detector.RemoteContent}, r)
		}
	}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		if whole || f.Kind != detector.ClickTracker && f.Kind != detector.ReadReceipt {
			both(f, &rep.References[f.Ref-1])
		}
	}
	return loads
}

// site is the registrable domain of host, or host where it has none.
func site(host string) string {
	host = strings.ToLower(host)
	if s, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return s
	}
	return host
}

// kindAt is the kind that a tracker at a vector would be.
func kindAt(vector string) detector.Kind {
	name, _, _ := strings.Cut(vector, "[")
	switch name {
	case "script":
		return detector.ScriptBeacon
	case "iframe", "frame", "object", "embed", "applet", "meta":
		return detector.FrameBeacon
	}
	return detector.Pixel
}
