package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
)

//go:embed problems.html
var problemsPage string

//go:embed problems.css
var problemsStyle string

// problemsTemplate escapes what it puts in for the place where it stands. The page has
// no script and loads nothing: its policy allows this one style sheet, by its hash.
var problemsTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("problems").Parse(strings.Replace(problemsPage, "/*style*/", problemsStyle, 1)))
})

// problemHTML writes a page for people. URLs of problems are text in it, never links.
type problemHTML struct {
	w     io.Writer
	opts  Options
	rules []Rule
	view  htmlView
	n     int
}

// maxListed is how many problems a page lists.
const maxListed = 5000

type htmlView struct {
	Policy, Title, Checked string
	Files                  []htmlFile
	More                   int
	Stale                  []string
	Basis, Disclaimer      string
}

type htmlFile struct {
	Path     string
	Problems []htmlProblem
}

type htmlProblem struct {
	Level                 Level
	Message, URL          string
	Place, Rule, Help     string
	State                 string
	Source                bool
	Before, Marked, After string
}

func (h *problemHTML) File(path string, problems []Problem) error {
	f := htmlFile{Path: clean(path)}
	for i := range problems {
		p := &problems[i]
		switch {
		case !p.Open() && h.opts.Verbose == 0:
		case h.n == maxListed:
			h.view.More++
		default:
			h.n++
			f.Problems = append(f.Problems, h.problem(p))
		}
	}
	if len(f.Problems) > 0 {
		h.view.Files = append(h.view.Files, f)
	}
	return nil
}

func (h *problemHTML) problem(p *Problem) htmlProblem {
	v := htmlProblem{Level: p.Level, Message: clean(p.Message), URL: clean(p.URL), Rule: clean(p.Rule)}
	if !h.opts.FullURLs {
		v.URL = clean(shortURL(p.URL))
	}
	for i := range h.rules {
		if h.rules[i].ID == p.Rule {
			v.Help = h.rules[i].URL
		}
	}
	if p.Part != "" {
		v.Place = "part " + clean(p.Part)
	}
	if p.Line > 0 {
		v.Place = strings.TrimLeft(fmt.Sprintf("%s, line %d, column %d", v.Place, p.Line, p.Column), ", ")
	}
	switch {
	case p.Ignored != "":
		v.State = "ignored: " + clean(p.Ignored)
	case p.Known:
		v.State = "in the baseline"
	}
	if p.Source != "" && p.Line > 0 {
		line, from, to := window(p, 200)
		v.Source, v.Before, v.Marked, v.After = true, clean(line[:from]), clean(line[from:to]), clean(line[to:])
	}
	return v
}

func (h *problemHTML) Close(s *ProblemSummary) error {
	v := &h.view
	sum := sha256.Sum256([]byte(problemsStyle))
	v.Policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	v.Title = fmt.Sprintf("%s, %s, %s", count(s.Errors, "error"), count(s.Warnings, "warning"), count(s.Notes, "note"))
	v.Checked = count(s.Files, "file") + " checked"
	for _, more := range []struct {
		n    int
		what string
	}{{s.Ignored, "ignored with a reason"}, {s.Known, "in the baseline"}, {s.Skipped, "skipped"}, {s.Unread, "not read"}} {
		if more.n > 0 {
			v.Checked += fmt.Sprintf(", %d %s", more.n, more.what)
		}
	}
	for _, e := range s.Stale {
		v.Stale = append(v.Stale, clean(e.Rule+" in "+e.Path))
	}
	if s.Basis != "" {
		v.Basis = clean("Profile " + s.Profile + ": " + s.Basis)
	}
	v.Disclaimer = clean(s.Disclaimer)
	w := bufio.NewWriter(h.w)
	if err := problemsTemplate().Execute(w, v); err != nil {
		return err
	}
	return w.Flush()
}
