package report

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// github writes workflow commands, which GitHub shows beside the lines of a pull
// request (docs.github.com, "Workflow commands for GitHub Actions").
type github struct {
	w    io.Writer
	opts Options
}

// githubValue and githubText escape what would end a property, or the command.
var (
	githubValue = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	githubText  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
)

func (g *github) File(_ string, problems []Problem) error {
	w := bufio.NewWriter(g.w)
	for i := range problems {
		p := &problems[i]
		if !p.Open() {
			continue
		}
		command := map[Level]string{Error: "error", Warning: "warning", Note: "notice"}[p.Level]
		fmt.Fprintf(w, "::%s file=%s,line=%d", command, githubValue.Replace(clean(p.Path)), p.fileLine())
		if from, to, ok := p.columns(); ok {
			fmt.Fprintf(w, ",col=%d,endColumn=%d", from, to)
		}
		text := clean(g.opts.message(p, g.opts.FullURLs)) + " [" + p.Rule + "]"
		fmt.Fprintf(w, ",title=%s::%s\n", githubValue.Replace("pixelsweep "+p.Rule), githubText.Replace(text))
	}
	return w.Flush()
}

func (g *github) Close(s *ProblemSummary) error {
	for _, e := range s.Stale {
		text := fmt.Sprintf("the baseline has %s that is gone; --update-baseline drops it", e.Rule)
		if _, err := fmt.Fprintf(g.w, "::notice file=%s,title=pixelsweep baseline::%s\n", githubValue.Replace(clean(e.Path)), githubText.Replace(clean(text))); err != nil {
			return err
		}
	}
	return nil
}

// gitlab writes a code quality report (docs.gitlab.com, "Code Quality report
// format").
type gitlab struct {
	w    io.Writer
	opts Options
	n    int
}

type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

func (g *gitlab) File(_ string, problems []Problem) error {
	for i := range problems {
		p := &problems[i]
		if !p.Open() {
			continue
		}
		b, err := JSON(gitlabIssue{
			clean(g.opts.message(p, g.opts.FullURLs)), p.Rule, fingerprintIn(p),
			map[Level]string{Error: "major", Warning: "minor", Note: "info"}[p.Level],
			gitlabLocation{slashed(p.Path), gitlabLines{p.fileLine()}},
		})
		if err != nil {
			return err
		}
		lead := ",\n"
		if g.n == 0 {
			lead = "[\n"
		}
		g.n++
		if _, err := fmt.Fprintf(g.w, "%s%s", lead, b); err != nil {
			return err
		}
	}
	return nil
}

// fingerprintIn makes a fingerprint one of the whole run: two files may hold the
// same.
func fingerprintIn(p *Problem) string { return hashed(slashed(p.Path), p.Part, p.Fingerprint) }

func (g *gitlab) Close(*ProblemSummary) error {
	end := "\n]\n"
	if g.n == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(g.w, end)
	return err
}

// slashed is a path as the web writes it.
func slashed(path string) string { return strings.ReplaceAll(path, `\`, "/") }

// junit writes a test suite for each file and a test case for each problem, or one
// that passes (the schema that Jenkins and GitLab read).
type junit struct {
	w      io.Writer
	opts   Options
	suites []junitSuite
}

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Skipped *junitSkipped `xml:"skipped"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitSkipped struct {
	Message string `xml:"message,attr"`
}

func (j *junit) File(path string, problems []Problem) error {
	s := junitSuite{Name: clean(path)}
	for i := range problems {
		p := &problems[i]
		c := junitCase{Name: p.Rule + " at " + position(p), Class: "pixelsweep." + p.Rule, File: clean(p.Path), Line: p.fileLine()}
		text := clean(j.opts.message(p, j.opts.FullURLs))
		switch {
		case p.Ignored != "":
			c.Skipped = &junitSkipped{"ignored: " + clean(p.Ignored)}
			s.Skipped++
		case p.Known:
			c.Skipped = &junitSkipped{"in the baseline"}
			s.Skipped++
		default:
			c.Failure = &junitFailure{string(p.Level), text, position(p) + ": " + text}
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	if len(problems) == 0 {
		s.Cases = []junitCase{{Name: "no problem", Class: "pixelsweep", File: clean(path)}}
	}
	s.Tests = len(s.Cases)
	j.suites = append(j.suites, s)
	return nil
}

func (j *junit) Close(*ProblemSummary) error {
	all := junitSuites{Name: "pixelsweep", Suites: j.suites}
	for _, s := range j.suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Skipped += s.Skipped
	}
	if _, err := io.WriteString(j.w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(j.w)
	e.Indent("", " ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(j.w, "\n")
	return err
}
