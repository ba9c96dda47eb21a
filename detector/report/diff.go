package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
)

// The names of the JSON forms of comparisons: of all groups, and of one.
const (
	DiffSchema      = "pixelsweep.diff/1"
	DiffGroupSchema = "pixelsweep.diff-group/1"
)

// A DiffHandler writes comparisons in one format. Close writes what comes last.
type DiffHandler interface {
	Group(*diff.Group) error
	Close(*DiffSummary) error
}

// DiffOptions direct the handlers of comparisons. A nil *DiffOptions means the
// zero value.
type DiffOptions struct {
	Color    bool
	Width    int  // of the terminal in columns; 0 means 100, at least 30
	All      bool // also what is the same in all copies, and every link
	FullURLs bool // do not shorten the tokens in URLs for people
}

// DiffFormats lists the names that NewDiff takes.
func DiffFormats() []string { return []string{"text", "json", "jsonl"} }

// NewDiff returns the handler of a format that writes comparisons to w.
func NewDiff(format string, w io.Writer, o *DiffOptions) (DiffHandler, error) {
	var opts DiffOptions
	if o != nil {
		opts = *o
	}
	switch format {
	case "text":
		t := &diffText{all: opts.All}
		t.w, t.opts = w, Options{Color: opts.Color, Width: opts.Width, FullURLs: opts.FullURLs}
		if t.opts.Width <= 0 {
			t.opts.Width = 100
		}
		t.opts.Width = max(t.opts.Width, 30)
		return t, nil
	case "json":
		return &diffJSON{w: w, all: opts.All}, nil
	case "jsonl":
		return &diffJSON{w: w, all: opts.All, lines: true}, nil
	}
	return nil, fmt.Errorf("unknown format %q; known are %s", format, strings.Join(DiffFormats(), ", "))
}

// DiffSummary counts what a run of comparisons found.
type DiffSummary struct {
	Messages int // that were read
	Single   int // without another to compare with
	Groups   int
	Tracking int // places that are loaded by themselves and identify the reader
	Links    int // links that do
	Skipped  int
	Errors   int
}

// Add counts one group.
func (s *DiffSummary) Add(g *diff.Group) {
	s.Groups++
	for i := range g.Slots {
		switch p := &g.Slots[i]; {
		case !p.Identifies:
		case p.Loaded():
			s.Tracking++
		case p.Trigger == detector.Click:
			s.Links++
		}
	}
}
