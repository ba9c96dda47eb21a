package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
	"github.com/pixelsweep/pixelsweep/detector/report"
)

// group compares copies with links of one URL each.
func group(from string, urls ...string) *diff.Group {
	var copies []*diff.Copy
	for i, u := range urls {
		copies = append(copies, &diff.Copy{
			Source: detector.Source{Path: fmt.Sprintf("%d.eml", i)}, Reader: fmt.Sprintf("r%d@x.example", i),
			Message:    detector.Message{From: from},
			References: []detector.Reference{{Ref: 1, URL: u, Vector: "a[href]", Trigger: detector.Click}},
		})
	}
	return diff.Compare(copies)
}

func TestDiffText(t *testing.T) {
	long := strings.Repeat("/segment", 200)
	for _, c := range []struct {
		name      string
		opts      report.DiffOptions
		urls      []string
		want, not []string
	}{
		{"shortened", report.DiffOptions{}, []string{"https://x.example/0123456789abcdef?e=f6a7b8c9d0", "https://x.example/0123456789abcdef?e=0b1c93aa7e"},
			[]string{"1  https://x.example/0123…ef?e=«f6a7…d0»\n", "identifies the reader, proven"}, []string{"f6a7b8c9d0"}},
		{"whole", report.DiffOptions{FullURLs: true}, []string{"https://x.example/0123456789abcdef?e=f6a7b8c9d0", "https://x.example/0123456789abcdef?e=0b1c93aa7e"},
			[]string{"1  https://x.example/0123456789abcdef?e=«f6a7b8c9d0»\n"}, nil},
		{"in colour", report.DiffOptions{Color: true}, []string{"https://x.example/?e=f6a7b8c9d0", "https://x.example/?e=0b1c93aa7e"},
			[]string{"e=\x1b[1;31mf6a7…d0\x1b[0m\n"}, []string{"«"}},
		{"no identifier", report.DiffOptions{}, []string{"https://x.example/?lang=en", "https://x.example/?lang=de"},
			[]string{"nothing in it is an identifier", "is no identifier of one"}, []string{"proven"}},
		{"host", report.DiffOptions{}, []string{"https://f6a7b8c9.x.example/a", "https://0b1c93aa.x.example/a"},
			[]string{"https://«f6a7b8c9».x.example/a\n"}, nil},
		{"long", report.DiffOptions{}, []string{"https://x.example" + long + "?e=f6a7b8c9d0", "https://x.example" + long + "?e=0b1c93aa7e"},
			[]string{"/segment?e=«f6a7…d0»"}, []string{long}},
		{"many", report.DiffOptions{}, []string{"https://x.example/?e=f6a7b1", "https://x.example/?e=f6a7b2", "https://x.example/?e=f6a7b3",
			"https://x.example/?e=f6a7b4", "https://x.example/?e=f6a7b5", "https://x.example/?e=f6a7b6", "https://x.example/?e=f6a7b7", "https://x.example/?e=f6a7b8"},
			[]string{"and 2 other URLs"}, nil},
		{"same", report.DiffOptions{}, []string{"https://x.example/", "https://x.example/"}, []string{"nothing differs: nobody is identified"}, []string{"https://"}},
		{"same, shown", report.DiffOptions{All: true}, []string{"https://x.example/", "https://x.example/"}, []string{"all  https://x.example/\n", "the same in all copies: nobody"}, nil},
		{"mailto", report.DiffOptions{}, []string{"mailto:leave-5f2a9c0b6d@x.example", "mailto:leave-88d1e0f74b@x.example"}, []string{"mailto:leave-«5f2a…6d»@…"}, nil},
		{"hostile", report.DiffOptions{FullURLs: true}, []string{"https://x.example/?\x1b[31m=\u202e1", "https://x.example/?\x1b[31m=\u202e2"}, nil, []string{"\x1b", "\u202e"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			h, err := report.NewDiff("text", &b, &c.opts)
			if err != nil {
				t.Fatal(err)
			}
			sum := &report.DiffSummary{}
			g := group("Shop \u202e", c.urls...)
			sum.Add(g)
			if err := h.Group(g); err != nil {
				t.Fatal(err)
			}
			if err := h.Close(sum); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
			for _, not := range c.not {
				if strings.Contains(b.String(), not) {
					t.Errorf("%q in\n%q", not, b.String())
				}
			}
		})
	}
}

// TestDiffJSON reads back what is written, with and without groups.
func TestDiffJSON(t *testing.T) {
	groups := []*diff.Group{
		group("A\x1b", "https://x.example/?e=f6a7b8&f=1", "https://x.example/?e=0b1c93"),
		group("B", "https://x.example/", "https://x.example/"),
	}
	for n := range len(groups) + 1 {
		var b, lines bytes.Buffer
		doc, _ := report.NewDiff("json", &b, &report.DiffOptions{All: true})
		each, _ := report.NewDiff("jsonl", &lines, nil)
		for _, g := range groups[:n] {
			doc.Group(g)
			each.Group(g)
		}
		doc.Close(&report.DiffSummary{})
		each.Close(&report.DiffSummary{})
		var got struct {
			Schema string
			Groups []struct {
				Messages  []struct{ Path, Reader, From string }
				Slots     []struct{ Pieces []struct{ Ranges [][]int } }
				Unaligned []struct{}
			}
		}
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, b.String())
		}
		if got.Schema != report.DiffSchema || len(got.Groups) != n || strings.Count(lines.String(), "\n") != n {
			t.Errorf("got %+v and %s", got, lines.String())
		}
		if strings.ContainsAny(b.String(), "\x1b") {
			t.Error("an escape sequence")
		}
		if n > 0 && (len(got.Groups[0].Messages) != 2 || got.Groups[0].Messages[1].Reader != "r1@x.example") {
			t.Errorf("got %+v", got)
		}
	}
	if _, err := report.NewDiff("csv", nil, nil); err == nil {
		t.Error("csv is no format of comparisons")
	}
}
