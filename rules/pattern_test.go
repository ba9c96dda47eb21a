package rules

import (
	"strings"
	"testing"
)

func TestMatchGlob(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"/o", "/o", true},
		{"/o", "/o/", false},
		{"/o", "/", false},
		{"", "", true},
		{"/o/*", "/o/x", true},
		{"/o/*", "/o/", false},
		{"/o/*", "/o/x/y", false},
		{"/o/**", "/o/x/y", true},
		{"/o/**", "/o/", true},
		{"**/open.php", "/a/b/open.php", true},
		{"**/open.php", "/open.php", true},
		{"**/open.php", "/open.php5", false},
		{"/**/o.gif", "/a/o.gif", true},
		{"/**/o.gif", "/o.gif", false},
		{"/r/#/1", "/r/482/1", true},
		{"/r/#/1", "/r//1", false},
		{"/r/#/1", "/r/4x/1", false},
		{"/{hex:4}.gif", "/0aF9.gif", true},
		{"/{hex:4}.gif", "/0aF.gif", false},
		{"/{hex:4}.gif", "/0aF9a.gif", false},
		{"/{hex:4-}", "/0123456789", true},
		{"/{hex:4-6}", "/0123456", false},
		{"/{hex:4-6}", "/012345", true},
		{"/{hex:4}", "/012g", false},
		{"/{upper:3}", "/A0Z", true},
		{"/{upper:3}", "/A0z", false},
		{"/{word}/x", "/a_b-c/x", true},
		{"/{tok:3-}~~/x", "/a.b~c~~/x", true},
		{"/{b64:3-}", "/a+b%3D=", true},
		{"/{b64:3-}", "/a.b", false},
		{"/{oct:3}", "/777", false},
	}
	for _, tt := range tests {
		if got := matchGlob(tt.pattern, tt.s, '/'); got != tt.want {
			t.Errorf("matchGlob(%q, %q) = %t, want %t", tt.pattern, tt.s, got, tt.want)
		}
	}
}

func TestMatchHost(t *testing.T) {
	tests := []struct {
		pattern, host string
		want          bool
	}{
		{"acme.example", "acme.example", true},
		{"acme.example", "mail.acme.example", true},
		{"acme.example", "evilacme.example", false},
		{"acme.example", "acme.example.evil.example", false},
		{"=acme.example", "acme.example", true},
		{"=acme.example", "mail.acme.example", false},
		{"*.acme.example", "acme.example", false},
		{"*.acme.example", "a.b.acme.example", true},
		{"us#.acme.example", "us14.acme.example", true},
		{"us#.acme.example", "x.us14.acme.example", true},
		{"us#.acme.example", "us.acme.example", false},
		{"us#.acme.example", "bus14.acme.example", false},
		{"mail#.example", "mail7.example", true},
		{"mg*.acme.example", "mg-d0.acme.example", true},
		{"mg*.acme.example", "mg.x.acme.example", false},
		{"sli.**", "sli.acme.example", true},
		{"sli.**", "sli", false},
		{"sli.**", "slim.acme.example", false},
		{"acme.example", "", false},
	}
	for _, tt := range tests {
		if got := matchHost(tt.pattern, tt.host); got != tt.want {
			t.Errorf("matchHost(%q, %q) = %t, want %t", tt.pattern, tt.host, got, tt.want)
		}
	}
}

func TestMatchQuery(t *testing.T) {
	tests := []struct {
		want, query string
		ok          bool
	}{
		{"u", "u=1", true},
		{"u", "a=2&u", true},
		{"u", "uu=1", false},
		{"u", "", false},
		{"u", "a=1&amp;u=2", true},
		{"l=open", "s=1&l=open", true},
		{"l=open", "l=click&l=open", true},
		{"l=open", "l=opened", false},
		{"id=h{hex:4-},#", "id=h0aF9,7", true},
		{"?{hex:4-}-{word}", "ffcb10-fe8d", true},
		{"?{hex:4-}-{word}", "ffcb10-fe8d&a=1", false},
	}
	for _, tt := range tests {
		if got := matchQuery(tt.want, tt.query); got != tt.ok {
			t.Errorf("matchQuery(%q, %q) = %t, want %t", tt.want, tt.query, got, tt.ok)
		}
	}
}

func TestLookup(t *testing.T) {
	u := mustURL(t, "https://t1.acme.example:8443/o/abc/def.gif?u=1&e=2#x")
	tests := []struct{ at, want string }{
		{"query:e", "2"}, {"query:x", ""}, {"query", "u=1&e=2"},
		{"path:1", "o"}, {"path:3", "def.gif"}, {"path:4", ""},
		{"path:-1", "def.gif"}, {"path:-3", "o"}, {"path:-4", ""},
		{"host:1", "t1"}, {"host:-1", "example"}, {"cookie:a", ""}, {"", ""},
	}
	for _, tt := range tests {
		if got := Lookup(u, tt.at); got != tt.want {
			t.Errorf("Lookup(%q) = %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestParseURL(t *testing.T) {
	tests := []struct {
		in                string
		host, path, query string
		ok                bool
	}{
		{"https://acme.example/", "acme.example", "/", "", true},
		{"http://acme.example?a", "acme.example", "/", "a", true},
		{"https://u:p@acme.example:99/x?y?z#w?v", "acme.example", "/x", "y?z", true},
		{"https://acme.example./x", "acme.example", "/x", "", true},
		{"https://[::1]:80/x", "[::1]", "/x", "", true},
		{"mailto:a@acme.example", "", "", "", false},
		{"https:///x", "", "/x", "", false},
	}
	for _, tt := range tests {
		u, ok := ParseURL(tt.in)
		if ok != tt.ok || u.Host != tt.host || u.Path != tt.path || u.Query != tt.query {
			t.Errorf("ParseURL(%q) = %+v, %t", tt.in, u, ok)
		}
	}
}

// TestLongInput checks that hostile lengths stay linear: 64 KB in no time.
func TestLongInput(t *testing.T) {
	s := Default()
	for _, part := range []string{"a.", "/", "~~/", "/o", "a=1&", "9"} {
		long := strings.Repeat(part, 1<<16/len(part))
		s.Match(URL{Host: long, Path: "/" + long, Query: long})
		s.Match(URL{Host: "a.example", Path: "/q/" + long, Query: "?" + long})
	}
}

// FuzzMatch checks that the index agrees with a loop over all rules.
func FuzzMatch(f *testing.F) {
	for _, sample := range samples {
		f.Add(sample.match[0])
		f.Add(sample.miss[0])
	}
	s := Default()
	f.Fuzz(func(t *testing.T, full string) {
		u, ok := ParseURL(full)
		if !ok || strings.Count(u.Path, "/") >= maxSegments {
			return
		}
		any := false
		for i := range s.rules {
			any = any || s.rules[i].matches(&u)
		}
		if got := s.Match(u) != nil; got != any {
			t.Errorf("Match(%q) found = %t, the loop %t", full, got, any)
		}
		if r := s.Match(u); r != nil {
			for _, at := range r.Recipient {
				Lookup(u, at)
			}
		}
	})
}
