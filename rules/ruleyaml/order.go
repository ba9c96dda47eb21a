package ruleyaml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An Entry is a rule in the order of all rules.
type Entry struct {
	*Rule
	ID      string // with the service: "acme/open"
	Service int    // its place among the services
	Index   int    // the rule's place in its service
}

// Order returns all rules in their order of precedence: those with more text
// first, except where the data states what a rule goes before. The error joins
// an [*Error] for each rule that states what cannot be.
func Order(services []*Service) ([]Entry, error) {
	var all []Entry
	for i, s := range services {
		for k := range s.Rules {
			all = append(all, Entry{&s.Rules[k], s.ID() + "/" + s.Rules[k].ID, i, k})
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(textLen(b.Rule)-textLen(a.Rule), strings.Compare(a.ID, b.ID))
	})
	var errs []error
	for _, r := range slices.Clone(all) {
		if text := hoist(all, r); text != "" {
			errs = append(errs, services[r.Service].Errorf(fmt.Sprintf("$.rules[%d].before", r.Index), "rule %s %s", r.ID, text))
		}
	}
	return all, errors.Join(errs...)
}

// hoist moves r up before the first of the rules that it goes before, or says
// what is wrong with them.
func hoist(all []Entry, r Entry) string {
	named := func(id string) int {
		return slices.IndexFunc(all, func(o Entry) bool { return o.ID == id })
	}
	from := named(r.ID)
	to := from
	for _, id := range r.Before {
		at := named(id)
		if at < 0 {
			return "goes before " + id + ", which is none"
		}
		if slices.Contains(all[at].Before, r.ID) {
			return "and " + id + " each go before the other"
		}
		to = min(to, at)
	}
	copy(all[to+1:from+1], all[to:from])
	all[to] = r
	return ""
}

// textLen returns how much text the path and the query of r fix.
func textLen(r *Rule) int {
	n := fixed(slices.MinFunc(r.Path, func(a, b string) int { return fixed(a) - fixed(b) }))
	for _, q := range r.Query {
		n += fixed(q)
	}
	return n
}

// fixed returns the length of p without its runs.
func fixed(p string) (n int) {
	for p != "" {
		skip := runLen(p)
		if skip == 0 {
			n, skip = n+1, 1
		}
		p = p[skip:]
	}
	return n
}
