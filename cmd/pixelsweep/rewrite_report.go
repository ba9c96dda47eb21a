package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sort"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
)

// rewriteSchema names the JSON form of a rewritten message.
const rewriteSchema = "pixelsweep.rewrite/1"

// rewritten is what the report says of one message.
type rewritten struct {
	Schema   string             `json:"schema"`
	Source   detector.Source    `json:"source"`
	Output   string             `json:"output"`
	Changed  bool               `json:"changed"`
	Edits    []rewrite.Edit     `json:"edits"`
	Kept     []rewrite.Edit     `json:"kept"`
	Left     []rewrite.Edit     `json:"left"`
	Warnings []detector.Warning `json:"warnings"`
	Diff     string             `json:"diff,omitempty"` // of a dry run
}

// rewriteReport prints what was done, and knows whether all could be.
type rewriteReport struct {
	opts *rewriteOptions
	out  *output
	errs io.Writer
	loud bool // warnings go to errs, since nobody sees the report

	messages, changed, edits, kept, left int
	partial, found                       bool
}

func (r *rewriteReport) fail(text string) {
	r.partial = true
	say(r.errs, text)
}

// message reports one message, once its file is written.
func (r *rewriteReport) message(m *rewritten) {
	r.messages++
	r.edits += len(m.Edits)
	r.kept += len(m.Kept)
	if m.Changed {
		r.changed++
	}
	place := m.Source.Path
	if m.Source.Index > 0 {
		place = fmt.Sprintf("%s: message %d", place, m.Source.Index)
	}
	if n := len(m.Left); n > 0 && !r.opts.verify {
		r.left += n
		r.fail(fmt.Sprintf("%s: %s would still load", place, count(n, "reference")))
	}
	for _, w := range m.Warnings {
		if r.loud || strings.HasPrefix(w.Text, "FORCED") {
			say(r.errs, place+": "+strings.TrimPrefix(w.Part+": ", ": ")+w.Text)
		}
	}
	if r.opts.format == "jsonl" {
		m.Schema = rewriteSchema
		fill(&m.Edits)
		fill(&m.Kept)
		fill(&m.Left)
		if m.Warnings == nil {
			m.Warnings = []detector.Warning{}
		}
		b, err := json.Marshal(m)
		if err == nil {
			r.out.Write(append(b, '\n'))
		}
		return
	}
	for line := range strings.Lines(m.Diff) {
		fmt.Fprintln(r.out, cleanLine(line))
	}
	if r.opts.quiet || len(m.Edits)+len(m.Left)+len(m.Warnings) == 0 {
		return
	}
	to := ""
	if m.Output != "" && m.Output != place {
		to = " -> " + m.Output
	}
	fmt.Fprintln(r.out, clean(place+to))
	listEdits(r.out, "", m.Edits)
	listEdits(r.out, "would still load: ", m.Left)
	for _, w := range m.Warnings {
		fmt.Fprintln(r.out, clean("  warning: "+strings.TrimPrefix(w.Part+": ", ": ")+w.Text))
	}
}

func fill(list *[]rewrite.Edit) {
	if *list == nil {
		*list = []rewrite.Edit{}
	}
}

// listEdits writes one line for each.
func listEdits(w io.Writer, label string, edits []rewrite.Edit) {
	for _, e := range edits {
		mode := string(e.Mode)
		if e.Stronger {
			mode = "stronger: " + mode
		}
		if label != "" {
			mode = string(e.Severity)
		}
		fmt.Fprintln(w, clean(fmt.Sprintf("  %s%s %s [%s] %s", label, mode, e.Kind, e.Vector, shortURL(e.URL))))
	}
}

// clean makes text safe for a terminal.
func clean(text string) string {
	q := strconv.QuoteToGraphic(text)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(q[1 : len(q)-1])
}

// cleanLine makes a line of a diff safe for a terminal and keeps its tabs.
func cleanLine(line string) string {
	fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
	for i := range fields {
		fields[i] = clean(fields[i])
	}
	return strings.Join(fields, "\t")
}

// shortURL keeps a URL on a line, and most of a token out of it.
func shortURL(u string) string {
	if before, _, ok := strings.Cut(u, "?"); ok {
		u = before + "?…"
	}
	return report.Fit(u, 100)
}

// end writes the summary.
func (r *rewriteReport) end() error {
	if r.opts.format == "text" && !r.opts.quiet {
		switch {
		case r.opts.verify:
			fmt.Fprintf(r.out, "%s read\n", count(r.messages, "message"))
		case r.opts.dryRun:
			fmt.Fprintf(r.out, "%s read: %d would change, %s would go\n", count(r.messages, "message"), r.changed, count(r.edits, "reference"))
		default:
			fmt.Fprintf(r.out, "%s read: %d changed, %s gone, %d kept, %d left\n",
				count(r.messages, "message"), r.changed, count(r.edits, "reference"), r.kept, r.left)
		}
	}
	return r.out.close()
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// bare drops the path of an error that is said already.
func bare(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// sorted lists the keys of a set.
func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for k := range set {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}
