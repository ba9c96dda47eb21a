package report

import (
	"fmt"
	"io"
	"strings"
)

// markdown writes a summary for a comment on a pull request.
type markdown struct {
	w     io.Writer
	opts  Options
	rules []Rule
	rows  []string
	more  int
}

// maxRows is how many problems a comment lists: GitHub cuts comments at 65,536
// characters.
const maxRows = 100

func (m *markdown) File(_ string, problems []Problem) error {
	for i := range problems {
		p := &problems[i]
		switch {
		case !p.Open():
		case len(m.rows) == maxRows:
			m.more++
		default:
			m.rows = append(m.rows, fmt.Sprintf("| %s | %s | %s | %s |", p.Level, code(position(p)), m.link(p.Rule), inline(m.opts.message(p, m.opts.FullURLs))))
		}
	}
	return nil
}

// link names a rule, with where it is explained.
func (m *markdown) link(id string) string {
	for i := range m.rules {
		if r := &m.rules[i]; r.ID == id && r.URL != "" {
			return "[" + id + "](" + r.URL + ")"
		}
	}
	return id
}

// markdownText escapes what Markdown and HTML read as more than text, and keeps
// addresses and mentions from becoming links.
var markdownText = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`,
	"~", `\~`, "#", `\#`, "@", "@\u200b", "://", ":\u200b//", "www.", "www\u200b.", "!", `\!`,
)

// Markdown makes text from elsewhere safe in a line of Markdown.
func Markdown(s string) string { return inline(s) }

func inline(s string) string { return markdownText.Replace(clean(s)) }

// code is s in a span of code, in a cell of a table.
func code(s string) string {
	s = strings.ReplaceAll(clean(s), "|", `\|`)
	if strings.Contains(s, "`") {
		return "`` " + strings.ReplaceAll(s, "``", "` `") + " ``"
	}
	return "`" + s + "`"
}

func (m *markdown) Close(s *ProblemSummary) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### pixelsweep: %s, %s, %s\n\n", count(s.Errors, "error"), count(s.Warnings, "warning"), count(s.Notes, "note"))
	fmt.Fprintf(&b, "%s checked", count(s.Files, "file"))
	if s.Ignored+s.Known > 0 {
		fmt.Fprintf(&b, ", %d ignored with a reason, %d in the baseline", s.Ignored, s.Known)
	}
	b.WriteString(".\n\n")
	if len(m.rows) > 0 {
		b.WriteString("| level | where | rule | what |\n| --- | --- | --- | --- |\n" + strings.Join(m.rows, "\n") + "\n\n")
	}
	if m.more > 0 {
		fmt.Fprintf(&b, "%d more are not listed here.\n\n", m.more)
	}
	for _, e := range s.Stale {
		fmt.Fprintf(&b, "- The baseline has %s in %s that is gone.\n", inline(e.Rule), code(e.Path))
	}
	if s.Basis != "" {
		fmt.Fprintf(&b, "\nProfile %s: %s.\n", inline(s.Profile), inline(s.Basis))
	}
	if s.Disclaimer != "" {
		fmt.Fprintf(&b, "\n_%s_\n", inline(s.Disclaimer))
	}
	_, err := io.WriteString(m.w, b.String())
	return err
}
