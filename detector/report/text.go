package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// text writes for people: grouped by message, who and why.
type text struct {
	w     io.Writer
	opts  Options
	clean int
	err   error
}

func (t *text) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}

// paint colours s where colours are wanted.
func (t *text) paint(code, s string) string {
	if !t.opts.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *text) Report(r *detector.Report) error {
	if r.Verdict == detector.Clean && len(r.Warnings) == 0 && t.opts.Verbose == 0 && !worthTelling(r) {
		t.clean++
		return t.err
	}
	color := map[detector.Verdict]string{detector.Tracked: "1;31", detector.Suspicious: "1;33", detector.Clean: "1;32"}[r.Verdict]
	t.printf("%s  %s\n", t.paint(color, strings.ToUpper(string(r.Verdict))), fit(clean(place(r)), t.opts.Width-12))
	if m := r.Message; m != nil {
		t.printf("  %s\n", fit(clean(m.From)+"  "+clean(m.Subject), t.opts.Width-2))
	}
	links := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Kind == detector.ClickTracker && t.opts.Verbose == 0:
			links++
		case f.Kind == detector.RemoteContent && t.opts.Verbose < 2:
		default:
			t.finding(f)
		}
	}
	if links > 0 {
		t.printf("  %-6s %d wrapped links record the click\n", detector.SeverityLow, links)
	}
	for _, w := range r.Warnings {
		t.printf("  %s\n", fit("warning: "+partPrefix(w.Part)+clean(w.Text), t.opts.Width-2))
	}
	if t.opts.Verbose >= 2 {
		for i := range r.References {
			t.reference(&r.References[i])
		}
	}
	t.printf("\n")
	return t.err
}

// worthTelling reports whether a clean message holds something to tell all the
// same.
func worthTelling(r *detector.Report) bool {
	for i := range r.Findings {
		if k := r.Findings[i].Kind; k != detector.RemoteContent && k != detector.ClickTracker {
			return true
		}
	}
	return false
}

func place(r *detector.Report) string {
	if r.Source.Index > 0 {
		return fmt.Sprintf("%s (message %d)", r.Source.Path, r.Source.Index)
	}
	return r.Source.Path
}

func partPrefix(part string) string {
	if part == "" {
		return ""
	}
	return "part " + part + ": "
}

func (t *text) finding(f *detector.Finding) {
	color := map[detector.Severity]string{detector.SeverityHigh: "31", detector.SeverityMedium: "33"}[f.Severity]
	sev := fmt.Sprintf("%-6s", f.Severity)
	if color != "" {
		sev = t.paint(color, sev)
	}
	t.printf("  %s %s\n", sev, fit(sentence(f), t.opts.Width-9))
	t.printf("         %s\n", fit(fmt.Sprintf("%s:%d  %s", f.Part, f.Line, clean(t.url(f.URL))), t.opts.Width-9))
	if f.Recipient.Evidence == detector.Proven {
		t.printf("         identifies you: %s\n", fit(clean(f.Recipient.How), t.opts.Width-25))
	}
	if t.opts.Verbose > 0 {
		for _, s := range f.Signals {
			t.printf("         %+4d %s: %s\n", s.Points, s.Name, clean(s.Detail))
		}
	}
}

func (t *text) url(u string) string {
	if t.opts.FullURLs {
		return u
	}
	return shortURL(u)
}

func (t *text) reference(r *detector.Reference) {
	t.printf("  %s\n", fit(fmt.Sprintf("%4d %-7s %s:%d:%d %s %s", r.Ref, r.Trigger, r.Part, r.Line, r.Column, r.Vector, clean(t.url(r.URL))), t.opts.Width-2))
}

// kindWords says in words what a kind is.
var kindWords = map[detector.Kind]string{
	detector.Pixel: "tracking pixel", detector.TrackedContent: "tracked content", detector.ScriptBeacon: "script beacon",
	detector.FrameBeacon: "frame beacon", detector.Probe: "probe", detector.ClickTracker: "wrapped link",
	detector.ReadReceipt: "asks for a read receipt", detector.RemoteContent: "remote content",
}

// sentence says what a finding is, whose, and why.
func sentence(f *detector.Finding) string {
	var b strings.Builder
	b.WriteString(kindWords[f.Kind])
	if f.Service != nil {
		b.WriteString(" of " + clean(f.Service.Name))
		if f.Service.Operator != "" && f.Service.Operator != f.Service.Name {
			b.WriteString(" (" + clean(f.Service.Operator) + ")")
		}
	}
	var why []string
	for _, s := range f.Signals {
		if s.Points > 0 && s.Name != "known-service" && s.Name != "recipient" {
			why = append(why, clean(s.Detail))
		}
	}
	if len(why) > 0 {
		b.WriteString(": " + strings.Join(why, ", "))
	}
	b.WriteString(" [" + f.Vector + "]")
	return b.String()
}

func (t *text) Close(s *Summary) error {
	t.printf("%s scanned: %s tracked, %d suspicious, %d clean\n", count(s.Messages, "message"), t.paint("1", fmt.Sprint(s.Tracked)), s.Suspicious, s.Clean)
	if names := top(s.Services, 8); len(names) > 0 {
		for i, n := range names {
			names[i] = fmt.Sprintf("%s %d", clean(n), s.Services[n])
		}
		t.printf("%s\n", fit("who: "+strings.Join(names, ", "), t.opts.Width))
	}
	if s.Skipped > 0 {
		t.printf("%s skipped: neither mail nor HTML\n", count(s.Skipped, "file"))
	}
	if s.Errors > 0 {
		t.printf("%s not read\n", count(s.Errors, "item"))
	}
	return t.err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
