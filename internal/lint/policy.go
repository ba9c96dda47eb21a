package lint

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// A Policy is what a project allows in its mail: the key lint of .pixelsweep.yaml.
type Policy struct {
	Profile string       `yaml:"profile"`
	FailOn  report.Level `yaml:"fail-on"`
	Sender  []string     `yaml:"sender"`  // sites of the sender, which are no third parties
	Exclude []string     `yaml:"exclude"` // globs of files that are not checked
	Allow   `yaml:",inline"`
	Paths   []PathPolicy `yaml:"paths"`
}

// Allow is what is allowed in the files that it holds for.
type Allow struct {
	Hosts    []string                `yaml:"hosts"`    // that may be loaded from; "*.a.example" is all below a.example
	Services []string                `yaml:"services"` // that may be in the mail
	Rules    map[string]report.Level `yaml:"rules"`
	Budget   Budget                  `yaml:"budget"`
}

// A PathPolicy holds for the files that its glob matches, and goes before what stands
// above it.
type PathPolicy struct {
	Glob  string `yaml:"glob"`
	Mail  string `yaml:"mail"` // what the files are; "" leaves that to their words
	Allow `yaml:",inline"`
}

// A Budget bounds numbers of a file. A nil number is not bounded. Check accepts whole
// numbers only; the type keeps what the reader of YAML would cut off an int.
type Budget struct {
	Hosts            *float64 `yaml:"hosts"`              // that are loaded from
	ThirdPartyHosts  *float64 `yaml:"third-party-hosts"`  // of them, not the sender's
	Loads            *float64 `yaml:"loads"`              // remote resources
	Pixels           *float64 `yaml:"pixels"`             // pixels and other beacons
	ThirdPartyPixels *float64 `yaml:"third-party-pixels"` // of them, not the sender's
	WrappedLinks     *float64 `yaml:"wrapped-links"`
	Individual       *float64 `yaml:"individual"` // resources whose URL names the reader
}

// limits lists the numbers of a budget by their keys.
func (b *Budget) limits() []limit {
	return []limit{
		{"hosts", &b.Hosts}, {"third-party-hosts", &b.ThirdPartyHosts}, {"loads", &b.Loads}, {"pixels", &b.Pixels},
		{"third-party-pixels", &b.ThirdPartyPixels}, {"wrapped-links", &b.WrappedLinks}, {"individual", &b.Individual},
	}
}

type limit struct {
	key string
	max **float64
}

// Check returns the first thing that is wrong with a policy, and its YAML path below
// the policy.
func (p *Policy) Check() (at, what string) {
	if p.Profile != "" {
		if _, err := ProfileNamed(p.Profile); err != nil {
			return ".profile", "profile: " + err.Error()
		}
	}
	if p.FailOn != "" && p.FailOn != "never" && p.FailOn.Rank() < report.Note.Rank() {
		return ".fail-on", fmt.Sprintf("fail-on: unknown level %q; known are note, warning, error, never", string(p.FailOn))
	}
	for i, s := range p.Sender {
		if what := CheckSender(s); what != "" {
			return fmt.Sprintf(".sender[%d]", i), "sender: " + what
		}
	}
	for i, g := range p.Exclude {
		if g == "" || !doublestar.ValidatePattern(g) {
			return fmt.Sprintf(".exclude[%d]", i), fmt.Sprintf("exclude: %q is no glob", g)
		}
	}
	if at, what := p.Allow.check(); what != "" {
		return at, what
	}
	for i := range p.Paths {
		pp, at := &p.Paths[i], fmt.Sprintf(".paths[%d]", i)
		if pp.Glob == "" {
			return at, "paths: one of them has no glob, which says for which files it holds"
		}
		if !doublestar.ValidatePattern(pp.Glob) {
			return at + ".glob", fmt.Sprintf("glob: %q is no glob", pp.Glob)
		}
		if _, ok := mailKinds[pp.Mail]; !ok {
			return at + ".mail", fmt.Sprintf("mail: unknown kind %q; known are newsletter, transactional, auth, consent", pp.Mail)
		}
		if sub, what := pp.Allow.check(); what != "" {
			return at + sub, what
		}
	}
	return "", ""
}

