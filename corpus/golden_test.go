package corpus_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/corpus"
	"github.com/pixelsweep/pixelsweep/detector"
)

var update = flag.Bool("update", false, "rewrite the expectations")

// TestMessages scans our own messages. Beside each stands what must be found, a
// finding a line: what decides the verdict with medium severity or more, wrapped
// links and receipts. In ok/ only the last two may stand, and most have none.
func TestMessages(t *testing.T) {
	messages := 0
	for dir, want := range map[string]bool{"tracked": true, "ok": false} {
		paths, err := filepath.Glob(filepath.Join("testdata", dir, "*.eml"))
		if err != nil {
			t.Fatal(err)
		}
		messages += len(paths)
		for _, path := range paths {
			t.Run(dir+"/"+filepath.Base(path), func(t *testing.T) { checkMessage(t, path, want) })
		}
	}
	if messages < 120 {
		t.Errorf("%d messages of our own, want at least 120", messages)
	}
}

func checkMessage(t *testing.T, path string, tracked bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := detector.New(nil).Scan(detector.Source{Path: path}, data)
	if err != nil {
		t.Fatal(err)
	}
	if got := rep.Verdict == detector.Tracked; got != tracked {
		t.Errorf("verdict %s", rep.Verdict)
	}
	var b strings.Builder
	for _, f := range rep.Findings {
		if corpus.Noted(&f) {
			rule := f.Rule
			if rule == "" {
				rule = "-"
			}
			fmt.Fprintf(&b, "%s %s %s %s %s %s\n", f.Kind, f.Severity, f.Vector, rule, f.Recipient.Evidence, f.URL)
		}
	}
	golden := strings.TrimSuffix(path, ".eml") + ".want"
	if _, err := os.Stat(golden); err != nil && !tracked && b.Len() == 0 {
		return
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}
