package lint

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

var update = flag.Bool("update", false, "rewrite expectations")

// block returns the code in a section of a document.
func block(doc, section string) (code, kind string) {
	_, rest, ok := strings.Cut(doc, "\n## "+section+"\n\n```")
	if !ok {
		return "", ""
	}
	kind, rest, _ = strings.Cut(rest, "\n")
	code, _, _ = strings.Cut(rest, "\n```\n")
	return code + "\n", kind
}

// TestDocs lints what the documentation of every rule shows: before, the rule finds
// something; after, it does not.
func TestDocs(t *testing.T) {
	for _, r := range Rules() {
		doc := r.Doc()
		if !strings.HasPrefix(doc, "# "+r.ID+": ") || r.Title() == "" || strings.HasSuffix(r.Title(), ".") {
			t.Errorf("%s: heading", r.ID)
		}
		for _, section := range []string{"Why", "Before", "After", "Fix", "Sources"} {
			if !strings.Contains(doc, "\n## "+section+"\n\n") {
				t.Errorf("%s: no section %s", r.ID, section)
			}
		}
		var policy struct{ Lint Policy }
		if text, _ := block(doc, "Policy"); text != "" {
			if err := yaml.UnmarshalWithOptions([]byte(text), &policy, yaml.Strict()); err != nil {
				t.Errorf("%s: policy: %v", r.ID, err)
			}
			if _, what := policy.Lint.Check(); what != "" {
				t.Errorf("%s: policy: %s", r.ID, what)
			}
		}
		policy.Lint.Sender = []string{"shop.example"}
		l, err := New(&Options{Policy: &policy.Lint})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			section string
			want    bool
		}{{"Before", true}, {"After", false}} {
			code, kind := block(doc, c.section)
			if kind == "text" {
				continue // cannot be shown
			}
			f, err := l.File("mail."+kind, []byte(code), kind == "html", nil)
			if err != nil {
				t.Errorf("%s, %s: %v", r.ID, c.section, err)
				continue
			}
			got := false
			for _, p := range f.Problems {
				got = got || p.Rule == r.ID && p.Open()
			}
			if got != c.want {
				t.Errorf("%s, %s: found %v, want %v: %+v", r.ID, c.section, got, c.want, f.Problems)
			}
		}
	}
	files, err := filepath.Glob("docs/*.md")
	if err != nil || len(files) != len(Rules())+1 {
		t.Errorf("%d files in docs for %d rules: %v", len(files), len(Rules()), err)
	}
}

// TestPage keeps the page of all rules as the rules are.
func TestPage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The rules of pixelsweep lint\n\n`pixelsweep lint --explain RULE` prints the same texts. The level is that of each profile; `-` is off.\n\n| rule | what |")
	for _, p := range Profiles() {
		b.WriteString(" " + p.Name + " |")
	}
	b.WriteString("\n| --- | --- |" + strings.Repeat(" --- |", len(Profiles())) + "\n")
	for _, r := range Rules() {
		b.WriteString("| [" + r.ID + "](" + r.ID + ".md) | " + r.Title() + " |")
		for _, p := range Profiles() {
			level := string(p.Level(r.ID))
			if p.Level(r.ID) == report.Off {
				level = "-"
			}
			b.WriteString(" " + level + " |")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n## Profiles\n\n" + Disclaimer + " The levels are our reading of the texts; read them.\n\n")
	for _, p := range Profiles() {
		b.WriteString("- `" + p.Name + "`: " + p.Title)
		if p.Basis != "" {
			b.WriteString(". " + p.Basis + ". <" + p.URL + ">")
		}
		b.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile("docs/README.md", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("docs/README.md")
	if err != nil || string(have) != b.String() {
		t.Errorf("docs/README.md is not what the rules say (-update writes it): %v", err)
	}
}

// TestMarkers checks that every marker can be found, and every row names its source.
func TestMarkers(t *testing.T) {
	l, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range markers {
		f, err := l.File("a.html", []byte("<p>"+strings.Replace(m.text, "{{", "{{ ", 1)+"</p>"), true, nil)
		if err != nil || len(f.Problems) != 1 || f.Problems[0].Rule != "tracking-marker" || !strings.HasPrefix(m.source, "https://") {
			t.Errorf("%s %s: %+v, %v", m.service, m.text, f, err)
		}
	}
	link := `href="https://shop.us1.list-manage.com/track/click?u=0a1b2c3d4e5f60718293a4b5c&id=0f1e2d3c4b&e=a1b2c3d4e5"`
	pixel := `<img src="https://t.shop.example/open?m=1" width="1" height="1">`
	head := "From: News <news@shop.example>\nTo: ann@reader.example\nSubject: Spring\nList-Unsubscribe: <https://shop.example/u>\n"
	has := func(f *File, rule string) bool {
		for _, p := range f.Problems {
			if p.Rule == rule {
				return true
			}
		}
		return false
	}
	for _, s := range attrSwitches {
		f, err := l.File("a.html", []byte("<a "+s.name+`="`+s.value+`" `+link+">Shop</a>"), true, nil)
		if err != nil || !has(f, "switch-ignored") || !strings.HasPrefix(s.source, "https://") {
			t.Errorf("%s %s: %+v, %v", s.service, s.name, f, err)
		}
	}
	for _, s := range headerSwitches {
		for _, c := range []struct {
			values []string
			rule   string
		}{{s.off, "switch-ignored"}, {s.on, "tracking-marker"}} {
			for _, value := range c.values {
				f, err := l.File("a.eml", []byte(head+s.name+": "+value+"\nContent-Type: text/html\n\n"+pixel+"<a "+link+">Shop</a>\n"), false, nil)
				if err != nil || !has(f, c.rule) || has(f, map[string]string{"switch-ignored": "tracking-marker", "tracking-marker": "switch-ignored"}[c.rule]) || !strings.HasPrefix(s.source, "https://") {
					t.Errorf("%s: %s: %+v, %v", s.name, value, f, err)
				}
			}
		}
	}
	for _, s := range jsonSwitches {
		value := "false"
		for i := len(s.path) - 1; i >= 0; i-- {
			value = `{"` + s.path[i] + `": ` + value + "}"
		}
		f, err := l.File("a.eml", []byte(head+s.name+": "+value+"\nContent-Type: text/html\n\n"+pixel+"<a "+link+">Shop</a>\n"), false, nil)
		if err != nil || !has(f, "switch-ignored") || !strings.HasPrefix(s.source, "https://") {
			t.Errorf("%s: %s: %+v, %v", s.name, value, f, err)
		}
	}
}