func (a *Allow) check() (at, what string) {
	for i, h := range a.Hosts {
		name, at := strings.TrimPrefix(h, "*."), fmt.Sprintf(".hosts[%d]", i)
		if !isHost(name) {
			return at, fmt.Sprintf("hosts: %q is no host; write a name, or *. and a name", h)
		}
		if suffix, official := publicSuffix(name); suffix && official {
			return at, fmt.Sprintf("hosts: %q is a public suffix, under which anybody can have a name; write a site below it", h)
		}
	}
	for i, s := range a.Services {
		if strings.TrimSpace(s) == "" {
			return fmt.Sprintf(".services[%d]", i), "services: a name is empty"
		}
		if what := unknownService(s); what != "" {
			return fmt.Sprintf(".services[%d]", i), fmt.Sprintf("services: unknown service %q%s", s, what)
		}
	}
	ids := make([]string, 0, len(a.Rules))
	for id := range a.Rules {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if _, ok := RuleByID(id); !ok {
			return ".rules." + id, fmt.Sprintf("rules: unknown rule %q%s", id, Suggest(id))
		}
		if a.Rules[id].Rank() < 0 {
			return ".rules." + id, fmt.Sprintf("rules: %s: unknown level %q; known are off, note, warning, error", id, string(a.Rules[id]))
		}
	}
	for _, l := range a.Budget.limits() {
		switch n := *l.max; {
		case n == nil:
		case *n < 0:
			return ".budget." + l.key, fmt.Sprintf("budget: %s: %g is less than 0", l.key, *n)
		case *n != math.Trunc(*n) || *n > math.MaxInt32:
			return ".budget." + l.key, fmt.Sprintf("budget: %s: %g is no whole number up to %d", l.key, *n, math.MaxInt32)
		}
	}
	return "", ""
}

// CheckSender says what is wrong with a site of the sender, "" for nothing.
func CheckSender(s string) string {
	if !isHost(s) {
		return fmt.Sprintf("%q is no host", s)
	}
	if suffix, _ := publicSuffix(s); suffix {
		return fmt.Sprintf("%q is a public suffix, under which anybody can have a name; write a site below it", s)
	}
	return ""
}

// publicSuffix reports whether a host is a suffix of the list that browsers use
// (publicsuffix.org), and whether it is one of a registry. Others, such as
// s3.amazonaws.com, may be hosts themselves. Names that the list does not know are none.
func publicSuffix(host string) (suffix, official bool) {
	host = strings.ToLower(host)
	known, official := publicsuffix.PublicSuffix(host)
	return known == host && (official || strings.Contains(known, ".")), official
}

// isHost reports whether s is a host name as a policy writes it.
func isHost(s string) bool {
	if s == "" || len(s) > 253 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_') {
			return false
		}
	}
	return true
}

// effective is what holds for one file: the profile, the policy, and what its paths
// say, the last word first.
type effective struct {
	profile  *Profile
	levels   map[string]report.Level
	hosts    []string // nil for no bound
	services []string
	budget   Budget
	mail     string
	own      map[string]bool // sites of the sender
}

// effective works out what holds for a path.
func (l *Linter) effective(path string) *effective {
	p := l.opts.Policy
	e := &effective{profile: l.profile, levels: map[string]report.Level{}, own: map[string]bool{}}
	for _, s := range append(append([]string{}, p.Sender...), l.opts.Senders...) {
		e.own[siteOf(s)] = true
	}
	e.take(&p.Allow)
	rel := l.opts.Relative(path)
	for i := range p.Paths {
		if pp := &p.Paths[i]; holds(pp.Glob, rel) {
			e.take(&pp.Allow)
			if pp.Mail != "" {
				e.mail = pp.Mail
			}
		}
	}
	return e
}

func (e *effective) take(a *Allow) {
	if a.Hosts != nil {
		e.hosts = a.Hosts
	}
	if a.Services != nil {
		e.services = a.Services
	}
	for id, level := range a.Rules {
		e.levels[id] = level
	}
	mine := e.budget.limits()
	for i, l := range a.Budget.limits() {
		if *l.max != nil {
			*mine[i].max = *l.max
		}
	}
}

// level is how much a rule counts for the file.
func (e *effective) level(id string) report.Level {
	if l, ok := e.levels[id]; ok {
		return l
	}
	return e.profile.Level(id)
}

// Excludes reports whether a policy leaves a file out, by the path that it knows it by.
func (p *Policy) Excludes(rel string) bool {
	for _, g := range p.Exclude {
		if holds(g, rel) {
			return true
		}
	}
	return false
}

// holds reports whether a glob matches a file or a folder that it lies in, so that
// auth, auth/, ./auth and auth/** are the same.
func holds(glob, rel string) bool {
	glob = strings.TrimRight(glob, "/")
	for strings.HasPrefix(glob, "./") {
		glob = strings.TrimLeft(glob[2:], "/")
	}
	if glob == "" || glob == "." {
		return true
	}
	return doublestar.MatchUnvalidated(glob, rel) || doublestar.MatchUnvalidated(glob+"/**", rel)
}
