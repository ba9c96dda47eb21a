package main

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// service is a service as written in YAML.
type service struct {
	Name     string
	Operator string
	Category string
	Homepage string
	Mail     struct {
		Headers   []string
		Domains   []string
		Transport bool
	}
	Rules []rule
}

// rule is a rule as written in YAML.
type rule struct {
	ID        string
	Event     string
	Hosts     []string
	Path      []string
	Query     []string
	Asset     []string
	Recipient []string
	Generic   bool
	Measures  bool
	Shared    bool
	Before    []string // IDs of rules of other services that also match, and come second
	Match     []string
	Miss      []string

	service int // place in the sorted services
}

var categories = []string{
	"esp", "sales", "measurement", "advertising", "commerce", "self-hosted", "brand", "security", "unknown",
}

var events = map[string]string{
	"open": "EventOpen", "click": "EventClick", "content": "EventContent", "print": "EventPrint",
	"forward": "EventForward", "dark-mode": "EventDarkMode", "measure": "EventMeasure", "script": "EventScript",
}

// load reads the services, one a file, in the folders of dir and returns them by
// name.
func load(dir fs.FS) ([]service, error) {
	names, err := fs.Glob(dir, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	var all []service
	for _, name := range names {
		text, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		var s service
		if err := yaml.UnmarshalWithOptions(text, &s, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := s.Category + "/" + slug(s.Name) + ".yaml"; name != want {
			return nil, fmt.Errorf("%s holds what belongs to %s", name, want)
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b service) int { return strings.Compare(slug(a.Name), slug(b.Name)) })
	return all, check(all)
}

// slug is the first half of a rule's ID: "Acme, Inc." gives "acme-inc".
func slug(name string) string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

var (
	notSlug = regexp.MustCompile(`[^a-z0-9]+`)
	goodID  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	pathRE  = regexp.MustCompile(`^(/|\*\*)`)
	placeRE = regexp.MustCompile(`^(query|query:.+|path:-?[1-9]|host:-?[1-9])$`)
	fieldRE = regexp.MustCompile(`^[A-Za-z0-9-]+(: .+)?$`)
	runRE   = regexp.MustCompile(`^\{(dec|hex|upper|alnum|word|b64|tok)(:[0-9]+(-[0-9]*)?)?\}$`)
)

func check(all []service) error {
	seen := make(map[string]bool)
	for _, s := range all {
		if s.Name == "" || s.Homepage == "" && s.Category != "unknown" || !slices.Contains(categories, s.Category) {
			return fmt.Errorf("service %q: name, homepage or category is wrong", s.Name)
		}
		if seen[slug(s.Name)] {
			return fmt.Errorf("service %q stands twice", s.Name)
		}
		seen[slug(s.Name)] = true
		for _, h := range s.Mail.Headers {
			if !fieldRE.MatchString(h) {
				return fmt.Errorf("service %q: bad header %q", s.Name, h)
			}
		}
		for _, r := range s.Rules {
			id := slug(s.Name) + "/" + r.ID
			if seen[id] {
				return fmt.Errorf("rule %s stands twice", id)
			}
			seen[id] = true
			if err := checkRule(r); err != nil {
				return fmt.Errorf("rule %s: %w", id, err)
			}
		}
	}
	return nil
}

func checkRule(r rule) error {
	switch {
	case !goodID.MatchString(r.ID):
		return fmt.Errorf("bad id")
	case events[r.Event] == "":
		return fmt.Errorf("unknown event %q", r.Event)
	case len(r.Match) == 0 || len(r.Miss) == 0:
		return fmt.Errorf("needs a match and a miss")
	case len(r.Path) == 0:
		return fmt.Errorf("needs a path")
	case r.Generic != isGeneric(r):
		return fmt.Errorf("generic must be true exactly where no host is named")
	}
	for _, p := range slices.Concat(r.Path, r.Asset) {
		if !pathRE.MatchString(p) {
			return fmt.Errorf("path %q starts with neither / nor **", p)
		}
		if r.Generic && !indexable(p) && slices.Contains(r.Path, p) {
			return fmt.Errorf("path %q fixes no segment", p)
		}
	}
	for _, p := range r.Recipient {
		if !placeRE.MatchString(p) {
			return fmt.Errorf("unknown place %q", p)
		}
	}
	for _, p := range slices.Concat(r.Path, r.Asset, r.Hosts, r.Query) {
		if err := checkPattern(p); err != nil {
			return err
		}
	}
	return nil
}

// isGeneric reports whether r names no host of its service.
func isGeneric(r rule) bool {
	for _, h := range r.Hosts {
		if !strings.HasSuffix(h, ".**") {
			return false
		}
	}
	return true
}

// indexable reports whether a segment of path can be a key of the index.
func indexable(path string) bool {
	for seg := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if !strings.ContainsAny(seg, "*#{") && (seg != "" || path == "/") {
			return true
		}
	}
	return false
}

// checkPattern refuses unknown classes and runs with no text between them.
func checkPattern(p string) error {
	p = strings.TrimSuffix(strings.TrimPrefix(p, "*."), ".**")
	after := false // a run ended here
	for p != "" {
		n := runLen(p)
		switch {
		case n > 0 && after:
			return fmt.Errorf("pattern %q: no text between two runs", p)
		case p[0] == '{' && !runRE.MatchString(p[:n]):
			return fmt.Errorf("pattern %q: bad run", p)
		}
		after = n > 0
		p = p[max(n, 1):]
	}
	return nil
}

func runLen(p string) int {
	switch {
	case strings.HasPrefix(p, "**"):
		return 2
	case p[0] == '*' || p[0] == '#':
		return 1
	case p[0] == '{':
		return strings.IndexByte(p, '}') + 1
	}
	return 0
}
