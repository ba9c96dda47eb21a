package report

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestProblemHTML writes a page of texts that are made to break out of it: it has no
// script, loads nothing and links to nothing but the documentation.
func TestProblemHTML(t *testing.T) {
	const bad = `"'><img src=https://evil.example/><script>alert(1)</script><a href="javascript:x">` + "\x1b[31m\u202e"
	rules := []Rule{{ID: "open-pixel", URL: "https://docs.example/open-pixel"}}
	var b strings.Builder
	h, err := Problems("html", &b, rules, &Options{Verbose: 1, FullURLs: true})
	if err != nil {
		t.Fatal(err)
	}
	list := []Problem{
		{Rule: "open-pixel", Level: Error, Path: bad, Part: bad, Line: 1, Column: 3, End: 30, Message: bad, URL: "https://t.example/" + bad, Source: bad, Ignored: bad},
		{Rule: bad, Level: Warning, Message: bad},
	}
	for range maxListed {
		list = append(list, Problem{Rule: "frame", Level: Note, Message: "a frame"})
	}
	sum := &ProblemSummary{Stale: []Stale{{bad, bad, bad}}, Profile: bad, Basis: bad, Disclaimer: bad}
	sum.Add(list)
	if err := h.File(bad, list); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(sum); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	if strings.ContainsAny(page, "\x1b\u202e") {
		t.Error("signs that control are left")
	}
	if !strings.Contains(page, "2 more are not listed here.") || !strings.Contains(page, "<mark>") {
		t.Errorf("%.2000s", page)
	}
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "link", "iframe", "form":
			t.Errorf("an element %s", n.Data)
		case "style":
			sum := sha256.Sum256([]byte(n.FirstChild.Data))
			if !strings.Contains(page, "sha256-"+html.EscapeString(base64.StdEncoding.EncodeToString(sum[:]))) {
				t.Error("the policy does not allow the style sheet")
			}
		}
		for _, a := range n.Attr {
			if a.Key == "href" && a.Val != "https://docs.example/open-pixel" || strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s=%q", a.Key, a.Val)
			}
		}
	}
}
