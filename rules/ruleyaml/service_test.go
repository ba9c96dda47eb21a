package ruleyaml

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestErrors checks that an error says where it is.
func TestErrors(t *testing.T) {
	good := `name: Acme
category: esp
homepage: https://acme.example
rules:
- id: open
  event: open
  hosts: [acme.example]
  path:
  - /o/{hex:32}
  - /p/*
  match: ['https://acme.example/p/x']
  miss: ['https://acme.example/c']
`
	s, err := Parse("acme.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"$.rules[0].path[1]": 10, "$.rules[0].path[7]": 9, "$.rules[0].match[0]": 11, "$.name": 1} {
		if got := s.Line(path); got != want {
			t.Errorf("Line(%s) = %d, want %d", path, got, want)
		}
	}
	tests := []struct{ old, text, want string }{
		{"category: esp", "category: spam", `acme.yaml:2: unknown category "spam"; known are `},
		{"{hex:32}", "{oct:32}", `acme.yaml:9: rule acme/open: pattern "/o/{oct:32}": bad run`},
		{"event: open", "event: opened", `acme.yaml:6: rule acme/open: unknown event "opened"; known are `},
		{"hosts:", "host:", `acme.yaml:7:3: unknown field "host"`},
		{"- /p/*", "- p/*", `acme.yaml:10: rule acme/open: path "p/*" starts with neither / nor **`},
		{"miss: [", "miss: {", `acme.yaml:12:`},
		{"  event: open", "\tevent: open", `acme.yaml:6:1: `},
		{good, "\x00\xff\xfe{{{", `acme.yaml`},
		{good, "", `acme.yaml: the service has no name`},
		{good, "- 1\n", `acme.yaml:1:1: `},
		{good, strings.Repeat("#", 1<<20+1), `acme.yaml: larger than 1048576 bytes`},
	}
	for _, tt := range tests {
		_, err := Parse("acme.yaml", []byte(strings.Replace(good, tt.old, tt.text, 1)))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q for %.20q: got %v, want %s", tt.text, tt.old, err, tt.want)
		}
	}
	// What is wrong leaves the rest as it is.
	all, err := Load(fstest.MapFS{
		"esp/acme.yaml": &fstest.MapFile{Data: []byte(good)},
		"esp/bad.yaml":  &fstest.MapFile{Data: []byte("name: [")},
	})
	if len(all) != 1 || err == nil || !strings.HasPrefix(err.Error(), "esp/bad.yaml:1:") {
		t.Errorf("got %d services, %v", len(all), err)
	}
	if all, err := Sort([]*Service{s, s}); len(all) != 1 || err == nil || !strings.Contains(err.Error(), "stands twice") {
		t.Errorf("got %d services, %v", len(all), err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("name: Acme\ncategory: esp\nhomepage: x\nrules:\n- {id: open, event: open, hosts: [a], path: ['/{hex:3-}'], match: [x], miss: [y]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := Parse("x", text); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q", err)
		}
	})
}
