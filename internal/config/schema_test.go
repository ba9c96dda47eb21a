package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/xeipuuv/gojsonschema"

	"github.com/pixelsweep/pixelsweep/internal/lint"
)

// TestSchema reads policies with the published schema and with the loader: both must
// take and refuse the same, but for the names of services and public suffixes, which
// only the loader knows.
func TestSchema(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	text, err := os.ReadFile("pixelsweep.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gojsonschema.NewSchema(gojsonschema.NewBytesLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		policy string
		want   bool
	}{
		{"rules: [a.txt]\nfail-on: low\n", true},
		{"lint: {profile: cnil, fail-on: warning, sender: [shop.example], exclude: ['old/**']}\n", true},
		{"lint:\n  hosts: [a.example, '*.b.example']\n  services: [Mailchimp]\n  rules: {script: off, open-pixel: error}\n  budget: {hosts: 3, third-party-hosts: 0, loads: 9, pixels: 0, third-party-pixels: 0, wrapped-links: 0, individual: 0}\n", true},
		{"lint:\n  paths:\n  - glob: 'auth/**'\n    mail: auth\n    hosts: [a.example]\n    services: []\n    rules: {frame: note}\n    budget: {pixels: 0}\n", true},
		{"lint:\n", true},
		{"colour: red\n", false},
		{"fail-on: often\n", false},
		{"accounts: []\n", false},
		{"lint: {colour: red}\n", false},
		{"lint: {profile: strictest}\n", false},
		{"lint: {fail-on: high}\n", false},
		{"lint: {sender: ['https://a.example']}\n", false},
		{"lint: {hosts: ['*']}\n", false},
		{"lint: {services: ['']}\n", false},
		{"lint: {rules: {pixel: off}}\n", false},
		{"lint: {rules: {script: fatal}}\n", false},
		{"lint: {budget: {hosts: -1}}\n", false},
		{"lint: {budget: {hosts: many}}\n", false},
		{"lint: {budget: {cookies: 1}}\n", false},
		{"lint: {paths: [{mail: auth}]}\n", false},
		{"lint: {paths: [{glob: a, mail: spam}]}\n", false},
		{"lint: {paths: [{glob: a, profile: none}]}\n", false},
		{"lint: {exclude: ['']}\n", false},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		write(t, filepath.Join(dir, PolicyName), tt.policy)
		_, err := Load("", dir)
		if (err == nil) != tt.want {
			t.Errorf("%q: the loader says %v", tt.policy, err)
		}
		doc, err := yaml.YAMLToJSON([]byte(tt.policy))
		if err != nil {
			t.Fatal(err)
		}
		res, err := schema.Validate(gojsonschema.NewBytesLoader(doc))
		if err != nil {
			t.Fatal(err)
		}
		if res.Valid() != tt.want {
			t.Errorf("%q: the schema says %v", tt.policy, res.Errors())
		}
	}
	var s struct {
		Properties struct {
			Lint struct {
				Properties struct{ Profile struct{ Enum []string } }
			}
		}
		Definitions struct {
			Rules struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	for _, r := range lint.Rules() {
		if s.Definitions.Rules.Properties[r.ID] == nil {
			t.Errorf("the schema has no rule %s", r.ID)
		}
	}
	if len(s.Definitions.Rules.Properties) != len(lint.Rules()) {
		t.Error("the schema has rules that there are not")
	}
	for _, p := range lint.Profiles() {
		if !slices.Contains(s.Properties.Lint.Properties.Profile.Enum, p.Name) {
			t.Errorf("the schema has no profile %s", p.Name)
		}
	}
}
