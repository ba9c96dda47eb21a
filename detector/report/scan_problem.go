package report

import (
	"io"
	"strconv"

	"github.com/pixelsweep/pixelsweep/detector"
)

// kindRules are the kinds of findings as rules, for formats of code review.
var kindRules = []Rule{
	{ID: string(detector.Pixel), Title: "An invisible or meaningless resource, or an ad or measurement call, reports the load", Level: Error},
	{ID: string(detector.TrackedContent), Title: "Content that is meant to be seen has a URL that identifies the reader", Level: Warning},
	{ID: string(detector.ScriptBeacon), Title: "A script reports, or loads a tracker", Level: Error},
	{ID: string(detector.FrameBeacon), Title: "A frame reports", Level: Error},
	{ID: string(detector.Probe), Title: "A reference measures printing, forwarding, dark mode or the like", Level: Error},
	{ID: string(detector.ClickTracker), Title: "A link is wrapped by a redirect that records the click, or carries a personal parameter", Level: Note},
	{ID: string(detector.ReadReceipt), Title: "A header asks for a read receipt", Level: Note},
}

// scanned writes the findings of reports as problems. Where the line in the file is not
// known, formats that want one get the first.
type scanned struct {
	to   ProblemHandler
	opts Options
	sum  ProblemSummary
}

func newScanned(format string, w io.Writer, o Options) (Handler, error) {
	to, err := Problems(format, w, kindRules, &o)
	return &scanned{to: to, opts: o}, err
}

// levelOf says how much a finding matters: by its severity, and remote content never.
func levelOf(f *detector.Finding) Level {
	switch f.Severity {
	case detector.SeverityHigh, detector.SeverityMedium:
		if f.Kind.Decides() {
			return Error
		}
		return Warning
	case detector.SeverityLow:
		if f.Kind.Decides() {
			return Warning
		}
	}
	return Note
}

func (s *scanned) Report(r *detector.Report) error {
	if s.opts.Redact {
		r = redacted(r)
	}
	raw := make(map[int]*detector.Reference, len(r.References))
	for i := range r.References {
		raw[r.References[i].Ref] = &r.References[i]
	}
	var problems []Problem
	which := ""
	if r.Source.Index > 0 {
		which = "message " + strconv.Itoa(r.Source.Index) + ": "
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind == detector.RemoteContent {
			continue
		}
		p := Problem{
			Rule: string(f.Kind), Level: levelOf(f), Path: r.Source.Path, Part: f.Part, Line: f.Line, Column: f.Column, End: f.Column + len(f.URL),
			Message: which + told(f), URL: f.URL, Vector: f.Vector, Fingerprint: f.Fingerprint,
			FileLine: f.FileLine, FileColumn: f.FileColumn,
		}
		if ref := raw[f.Ref]; ref != nil && ref.Raw != "" {
			p.End = f.Column + len(ref.Raw)
		}
		problems = append(problems, p)
	}
	s.sum.Add(problems)
	return s.to.File(place(r), problems)
}

func (s *scanned) Close(all *Summary) error {
	s.sum.Skipped, s.sum.Unread = all.Skipped, all.Errors
	return s.to.Close(&s.sum)
}
