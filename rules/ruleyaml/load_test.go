package ruleyaml

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestLoadRefuses(t *testing.T) {
	const service = "name: Acme\ncategory: esp\nhomepage: https://acme.example\n"
	const samples = ", match: ['https://acme.example/o'], miss: ['https://acme.example/c']}\n"
	tests := []struct{ name, text string }{
		{"no category", "name: Acme\nhomepage: https://acme.example\n"},
		{"unknown key", service + "colour: red\n"},
		{"other file", strings.Replace(service, "Acme", "Emca", 1)},
		{"event", service + "rules:\n- {id: open, event: opened, hosts: [acme.example], path: [/o]" + samples},
		{"no sample", service + "rules:\n- {id: open, event: open, hosts: [acme.example], path: [/o]}\n"},
		{"not generic", service + "rules:\n- {id: open, event: open, path: [/o]" + samples},
		{"no key", service + "rules:\n- {id: open, event: open, generic: true, path: ['/*/*']" + samples},
		{"two runs", service + "rules:\n- {id: open, event: open, hosts: [acme.example], path: ['/#{hex}']" + samples},
		{"class", service + "rules:\n- {id: open, event: open, hosts: [acme.example], path: ['/{oct:3}']" + samples},
		{"place", service + "rules:\n- {id: open, event: open, hosts: [acme.example], path: [/o], recipient: ['cookie:x']" + samples},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := fstest.MapFS{"esp/acme.yaml": &fstest.MapFile{Data: []byte(tt.text)}}
			if _, err := Load(dir); err == nil {
				t.Errorf("load took %q", tt.text)
			}
		})
	}
	good := service + "rules:\n- {id: open, event: open, hosts: [acme.example], path: [/o]" + samples
	if _, err := Load(fstest.MapFS{"esp/acme.yaml": &fstest.MapFile{Data: []byte(good)}}); err != nil {
		t.Errorf("load refused a good service: %v", err)
	}
}

// TestBefore checks that a rule goes before those that the data names.
func TestBefore(t *testing.T) {
	all := func(before ...string) []*Service {
		return []*Service{
			{Name: "A", Rules: []Rule{{ID: "open", Path: []string{"/open/longer"}}}},
			{Name: "B", Rules: []Rule{{ID: "open", Path: []string{"/open/*"}}}},
			{Name: "C", Rules: []Rule{{ID: "open", Path: []string{"/open/*"}, Before: before}}},
		}
	}
	tests := []struct{ before, want string }{
		{"", "a/open b/open c/open"},
		{"b/open", "a/open c/open b/open"},
		{"b/open a/open", "c/open a/open b/open"},
		{"d/open", "a/open b/open c/open"},
	}
	for _, tt := range tests {
		rules, err := Order(all(strings.Fields(tt.before)...))
		var ids []string
		for _, r := range rules {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != tt.want || (err != nil) != (tt.before == "d/open") {
			t.Errorf("before %q: %s, %v; want %s", tt.before, got, err, tt.want)
		}
	}
	both := all("b/open")
	both[1].Rules[0].Before = []string{"c/open"}
	if _, err := Order(both); err == nil {
		t.Error("two rules go before each other")
	}
}
