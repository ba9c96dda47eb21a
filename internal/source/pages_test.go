package source

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPages reads templates as pages, and leaves out what is not wanted.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.liquid": "{% if a %}Hello{% endif %}", "b.txt": "no page", "c.html": "<p>Hello", "d.hbs": "\x00\x01\x02\x03", "e.eml": "From: a@b.example\nTo: c@d.example\n\nHi",
		"left.html": "<p>left out", "f.txt": "Hello {{ you }}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := &Options{Pages: []string{".liquid", ".hbs"}, Only: func(path string) bool { return filepath.Base(path) != "left.html" }, Stdin: strings.NewReader("{{ x }}")}
	var got []string
	paths := []string{dir, filepath.Join(dir, "f.txt"), filepath.Join(dir, "left.html"), "-"}
	stats, err := Run(t.Context(), paths, o, func(_ int, it *Item) string {
		if it.Err != nil {
			return filepath.Base(it.Path) + " error"
		}
		return filepath.Base(it.Path) + " " + it.Kind.String()
	}, func(s string) error { got = append(got, s); return nil })
	want := []string{"a.liquid page", "c.html page", "e.eml message", "f.txt page", "- page"}
	if err != nil || !slices.Equal(got, want) || stats.Skipped != 3 {
		t.Errorf("got %v, %d skipped, %v; want %v", got, stats.Skipped, err, want)
	}
}
