package rules

import (
	"slices"
	"strings"
	"testing"
)

// TestOrder checks the order that Match states, on a set of its own.
func TestOrder(t *testing.T) {
	rules := []Rule{ // sorted as the table is: more text first, then by ID
		{ID: "generic/long", Paths: []string{"/o/open.gif"}},
		{ID: "acme/long", Hosts: []string{"acme.example"}, Paths: []string{"/o/*.gif"}},
		{ID: "a/wide", Hosts: []string{"mail.acme.example"}, Paths: []string{"/o/*"}, Asset: []string{"/o/logo*"}},
		{ID: "b/wide", Hosts: []string{"mail.acme.example"}, Paths: []string{"/o/*"}},
		{ID: "family/any", Hosts: []string{"t#.example"}, Paths: []string{"/**"}},
		{ID: "label/any", Hosts: []string{"sli.**"}, Paths: []string{"/o/*"}},
	}
	s := newSet(nil, rules, nil)
	tests := []struct{ url, want string }{
		{"https://acme.example/o/open.gif", "acme/long"},
		{"https://other.example/o/open.gif", "generic/long"},
		{"https://mail.acme.example/o/open.gif", "a/wide"},
		{"https://mail.acme.example/o/logo.gif", "b/wide"},
		{"https://mail.acme.example/o/a/b.gif", ""},
		{"https://x.t12.example/o/open.gif", "family/any"},
		{"https://t.example/", ""},
		{"https://sli.acme2.example/o/x", "label/any"},
		{"https://slim.acme2.example/o/x", ""},
	}
	for _, tt := range tests {
		if got := id(s.Match(mustURL(t, tt.url))); got != tt.want {
			t.Errorf("Match(%s) = %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestEmptySet(t *testing.T) {
	s := newSet(nil, nil, nil)
	if r := s.Match(URL{}); r != nil {
		t.Errorf("Match = %v", r)
	}
	if got := s.ESP(func(string) string { return "<a@b.example>" }, []string{"b.example"}); got != nil {
		t.Errorf("ESP = %v", got)
	}
}

// TestStatedOrder takes every sample that rules of several services match. The
// order that Match states must decide whose it is; where it would come down to
// the ID, the data has to say which rule goes before.
func TestStatedOrder(t *testing.T) {
	s := Default()
	before := make(map[[2]string]bool)
	for _, sample := range samples {
		for _, id := range sample.before {
			before[[2]string{sample.id, id}] = true
		}
	}
	for _, sample := range samples {
		for _, text := range slices.Concat(sample.match, sample.miss) {
			u := mustURL(t, text)
			won := s.Match(u)
			for i := range s.rules {
				r := &s.rules[i]
				if won == nil || r.Service == won.Service || !r.matches(&u) {
					continue
				}
				if rank(won, &u) == rank(r, &u) && !before[[2]string{won.ID, r.ID}] {
					t.Errorf("%s is claimed by %s and, as well, by %s: state which goes before the other", text, won.ID, r.ID)
				}
			}
		}
	}
}

// rank holds what Match compares: the labels of u's host that r names, 0 for a
// rule for every host, and the length of its text.
func rank(r *Rule, u *URL) [2]int {
	labels := 0
	for _, p := range r.Hosts {
		if key, ok := hostKey(p); ok && matchHost(p, u.Host) {
			labels = max(labels, strings.Count(key, ".")+1)
		}
	}
	text := 1 << 16
	for _, p := range r.Paths {
		text = min(text, fixedLen(p))
	}
	for _, q := range r.Query {
		text += fixedLen(q)
	}
	return [2]int{labels, text}
}

// fixedLen returns the length of a pattern without its runs.
func fixedLen(p string) (n int) {
	for p != "" {
		text := literalLen(p)
		if n, p = n+text, p[text:]; p != "" {
			_, p = nextRun(p)
		}
	}
	return n
}

// TestHostLabels checks that a rule's hosts match whole labels: neither a longer
// first label nor a name with the host inside is a host of the service.
func TestHostLabels(t *testing.T) {
	s := Default()
	for i := range samples {
		r := ruleNamed(s, samples[i].id)
		for _, text := range samples[i].match {
			u := mustURL(t, text)
			for _, p := range r.Hosts {
				key, ok := hostKey(p)
				if !ok || !matchHost(p, u.Host) {
					continue
				}
				tail, _ := lastLabels(u.Host, strings.Count(key, ".")+1)
				for _, host := range []string{"evil" + tail, tail + ".evil.example", "evil-" + tail} {
					if matchHost(p, host) {
						t.Errorf("%s: host pattern %s matches %s", r.ID, p, host)
					}
				}
			}
		}
	}
}

// TestClicks checks that the hosts of links are no open trackers as such: each
// click sample is a click, and a picture beside it is not taken for an open.
func TestClicks(t *testing.T) {
	s := Default()
	for _, sample := range samples {
		r := ruleNamed(s, sample.id)
		if r.Event != EventClick {
			continue
		}
		for _, text := range sample.match {
			u := mustURL(t, text)
			if got := s.Match(u); got != nil && got.Event != EventClick {
				t.Errorf("%s is a click, and Match says %s", text, got.ID)
			}
			for _, path := range []string{"/", "/logo.png", "/images/logo.png"} {
				u.Path, u.Query = path, ""
				if got := s.Match(u); got != nil && got.Event != EventClick && !got.Shared {
					t.Errorf("%s links through %s, where %s is %s", sample.id, u.Host, path, got.ID)
				}
			}
		}
	}
}
