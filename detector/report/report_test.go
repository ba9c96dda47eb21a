package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/detector"
)

var update = flag.Bool("update", false, "rewrite the expectations")

// stored are the reports of testdata, which no detection made.
func stored(t testing.TB) []*detector.Report {
	f, err := os.Open("testdata/reports.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var reports []*detector.Report
	for sc := bufio.NewScanner(f); sc.Scan(); {
		r := new(detector.Report)
		d := json.NewDecoder(bytes.NewReader(sc.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(r); err != nil {
			t.Fatal(err)
		}
		reports = append(reports, r)
	}
	return reports
}

// render gives what a handler writes for reports.
func render(t testing.TB, format string, o *Options, reports []*detector.Report) string {
	var b bytes.Buffer
	h, err := New(format, &b, o)
	if err != nil {
		t.Fatal(err)
	}
	sum := &Summary{Skipped: 2, Errors: 1}
	for _, r := range reports {
		sum.Add(r)
		if err := h.Report(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(sum); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	for _, tt := range []struct {
		name, format string
		opts         *Options
	}{
		{"text", "text", nil},
		{"text-narrow", "text", &Options{Width: 40}},
		{"text-color", "text", &Options{Color: true}},
		{"text-v", "text", &Options{Verbose: 1}},
		{"text-vv-narrow", "text", &Options{Verbose: 2, Width: 50}},
		{"text-full-urls", "text", &Options{FullURLs: true, Width: 40}},
		{"line", "line", nil},
		{"line-full-urls", "line", &Options{FullURLs: true}},
		{"json", "json", nil},
		{"jsonl", "jsonl", nil},
		{"jsonl-redacted", "jsonl", &Options{Redact: true}},
		{"csv", "csv", nil},
		{"csv-redacted", "csv", &Options{Redact: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := render(t, tt.format, tt.opts, stored(t))
			checkSafe(t, got, tt.opts)
			golden := "testdata/" + tt.name + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// checkSafe fails for what a terminal could obey, and for lines that are wider
// than it.
func checkSafe(t *testing.T, out string, o *Options) {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	if o.Color {
		for _, code := range []string{"1;31", "1;32", "1;33", "31", "33", "1", "0"} {
			out = strings.ReplaceAll(out, "\x1b["+code+"m", "")
		}
	}
	for i, r := range out {
		if r != '\n' && r != '\ufffd' && unsafe(r) || r == utf8.RuneError && strings.HasPrefix(out[i:], "\ufffd") == false {
			t.Fatalf("%q in %q", r, out[max(0, i-20):min(len(out), i+20)])
		}
	}
	if o.Width == 0 || o.FullURLs {
		return
	}
	for _, line := range strings.Split(out, "\n") {
		n := 0
		for _, r := range line {
			n += columns(r)
		}
		if n > o.Width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestReadBack reads what the formats for programs wrote: it must be the same
// reports.
func TestReadBack(t *testing.T) {
	want := stored(t)
	var doc struct {
		Schema  string
		Reports []*detector.Report
		Summary Summary
	}
	if err := json.Unmarshal([]byte(render(t, "json", nil, want)), &doc); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, doc.Reports); d != "" {
		t.Errorf("json (-want +got):\n%s", d)
	}
	if s := doc.Summary; s.Messages != 7 || s.Tracked != 4 || s.Incomplete != 1 || s.Skipped != 2 || s.Errors != 1 || s.Kinds["pixel"] != 3 {
		t.Errorf("summary %+v", s)
	}
	for i, line := range strings.Split(strings.TrimSuffix(render(t, "jsonl", nil, want), "\n"), "\n") {
		got := new(detector.Report)
		if err := json.Unmarshal([]byte(line), got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want[i], got); d != "" {
			t.Errorf("jsonl (-want +got):\n%s", d)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(render(t, "csv", nil, want))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		for _, c := range row {
			if strings.ContainsAny(c[:min(1, len(c))], "=+-@\t\r\n") {
				t.Errorf("a spreadsheet may compute %q", c)
			}
		}
	}
}

// TestEmpty writes no reports at all.
func TestEmpty(t *testing.T) {
	for format, want := range map[string]string{
		"text":  "0 messages scanned: 0 tracked, 0 suspicious, 0 clean\n2 files skipped: neither mail nor HTML\n1 item not read at all\n",
		"line":  "",
		"jsonl": "",
		"json": `{"schema":"pixelsweep.reports/1","reports":[],"summary":{"messages":0,"tracked":0,"suspicious":0,"clean":0,"incomplete":0,` +
			`"skipped":2,"errors":1,"kinds":{},"services":{}}}` + "\n",
		"csv": strings.Join(csvHead, ",") + "\n",
	} {
		if got := render(t, format, nil, nil); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
	if _, err := New("nope", nil, nil); err == nil {
		t.Error("unknown format: no error")
	}
}

func TestRedacted(t *testing.T) {
	for _, r := range stored(t) {
		before := render(t, "jsonl", nil, []*detector.Report{r})
		got := render(t, "jsonl", &Options{Redact: true}, []*detector.Report{r})
		for _, secret := range []string{"1234567890", "f6a7b8c9d0", "ann.reed", "reader.example", "77aa88bb", "user:secret"} {
			if strings.Contains(got, secret) {
				t.Errorf("%q in %s", secret, got)
			}
		}
		if after := render(t, "jsonl", nil, []*detector.Report{r}); after != before {
			t.Errorf("redaction changed the report itself")
		}
	}
}

// TestRedactedWords checks that what explains a finding is told without what
// identifies the reader, and in whole words.
func TestRedactedWords(t *testing.T) {
	r := &detector.Report{
		Message:    &detector.Message{To: []string{"ann.reed@reader.example"}},
		References: []detector.Reference{{URL: "https://616e6e2e7265656440726561.t.example/", Host: "616e6e2e7265656440726561.t.example"}},
		Findings: []detector.Finding{{
			Carries:   []detector.Carried{{At: "query[ann.reed@reader.example]", Decoded: "ann.reed@reader.example"}},
			Target:    "https://616e6e2e7265656440726561.t.example/?u=ann.reed",
			Recipient: detector.Recipient{Evidence: detector.Proven, How: "parameter ann.reed@reader.example: base64 of the recipient's address"},
			Signals: []detector.Signal{
				{Name: "size", Points: 1, Detail: "100%×0.5"}, {Name: "hidden", Points: 1, Detail: "left:-9999px"},
				{Name: "recipient", Points: 1, Detail: "parameter 0a1b2c3d: sha256 of the recipient's address"},
			},
		}},
	}
	got := redacted(r)
	want := detector.Finding{
		Target:    "https://61….t.example/?u=…",
		Recipient: detector.Recipient{Evidence: detector.Proven, How: "parameter …: base64 of the recipient's address"},
		Signals: []detector.Signal{
			{Name: "size", Points: 1, Detail: "100%×0.5"}, {Name: "hidden", Points: 1, Detail: "left:-9999px"},
			{Name: "recipient", Points: 1, Detail: "parameter 0a…: sha256 of the recipient's address"},
		},
	}
	if d := cmp.Diff(want, got.Findings[0]); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if ref := got.References[0]; ref.URL != "https://61….t.example/" || ref.Host != "61….t.example" {
		t.Errorf("reference: %s of %s", ref.URL, ref.Host)
	}
}

func TestShortURL(t *testing.T) {
	for url, want := range map[string]string{
		"https://t.example/":                          "https://t.example/",
		"https://t.example/logo-2026.png":             "https://t.example/logo-2026.png",
		"https://t.example/o?e=f6a7b8c9d0&n=5":        "https://t.example/o?e=f6a7…d0&n=5",
		"https://t.example/open/0123456789abcdef/x":   "https://t.example/open/0123…ef/x",
		"https://t.example/?to=ann@reader.example":    "https://t.example/?to=a…",
		"https://t.example/?to=ann%40reader.example":  "https://t.example/?to=a…",
		"https://ann:pw@t.example/x":                  "https://…@t.example/x",
		"https://0123456789abcdef0.t.example/":        "https://0123…f0.t.example/",
		"https://nam01.safelinks.t.example/":          "https://nam01.safelinks.t.example/",
		"https://t.example#frag=12345678901":          "https://t.example#frag=1234…01",
		"mailto:news@shop.example?subject=hi":         "mailto:news@shop.example?subject=hi",
		"mailto:unsub-0123456789@shop.example":        "mailto:unsu…89@shop.example",
		"mailto:?to=ann@reader.example":               "mailto:?to=a…",
		"cid:logo":                                    "cid:logo",
		"data:image/gif;base64,R0lGODlhAQABAIAAAAAAA": "data:image/gif;base64,…",
		"data:R0lGODlhAQABAIAAAAAAA":                  "data:…",
		"relative/0123456789ab?x":                     "relative/0123…ab?x",
		"a/ann@reader.example:1":                      "a/a…",
		"ann@reader.example:1":                        "a…",
		"":                                            "",
		"https://t.example/é1234567890é":              "https://t.example/é12…é",
	} {
		if got := shortURL(url); got != want {
			t.Errorf("%s: got %s, want %s", url, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		in    string
		width int
		want  string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"},
		{"a\x1b[1mb", 10, "a\ufffd[1mb"},
		{"a\nb\tc", 10, "a b c"},
		{"\xff", 3, "\ufffd"},
		{"abc", 0, "…"},
	} {
		if got := Fit(tt.in, tt.width); got != tt.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

// TestTagged: what a tag sends, and when, is told in every format.
func TestTagged(t *testing.T) {
	rep := &detector.Report{
		Source: detector.Source{Path: "shop.har", Type: detector.TypePage}, Verdict: detector.Tracked,
		Findings: []detector.Finding{{
			Ref: 1, URL: "https://t.example/c", Vector: "request:ping", Kind: detector.ScriptBeacon, Severity: detector.SeverityHigh,
			Account: "G-1,ABC", Events: []string{"measure", "page_view", "purchase"}, Consent: detector.UnknownConsent,
			Values:   []detector.Field{{Name: "value", Value: "49.9"}, {Name: "order"}},
			Personal: []detector.Personal{{Name: "em", What: "e-mail", Form: "sha256"}},
		}},
		Warnings: []detector.Warning{{Text: "cut"}},
	}
	const said = "account G-1,ABC, events page_view, purchase, value 49.9, order (unknown), personal data: e-mail (sha256), consent unknown"
	for format, want := range map[string]string{
		"text": said + "\n  warning: cut\n\n1 page scanned: 1 tracked", "sarif": said, "gitlab": said, "junit": said, "markdown": strings.NewReplacer("_", `\_`).Replace(said), "github": said, "html": said,
		"line": "shop.har: high: script beacon [request:ping]; " + said + " https://t.example/c [script-beacon]\nshop.har: warning: cut\n",
		"csv":  `,"G-1,ABC",measure; page_view; purchase,value=49.9; order,em: e-mail (sha256),unknown` + "\n",
		"json": `"account":"G-1,ABC"`, "jsonl": `"consent":"unknown"`,
	} {
		if got := render(t, format, &Options{Width: 300}, []*detector.Report{rep}); !strings.Contains(got, want) {
			t.Errorf("%s: got %s\nwant %s", format, got, want)
		}
	}
	if got := Formats(); len(got) != 11 {
		t.Errorf("formats %v: one is not looked at", got)
	}
}
