package rewrite

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expectations")

// TestGolden rewrites testdata/NAME.eml and compares with NAME.want, byte for
// byte; a message without one must not change.
func TestGolden(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.eml")
	if len(paths) == 0 {
		t.Fatal("no samples")
	}
	for _, p := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(p), ".eml"), func(t *testing.T) {
			msg, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			res, err := Message(msg, nil)
			if err != nil || len(res.Left) > 0 {
				t.Fatalf("%v, left %+v", err, res.Left)
			}
			name := strings.TrimSuffix(p, ".eml") + ".want"
			if *update && res.Changed {
				if err := os.WriteFile(name, res.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name)
			if err != nil {
				want = msg
			}
			if !bytes.Equal(res.Data, want) {
				t.Errorf("got\n%s\nwant\n%s", res.Data, want)
			}
			verify(t, msg, res, false, nil)
			if err := apart(msg, res); err != nil {
				t.Error(err)
			}
		})
	}
}
