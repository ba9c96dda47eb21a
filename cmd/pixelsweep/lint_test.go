package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xeipuuv/gojsonschema"
)

// lintOut runs lint and returns what it prints.
func lintOut(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append([]string{"lint"}, args...), streams{strings.NewReader(""), &out, &errs}); code > exitFindings {
		t.Fatalf("%v: exit code %d: %s", args, code, errs.String())
	}
	return out.String()
}

// sarifSchema is the official schema of SARIF 2.1.0, which go-sarif holds in its
// source.
func sarifSchema(t *testing.T) *gojsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go")
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(f, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && len(l.Value) > len(text) {
			text = l.Value
		}
		return true
	})
	text, err = strconv.Unquote(text)
	if err != nil || !strings.Contains(text, "sarif-schema-2.1.0.json") {
		t.Fatalf("no schema in %s: %v", path, err)
	}
	s, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// templates are files to check: our own, and real templates where they are at hand.
func templates(t *testing.T) []string {
	t.Helper()
	paths := []string{"../../internal/lint/testdata/seeded", "../../corpus/testdata"}
	if real := "../../../shared/corpora/clean-html"; exists(real) {
		return append(paths, real)
	}
	t.Log("no real templates at hand: only our own are checked")
	return paths
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// sarifDoc is what the tests read of a log.
type sarifDoc struct {
	Runs []struct {
		Results []sarifResult
	}
}

type sarifResult struct {
	RuleID              string
	BaselineState       string
	PartialFingerprints map[string]string
	Suppressions        []struct{ Kind, Justification string }
	Locations           []struct {
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           struct{ StartLine, StartColumn, EndColumn int }
		}
	}
}

func readSARIF(t *testing.T, text string) []sarifResult {
	t.Helper()
	var d sarifDoc
	if err := json.Unmarshal([]byte(text), &d); err != nil || len(d.Runs) != 1 {
		t.Fatalf("%d runs, %v", len(d.Runs), err)
	}
	return d.Runs[0].Results
}

