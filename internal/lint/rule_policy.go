package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// remote reports whether a reference loads from a host that the file names.
func (r *ref) remote() bool {
	return r.loads() && r.known() && r.Trigger != detector.DNS
}

func hostNotAllowed(d *document) {
	if d.rules.hosts == nil {
		return
	}
	for _, r := range d.refs {
		if r.loads() && r.known() && !allows(d.rules.hosts, r.Host) {
			d.add("host-not-allowed", r.spot(), r.Host+" is not among the hosts that the policy allows", r)
		}
	}
}

// allows reports whether a host is in a list of names and "*.name"s.
func allows(hosts []string, host string) bool {
	for _, h := range hosts {
		h = strings.ToLower(h)
		if below, ok := strings.CutPrefix(h, "*."); ok {
			if host == below || strings.HasSuffix(host, "."+below) {
				return true
			}
		} else if host == h {
			return true
		}
	}
	return false
}

func serviceNotAllowed(d *document) {
	if d.rules.services == nil {
		return
	}
	for _, r := range d.refs {
		if r.finding == nil || r.finding.Service == nil {
			continue
		}
		name := r.finding.Service.Name
		if !slices.ContainsFunc(d.rules.services, func(s string) bool { return strings.EqualFold(s, name) }) {
			d.add("service-not-allowed", r.spot(), name+" is not among the services that the policy allows", r)
		}
	}
}

// overBudget counts what a budget bounds and points to the first thing beyond it.
func overBudget(d *document) {
	b := &d.rules.budget
	if *b == (Budget{}) {
		return
	}
	hosts, third := map[string]bool{}, map[string]bool{}
	counts := map[string]int{}
	over := map[string]*ref{}
	limits := b.limits()
	for _, r := range d.refs {
		var what []string
		if r.remote() {
			what = append(what, "loads")
			if !hosts[r.Host] {
				hosts[r.Host] = true
				what = append(what, "hosts")
			}
			if d.party(r) != firstParty && !third[r.Host] {
				third[r.Host] = true
				what = append(what, "third-party-hosts")
			}
		}
		if r.sure() {
			what = append(what, "pixels")
			if d.party(r) != firstParty {
				what = append(what, "third-party-pixels")
			}
		}
		if r.wrapped() {
			what = append(what, "wrapped-links")
		}
		if r.loads() && r.individual() != "" {
			what = append(what, "individual")
		}
		for _, key := range what {
			counts[key]++
			for _, l := range limits {
				if n := *l.max; l.key == key && n != nil && counts[key] == int(*n)+1 {
					over[key] = r
				}
			}
		}
	}
	for _, l := range limits {
		if r := over[l.key]; r != nil {
			d.add("budget", r.spot(), fmt.Sprintf("%s: %d, and the policy allows %d", l.key, counts[l.key], int(**l.max)), r)
		}
	}
}
