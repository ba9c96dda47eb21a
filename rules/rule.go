package rules

import "strings"

// Event says what a request that a rule matches tells its service.
type Event string

// The events.
const (
	EventOpen     Event = "open"      // the message was rendered
	EventClick    Event = "click"     // a link was followed
	EventContent  Event = "content"   // visible content, chosen or counted for one reader
	EventPrint    Event = "print"     // the message was printed
	EventForward  Event = "forward"   // the message was replied to or forwarded
	EventDarkMode Event = "dark-mode" // the client renders dark
	EventMeasure  Event = "measure"   // an ad or measurement call, visible or not
	EventScript   Event = "script"    // a script that reports
)

// Service is one that tracks: who runs it, and what for.
type Service struct {
	Name     string
	Operator string
	Category string // esp, sales, measurement, advertising, commerce, self-hosted, brand, security
	Homepage string

	// A Transport carries the mail of other services; where one of those is
	// recognised too, it is the sender.
	Transport bool
}

// Rule is one URL shape with one purpose. Rules are immutable.
type Rule struct {
	ID      string // service and purpose: "mailchimp/open"
	Service *Service
	Event   Event

	Hosts []string // host patterns, any of which matches; none means every host
	Paths []string // path patterns, any of which matches
	Query []string // requirements on the query, all of which must hold
	Asset []string // path patterns of plain assets, which the rule leaves out

	// Recipient names the places that hold the token of one reader, for
	// [Lookup]: "query:e", "path:2".
	Recipient []string

	// Scrub names parameters without which the URL is known to load the same,
	// "x-*" all that start so; ScrubSource is the public page that says so.
	Scrub       []string
	ScrubSource string

	Generic  bool // a shape on the customers' own domains, not on the service's
	Measures bool // the host exists to measure; it serves nothing else
	Shared   bool // one shape for opens and clicks: the trigger of the reference decides
}

// URL is a WHATWG-serialised absolute http or https URL and its components.
type URL struct {
	Full  string
	Host  string // lower case
	Path  string // starts with a slash
	Query string // without the question mark
}

// ParseURL splits a serialised absolute http or https URL; ok is false for
// anything else. It neither normalises nor allocates.
func ParseURL(full string) (u URL, ok bool) {
	rest, ok := strings.CutPrefix(full, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(full, "http://"); !ok {
			return URL{}, false
		}
	}
	if i := strings.IndexByte(rest, '#'); i >= 0 {
		rest = rest[:i]
	}
	rest, query, _ := strings.Cut(rest, "?")
	host, path := rest, "/"
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host = bareHost(host)
	return URL{Full: full, Host: host, Path: path, Query: query}, host != ""
}

// bareHost strips a port and the dot of the root from host.
func bareHost(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		host = host[:i]
	}
	return strings.TrimSuffix(host, ".")
}

// matches reports whether u has the shape of r.
func (r *Rule) matches(u *URL) bool {
	return r.matchesHost(u.Host) && anyPath(r.Paths, u.Path) &&
		r.matchesQuery(u.Query) && !anyPath(r.Asset, u.Path)
}

func (r *Rule) matchesHost(host string) bool {
	if len(r.Hosts) == 0 {
		return true
	}
	for _, p := range r.Hosts {
		if matchHost(p, host) {
			return true
		}
	}
	return false
}

func (r *Rule) matchesQuery(query string) bool {
	for _, want := range r.Query {
		if !matchQuery(want, query) {
			return false
		}
	}
	return true
}

func anyPath(patterns []string, path string) bool {
	for _, p := range patterns {
		if matchGlob(p, path, '/') {
			return true
		}
	}
	return false
}