// TestLintSARIF validates a big run against the official schema, with a baseline and
// with what comments ignore.
func TestLintSARIF(t *testing.T) {
	schema := sarifSchema(t)
	base := filepath.Join(t.TempDir(), "base.json")
	paths := templates(t)
	lintOut(t, append([]string{"--baseline", base, "--update-baseline"}, paths[0])...)
	for _, args := range [][]string{
		append([]string{"lint", "-f", "sarif"}, paths...),
		append([]string{"lint", "-f", "sarif", "--baseline", base}, paths...),
		{"scan", "-f", "sarif", "../../corpus/testdata"},
	} {
		var out, errs bytes.Buffer
		if code := run(args, streams{strings.NewReader(""), &out, &errs}); code > exitFindings {
			t.Fatalf("%v: %s", args, errs.String())
		}
		res, err := schema.Validate(gojsonschema.NewBytesLoader(out.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range res.Errors() {
			if i < 10 {
				t.Errorf("%v: %s", args[:3], e)
			}
		}
		if n := len(readSARIF(t, out.String())); n < 30 {
			t.Errorf("%v: %d results only", args[:3], n)
		}
	}
}

// TestLintMoves checks that fingerprints stay when lines move, that what comments
// ignore stays in the log, and that what is gone is said to be.
func TestLintMoves(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	page := "<p>Hello</p>\n<!-- pixelsweep-ignore frame: the map, agreed in March -->\n<iframe src=\"https://shop.example/\"></iframe>\n" +
		strings.Repeat("<img src=\"https://t.shop.example/open?m=1\" width=1 height=1>\n", 3) + "<script>1</script>\n"
	write := func(text string) {
		if err := os.WriteFile("a.html", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(page)
	before := readSARIF(t, lintOut(t, "-f", "sarif", "a.html"))
	lintOut(t, "--baseline", "base.json", "--update-baseline", "a.html")
	moved := "<!doctype html>\n\n<table><tr><td>" + strings.ReplaceAll(page, "\n", "\n\n  ")
	write(moved)
	after := readSARIF(t, lintOut(t, "-f", "sarif", "--baseline", "base.json", "a.html"))
	if len(before) != len(after) || len(before) < 6 {
		t.Fatalf("%d results, then %d", len(before), len(after))
	}
	seen := map[string]bool{}
	for i := range before {
		b, a := before[i], after[i]
		fp := b.RuleID + b.PartialFingerprints["pixelsweep/v1"]
		if b.RuleID != a.RuleID || fp != a.RuleID+a.PartialFingerprints["pixelsweep/v1"] || seen[fp] {
			t.Errorf("result %d: %+v, then %+v", i, b, a)
		}
		seen[fp] = true
		if b.Locations[0].PhysicalLocation.Region.StartLine == a.Locations[0].PhysicalLocation.Region.StartLine {
			t.Errorf("result %d did not move", i)
		}
		switch ignored := a.RuleID == "frame"; {
		case len(a.Suppressions) != 1:
			t.Errorf("result %d: suppressions %+v", i, a.Suppressions)
		case ignored && (a.Suppressions[0].Kind != "inSource" || a.Suppressions[0].Justification != "the map, agreed in March" || a.BaselineState != "new"):
			t.Errorf("ignored: %+v", a)
		case !ignored && (a.Suppressions[0].Kind != "external" || a.BaselineState != "unchanged"):
			t.Errorf("known: %+v", a)
		}
	}
	write("<p>Hello</p>\n")
	for _, r := range readSARIF(t, lintOut(t, "-f", "sarif", "--baseline", "base.json", "a.html")) {
		if r.BaselineState != "absent" {
			t.Errorf("gone: %+v", r)
		}
	}
}

// TestLintWorkers checks that the number of workers changes no byte.
func TestLintWorkers(t *testing.T) {
	paths := templates(t)
	for _, format := range []string{"text", "json", "sarif", "github", "gitlab", "junit", "markdown"} {
		one := lintOut(t, append([]string{"-f", format, "-j", "1"}, paths...)...)
		if eight := lintOut(t, append([]string{"-f", format, "-j", "8"}, paths...)...); one != eight || one == "" {
			t.Errorf("%s: 8 workers print something else than 1", format)
		}
	}
	if a, b := lintOut(t, append([]string{"--declaration", "-j", "1"}, paths...)...), lintOut(t, append([]string{"--declaration", "-j", "8"}, paths...)...); a != b {
		t.Error("the declaration differs")
	}
}

// TestLintClean checks real templates without tracking: the only errors are where a
// rule is broken, on three pages that are web sites with scripts.
func TestLintClean(t *testing.T) {
	root := "../../../shared/corpora/clean-html"
	if !exists(root) {
		t.Skip("SKIPPED: no real templates at hand")
	}
	got := map[string]int{}
	for _, line := range strings.Split(lintOut(t, "-f", "line", "--profile", "strict", root), "\n") {
		if place, _, ok := strings.Cut(line, ": error: "); ok {
			file := strings.Split(strings.TrimPrefix(place, root+"/"), ":")[0]
			got[file+" "+line[strings.LastIndex(line, "[")+1:len(line)-1]]++
		}
	}
	want := map[string]int{
		"emailmonday+Cerberus/docs__templates__index.html script":                    4,
		"foundation+foundation-emails/docs__layouts__default.html script":            6,
		"foundation+foundation-emails/docs__layouts__default.html third-party-pixel": 2, // Google Analytics: a call of five commands, and its script
		"foundation+foundation-emails/docs__layouts__default.html no-withdrawal":     1,
		"niftylettuce+email-templates/index.html script":                             4,
		"niftylettuce+email-templates/index.html third-party-pixel":                  3, // the same
		"niftylettuce+email-templates/index.html no-withdrawal":                      1,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// TestLintHostile puts into names and URLs what each format could take for its own.
func TestLintHostile(t *testing.T) {
	t.Chdir(t.TempDir())
	name := "a%0A::error::b,c=d`|<b>]]>&\x1b[31m.html"
	url := "https://t.shop.example/open?m=1%0A::error::x|`<b>]]>\x1b[2J\u202e@ann](https://evil.example)"
	page := "<img width=1 height=1 src='" + url + "'>\n<!-- pixelsweep-ignore frame: x\x1b[31m ::error::`|<b> -->\n<iframe src='x'></iframe>\n"
	if err := os.WriteFile(name, []byte(page), 0o644); err != nil {
		t.Skip(err)
	}
	for _, format := range []string{"text", "line", "json", "sarif", "github", "gitlab", "junit", "markdown"} {
		out := lintOut(t, "-f", format, "-v", name)
		if i := strings.IndexFunc(out, func(r rune) bool { return r < ' ' && r != '\n' || r == '\u202e' }); i >= 0 {
			t.Errorf("%s: control character at %d in %.300q", format, i, out[max(0, i-60):])
		}
		switch format {
		case "github":
			for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
				if !strings.HasPrefix(line, "::error file=a%250A%3A%3Aerror%3A%3Ab%2Cc=d") || strings.Count(line, "::error::") > 1 {
					t.Errorf("github: %s", line)
				}
			}
		case "json", "sarif", "gitlab":
			if !json.Valid([]byte(out)) {
				t.Errorf("%s: not JSON", format)
			}
		case "junit":
			if err := xml.Unmarshal([]byte(out), new(struct{})); err != nil {
				t.Errorf("junit: %v", err)
			}
		case "markdown":
			if strings.Contains(out, "<b>") && !strings.Contains(out, "`<b>") && strings.Contains(strings.ReplaceAll(out, "a%0A::error::b,c=d`", ""), "\n<b>") {
				t.Errorf("markdown: %s", out)
			}
			for _, line := range strings.Split(out, "\n") {
				if strings.HasPrefix(line, "| error") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 5 {
					t.Errorf("markdown: not four cells: %s", line)
				}
			}
		}
	}
}

// TestLintBaselineName checks that a file is known whose name is no UTF-8, which JSON
// cannot hold.
func TestLintBaselineName(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a\xff\xfe.html", []byte("<iframe src=x></iframe>"), 0o644); err != nil {
		t.Skipf("SKIPPED: the file system takes no such names: %v", err)
	}
	lintOut(t, "--baseline", "base.json", "--update-baseline", ".")
	if out := lintOut(t, "--baseline", "base.json", "."); !strings.Contains(out, "0 errors, 0 warnings, 0 notes, 1 in the baseline") || strings.Contains(out, "is gone") {
		t.Error(out)
	}
}

// TestLintFormats reads back what programs read.
func TestLintFormats(t *testing.T) {
	seeded := "../../internal/lint/testdata/seeded"
	var doc struct {
		Schema   string
		Problems []struct {
			Rule, Path, Fingerprint string
			Line, Column            int
		}
		Summary struct{ Files, Errors, Warnings, Notes, Ignored, Known int }
	}
	if err := json.Unmarshal([]byte(lintOut(t, "-f", "json", seeded)), &doc); err != nil || doc.Schema != "pixelsweep.lint/1" {
		t.Fatalf("%q, %v", doc.Schema, err)
	}
	s := doc.Summary
	if len(doc.Problems) != s.Errors+s.Warnings+s.Notes+s.Ignored+s.Known || s.Errors == 0 || s.Files < 28 {
		t.Errorf("%d problems, summary %+v", len(doc.Problems), s)
	}
	var issues []struct {
		Description, Fingerprint, Severity string
		CheckName                          string `json:"check_name"`
		Location                           struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	if err := json.Unmarshal([]byte(lintOut(t, "-f", "gitlab", seeded)), &issues); err != nil || len(issues) != s.Errors+s.Warnings+s.Notes {
		t.Fatalf("gitlab: %d issues, %v", len(issues), err)
	}
	var prints []string
	for _, i := range issues {
		prints = append(prints, i.Fingerprint)
		if i.Location.Lines.Begin < 1 || i.Location.Path == "" || i.CheckName == "" || !slices.Contains([]string{"info", "minor", "major"}, i.Severity) {
			t.Errorf("gitlab: %+v", i)
		}
	}
	slices.Sort(prints)
	if n := len(slices.Compact(slices.Clone(prints))); n != len(prints) {
		t.Errorf("gitlab: %d fingerprints for %d issues", n, len(prints))
	}
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []struct {
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(lintOut(t, "-f", "junit", seeded)), &suites); err != nil {
		t.Fatal(err)
	}
	cases, failures := 0, 0
	for _, suite := range suites.Suites {
		for _, c := range suite.Cases {
			cases++
			if c.Failure != nil {
				failures++
			}
		}
	}
	if cases != suites.Tests || failures != suites.Failures || failures != len(issues) {
		t.Errorf("junit: %d of %d cases failed, it says %d of %d", failures, cases, suites.Failures, suites.Tests)
	}
	if n := strings.Count(lintOut(t, "-f", "github", seeded), "\n::") + 1; n != len(issues) {
		t.Errorf("github: %d lines", n)
	}
}
