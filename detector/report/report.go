// Package report writes reports: one handler for each output format.
package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// A Handler writes reports in one format. Close writes what comes last.
type Handler interface {
	Report(*detector.Report) error
	Close(*Summary) error
}

// Options direct the handlers. A nil *Options means the zero value.
type Options struct {
	Color    bool
	Width    int  // of the terminal in columns; 0 means 100, at least 30
	Verbose  int  // 1 shows signals, 2 references too
	FullURLs bool // do not shorten the tokens in URLs for people
	Redact   bool // shorten them for programs too
	Baseline bool // there is a baseline: what is not in it is new
}

func (o Options) withDefaults() Options {
	if o.Width <= 0 {
		o.Width = 100
	}
	o.Width = max(o.Width, 30)
	return o
}

// Formats lists the names that New takes.
func Formats() []string {
	return []string{"text", "line", "json", "jsonl", "csv", "sarif", "html", "markdown", "github", "gitlab", "junit"}
}

// New returns the handler of a format that writes to w.
func New(format string, w io.Writer, o *Options) (Handler, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	opts = opts.withDefaults()
	switch format {
	case "text":
		return &text{w: w, opts: opts}, nil
	case "line":
		return &line{w: w, opts: opts}, nil
	case "json":
		return &jsonArray{w: w, opts: opts}, nil
	case "jsonl":
		return &jsonLines{w: w, opts: opts}, nil
	case "csv":
		return newCSV(w, opts), nil
	case "sarif", "html", "markdown", "github", "gitlab", "junit":
		return newScanned(format, w, opts)
	}
	return nil, fmt.Errorf("unknown format %q; known are %s", format, strings.Join(Formats(), ", "))
}

// Summary counts what a run found.
type Summary struct {
	Messages   int            `json:"messages"` // and pages
	Pages      int            `json:"pages,omitempty"`
	Tracked    int            `json:"tracked"`
	Suspicious int            `json:"suspicious"`
	Clean      int            `json:"clean"`
	Incomplete int            `json:"incomplete"`
	Skipped    int            `json:"skipped"`
	Errors     int            `json:"errors"`
	Kinds      map[string]int `json:"kinds"`
	Services   map[string]int `json:"services"`
}

// Add counts one report.
func (s *Summary) Add(r *detector.Report) {
	if s.Kinds == nil {
		s.Kinds, s.Services = map[string]int{}, map[string]int{}
	}
	s.Messages++
	if r.Source.Type == detector.TypePage {
		s.Pages++
	}
	switch r.Verdict {
	case detector.Tracked:
		s.Tracked++
	case detector.Suspicious:
		s.Suspicious++
	default:
		s.Clean++
	}
	if !r.Complete {
		s.Incomplete++
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		s.Kinds[string(f.Kind)]++
		if f.Service != nil && f.Kind.Decides() {
			s.Services[f.Service.Name]++
		}
	}
}

// noun is what was counted: pages alone, or messages.
func (s *Summary) noun() string {
	if s.Pages > 0 && s.Pages == s.Messages {
		return "page"
	}
	return "message"
}

// top lists the n names with the highest counts.
func top(counts map[string]int, n int) []string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	return names[:min(n, len(names))]
}
