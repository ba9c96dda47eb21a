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
	if res.Rules != len(rules.Default().Rules()) || res.Services != len(rules.Default().Services()) || res.Calls < 90 || res.Samples < 2*(res.Rules+res.Calls) {
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

func TestCalls(t *testing.T) {
	text := `name: Acme
operator: Acme
category: measurement
homepage: https://acme.example
rules:
- id: measure
  event: measure
  hosts: [acme.example]
  path: [/e]
  match: ['https://acme.example/e']
  miss: ['https://acme.example/']
calls:
- id: track
  call: [acq]
  when: {'0': [track]}
  url: https://acme.example/e
  tag: {account: ['1'], fields: ['2']}
  samples:
  - {script: "acq('track', 'A-1', {value: 3})", says: account=A-1 value=3}
  - {script: "acq('track', 'A-2', {value: 3})", says: account=A-1 value=3}
  - {script: "acq('go')", says: ''}
  miss: ["acq('go')", "acq('track')"]
- id: hold
  call: [acq]
  when: {'0': [hold]}
  holds: true
  samples:
  - {script: "acq('hold')", says: holds}
  - {script: "acq('go')", says: holds}
  miss: ["acq('go')", "acq('hold', 1)"]
`
	s, err := ruleyaml.Parse("acme.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	res := Run([]*ruleyaml.Service{s})
	var got []string
	for _, p := range res.Problems {
		got = append(got, p.Error())
	}
	want := `acme.yaml:20: call acme/track: acq('track', 'A-2', {value: 3}): says "account=A-2 value=3", must say "account=A-1 value=3"
acme.yaml:21: call acme/track: acq('go'): makes no such call
acme.yaml:22: call acme/track: must not match acq('track')
acme.yaml:29: call acme/hold: acq('go'): makes no such call
acme.yaml:30: call acme/hold: must not match acq('hold', 1)`
	if strings.Join(got, "\n") != want || res.Calls != 2 || res.Samples != 11 {
		t.Errorf("%d calls, %d samples, got\n%s\nwant\n%s", res.Calls, res.Samples, strings.Join(got, "\n"), want)
	}
}
