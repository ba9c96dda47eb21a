package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestScanPlace looks for the lines that code review gets in the files themselves.
func TestScanPlace(t *testing.T) {
	const pixel = `<img src="https://t.shop.example/open?m=%s" width="1" height="1">`
	page := func(name string) string { return "<p>Hello</p>\n<p>\n  " + fmt.Sprintf(pixel, name) + "\n" }
	long := strings.Repeat("<p>Words that fill a line of base64.</p>\n", 20) + page("base")
	wrapped := regexp.MustCompile(".{76}").ReplaceAllString(base64.StdEncoding.EncodeToString([]byte(long)), "$0\n")
	quoted := strings.ReplaceAll(page("quoted"), "=", "=3D")
	part := func(encoding, body string) string {
		return "--b\nContent-Type: text/html\nContent-Transfer-Encoding: " + encoding + "\n\n" + body + "\n"
	}
	message := "From: a@shop.example\nDisposition-Notification-To: r@shop.example\nContent-Type: multipart/mixed; boundary=b\n\n" +
		part("7bit", page("seven")) + part("8bit", "<p>\xc3\xa4</p>"+page("eight")) + part("quoted-printable", quoted) + part("base64", wrapped) + "--b--\n"
	dir := t.TempDir()
	path := filepath.Join(dir, "a.eml")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(path, message)
	scan := func(format, path string) string {
		var out, errs bytes.Buffer
		if code := run([]string{"scan", "--format", format, "--full-urls", path}, streams{strings.NewReader(""), &out, &errs}); code != exitFindings {
			t.Fatalf("exit code %d: %s", code, errs.String())
		}
		return out.String()
	}
	place := func(format, out, what string) string {
		for _, line := range strings.Split(out, "\n") {
			if m := regexp.MustCompile(`line=(\d+)(?:,col=(\d+))?`).FindStringSubmatch(line); m != nil && strings.Contains(line, what) {
				return m[1] + ":" + m[2]
			}
		}
		t.Errorf("%s: no %s in %s", format, what, out)
		return ""
	}
	at := func(text string) (line, column int) {
		before, _, ok := strings.Cut(message, text)
		if !ok {
			t.Fatalf("no %s", text)
		}
		return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
	}
	out := scan("github", path)
	for what, text := range map[string]string{"m=seven": "https://t.shop.example/open?m=seven", "m=eight": "https://t.shop.example/open?m=eight", "receipt": "r@shop.example"} {
		line, column := at(text)
		if got, want := place("github", out, what), fmt.Sprintf("%d:%d", line, column); got != want && !(what == "receipt" && strings.HasPrefix(got, fmt.Sprint(line, ":"))) {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	line, _ := at("m=3Dquoted")
	if got, want := place("github", out, "m=quoted"), fmt.Sprintf("%d:", line); got != want {
		t.Errorf("quoted-printable: got %s, want %s", got, want)
	}
	line, _ = at(wrapped)
	start := strings.Index(long, "https://t.shop.example")
	if got, want := place("github", out, "m=base"), fmt.Sprintf("%d:", line+start*4/3/76); got != want {
		t.Errorf("base64: got %s, want %s", got, want)
	}
	line, _ = at("m=seven")
	for format, want := range map[string]string{"sarif": `"startLine": %d`, "gitlab": `"lines":{"begin":%d}`, "junit": `line="%d"`} {
		if out := scan(format, path); !strings.Contains(out, fmt.Sprintf(want, line)) {
			t.Errorf("%s: no line %d in %s", format, line, out)
		}
	}
	if out := scan("jsonl", path); strings.Contains(out, "file_line") {
		t.Errorf("%s", out)
	}

	// The first line of an .emlx is not the message's; in an mbox no line is known.
	write(filepath.Join(dir, "a.emlx"), fmt.Sprintf("%d\n%s<?xml version=\"1.0\"?>\n", len(message), message))
	if got, want := place("emlx", scan("github", filepath.Join(dir, "a.emlx")), "m=seven"), fmt.Sprintf("%d:", line+1); !strings.HasPrefix(got, want) {
		t.Errorf("emlx: got %s, want %s", got, want)
	}
	write(filepath.Join(dir, "a.mbox"), "From a@shop.example Thu Jan  1 00:00:00 2026\n"+message+"\n")
	if got := place("mbox", scan("github", filepath.Join(dir, "a.mbox")), "m=seven"); got != "1:" {
		t.Errorf("mbox: got %s", got)
	}
	write(filepath.Join(dir, "a.html"), page("alone"))
	if got := place("html", scan("github", filepath.Join(dir, "a.html")), "m=alone"); got != "3:13" {
		t.Errorf("html: got %s", got)
	}
}
