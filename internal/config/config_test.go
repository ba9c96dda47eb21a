package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLoad(t *testing.T) {
	root := t.TempDir()
	t.Setenv("HOME", root)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(root, "cfg"))
	own, err := os.UserConfigDir()
	if err != nil {
		t.Skip(err)
	}
	own = filepath.Join(own, "pixelsweep", "config.yaml")
	project := filepath.Join(root, "project")
	sub := filepath.Join(project, "a", "b")
	if err := os.MkdirAll(sub, 0o700); err != nil {
		t.Fatal(err)
	}
	if c, err := Load("", sub); err != nil || !reflect.DeepEqual(c, &Config{}) {
		t.Errorf("nothing there: %+v, %v", c, err)
	}
	write(t, own, "rules: [a.txt, /lists/b.txt]\nfail-on: high\nsubscriptions:\n- name: P\n  url: https://lists.example/p.txt\n- {name: Q, url: 'http://lists.example/q', insecure: true}\n")
	policy := filepath.Join(project, PolicyName)
	write(t, policy, "rules:\n- lists/c.txt\nfail-on: low\n")
	c, err := Load("", sub)
	want := &Config{
		Rules:  []string{filepath.Join(filepath.Dir(own), "a.txt"), "/lists/b.txt", filepath.Join(project, "lists/c.txt")},
		FailOn: "low", Files: []string{own, policy},
		Subscriptions: []Subscription{{Name: "P", URL: "https://lists.example/p.txt"}, {"Q", "http://lists.example/q", true}},
	}
	if err != nil || !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, %v; want %+v", c, err, want)
	}
	if c, err := Load(own, sub); err != nil || c.FailOn != "high" || len(c.Files) != 1 {
		t.Errorf("explicit: %+v, %v", c, err)
	}
	if _, err := Load(filepath.Join(root, "none.yaml"), sub); err == nil {
		t.Error("an explicit file may be missing")
	}
	if _, err := Load(root, sub); err == nil {
		t.Error("a folder is read")
	}
}

func TestErrors(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	own := []struct{ text, want string }{
		{"", ""},
		{"# nothing\n", ""},
		{"fail-on: high\ncolour: red\n", `:2:1: unknown field "colour"; known are rules, fail-on, subscriptions, accounts, lint`},
		{"accounts: []\n", ""},
		{"rules: []\nfail-on: often\n", `:2: fail-on: unknown severity "often"`},
		{"rules: {a: b}\n", ":1:"},
		{"rules: [\n", ":1:"},
		{"rules: [a, '']\n", ":1: rules: a path is empty"},
		{"- a\n", ":1:"},
		{"fail-on: low\nfail-on: high\n", ":2:1: "},
		{"subscriptions:\n- name: a\n", `:2: subscriptions: "a" has no url`},
		{"subscriptions:\n- url: https://a.example\n", ":2: subscriptions: a name is missing"},
		{"subscriptions:\n- name: a\n  url: lists.example/x\n", `:2: subscriptions: "a": "lists.example/x" is no URL`},
		{"subscriptions:\n- name: a\n  url: file://host/etc/passwd\n", `scheme "file"`},
		{"subscriptions:\n- {name: a, url: 'https://a.example'}\n- {name: a, url: 'https://b.example'}\n", `:3: subscriptions: the name "a" stands twice`},
		{"subscriptions:\n- {name: a, url: 'https://a.example', every: 1h}\n", `unknown field "every"; known are name, url, insecure`},
		{strings.Repeat("#\n", 1<<19+1), ": larger than"},
		{"\x00\x01\xff", ":"},
	}
	for _, tt := range own {
		path := filepath.Join(t.TempDir(), "c.yaml")
		write(t, path, tt.text)
		_, err := Load(path, ".")
		check(t, tt.text, path, tt.want, err)
	}
	policy := []struct{ text, want string }{
		{"fail-on: low\n", ""},
		{"fail-on: low\nsubscriptions: []\n", ":2: subscriptions: a policy that is found in a folder may hold rules, fail-on, lint only"},
		{"'accounts': {}\n", ":1: accounts: "},
		{"commands: x\n", ":1: commands: "},
		{"stores:\n", ":1: stores: "},
		{"<<: {accounts: [{name: a, user: b}]}\n", ":1: "},
		{"<<: {subscriptions: [{name: a, url: 'https://a.example'}]}\n", ":1: "},
		{"colour: red\n", `unknown field "colour"; known are rules, fail-on, lint`},
		{"lint:\n  services: [sendgrid, Postmark]\n  sender: [localhost, a.co.uk, b.github.io]\n  hosts: [s3.amazonaws.com, '*.cloudfront.net', intranet]\n", ""},
		{"lint:\n  services:\n  - SendGrid\n  - Mailchmip\n", `:4: lint: services: unknown service "Mailchmip"; did you mean Mailchimp?`},
		{"lint:\n  paths:\n  - glob: a\n    services: [send grid]\n", `:4: lint: services: unknown service "send grid"; did you mean SendGrid?`},
		{"lint: {services: [Intuit]}\n", `unknown service "Intuit"; did you mean Mailchimp of Intuit?`},
		{"lint: {services: [qqqqqqqq]}\n", `unknown service "qqqqqqqq"; pixelsweep rules list lists them`},
		{"lint:\n  sender:\n  - shop.example\n  - Co.UK\n", `:4: lint: sender: "Co.UK" is a public suffix, under which anybody can have a name`},
		{"lint:\n  sender: [github.io]\n", `:2: lint: sender: "github.io" is a public suffix`},
		{"lint:\n  hosts: [com]\n", `:2: lint: hosts: "com" is a public suffix`},
		{"lint:\n  paths:\n  - glob: a\n    hosts:\n    - '*.co.uk'\n", `:5: lint: hosts: "*.co.uk" is a public suffix`},
		{"lint:\n  profil: cnil\n", `:2:3: lint: unknown field "profil"; known are profile, fail-on`},
		{"lint:\n  budget: {host: 1}\n", `:2:12: lint.budget: unknown field "host"; known are hosts, third-party-hosts`},
		{"lint:\n  paths:\n  - glob: a\n  - glob: b\n    budget:\n      pixel: 1\n", `:6:7: lint.paths.budget: unknown field "pixel"; known are hosts`},
		{"lint:\n  paths:\n  - glob: a\n    male: auth\n", `:4:5: lint.paths: unknown field "male"; known are glob, mail`},
		{"lint:\n  paths:\n  - mail: auth\n", `:3: lint: paths: one of them has no glob`},
		{"lint:\n  budget: {hosts: lots}\n", `:2:19: lint.budget.hosts: a number is wanted here`},
		{"lint:\n  sender: shop.example\n", `:2:11: lint.sender: a list is wanted here`},
		{"lint:\n  profile: [cnil]\n", `lint.profile: a text is wanted here`},
		{"fail-on: {a: b}\n", `fail-on: a text is wanted here`},
		{"lint: 3\n", `:1:7: lint: a list of keys with values is wanted here`},
		{"lint: [a\n", `:1:7: `},
		{"lint:\n  rules:\n    open-pixl: off\n", `:3: lint: rules: unknown rule "open-pixl"; did you mean open-pixel?`},
	}
	for _, tt := range policy {
		dir := t.TempDir()
		path := filepath.Join(dir, PolicyName)
		write(t, path, tt.text)
		_, err := Load("", dir)
		check(t, tt.text, path, tt.want, err)
	}
}

func check(t *testing.T, text, path, want string, err error) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
		return
	}
	if err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("%.40q: got %v, want %s", text, err, want)
	}
}
