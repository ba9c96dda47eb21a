package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Level is how much a problem matters to whoever sends the message.
type Level string

// The levels, least first. A rule that is off reports nothing.
const (
	Off     Level = "off"
	Note    Level = "note"
	Warning Level = "warning"
	Error   Level = "error"
)

// Rank orders levels: off is 0, error is 3, any other string is -1.
func (l Level) Rank() int {
	for i, known := range [...]Level{Off, Note, Warning, Error} {
		if l == known {
			return i
		}
	}
	return -1
}

// A Rule is what problems are problems by.
type Rule struct {
	ID    string
	Title string // a sentence without its full stop
	Help  string // Markdown
	URL   string // of the same text
	Level Level  // usual
}

// A Problem is something in a file that a rule objects to.
type Problem struct {
	Rule    string `json:"rule"`
	Level   Level  `json:"level"`
	Path    string `json:"path"`
	Part    string `json:"part,omitempty"` // of a message
	Line    int    `json:"line"`           // in the part, from 1; 0 when the file as a whole is meant
	Column  int    `json:"column"`         // in bytes, from 1
	End     int    `json:"end_column"`     // after the last byte, on the same line
	Message string `json:"message"`
	URL     string `json:"url,omitempty"`
	Vector  string `json:"vector,omitempty"`
	// Fingerprint stays when lines move: it is made of the rule and of what stands
	// there.
	Fingerprint string `json:"fingerprint"`
	// Ignored is the reason that a comment gives to let the problem pass.
	Ignored string `json:"ignored,omitempty"`
	// Known is set when the baseline has the problem.
	Known bool `json:"known,omitempty"`

	// FileLine and FileColumn are the place in the file, where the transfer
	// encoding of a message lets one say so; else 0.
	FileLine   int `json:"file_line,omitempty"`
	FileColumn int `json:"file_column,omitempty"`
	// Source is the line that the problem stands on, SourceAt the column of its
	// first byte where that is not 1.
	Source   string `json:"-"`
	SourceAt int    `json:"-"`
}

// Open reports whether nothing lets the problem pass.
func (p *Problem) Open() bool { return p.Ignored == "" && !p.Known }

// Stale is an entry of a baseline whose problem is gone.
type Stale struct {
	Path        string `json:"path"`
	Rule        string `json:"rule"`
	Fingerprint string `json:"fingerprint"`
}

// ProblemSummary counts what a run found.
type ProblemSummary struct {
	Files      int     `json:"files"`
	Errors     int     `json:"errors"`
	Warnings   int     `json:"warnings"`
	Notes      int     `json:"notes"`
	Ignored    int     `json:"ignored"`
	Known      int     `json:"known"`
	Skipped    int     `json:"skipped"`
	Unread     int     `json:"unread"`
	Stale      []Stale `json:"stale"`
	Profile    string  `json:"profile,omitempty"`
	Basis      string  `json:"basis,omitempty"`      // what the profile cites
	Disclaimer string  `json:"disclaimer,omitempty"` // what the result is not
}

// Add counts the problems of one file.
func (s *ProblemSummary) Add(problems []Problem) {
	s.Files++
	for i := range problems {
		switch p := &problems[i]; {
		case p.Ignored != "":
			s.Ignored++
		case p.Known:
			s.Known++
		case p.Level == Error:
			s.Errors++
		case p.Level == Warning:
			s.Warnings++
		case p.Level == Note:
			s.Notes++
		}
	}
}

// A ProblemHandler writes problems in one format. File is called once for each file
// that was read, in order. Close writes what comes last.
type ProblemHandler interface {
	File(path string, problems []Problem) error
	Close(*ProblemSummary) error
}

// ProblemFormats lists the names that Problems takes.
func ProblemFormats() []string {
	return []string{"text", "line", "json", "sarif", "html", "markdown", "github", "gitlab", "junit"}
}

// Problems returns the handler of a format for problems by the given rules. A nil
// *Options means the zero value.
func Problems(format string, w io.Writer, rules []Rule, o *Options) (ProblemHandler, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	opts = opts.withDefaults()
	switch format {
	case "text":
		return &problemText{text: text{w: w, opts: opts}}, nil
	case "line":
		return &problemLine{w: w, opts: opts}, nil
	case "json":
		return &problemJSON{w: w, opts: opts}, nil
	case "sarif":
		return newSARIF(w, rules, opts), nil
	case "github":
		return &github{w: w, opts: opts}, nil
	case "gitlab":
		return &gitlab{w: w, opts: opts}, nil
	case "junit":
		return &junit{w: w, opts: opts}, nil
	case "html":
		return &problemHTML{w: w, opts: opts, rules: rules}, nil
	case "markdown":
		return &markdown{w: w, opts: opts, rules: rules}, nil
	}
	return nil, fmt.Errorf("unknown format %q; known are %s", format, strings.Join(ProblemFormats(), ", "))
}

// message is what is said of a problem, for a medium that cannot show the URL
// otherwise: whole, or with its tokens shortened.
func (o Options) message(p *Problem, whole bool) string {
	if p.URL == "" {
		return p.Message
	}
	url := p.URL
	if !whole {
		url = shortURL(url)
	}
	return p.Message + ": " + url
}

// fileLine is the line of a problem in its file, at least 1 for formats that must
// have one.
func (p *Problem) fileLine() int {
	if p.FileLine > 0 {
		return p.FileLine
	}
	if p.Part != "" {
		return 1
	}
	return max(p.Line, 1)
}

// columns are the place on the line in Unicode characters, from 1, the second after
// the last; false where the file has no such place.
func (p *Problem) columns() (from, to int, ok bool) {
	if p.Line == 0 || p.Part != "" && p.FileColumn == 0 {
		return 0, 0, false
	}
	start, end := p.Column, p.End
	if p.FileColumn > 0 {
		start, end = p.FileColumn, p.FileColumn+p.End-p.Column
		return start, max(end, start+1), true
	}
	if p.Source == "" { // bytes are the best that is known
		return start, max(end, start+1), true
	}
	at := max(p.SourceAt, 1)
	before := utf8.RuneCountInString(p.Source[:min(max(start-at, 0), len(p.Source))])
	inside := utf8.RuneCountInString(p.Source[min(max(start-at, 0), len(p.Source)):min(max(end-at, 0), len(p.Source))])
	return before + at, before + at + max(inside, 1), true
}
