package blocklist

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// A dnrRule is a rule of Chrome's declarativeNetRequest.
type dnrRule struct {
	ID        int          `json:"id"`
	Priority  int          `json:"priority"`
	Action    dnrAction    `json:"action"`
	Condition dnrCondition `json:"condition"`
}

type dnrAction struct {
	Type string `json:"type"`
}

type dnrCondition struct {
	URLFilter      string   `json:"urlFilter,omitempty"`
	RegexFilter    string   `json:"regexFilter,omitempty"`
	CaseSensitive  bool     `json:"isUrlFilterCaseSensitive"`
	RequestDomains []string `json:"requestDomains,omitempty"`
	ResourceTypes  []string `json:"resourceTypes"`
}

// Limits of Chrome: rules with an expression, and the size of one. It compiles
// them with RE2 and 2 KB. Of these rules RE2 refused none below 120 instructions,
// as counted here.
const (
	maxDNRRegexps      = 1000
	maxDNRInstructions = 115
)

// writeDNR writes a static ruleset.
func writeDNR(list []entry) (x Export, err error) {
	var all []dnrRule
	regexps := 0
	for i := range list {
		e := &list[i]
		own := e.dnr()
		if own == nil {
			x.LeftOut = append(x.LeftOut, e.id())
		}
		for _, r := range own {
			if r.Condition.RegexFilter != "" {
				regexps++
			}
			r.ID = len(all) + 1
			all = append(all, r)
		}
	}
	if regexps > maxDNRRegexps {
		return Export{}, fmt.Errorf("%d rules with an expression, of which Chrome takes %d; choose fewer categories", regexps, maxDNRRegexps)
	}
	x.Entries = len(all)
	x.Text, err = lines(all)
	return x, err
}

// dnr returns the rules for e, nil when none do.
func (e *entry) dnr() []dnrRule {
	types := e.types(
		[]string{"image", "media", "stylesheet", "font", "object", "sub_frame"},
		[]string{"script", "xmlhttprequest", "ping", "other"},
		[]string{"script"},
	)
	rule := func(action string, c dnrCondition) dnrRule {
		c.ResourceTypes = types
		return dnrRule{Priority: 1, Action: dnrAction{action}, Condition: c}
	}
	var own []dnrRule
	for _, c := range e.conditions() {
		own = append(own, rule("block", c))
	}
	if own == nil {
		return nil
	}
	allow := func(c dnrCondition) {
		r := rule("allow", c)
		r.Priority = 2
		own = append(own, r)
	}
	for _, a := range e.assets() {
		allow(dnrCondition{URLFilter: a})
	}
	for _, o := range e.except {
		for _, c := range o.conditions() {
			allow(c)
		}
	}
	if !e.holds(dnrBlocks(own)) {
		return nil
	}
	return own
}

// conditions are those under which the rule matches, nil when Chrome cannot say
// them; assets are not yet left out.
func (e *entry) conditions() (all []dnrCondition) {
	for _, p := range e.simple() {
		all = append(all, dnrCondition{URLFilter: p})
	}
	if all != nil {
		return all
	}
	for _, x := range e.small() {
		all = append(all, dnrCondition{RegexFilter: x, RequestDomains: e.domains()})
	}
	return all
}

// small returns expressions for e that Chrome takes: as written, else with looser
// counts and sets, which the samples then judge; nil when none does.
func (e *entry) small() []string {
	hosts := []string{"[^/]+"}
	for _, d := range []dialect{
		{}, {wide: true}, {loose: 24, wide: true}, {loose: 16}, {loose: 16, wide: true}, {loose: 8}, {loose: 8, wide: true},
		{loose: 4, wide: true}, {loose: 1, wide: true},
	} {
		d.slash = "/"
		if len(e.Hosts) > 0 && !e.named() {
			hosts = nil
			for _, h := range e.Hosts {
				hosts = append(hosts, d.host(h)+"(?::[0-9]+)?")
			}
		}
		var exprs []string
		ok := true
		for _, h := range hosts {
			for _, p := range e.Path {
				for _, params := range d.orders(e.Rule) {
					x := "^https?://" + h + d.path(p, params)
					exprs = append(exprs, x)
					ok = ok && instructions(x) <= maxDNRInstructions
				}
			}
		}
		if ok && (d.loose == 0 && !d.wide || e.harmless(exprs)) {
			return exprs
		}
	}
	return nil
}

// harmless reports whether loose expressions let through what they must.
func (e *entry) harmless(exprs []string) bool {
	for _, x := range exprs {
		expr, err := matcher(x)
		if err != nil || slices.ContainsFunc(innocent(), within(expr, e.domains())) {
			return false
		}
	}
	return true
}

// domains are the hosts of e where a condition can name them.
func (e *entry) domains() []string {
	if e.named() {
		return e.Hosts
	}
	return nil
}

// instructions estimates the size of the program that RE2 makes of an expression:
// that of Go, where a set is one instruction and not one a range.
func instructions(expr string) int {
	parsed, err := syntax.Parse("(?i)"+expr, syntax.Perl)
	if err != nil {
		return 1 << 20
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 1 << 20
	}
	n := 0
	for _, in := range prog.Inst {
		n++
		if in.Op == syntax.InstRune && len(in.Rune) > 2 {
			ranges := 0
			for i := 0; i+1 < len(in.Rune); i += 2 {
				if in.Rune[i] < 0x100 { // Chrome reads Latin-1
					ranges++
				}
			}
			n += 2 * (ranges - 1)
		}
	}
	return n
}

// dnrBlocks returns whether rules block a URL: by Go's reading of expressions, by
// package filter's of urlFilter, which is the same language. What is allowed has
// the higher priority.
func dnrBlocks(all []dnrRule) func(string) bool {
	type tests struct {
		patterns []string
		matches  []func(string) bool
	}
	var block, allow tests
	for _, r := range all {
		t := &block
		if r.Action.Type == "allow" {
			t = &allow
		}
		if r.Condition.URLFilter != "" {
			t.patterns = append(t.patterns, r.Condition.URLFilter)
			continue
		}
		expr, err := matcher(r.Condition.RegexFilter)
		if err != nil {
			return func(string) bool { return false }
		}
		t.matches = append(t.matches, within(expr, r.Condition.RequestDomains))
	}
	for _, t := range []*tests{&block, &allow} {
		if len(t.patterns) > 0 {
			t.matches = append(t.matches, blocks(t.patterns, filter.Image))
		}
	}
	any := func(t tests, url string) bool {
		return slices.ContainsFunc(t.matches, func(m func(string) bool) bool { return m(url) })
	}
	return func(url string) bool { return any(block, url) && !any(allow, url) }
}

// within matches an expression at some domains, at all when there are none.
func within(expr func(string) bool, domains []string) func(string) bool {
	return func(url string) bool {
		_, rest, _ := strings.Cut(url, "://")
		host := rest[:max(0, strings.IndexAny(rest+"/", "/:?#"))]
		at := len(domains) == 0 || slices.ContainsFunc(domains, func(d string) bool {
			return host == d || strings.HasSuffix(host, "."+d)
		})
		return at && expr(url)
	}
}
