package rules

import "testing"

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
	if got := s.ESP(func(string) string { return "<a@b.example>" }, []string{"b.example"}); got != "" {
		t.Errorf("ESP = %q", got)
	}
}
