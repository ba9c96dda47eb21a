package mime

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestHTMLPartsLikeEnmime compares the HTML parts found in each file with those
// that enmime finds. PIXELSWEEP_ENMIME names a file of lines "path TAB count",
// as corpus/peers/enmime prints them; relative paths stand below
// PIXELSWEEP_CORPORA.
func TestHTMLPartsLikeEnmime(t *testing.T) {
	list := os.Getenv("PIXELSWEEP_ENMIME")
	if list == "" {
		t.Skip("PIXELSWEEP_ENMIME names no counts")
	}
	counts, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for line := range bytes.Lines(counts) {
		path, count, _ := strings.Cut(strings.TrimSpace(string(line)), "\t")
		want, err := strconv.Atoi(count)
		if err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(os.Getenv("PIXELSWEEP_CORPORA"), path)
		}
		msg, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := countHTML(msg); got < want {
			t.Errorf("%s: %d HTML parts, enmime finds %d", path, got, want)
		}
		files++
	}
	if files == 0 {
		t.Errorf("%s names no file", list)
	}
	t.Logf("%d files", files)
}

func countHTML(msg []byte) int {
	var r Reader
	m := r.Split(msg, Limits{})
	n := 0
	for i := range m.Parts {
		if m.Parts[i].IsHTML() {
			n++
		}
	}
	return n
}
