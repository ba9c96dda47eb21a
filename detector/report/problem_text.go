package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// problemText writes problems for people, with the line of the source and a caret
// under the attribute.
type problemText struct {
	text
}

// levelColors are the colours of the levels on a terminal.
var levelColors = map[Level]string{Error: "1;31", Warning: "1;33", Note: "1;36"}

func (t *problemText) File(_ string, problems []Problem) error {
	for i := range problems {
		if p := &problems[i]; p.Open() || t.opts.Verbose > 0 {
			t.problem(p)
		}
	}
	return t.err
}

func (t *problemText) problem(p *Problem) {
	state := ""
	switch {
	case p.Ignored != "":
		state = " (ignored: " + clean(p.Ignored) + ")"
	case p.Known:
		state = " (in the baseline)"
	}
	t.printf("%s: %s: %s [%s]%s\n", position(p), t.paint(levelColors[p.Level], string(p.Level)), clean(t.opts.message(p, t.opts.FullURLs)), p.Rule, state)
	if p.Source == "" || p.Line == 0 {
		return
	}
	line, from, to := window(p, t.opts.Width-8)
	gutter := fmt.Sprintf("%5d", p.Line)
	t.printf("%s | %s\n", gutter, clean(line))
	under := clean(line[:from])
	mark := strings.Repeat("~", max(widthOf(clean(line[from:to]))-1, 0))
	t.printf("%*s | %s%s\n", len(gutter), "", strings.Repeat(" ", widthOf(under)), t.paint(levelColors[p.Level], "^"+mark))
}

// position is where a problem stands, as editors read it.
func position(p *Problem) string {
	at := clean(p.Path)
	if p.Part != "" {
		at += ":" + p.Part
	}
	if p.Line > 0 {
		at += ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
	}
	return at
}

// widthOf is how many columns a text takes on a terminal.
func widthOf(s string) int {
	n := 0
	for _, r := range s {
		n += columns(r)
	}
	return n
}

// window cuts the source line to what fits around a problem, and returns the place
// of the problem in it. Tabs become spaces.
func window(p *Problem, room int) (line string, from, to int) {
	line = strings.ReplaceAll(p.Source, "\t", " ")
	at := max(p.SourceAt, 1)
	from = min(max(p.Column-at, 0), len(line))
	to = min(max(p.End-at, from), len(line))
	if lead := len(line) - len(strings.TrimLeft(line, " ")); lead > 0 && lead <= from {
		line, from, to = line[lead:], from-lead, to-lead
	}
	if from > room/2 {
		cut := from - room/3
		for cut < from && !utf8.RuneStart(line[cut]) {
			cut++
		}
		line, from, to = line[cut:], from-cut, to-cut
	}
	if len(line) > room {
		cut := room
		for cut > 0 && !utf8.RuneStart(line[cut]) {
			cut--
		}
		line, from, to = line[:cut], min(from, cut), min(to, cut)
	}
	return line, from, to
}

func (t *problemText) Close(s *ProblemSummary) error {
	for _, e := range s.Stale {
		t.printf("%s: the baseline has %s that is gone (%s); --update-baseline drops it\n", clean(e.Path), clean(e.Rule), clean(e.Fingerprint))
	}
	parts := []string{count(s.Errors, "error"), count(s.Warnings, "warning"), count(s.Notes, "note")}
	if s.Ignored > 0 {
		parts = append(parts, strconv.Itoa(s.Ignored)+" ignored")
	}
	if s.Known > 0 {
		parts = append(parts, strconv.Itoa(s.Known)+" in the baseline")
	}
	t.lines(0, count(s.Files, "file")+" checked: "+strings.Join(parts, ", "))
	if s.Skipped > 0 {
		t.lines(0, count(s.Skipped, "file")+" skipped: neither mail, HTML nor a template")
	}
	if s.Unread > 0 {
		t.lines(0, count(s.Unread, "file")+" not read")
	}
	if s.Basis != "" {
		t.lines(0, "profile "+s.Profile+": "+s.Basis)
	}
	if s.Disclaimer != "" {
		t.lines(0, s.Disclaimer)
	}
	return t.err
}

// problemLine writes one problem a line.
type problemLine struct {
	w    io.Writer
	opts Options
}

func (l *problemLine) File(_ string, problems []Problem) error {
	for i := range problems {
		p := &problems[i]
		if !p.Open() {
			continue
		}
		if _, err := fmt.Fprintf(l.w, "%s: %s: %s [%s]\n", position(p), p.Level, clean(l.opts.message(p, l.opts.FullURLs)), p.Rule); err != nil {
			return err
		}
	}
	return nil
}

func (l *problemLine) Close(*ProblemSummary) error { return nil }

// problemJSON writes one document.
type problemJSON struct {
	w    io.Writer
	opts Options
	n    int
}

func (j *problemJSON) File(_ string, problems []Problem) error {
	for i := range problems {
		p := problems[i]
		if j.opts.Redact {
			p.URL = shortURL(p.URL)
		}
		b, err := JSON(p)
		if err != nil {
			return err
		}
		lead := ",\n"
		if j.n == 0 {
			lead = `{"schema":"pixelsweep.lint/1","problems":[` + "\n"
		}
		j.n++
		if _, err := fmt.Fprintf(j.w, "%s%s", lead, b); err != nil {
			return err
		}
	}
	return nil
}

func (j *problemJSON) Close(s *ProblemSummary) error {
	lead := "\n],"
	if j.n == 0 {
		lead = `{"schema":"pixelsweep.lint/1","problems":[],`
	}
	sum := *s
	if sum.Stale == nil {
		sum.Stale = []Stale{}
	}
	b, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.w, "%s\n\"summary\":%s}\n", lead, b)
	return err
}
