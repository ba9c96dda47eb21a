// Package blocklist writes the embedded rules of services down for content
// blockers: as filters in Adblock syntax, as a hosts file, as rules of Safari and
// WebKit, and as rules of Chrome's declarativeNetRequest.
//
// Only what is loaded to report is exported: opens, measurement calls and
// scripts. Links are not: who follows one wants to arrive. Each format can say
// less than a rule; what is written then must still match every URL that the rule
// states as a match, and none that it states as a miss, or the rule is left out
// and named. The samples beside the rules decide.
package blocklist

import (
	"slices"
	"sync"

	"github.com/pixelsweep/pixelsweep/internal/rulecheck"
	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/filter"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// A Format is a way to write rules down.
type Format string

// The formats.
const (
	Adblock Format = "adblock"
	Hosts   Format = "hosts"
	Safari  Format = "safari"
	DNR     Format = "dnr"
)

// Formats names the formats.
func Formats() []string { return []string{string(Adblock), string(Hosts), string(Safari), string(DNR)} }

// An Export is rules in a format.
type Export struct {
	Text    []byte
	Entries int      // filters, hosts or rules in it
	LeftOut []string // IDs of rules that the format cannot say
}

// Write writes the rules of services in the given categories, of all services when
// none is given.
func Write(f Format, categories []string) (Export, error) {
	list := entries(categories)
	switch f {
	case Hosts:
		return writeHosts(list), nil
	case Safari:
		return writeSafari(list)
	case DNR:
		return writeDNR(list)
	}
	return writeAdblock(list), nil
}

// An entry is a rule to export.
type entry struct {
	*ruleyaml.Rule
	service *ruleyaml.Service
	// except are rules of the same service that go before this one on some URL
	// that both match: the click beside the open.
	except []entry
}

func (e *entry) id() string { return e.service.ID() + "/" + e.ID }

// exported reports whether rules of an event are exported.
func exported(event string) bool {
	switch rules.Event(event) {
	case rules.EventOpen, rules.EventMeasure, rules.EventScript:
		return true
	}
	return false
}

// entries returns the rules to export of services in the given categories.
func entries(categories []string) []entry {
	return slices.DeleteFunc(slices.Clone(all()), func(e entry) bool {
		return len(categories) > 0 && !slices.Contains(categories, e.service.Category)
	})
}

// all are the rules to export, by service.
var all = sync.OnceValue(func() (list []entry) {
	for _, s := range rulecheck.Embedded() {
		for i := range s.Rules {
			if r := &s.Rules[i]; exported(r.Event) {
				list = append(list, entry{r, s, exceptions(s, r)})
			}
		}
	}
	return list
})

// exceptions returns the rules that go before r, a rule of s, on a sample that r
// matches too: one of its misses, or a link or content of any service.
func exceptions(s *ruleyaml.Service, r *ruleyaml.Rule) (except []entry) {
	expr, err := compiles(dialect{slash: "/"}.whole(r))
	if err != nil {
		return nil
	}
	except = []entry{}
	for _, o := range others() {
		if slices.ContainsFunc(o.Match, expr.MatchString) {
			except = append(except, o)
		}
	}
	for _, miss := range r.Miss {
		u, ok := rules.ParseURL(miss)
		if !ok || !expr.MatchString(miss) {
			continue
		}
		owner := rules.Default().Match(u)
		for i := range s.Rules {
			o := entry{&s.Rules[i], s, nil}
			if owner != nil && owner.ID == o.id() && !slices.ContainsFunc(except, func(e entry) bool { return e.Rule == o.Rule }) {
				except = append(except, o)
			}
		}
	}
	return except
}

// others are the rules for links and content.
var others = sync.OnceValue(func() (list []entry) {
	for _, s := range rulecheck.Embedded() {
		for i := range s.Rules {
			if r := &s.Rules[i]; !exported(r.Event) && !r.Shared && (r.Event == string(rules.EventClick) || r.Event == string(rules.EventContent)) {
				list = append(list, entry{r, s, nil})
			}
		}
	}
	return list
})

// innocent are the samples that blockers must let through: links, content, and
// what no rule takes.
var innocent = sync.OnceValue(func() (urls []string) {
	for _, s := range rulecheck.Embedded() {
		for i := range s.Rules {
			for _, text := range slices.Concat(s.Rules[i].Match, s.Rules[i].Miss) {
				if !tracker(text) {
					urls = append(urls, text)
				}
			}
		}
	}
	return urls
})

// tracker reports whether what blockers may block claims a URL.
func tracker(url string) bool {
	u, ok := rules.ParseURL(url)
	r := rules.Default().Match(u)
	return ok && r != nil && (exported(string(r.Event)) || r.Shared)
}

// resource is a type as which the URLs of e are requested.
func (e *entry) resource() filter.Type {
	if e.Event == string(rules.EventScript) {
		return filter.Script
	}
	return filter.Image
}

// types chooses what to block by the event: a script only as such, an open as
// what a message loads, a measurement call as whatever a page requests.
func (e *entry) types(loaded, requested, script []string) []string {
	switch rules.Event(e.Event) {
	case rules.EventScript:
		return script
	case rules.EventMeasure:
		return append(slices.Clone(loaded), requested...)
	}
	return loaded
}

// holds reports whether matches is true of the rule's matches and of none of its
// misses.
func (e *entry) holds(matches func(url string) bool) bool {
	return !slices.ContainsFunc(e.Match, func(u string) bool { return !matches(u) }) && !slices.ContainsFunc(e.Miss, matches)
}
