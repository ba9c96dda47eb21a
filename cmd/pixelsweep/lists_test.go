package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEngineBinary checks that bytes at random, of which some would read as
// filters, are told and left out, and that other lists still work.
func TestEngineBinary(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	bad, good := filepath.Join(dir, "program"), filepath.Join(dir, "list.txt")
	if err := os.WriteFile(bad, []byte("\x7fELF\x02\x00\x00a\nads\ntrack\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(good, []byte("||ads.example^\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		paths []string
		none  bool
	}{{[]string{bad}, true}, {[]string{bad, good}, false}} {
		var sources []ruleSource
		for _, p := range tt.paths {
			sources = append(sources, ruleSource{name: filepath.Base(p), path: p})
		}
		var said bytes.Buffer
		e, unusable, unread, err := engine(sources, &said)
		if err != nil || unusable != 1 || unread != 0 || (e == nil) != tt.none {
			t.Errorf("%v: engine %v, %d unusable, %d unread, %v", tt.paths, e != nil, unusable, unread, err)
		}
		if !strings.Contains(said.String(), "program: no filter list: not text") {
			t.Errorf("%v: said %q", tt.paths, said.String())
		}
	}
}
