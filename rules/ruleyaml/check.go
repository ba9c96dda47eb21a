package ruleyaml

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var categories = []string{
	"esp", "sales", "measurement", "advertising", "commerce", "self-hosted", "brand", "security", "unknown",
}

// Events holds the events of rules by their names in YAML, with the names of
// their constants in package rules.
var Events = map[string]string{
	"open": "EventOpen", "click": "EventClick", "content": "EventContent", "print": "EventPrint",
	"forward": "EventForward", "dark-mode": "EventDarkMode", "measure": "EventMeasure", "script": "EventScript",
}

var (
	notSlug = regexp.MustCompile(`[^a-z0-9]+`)
	goodID  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	pathRE  = regexp.MustCompile(`^(/|\*\*)`)
	placeRE = regexp.MustCompile(`^(query|query:.+|matrix|matrix:.+|body|body:.+|path:-?[1-9]|host:-?[1-9])$`)
	fieldRE = regexp.MustCompile(`^[A-Za-z0-9-]+(: .+)?$`)
	runRE   = regexp.MustCompile(`^\{(dec|hex|upper|alnum|word|b64|tok)(:[0-9]+(-[0-9]*)?)?\}$`)
)

// check checks a service by itself.
func (s *Service) check() error {
	switch {
	case s.ID() == "":
		return s.Errorf("$.name", "the service has no name")
	case s.Homepage == "" && s.Category != "unknown":
		return s.Errorf("$.homepage", "service %q has no homepage", s.Name)
	case !slices.Contains(categories, s.Category):
		return s.Errorf("$.category", "unknown category %q; known are %s", s.Category, strings.Join(categories, ", "))
	}
	for i, h := range s.Mail.Headers {
		if !fieldRE.MatchString(h) {
			return s.Errorf(fmt.Sprintf("$.mail.headers[%d]", i), "bad header %q", h)
		}
	}
	seen := make(map[string]bool)
	for i := range s.Rules {
		r := &s.Rules[i]
		at := fmt.Sprintf("$.rules[%d]", i)
		if key, err := r.check(); err != nil {
			return s.Errorf(at+key, "rule %s/%s: %v", s.ID(), r.ID, err)
		}
		if seen[r.ID] {
			return s.Errorf(at+".id", "rule %s/%s stands twice", s.ID(), r.ID)
		}
		seen[r.ID] = true
	}
	return s.checkCalls(seen)
}

// check returns what is wrong with a rule and the path of it below the rule.
func (r *Rule) check() (key string, err error) {
	switch {
	case !goodID.MatchString(r.ID):
		return ".id", fmt.Errorf("bad id")
	case Events[r.Event] == "":
		return ".event", fmt.Errorf("unknown event %q; known are %s", r.Event, strings.Join(slices.Sorted(maps.Keys(Events)), ", "))
	case len(r.Match) == 0 || len(r.Miss) == 0:
		return "", fmt.Errorf("needs a match and a miss")
	case len(r.Path) == 0:
		return "", fmt.Errorf("needs a path")
	case r.Generic != r.isGeneric():
		return "", fmt.Errorf("generic must be true exactly where no host is named")
	}
	if s := r.Scrub; len(s.Query) > 0 != strings.HasPrefix(s.Source, "https://") {
		return ".scrub", fmt.Errorf("scrub needs the parameters (query) and the https page that says they may go (source)")
	}
	for _, f := range []struct {
		key    string
		values []string
		check  func(string) error
	}{
		{".path", r.Path, r.checkPath}, {".asset", r.Asset, checkPath}, {".recipient", r.Recipient, checkPlace},
		{".tag", r.Tag.places(), checkPlace}, {".path", r.Path, checkPattern}, {".asset", r.Asset, checkPattern}, {".hosts", r.Hosts, checkPattern}, {".query", r.Query, checkPattern},
	} {
		for i, v := range f.values {
			if err := f.check(v); err != nil {
				return fmt.Sprintf("%s[%d]", f.key, i), err
			}
		}
	}
	return "", nil
}

func checkPath(p string) error {
	if !pathRE.MatchString(p) {
		return fmt.Errorf("path %q starts with neither / nor **", p)
	}
	return nil
}

func (r *Rule) checkPath(p string) error {
	if r.Generic && !indexable(p) {
		return fmt.Errorf("path %q fixes no segment", p)
	}
	return checkPath(p)
}

func checkPlace(p string) error {
	if !placeRE.MatchString(p) {
		return fmt.Errorf("unknown place %q", p)
	}
	return nil
}

// isGeneric reports whether r names no host of its service.
func (r *Rule) isGeneric() bool {
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
func checkPattern(pattern string) error {
	p := strings.TrimSuffix(strings.TrimPrefix(pattern, "*."), ".**")
	after := false // a run ended here
	for p != "" {
		n := runLen(p)
		switch {
		case n > 0 && after:
			return fmt.Errorf("pattern %q: no text between two runs", pattern)
		case p[0] == '{' && !runRE.MatchString(p[:n]):
			return fmt.Errorf("pattern %q: bad run", pattern)
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
