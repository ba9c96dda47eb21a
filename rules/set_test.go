package rules

import (
	"strings"
	"testing"
)

func mustURL(t testing.TB, s string) URL {
	t.Helper()
	u, ok := ParseURL(s)
	if !ok {
		t.Fatalf("ParseURL(%q) failed", s)
	}
	return u
}

func id(r *Rule) string {
	if r == nil {
		return ""
	}
	return r.ID
}

// TestSamples runs every sample against the whole set: a match belongs to
// exactly its rule, a miss has another one or none.
func TestSamples(t *testing.T) {
	s := Default()
	for _, sample := range samples {
		for _, text := range sample.match {
			u := mustURL(t, text)
			if got := id(s.Match(u)); got != sample.id {
				t.Errorf("%s: Match(%s) = %q", sample.id, text, got)
			}
		}
		for _, text := range sample.miss {
			if id(s.Match(mustURL(t, text))) == sample.id {
				t.Errorf("%s: Match(%s), which it must miss", sample.id, text)
			}
		}
	}
}

func ruleNamed(s *Set, id string) *Rule {
	for i := range s.rules {
		if s.rules[i].ID == id {
			return &s.rules[i]
		}
	}
	return nil
}

// TestIndex compares the index with a loop over all rules, on every sample.
func TestIndex(t *testing.T) {
	s := Default()
	for _, sample := range samples {
		for _, text := range append(append([]string{}, sample.match...), sample.miss...) {
			u := mustURL(t, text)
			any := false
			for i := range s.rules {
				any = any || s.rules[i].matches(&u)
			}
			if got := s.Match(u) != nil; got != any {
				t.Errorf("Match(%s) found = %t, the loop %t", text, got, any)
			}
		}
	}
}

// TestRecipient checks that every place a rule names exists in one of its samples.
func TestRecipient(t *testing.T) {
	s := Default()
	for _, sample := range samples {
		r, found := ruleNamed(s, sample.id), false
		for _, place := range r.Recipient {
			for _, text := range sample.match {
				found = found || Lookup(mustURL(t, text), place) != ""
			}
		}
		if len(r.Recipient) > 0 && !found {
			t.Errorf("%s: no sample holds any of %v", r.ID, r.Recipient)
		}
	}
}

func TestServices(t *testing.T) {
	s := Default()
	used := make(map[*Service]bool)
	for _, r := range s.Rules() {
		used[r.Service] = true
		if !strings.Contains(r.ID, "/") {
			t.Errorf("rule %q has no service in its ID", r.ID)
		}
	}
	for _, v := range s.Services() {
		if !used[v] {
			t.Errorf("service %s has no rule", v.Name)
		}
	}
	if n := len(s.Services()); n < 450 {
		t.Errorf("%d services, want 450 or more", n)
	}
}

func TestMatchAllocates(t *testing.T) {
	s := Default()
	u := mustURL(t, "https://acme.us14.list-manage.com/track/open.php?u=1&id=2&e=3")
	miss := mustURL(t, "https://cdn.acme42.example/images/2026/header.png?w=600")
	if n := testing.AllocsPerRun(100, func() { s.Match(u); s.Match(miss) }); n != 0 {
		t.Errorf("Match allocates %v times", n)
	}
}
