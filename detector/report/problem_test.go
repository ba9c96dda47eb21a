package report

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var updateProblems = flag.Bool("update-problems", false, "rewrite what the formats print")

// problems are of all sorts: open, ignored, known; in a page, in a message's part and
// of a whole file; on a long line, with wide letters and tabs.
var problems = []Problem{
	{Rule: "open-pixel", Level: Error, Path: "mail/a.html", Line: 3, Column: 7, End: 12, Message: "a pixel", URL: "https://t.example/o?u=0a1b2c3d4e5f60718293", Vector: "img[src]",
		Fingerprint: "0011223344556677", Source: "\t<img src=x>", SourceAt: 1},
	{Rule: "frame", Level: Warning, Path: "mail/a.html", Line: 4, Column: 22, End: 29, Message: "a frame", Fingerprint: "8899aabbccddeeff", Source: "<p>日本語 é</p><iframe></iframe>", SourceAt: 1},
	{Rule: "frame", Level: Warning, Path: "mail/a.html", Line: 9, Column: 1000, End: 1007, Message: "a frame on a long line", Fingerprint: "1899aabbccddeeff",
		Source: strings.Repeat("x", 400) + "<iframe" + strings.Repeat("y", 300), SourceAt: 600},
	{Rule: "script", Level: Error, Path: "mail/a.html", Line: 5, Column: 1, End: 8, Message: "a script", Fingerprint: "2899aabbccddeeff", Ignored: "the reason | `why`", Source: "<script>", SourceAt: 1},
	{Rule: "script", Level: Error, Path: "mail/a.html", Line: 6, Column: 1, End: 8, Message: "a script", Fingerprint: "3899aabbccddeeff", Known: true, Source: "<script>", SourceAt: 1},
	{Rule: "open-pixel", Level: Note, Path: "mail/a.html", Message: "the file as a whole", Fingerprint: "4899aabbccddeeff"},
}

var inMessage = []Problem{
	{Rule: "open-pixel", Level: Error, Path: "mail/b.eml", Part: "1.2", Line: 3, Column: 6, End: 11, FileLine: 20, FileColumn: 8, Message: "a pixel", URL: "https://t.example/o", Vector: "img[src]",
		Fingerprint: "5899aabbccddeeff", Source: "<img src=x>", SourceAt: 1},
	{Rule: "open-pixel", Level: Error, Path: "mail/b.eml", Part: "2", Line: 3, Column: 6, End: 11, Message: "a pixel somewhere in base64", Fingerprint: "6899aabbccddeeff", Source: "<img src=x>", SourceAt: 1},
}

// TestProblems compares what each format prints of the same problems.
func TestProblems(t *testing.T) {
	rules := []Rule{
		{ID: "open-pixel", Title: "A pixel", Help: "# A pixel\n", URL: "https://docs.example/open-pixel", Level: Error},
		{ID: "frame", Title: "A frame", Level: Warning}, {ID: "script", Title: "A script", Level: Off},
	}
	for _, format := range ProblemFormats() {
		var b strings.Builder
		h, err := Problems(format, &b, rules, &Options{Width: 80, Verbose: 1, Baseline: true})
		if err != nil {
			t.Fatal(err)
		}
		sum := &ProblemSummary{Stale: []Stale{{"mail/c.html", "frame", "7899aabbccddeeff"}}, Profile: "p", Basis: "a text of a date", Disclaimer: "No advice.", Skipped: 1, Unread: 2}
		for _, file := range []struct {
			path     string
			problems []Problem
		}{{"mail/a.html", problems}, {"mail/b.eml", inMessage}, {"mail/clean.html", nil}} {
			sum.Add(file.problems)
			if err := h.File(file.path, file.problems); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.Close(sum); err != nil {
			t.Fatal(err)
		}
		path := "testdata/problems." + format
		if *updateProblems {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || string(want) != b.String() {
			t.Errorf("%s: got\n%s\n(-update-problems writes it) %v", format, b.String(), err)
		}
	}
	if _, err := Problems("xml", nil, nil, nil); err == nil || !strings.Contains(err.Error(), "known are text, line") {
		t.Errorf("got %v", err)
	}
}
