package rulecheck

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// TestEmbedded checks that the embedded samples are as written, and that the set
// made of them is the compiled one.
func TestEmbedded(t *testing.T) {
	all := Embedded()
	res := Run(all)
	for _, p := range res.Problems {
		t.Error(p)
	}
	if res.Rules != len(rules.Default().Rules()) || res.Services != len(rules.Default().Services()) || res.Samples < 2*res.Rules {
		t.Errorf("got %d services, %d rules, %d samples", res.Services, res.Rules, res.Samples)
	}
	order, err := ruleyaml.Order(all)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range rules.Default().Rules() {
		if order[i].ID != r.ID {
			t.Fatalf("rule %d is %s, want %s", i, order[i].ID, r.ID)
		}
	}
}

func TestRun(t *testing.T) {
	text := `name: Acme
category: esp
homepage: https://acme.example
rules:
- id: open
  event: open
  hosts: [acme.example]
  path: ['/o/{hex:8}']
  before: [acme/nothing]
  match:
  - https://acme.example/o/0a1b2c3d
  - https://acme.example/o/0a1b2c3
  - https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3
  - acme.example/o/0a1b2c3d
  miss:
  - https://acme.example/logo.gif
  - https://acme.example/o/0a1b2c3d?x
`
	s, err := ruleyaml.Parse("acme.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range Run([]*ruleyaml.Service{s}).Problems {
		got = append(got, p.Error())
	}
	want := `acme.yaml:9: rule acme/open goes before acme/nothing, which is none
acme.yaml:12: rule acme/open: must match https://acme.example/o/0a1b2c3, which no rule does
acme.yaml:13: rule acme/open: must match https://acme.us9.list-manage.com/track/open.php?u=1&id=2&e=3, which is claimed by mailchimp/open
acme.yaml:14: rule acme/open: sample "acme.example/o/0a1b2c3d" is no absolute http or https URL
acme.yaml:17: rule acme/open: must not match https://acme.example/o/0a1b2c3d?x`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
