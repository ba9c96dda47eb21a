package filter_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/publicsuffix"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// A naive matcher compares one filter with one request by a regular expression,
// as documentation of Adblock Plus describes filters. The engine is tested
// against a loop over these.
type naive struct {
	*filter.Filter
	list   string
	pieces []string
	re     *regexp.Regexp
}

type naiveRequest struct {
	url, low, host       string
	source, site, suffix string
	typ                  filter.Type
	third, strict        bool
}

var urlHost = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/?#\\]*@)?(\[[^\]]*\]|[^/?#:\\]*)`)

func newNaiveRequest(q logged) naiveRequest {
	r := naiveRequest{url: q.URL, low: strings.ToLower(q.URL), typ: q.Type}
	if m := urlHost.FindStringSubmatch(r.low); m != nil {
		r.host = m[1]
	}
	r.source = strings.ToLower(q.Source)
	if m := urlHost.FindStringSubmatch(r.source); m != nil {
		r.source = m[1]
	} else if strings.ContainsAny(r.source, ":/@ ") {
		r.source = ""
	}
	r.site, r.suffix = r.source, ""
	if r.source != "" && !strings.ContainsAny(r.source[len(r.source)-1:], "0123456789]") {
		r.suffix, _ = publicsuffix.PublicSuffix(r.source)
		if site, err := publicsuffix.EffectiveTLDPlusOne(r.source); err == nil {
			r.site = site
		}
	}
	r.third = r.site == "" || !below(r.host, r.site)
	r.strict = r.host != r.source
	return r
}

