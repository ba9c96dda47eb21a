package ruleyaml

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Service is a service as written in YAML.
type Service struct {
	Name     string
	Operator string
	Category string
	Homepage string
	Mail     struct {
		Headers   []string
		Domains   []string
		Transport bool
	}
	Rules []Rule

	file string
	doc  *ast.File
}

// Rule is a rule as written in YAML.
type Rule struct {
	ID        string
	Event     string
	Hosts     []string
	Path      []string
	Query     []string
	Asset     []string
	Recipient []string
	Scrub     struct {
		Query  []string
		Source string
	}
	Generic  bool
	Measures bool
	Shared   bool
	Before   []string // IDs of rules of other services that also match, and come second
	Match    []string
	Miss     []string
}

// ID is the first half of the IDs of the service's rules: "Acme, Inc." gives
// "acme-inc".
func (s *Service) ID() string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s.Name), "-"), "-")
}

// Line returns the line of what a YAML path names, such as "$.rules[0].match[1]",
// or of the nearest thing around it; 0 when nothing is known.
func (s *Service) Line(path string) int {
	for s.doc != nil && path != "" {
		if p, err := yaml.PathString(path); err == nil {
			if node, err := p.FilterFile(s.doc); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

// Error is what is wrong with a file, and where.
type Error struct {
	File   string
	Line   int // from 1; 0 for the file as a whole
	Column int // from 1; 0 where it says nothing
	Text   string
}

func (e *Error) Error() string {
	switch {
	case e.Line == 0:
		return e.File + ": " + e.Text
	case e.Column == 0:
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Text)
}

// Errorf returns an [*Error] about what a path names; see [Service.Line].
func (s *Service) Errorf(path, format string, args ...any) error {
	return &Error{File: s.file, Line: s.Line(path), Text: fmt.Sprintf(format, args...)}
}

// maxSize is how large a file may be; the longest has 12 KB.
const maxSize = 1 << 20

// Parse reads and checks one service. The error is an [*Error] with the name of
// the file.
func Parse(file string, text []byte) (*Service, error) {
	if len(text) > maxSize {
		return nil, &Error{File: file, Text: fmt.Sprintf("larger than %d bytes", maxSize)}
	}
	s := &Service{}
	if err := yaml.UnmarshalWithOptions(text, s, yaml.Strict()); err != nil {
		return nil, locate(file, err)
	}
	s.file = file
	s.doc, _ = parser.ParseBytes(text, 0)
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// locate says in one line where the parser stopped, and why.
func locate(file string, err error) error {
	e := &Error{File: file, Text: err.Error()}
	if y, ok := err.(yaml.Error); ok {
		e.Text = y.GetMessage()
		if t := y.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
	}
	e.Text, _, _ = strings.Cut(e.Text, "\n")
	return e
}
