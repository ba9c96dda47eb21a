package ruleyaml

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Call is a call of a service's script as written in YAML.
type Call struct {
	ID      string
	Names   []string            `yaml:"call"`
	When    map[string][]string // conditions by place
	Each    bool
	URL     string
	Holds   bool
	Lifts   bool
	Tag     Tag
	Samples []Sample
	Miss    []string // scripts
}

// Tag says where a call or URL holds what it reports.
type Tag struct {
	Account []string
	Event   []string
	Fields  []string
	Values  map[string]string
}

// Sample is a script, and what is read from it: "account=1 event=x value=2".
type Sample struct {
	Script string
	Says   string
}

var (
	callRE     = regexp.MustCompile(`^(new )?[A-Za-z_$][\w$]*(\.[\w$]+)*( =|\(arguments\))?$`)
	urlRE      = regexp.MustCompile(`^(https://\S+|=\d|[\w.]+)$`)
	argumentRE = regexp.MustCompile(`^(\.|[\w$]+(\.[\w$ ]+)*)$`)
)

// places are those that t names in a URL.
func (t *Tag) places() []string {
	all := slices.Concat(t.Account, t.Event, t.Fields)
	all = slices.AppendSeq(all, maps.Values(t.Values))
	return slices.DeleteFunc(all, func(p string) bool { return strings.HasPrefix(p, "=") })
}

// ValueNames are the names of t's values, sorted.
func (t *Tag) ValueNames() []string { return slices.Sorted(maps.Keys(t.Values)) }

// checkCalls checks the calls of a service; seen holds the IDs of its rules.
func (s *Service) checkCalls(seen map[string]bool) error {
	for i := range s.Calls {
		c := &s.Calls[i]
		at := fmt.Sprintf("$.calls[%d]", i)
		if key, err := c.check(); err != nil {
			return s.Errorf(at+key, "call %s/%s: %v", s.ID(), c.ID, err)
		}
		if (c.Holds || c.Lifts) && s.Operator == "" {
			return s.Errorf(at, "call %s/%s: holds back or lets go the tags of an operator, which the service does not name", s.ID(), c.ID)
		}
		if seen[c.ID] {
			return s.Errorf(at+".id", "%s/%s stands twice", s.ID(), c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

func (c *Call) check() (key string, err error) {
	switch {
	case !goodID.MatchString(c.ID):
		return ".id", fmt.Errorf("bad id")
	case len(c.Names) == 0:
		return "", fmt.Errorf("needs a name under call")
	case len(c.Samples) == 0 || len(c.Miss) == 0:
		return "", fmt.Errorf("needs samples and a miss")
	case c.Holds && c.Lifts:
		return ".lifts", fmt.Errorf("a call holds back, or lets go")
	case (c.Holds || c.Lifts) && c.URL != "":
		return ".url", fmt.Errorf("a call that holds back or lets go reports nothing")
	case !c.Holds && !c.Lifts && !urlRE.MatchString(c.URL):
		return ".url", fmt.Errorf("needs the URL that the service's script reports to: https://…, a file on the page's own host, or =1 for an argument")
	}
	for _, n := range c.Names {
		if !callRE.MatchString(n) {
			return ".call", fmt.Errorf("bad name %q", n)
		}
	}
	for _, p := range slices.Concat(c.Tag.places(), slices.Sorted(maps.Keys(c.When))) {
		if !argumentRE.MatchString(p) {
			return ".tag", fmt.Errorf("bad place %q; places are like 1, 1.value, 0.2", p)
		}
	}
	return "", nil
}

// CallEntry is a call in its place of the order of precedence.
type CallEntry struct {
	*Call
	ID      string
	Service int
}

// Calls returns the calls of all services, those that ask for more first.
func Calls(services []*Service) []CallEntry {
	var all []CallEntry
	for i, s := range services {
		for k := range s.Calls {
			c := &s.Calls[k]
			all = append(all, CallEntry{c, s.ID() + "/" + c.ID, i})
		}
	}
	slices.SortStableFunc(all, func(a, b CallEntry) int {
		if n := b.weight() - a.weight(); n != 0 {
			return n
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// weight is how much a call asks for.
func (c *Call) weight() int {
	n := 0
	for _, is := range c.When {
		n += 1000
		for _, p := range is {
			n += min(len(p), 40)
		}
	}
	return n
}
