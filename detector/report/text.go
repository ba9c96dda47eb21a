package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// text writes for people: grouped by message, who and why.
type text struct {
	w    io.Writer
	opts Options
	err  error
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

// indent is how far the lines of a finding stand from the left.
const indent = 9

func (t *text) Report(r *detector.Report) error {
	if r.Verdict == detector.Clean && len(r.Warnings) == 0 && r.Complete && t.opts.Verbose == 0 && !worthTelling(r) {
		return t.err
	}
	color := map[detector.Verdict]string{detector.Tracked: "1;31", detector.Suspicious: "1;33", detector.Clean: "1;32"}[r.Verdict]
	head := strings.ToUpper(string(r.Verdict))
	if !r.Complete {
		head += " (not read whole)"
	}
	t.printf("%s  %s\n", t.paint(color, head), fit(clean(place(r)), t.opts.Width-len(head)-2))
	if m := r.Message; m != nil && m.From+m.Subject != "" {
		who := strings.TrimSpace(clean(m.From) + "  " + clean(m.Subject))
		t.printf("  %s\n", fit(who, t.opts.Width-2))
	}
	var links []*detector.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		switch {
		case f.Kind == detector.ClickTracker && t.opts.Verbose == 0:
			links = append(links, f)
		case f.Kind == detector.RemoteContent && t.opts.Verbose < 2:
		default:
			t.finding(f)
		}
	}
	if len(links) > 0 {
		t.links(links)
	}
	for _, w := range r.Warnings {
		t.lines(2, "warning: "+partPrefix(w.Part)+clean(w.Text))
	}
	if t.opts.Verbose >= 2 {
		for i := range r.References {
			t.reference(&r.References[i])
		}
	}
	t.printf("\n")
	return t.err
}

// lines prints s as wide as the terminal allows, indented by n.
func (t *text) lines(n int, s string) {
	for _, l := range wrap(s, t.opts.Width-n) {
		t.printf("%*s%s\n", n, "", l)
	}
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
	return r.Source.Place()
}

func partPrefix(part string) string {
	if part == "" {
		return ""
	}
	return "part " + part + ": "
}

func (t *text) finding(f *detector.Finding) {
	t.headline(f.Severity, sentence(f))
	at := strconv.Itoa(f.Line)
	if f.Line == 0 {
		at = "request" // of a browser
	} else if f.Part != "" {
		at = f.Part + ":" + at
	} else {
		at = "line " + at
	}
	t.link(indent, at+"  "+clean(t.url(f.URL)))
	if s := sends(f); s != "" {
		t.lines(indent, clean(s))
	}
	if f.Recipient.Evidence == detector.Proven {
		t.lines(indent, "identifies you: "+clean(f.Recipient.How))
	}
	if t.opts.Verbose > 0 {
		for _, s := range f.Signals {
			t.lines(indent, fmt.Sprintf("%+d %s: %s", s.Points, s.Name, clean(s.Detail)))
		}
	}
}

// sends says what a tag on a page sends, and when.
func sends(f *detector.Finding) string {
	var parts []string
	if f.Account != "" {
		parts = append(parts, "account "+f.Account)
	}
	if n := len(f.Events); n > 0 && f.Events[n-1] != "script" && (f.Account != "" || n > 1 || len(f.Values)+len(f.Personal) > 0 || f.Consent != "" && strings.HasPrefix(f.Vector, "script:")) {
		word := "event "
		if n > 2 { // of several hits in one request
			word = "events "
		}
		parts = append(parts, word+strings.Join(f.Events[min(n-1, 1):], ", "))
	}
	for _, v := range f.Values {
		if v.Value == "" {
			v.Value = "(unknown)"
		}
		parts = append(parts, v.Name+" "+v.Value)
	}
	for _, p := range f.Personal {
		parts = append(parts, "personal data: "+p.What+" ("+p.Form+")")
	}
	if f.Consent != "" {
		word := string(f.Consent)
		if f.Consent == detector.UnknownConsent {
			word = "consent unknown"
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, ", ")
}

// told is the sentence of a finding, and what it sends.
func told(f *detector.Finding) string {
	if s := sends(f); s != "" {
		return sentence(f) + "; " + clean(s)
	}
	return sentence(f)
}

// headline prints a severity and what stands beside it.
func (t *text) headline(sev detector.Severity, s string) {
	color := map[detector.Severity]string{detector.SeverityHigh: "31", detector.SeverityMedium: "33"}[sev]
	word := fmt.Sprintf("%-6s", sev)
	if color != "" {
		word = t.paint(color, word)
	}
	for i, l := range wrap(s, t.opts.Width-indent) {
		if i == 0 {
			t.printf("  %s %s\n", word, l)
		} else {
			t.printf("%*s%s\n", indent, "", l)
		}
	}
}

// link prints a line that holds a URL: cut to the terminal, unless it is to be
// shown whole.
func (t *text) link(n int, s string) {
	if !t.opts.FullURLs {
		s = fit(s, t.opts.Width-n)
	}
	t.printf("%*s%s\n", n, "", s)
}

// links sums up the wrapped links of a message.
func (t *text) links(links []*detector.Finding) {
	sev, you, services := detector.SeverityLow, 0, map[string]int{}
	for _, f := range links {
		if f.Severity.Rank() > sev.Rank() {
			sev = f.Severity
		}
		if f.Recipient.Evidence == detector.Proven {
			you++
		}
		if f.Service != nil {
			services[f.Service.Name]++
		}
	}
	s := "1 wrapped link records the click"
	if len(links) > 1 {
		s = fmt.Sprintf("%d wrapped links record the click", len(links))
	}
	if names := top(services, 3); len(names) > 0 {
		s += ": " + clean(strings.Join(names, ", "))
	}
	if you > 0 {
		s += fmt.Sprintf("; %d with your address", you)
	}
	t.headline(sev, s)
}

func (t *text) url(u string) string {
	if t.opts.FullURLs {
		return u
	}
	return shortURL(u)
}

func (t *text) reference(r *detector.Reference) {
	at := fmt.Sprintf("%d:%d", r.Line, r.Column)
	if r.Part != "" {
		at = r.Part + ":" + at
	}
	t.link(2, fmt.Sprintf("%4d %-7s %s %s %s", r.Ref, r.Trigger, at, clean(r.Vector), clean(t.url(r.URL))))
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
	b.WriteString(" [" + clean(f.Vector) + "]")
	return b.String()
}

func (t *text) Close(s *Summary) error {
	t.lines(0, fmt.Sprintf("%s scanned: %s tracked, %d suspicious, %d clean", count(s.Messages, s.noun()), t.paint("1", strconv.Itoa(s.Tracked)), s.Suspicious, s.Clean))
	if names := top(s.Services, 8); len(names) > 0 {
		for i, n := range names {
			names[i] = fmt.Sprintf("%s %d", clean(n), s.Services[n])
		}
		t.lines(0, "who: "+strings.Join(names, ", "))
	}
	if s.Incomplete > 0 {
		t.printf("%s not read whole\n", count(s.Incomplete, s.noun()))
	}
	if s.Skipped > 0 {
		t.lines(0, count(s.Skipped, "file")+" skipped: neither mail nor HTML")
	}
	if s.Errors > 0 {
		t.printf("%s not read at all\n", count(s.Errors, "item"))
	}
	return t.err
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
