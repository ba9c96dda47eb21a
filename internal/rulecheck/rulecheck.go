// Package rulecheck runs the samples of services written in YAML: each URL that
// a rule must match has to be that rule's, in the set of all rules, and each
// near miss must not; each script with a call must say what stands beside it.
package rulecheck

import (
	"fmt"
	"slices"
	"sync"

	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/data"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// Embedded returns the services that rules are compiled from. They are read once.
var Embedded = sync.OnceValue(func() []*ruleyaml.Service {
	all, err := ruleyaml.Load(data.Files)
	if err != nil {
		panic(err) // the same files have been compiled
	}
	return all
})

// A Result counts what was run.
type Result struct {
	Services, Rules, Calls, Samples int
	// Problems are the samples that are not as written, in the order of the
	// services; each is a [*ruleyaml.Error].
	Problems []error
}

// Run tests services in a set with the embedded ones, where they replace those of
// the same name.
func Run(tested []*ruleyaml.Service) Result {
	all := slices.Clone(tested)
	for _, s := range Embedded() {
		if !slices.ContainsFunc(tested, func(t *ruleyaml.Service) bool { return t.ID() == s.ID() }) {
			all = append(all, s)
		}
	}
	res := Result{Services: len(tested)}
	order, err := ruleyaml.Order(all)
	res.note(err)
	set := newSet(all, order)
	for _, s := range tested {
		for i := range s.Rules {
			res.rule(set, s, i)
		}
	}
	res.calls(set, tested, all)
	return res
}

// newSet indexes rules as the compiled table has them.
func newSet(services []*ruleyaml.Service, order []ruleyaml.Entry) *rules.Set {
	own := make([]rules.Service, len(services))
	for i, s := range services {
		own[i] = rules.Service{
			Name: s.Name, Operator: s.Operator, Category: s.Category, Homepage: s.Homepage, Transport: s.Mail.Transport,
		}
	}
	list := make([]rules.Rule, len(order))
	for i, r := range order {
		list[i] = rules.Rule{
			ID: r.ID, Service: &own[r.Service], Event: rules.Event(r.Event),
			Hosts: r.Hosts, Paths: r.Path, Query: r.Query, Asset: r.Asset, Recipient: r.Recipient,
			Scrub: r.Scrub.Query, ScrubSource: r.Scrub.Source,
			Tag: newTag(&r.Tag), Generic: r.Generic, Measures: r.Measures, Shared: r.Shared,
		}
	}
	return rules.New(list, newCalls(services, own))
}

// note takes the errors that err joins.
func (res *Result) note(err error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		res.Problems = append(res.Problems, joined.Unwrap()...)
	} else if err != nil {
		res.Problems = append(res.Problems, err)
	}
}

// rule runs the samples of one rule.
func (res *Result) rule(set *rules.Set, s *ruleyaml.Service, i int) {
	r := &s.Rules[i]
	id := s.ID() + "/" + r.ID
	res.Rules++
	for _, kind := range []struct {
		key     string
		samples []string
		claimed bool
	}{{"match", r.Match, true}, {"miss", r.Miss, false}} {
		for k, text := range kind.samples {
			res.Samples++
			if what := sample(set, id, text, kind.claimed); what != "" {
				at := fmt.Sprintf("$.rules[%d].%s[%d]", i, kind.key, k)
				res.Problems = append(res.Problems, s.Errorf(at, "rule %s: %s", id, what))
			}
		}
	}
}

// sample says what is wrong with a sample, or "".
func sample(set *rules.Set, id, text string, claimed bool) string {
	u, ok := rules.ParseURL(text)
	if !ok {
		return fmt.Sprintf("sample %q is no absolute http or https URL", text)
	}
	r := set.Match(u)
	switch {
	case !claimed && r != nil && r.ID == id:
		return "must not match " + text
	case claimed && r == nil:
		return "must match " + text + ", which no rule does"
	case claimed && r.ID != id:
		return "must match " + text + ", which is claimed by " + r.ID
	}
	return ""
}
