package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadme runs the commands that the README shows with their output, which may
// be a stretch of it after a line of "…".
func TestReadme(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Chdir("../..")
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	runs := 0
	for i, block := range strings.Split(string(text), "```") {
		command, shown, ok := strings.Cut(strings.TrimPrefix(block, "\n"), "\n")
		command, prompt := strings.CutPrefix(command, "$ pixelsweep ")
		if i%2 == 0 || !ok || !prompt {
			continue
		}
		runs++
		var args []string
		for _, arg := range strings.Fields(command) {
			if found, _ := filepath.Glob(arg); len(found) > 0 {
				args = append(args, found...)
			} else {
				args = append(args, arg)
			}
		}
		var out, errs bytes.Buffer
		if code := run(args, streams{strings.NewReader(""), &out, &errs}); code > exitFindings {
			t.Errorf("%s: exit code %d: %s", command, code, errs.String())
		}
		part, stretch := strings.CutPrefix(shown, "…\n")
		if got := out.String(); got != shown && !(stretch && strings.Contains(got, part)) {
			t.Errorf("%s: got\n%s\nREADME has\n%s", command, got, shown)
		}
	}
	if runs == 0 {
		t.Error("no command with its output")
	}
}
