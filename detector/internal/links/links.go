// Package links finds where wrapped links lead, from the link alone: mail services
// wrap links to count clicks, mail gateways to check the target, sites to
// leave a trace. Many carry the target with them, plain or encoded.
//
// Nothing is ever fetched. A link whose target only its server knows has none
// here. Hosts match whole: example.com and what is below it, never
// evilexample.com; and only http and https targets count.
package links

import (
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// maxDepth is how many wrappers inside each other are taken off.
const maxDepth = 5

// Target returns the URL that u leads to, without any of the wrappers around
// it; ok is false if u is no wrapper, or does not carry its target.
func Target(u weburl.URL) (target weburl.URL, ok bool) {
	for range maxDepth {
		inner, found := step(&u)
		if !found {
			break
		}
		u, ok = inner, true
	}
	return u, ok
}

// Inside returns the URL that u itself wraps, which may be a wrapper again.
func Inside(u weburl.URL) (target weburl.URL, ok bool) { return step(&u) }

// IsPlain reports whether u, whose host is of a site, is surely no wrapper: none
// names that site, and none that may stand anywhere has such a path.
func IsPlain(u *weburl.URL, site string) bool {
	for _, w := range anywhere {
		if strings.HasPrefix(u.Path, w.path) {
			return false
		}
	}
	return bySite[site] == nil
}

// step takes off one wrapper.
func step(u *weburl.URL) (weburl.URL, bool) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return weburl.URL{}, false
	}
	for _, list := range [...][]*wrapper{bySite[weburl.Site(u.Host)], anywhere} {
		for _, w := range list {
			if !strings.HasPrefix(u.Path, w.path) || !w.on(u.Host) {
				continue
			}
			found := *u // which the target's reader makes escape
			if target, ok := parse(w.target(&found)); ok {
				return target, true
			}
		}
	}
	return weburl.URL{}, false
}

// bySite holds the wrappers that name hosts, by site; anywhere those that do
// not.
var bySite, anywhere = index()

func index() (map[string][]*wrapper, []*wrapper) {
	sites, others := map[string][]*wrapper{}, []*wrapper(nil)
	for i := range wrappers {
		w := &wrappers[i]
		if len(w.hosts) == 0 {
			others = append(others, w)
		}
		for _, h := range w.hosts {
			if site := weburl.Site(h); !slices.Contains(sites[site], w) {
				sites[site] = append(sites[site], w)
			}
		}
	}
	return sites, others
}

// parse reads what a wrapper carries. Some drop a slash of "https://", others
// encode it once more.
func parse(text string) (weburl.URL, bool) {
	for range 2 {
		if scheme, rest, ok := strings.Cut(text, ":/"); ok && (scheme == "https" || scheme == "http") && !strings.HasPrefix(rest, "/") {
			text = scheme + "://" + rest
		}
		if hasScheme(text) {
			u, ok := weburl.Parse(text, nil)
			return u, ok && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
		}
		text = weburl.Unescape(text)
	}
	return weburl.URL{}, false
}

func hasScheme(text string) bool {
	n := min(len(text), len("https://"))
	low := strings.ToLower(text[:n])
	return strings.HasPrefix(low, "http://") || low == "https://"
}

// A wrapper is a shape of links, and how to read the target out of them.
type wrapper struct {
	hosts  []string // each with all below it; none: any host
	match  func(host string) bool
	path   string // with which the path begins
	target func(u *weburl.URL) string
}

func (w *wrapper) on(host string) bool {
	if w.match != nil {
		return w.match(host)
	}
	for _, h := range w.hosts {
		if below(host, h) {
			return true
		}
	}
	return len(w.hosts) == 0
}

// below reports whether host is domain or a name below it.
func below(host, domain string) bool {
	if !strings.HasSuffix(host, domain) {
		return false
	}
	n := len(host) - len(domain)
	return n == 0 || host[n-1] == '.'
}
