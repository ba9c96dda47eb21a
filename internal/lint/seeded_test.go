package lint

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// seeded reads the policy of the seeded files.
func seeded(t *testing.T) *Linter {
	t.Helper()
	text, err := os.ReadFile("testdata/seeded/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var f struct{ Lint Policy }
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	l, err := New(&Options{Policy: &f.Lint, Relative: func(path string) string { return filepath.Base(path) }})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestSeeded finds the violation that each file was seeded with. seeded.want shows,
// for each problem, what stands at its line and column: read from the file or from the
// decoded part, not from what the linter shows.
func TestSeeded(t *testing.T) {
	l := seeded(t)
	files, err := filepath.Glob("testdata/seeded/*")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	found := map[string]bool{"incomplete": true} // TestIncomplete
	for _, path := range files {
		name := filepath.Base(path)
		if name == "policy.yaml" {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := l.File(path, data, filepath.Ext(path) != ".eml", nil)
		if err != nil {
			t.Fatal(err)
		}
		rule := strings.TrimSuffix(name, filepath.Ext(name))
		for _, p := range f.Problems {
			if p.Rule == rule {
				found[rule] = true
			}
			at, src := "file", data
			if p.Line > 0 {
				at = fmt.Sprintf("%d:%d", p.Line, p.Column)
				if p.Part != "" && p.Part != "HEADER" {
					src = nil // what the file holds is encoded
					at = p.Part + ":" + at
					if p.FileLine > 0 {
						at += fmt.Sprintf(" (%d:%d)", p.FileLine, p.FileColumn)
					}
				}
			}
			fmt.Fprintf(&got, "%s %s %s %s", name, at, p.Level, p.Rule)
			if p.Line > 0 && src != nil {
				line := bytes.Split(src, []byte("\n"))[p.Line-1]
				fmt.Fprintf(&got, " %s", line[p.Column-1:p.End-1])
			}
			got.WriteString("\n")
		}
		if !found[rule] {
			t.Errorf("%s: the seeded violation is not found", name)
		}
	}
	for _, r := range Rules() {
		if !found[r.ID] {
			t.Errorf("%s: no file is seeded with it", r.ID)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/seeded.want", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/seeded.want")
	if err != nil || string(want) != got.String() {
		t.Errorf("got\n%s\n(-update writes it) %v", got.String(), err)
	}
}

// TestIncomplete calls nothing clean that was not read whole.
func TestIncomplete(t *testing.T) {
	l := seeded(t)
	f, err := l.File("a.html", []byte("<p>Hello</p>"), true, []string{"the rest is missing"})
	if err != nil || f.Complete || len(f.Problems) != 1 || f.Problems[0].Rule != "incomplete" {
		t.Errorf("%+v, %v", f, err)
	}
	long := bytes.Repeat([]byte("<p>Hello</p>\n"), 17<<20/13)
	f, err = l.File("a.html", long, true, nil)
	if err != nil || f.Complete || len(f.Problems) == 0 || f.Problems[0].Rule != "incomplete" {
		t.Errorf("long: %d problems, %v", len(f.Problems), err)
	}
	if _, err := l.File("a.html", nil, true, nil); err == nil {
		t.Error("nothing is read without an error")
	}
}

// TestCharsets finds the same place whatever the charset and the line ends.
func TestCharsets(t *testing.T) {
	l := seeded(t)
	page := "<meta charset=CS><p>é</p>\n<a href='https://shop.example/unsubscribe'>Unsubscribe</a> <img src=\"https://t.shop.example/open?u=*|UNIQID|*\" width=1 height=1>\n"
	wide := []byte{0xff, 0xfe}
	for _, r := range page {
		wide = append(wide, byte(r), byte(r>>8))
	}
	for name, data := range map[string][]byte{
		"utf-8": []byte(page), "latin 1": []byte(strings.NewReplacer("é", "\xe9", "CS", "iso-8859-1").Replace(page)), "utf-16": wide,
		"crlf": []byte(strings.ReplaceAll(page, "\n", "\r\n")), "mark": []byte("\xef\xbb\xbf" + page),
	} {
		f, err := l.File("a.html", data, true, nil)
		if err != nil || len(f.Problems) != 2 {
			t.Errorf("%s: %+v, %v", name, f, err)
			continue
		}
		for _, p := range f.Problems {
			if p.Line != 2 || p.Source[p.Column-1:p.End-1] != `src="https://t.shop.example/open?u=*|UNIQID|*"` {
				t.Errorf("%s: %+v", name, p)
			}
		}
	}
}
