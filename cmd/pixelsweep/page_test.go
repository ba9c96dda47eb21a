package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAsPage reads what is named as a page as one, however it begins.
func TestAsPage(t *testing.T) {
	const beacon = `<script>navigator.sendBeacon('https://www.google-analytics.com/g/collect?v=2&tid=G-1234567');</script>` + "\n"
	path := filepath.Join(t.TempDir(), "thanks")
	if err := os.WriteFile(path, []byte(beacon), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"web", "-q", "-f", "line", path}, {"web", "-q", "-f", "line", "-"}, {"scan", "-q", "-f", "line", "--as", "page", path}} {
		if code, out, errs := do(t, beacon, args...); code != exitFindings || !strings.Contains(out, "Google Analytics") {
			t.Errorf("%q: exit code %d: %s%s", args, code, out, errs)
		}
	}
	if code, out, _ := do(t, beacon, "rewrite", "--as", "page", "-"); code != exitOK || strings.Contains(out, "google-analytics") {
		t.Errorf("rewrite: exit code %d: %s", code, out)
	}
	// An archive is no page.
	if code, out, errs := do(t, `{"log": {"version": "1.2", "entries": []}}`, "web", "-"); code != exitPartial {
		t.Errorf("an archive: exit code %d: %s%s", code, out, errs)
	}
	// A message that is named is one still.
	mail := "From: a@b.example\nTo: c@d.example\nContent-Type: text/html\n\n" + beacon
	if _, out, _ := do(t, mail, "scan", "--as", "page", "-f", "jsonl", "-"); !strings.Contains(out, `"type":"message"`) {
		t.Errorf("a message: %s", out)
	}
}

// TestOutputOverInput refuses to write a report over a file that is to be read.
func TestOutputOverInput(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.html")
	if err := os.WriteFile(path, []byte("<p>x</p>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"scan", "lint", "web"} {
		code, _, errs := do(t, "", command, "-o", path, dir)
		if got, _ := os.ReadFile(path); code != exitUsage || string(got) != "<p>x</p>" || !strings.Contains(errs, "overwrite") {
			t.Errorf("%s: exit code %d, %q: %s", command, code, got, errs)
		}
	}
	har := filepath.Join(dir, "a.har")
	if err := os.WriteFile(har, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := do(t, "", "web", "--har", "-o", har, har)
	if got, _ := os.ReadFile(har); code != exitUsage || string(got) != "{}" {
		t.Errorf("an archive: exit code %d, %q: %s", code, got, errs)
	}
}

// do runs the command and returns its exit code, output and errors.
func do(t *testing.T, stdin string, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(args, streams{strings.NewReader(stdin), &out, &errs})
	return code, out.String(), errs.String()
}
