package blocklist

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/internal/rulecheck"
	"github.com/pixelsweep/pixelsweep/rules"
)

// writeHosts writes the hosts that exist to measure. A hosts file blocks a host
// for everything, so what else may be there decides.
func writeHosts(list []entry) (x Export) {
	var hosts []string
	other := otherHosts()
	for i := range list {
		e := &list[i]
		if !e.Measures || e.Shared || len(e.Asset) > 0 {
			continue
		}
		for _, h := range e.Hosts {
			if plainHost.MatchString(h) && e.all(h) && !slices.ContainsFunc(other, func(o string) bool { return related(h, o) }) {
				hosts = append(hosts, h)
			}
		}
	}
	slices.Sort(hosts)
	hosts = slices.Compact(hosts)
	var b bytes.Buffer
	b.WriteString("# pixelsweep: hosts that exist to measure\n")
	for _, h := range hosts {
		b.WriteString("0.0.0.0 " + h + "\n")
	}
	return Export{Text: b.Bytes(), Entries: len(hosts)}
}

// all reports whether the rule speaks of all that a host serves: of any path, or
// of a host that is not a whole site.
func (e *entry) all(host string) bool {
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	return slices.Contains(e.Path, "/**") && len(e.Query) == 0 || err == nil && site != host
}

// otherHosts are the hosts that serve something besides: those of links and of
// content, and those of samples that are no trackers.
func otherHosts() (hosts []string) {
	for _, s := range rulecheck.Embedded() {
		for i := range s.Rules {
			r := &s.Rules[i]
			if !exported(r.Event) || r.Shared {
				for _, h := range r.Hosts {
					hosts = append(hosts, strings.TrimLeft(h, "=*."))
				}
			}
			for _, text := range r.Miss {
				u, ok := rules.ParseURL(text)
				if m := rules.Default().Match(u); ok && (m == nil || !exported(string(m.Event))) {
					hosts = append(hosts, u.Host)
				}
			}
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// related reports whether blocking host touches other: it is the host or lies
// below it.
func related(host, other string) bool {
	return host == other || strings.HasSuffix(other, "."+host)
}