func below(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// fromSite reports whether the request's source is a domain or entity.
func (r *naiveRequest) fromSite(d string) bool {
	name, entity := strings.CutSuffix(d, ".*")
	if !entity {
		return below(r.source, d)
	}
	return r.suffix != "" && below(strings.TrimSuffix(r.source, "."+r.suffix), name) && r.source != r.suffix
}

func listed(names []string, in func(string) bool) bool {
	yes, named := false, false
	for _, d := range names {
		if not, ok := strings.CutPrefix(d, "~"); ok {
			if in(not) {
				return false
			}
			continue
		}
		named = true
		yes = yes || in(d)
	}
	return yes || !named
}

func newNaive(list string, f *filter.Filter) *naive {
	n := &naive{Filter: f, list: list}
	if f.Anchor&filter.Regexp == 0 {
		for _, p := range strings.FieldsFunc(f.Pattern, func(r rune) bool { return r == '*' || r == '^' }) {
			n.pieces = append(n.pieces, strings.ToLower(p))
		}
	}
	return n
}

func (n *naive) source() string {
	p := n.Pattern
	if n.Anchor&filter.Regexp != 0 {
		return strings.ReplaceAll(p, `\/`, "/")
	}
	var b strings.Builder
	switch {
	case n.Anchor&filter.AnchorHostname != 0:
		b.WriteString(`^[a-z][a-z0-9+.-]*://(?:[^/?#\\]*@)?(?:[^/?#:\\]*\.)?`)
	case n.Anchor&filter.AnchorStart != 0:
		b.WriteString("^")
	}
	for _, c := range p {
		switch c {
		case '*':
			b.WriteString(".*")
		case '^':
			b.WriteString("(?:[^a-zA-Z0-9%_.-]|$)")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	if n.Anchor&filter.AnchorEnd != 0 {
		b.WriteString("$")
	}
	return b.String()
}

func (n *naive) match(r *naiveRequest) bool {
	switch {
	case n.Types&r.typ == 0,
		n.Party&filter.ThirdParty != 0 && !r.third, n.Party&filter.FirstParty != 0 && r.third,
		n.Party&filter.StrictThird != 0 && !r.strict, n.Party&filter.StrictFirst != 0 && r.strict:
		return false
	}
	for _, p := range n.pieces {
		if !strings.Contains(r.low, p) {
			return false
		}
	}
	if !listed(n.Domains, r.fromSite) || !listed(n.Hosts, func(d string) bool { return below(r.host, d) }) {
		return false
	}
	if n.re == nil {
		source := n.source()
		if !n.MatchCase {
			source = "(?i)" + source
		}
		n.re = regexp.MustCompile(source)
	}
	return n.re.MatchString(r.url)
}

// compare checks that an engine finds for a request what a loop finds.
func compare(t *testing.T, e *filter.Engine, loop []*naive, q logged) {
	t.Helper()
	var want, got []string
	nr := newNaiveRequest(q)
	blocked := false
	for _, n := range loop {
		if n.match(&nr) {
			blocked = blocked || !n.Exception && !n.RemoveParam
			want = append(want, fmt.Sprintf("%s:%d %s", n.list, n.Line, n.Text))
		}
	}
	r := filter.NewRequest(q.URL, q.Type, filter.NewSource(q.Source))
	for _, m := range e.All(r) {
		got = append(got, fmt.Sprintf("%s:%d %s", m.List(), m.Line(), m.Text()))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		t.Errorf("%s %s from %q:\n got %q\nwant %q", q.Type, q.URL, q.Source, got, want)
	}
	v := e.Match(r)
	if v.Filter.Found() != blocked || v.Blocked && v.Exception.Found() {
		t.Errorf("%s %s from %q: verdict %v, a loop finds a filter: %v", q.Type, q.URL, q.Source, v, blocked)
	}
}

func loopOver(lists ...*filter.List) []*naive {
	var loop []*naive
	for _, l := range lists {
		for i := range l.Filters {
			loop = append(loop, newNaive(l.Name, &l.Filters[i]))
		}
	}
	return loop
}

// TestIndexFindsAll compares the engine with a loop over all filters, on real
// lists and requests, and on requests whose types are changed.
func TestIndexFindsAll(t *testing.T) {
	lists := append(publicLists(t), filter.Parse("mail", readList(t, "adguard_mail_tracking.txt")))
	e, loop := engineOf(t, lists...), loopOver(lists...)
	requests := slices.Concat(namedRequests(t), browserRequests(t), mailRequests(t))
	rnd := rand.New(rand.NewPCG(1, 2))
	n := 80
	if testing.Short() {
		n = 30
	}
	for range n {
		q := requests[rnd.IntN(len(requests))]
		if rnd.IntN(2) == 0 {
			q.Type = []filter.Type{filter.Document, filter.Popup, filter.Ping, filter.Script, filter.Subdocument}[rnd.IntN(5)]
		}
		if rnd.IntN(2) == 0 {
			q.Source = requests[rnd.IntN(len(requests))].Source
		}
		compare(t, e, loop, q)
	}
}

// TestRandomLists compares the engine with a loop on lists and URLs that are
// made of the same few pieces, so that filters match often and barely not.
func TestRandomLists(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	join := func(n int, from ...string) string {
		var b strings.Builder
		for range n {
			b.WriteString(pick(from...))
		}
		return b.String()
	}
	pieces := []string{"a", "ad", "ads", "/", ".", "-", "_", "?", "=", "&", "%2f", "x", "img", "1", "B", "verylongtoken1", "verylongtoken2"}
	hosts := []string{"a.test", "ads.a.test", "x.ads.a.test", "b.test", "ad", "ads.co.uk", "1.2.3.4", "[::1]"}
	options := []string{"image", "~script", "third-party", "first-party", "match-case", "important", "popup", "all",
		"domain=a.test", "domain=~ads.a.test", "domain=ads.*|b.test", "to=a.test", "denyallow=b.test", "strict1p", "document"}
	for range 400 {
		var text strings.Builder
		for range 20 {
			text.WriteString(pick("", "", "", "@@") + pick("", "", "|", "||", "||"+pick(hosts...), "|https://", "*"))
			text.WriteString(join(rnd.IntN(4), append(pieces, "^", "*", "^")...) + pick("", "", "", "|", "^", "*"))
			if n := rnd.IntN(6); n < 3 {
				text.WriteString("$" + strings.TrimSuffix(strings.Repeat(pick(options...)+",", min(n, 1)+1), ","))
			}
			text.WriteString("\n")
		}
		l := filter.Parse("list", []byte(text.String()))
		e, loop := engineOf(t, l), loopOver(l)
		for range 25 {
			compare(t, e, loop, logged{
				URL:    pick("https://", "http://", "wss://") + pick(hosts...) + pick("", ":80") + pick("/", "?") + join(rnd.IntN(8), pieces...),
				Source: pick(append(hosts, "", "https://x.b.test/y")...),
				Type:   filter.Type(1) << rnd.IntN(16),
			})
		}
		if t.Failed() {
			t.Fatalf("list:\n%s", text.String())
		}
	}
}
