package diff_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
)

// load reads samples of testdata.
func load(t testing.TB, patterns ...string) (copies []*diff.Copy, reports []*detector.Report) {
	t.Helper()
	det := detector.New(nil)
	for _, p := range patterns {
		paths, err := filepath.Glob(filepath.Join("testdata", p))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no samples, %v", p, err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := det.Scan(detector.Source{Path: filepath.Base(path)}, data)
			if err != nil {
				t.Fatal(err)
			}
			copies, reports = append(copies, diff.NewCopy(r)), append(reports, r)
		}
	}
	return copies, reports
}

// summary writes what differs in a group, one slot a line.
func summary(g *diff.Group) string {
	var b strings.Builder
	constant := 0
	for i := range g.Slots {
		s := &g.Slots[i]
		if s.Class == diff.Constant {
			constant++
			continue
		}
		fmt.Fprintf(&b, "%s", s.Vector)
		for _, p := range s.Pieces {
			if p.Class == diff.Constant {
				continue
			}
			fmt.Fprintf(&b, " %s:%s", p.At, p.Class)
			if p.Identifies {
				b.WriteString("!")
			}
		}
		b.WriteString("\n")
	}
	for _, p := range g.Unaligned {
		fmt.Fprintf(&b, "only in %s: %s\n", g.Members[p.Member].Source.Path, p.Vector)
	}
	fmt.Fprintf(&b, "%d constant\n", constant)
	return b.String()
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name     string
		patterns []string
		want     string
	}{
		{"two readers, one issue", []string{"garden-1-ann.eml", "garden-1-bob.eml"}, `
a[href] query[e]:reader!
a[href] query[e]:reader!
a[href] query[e]:reader!
img[src] query[e]:reader!
2 constant
`},
		{"two readers, one of whom has a block more", []string{"garden-1-ann.eml", "garden-1-eve.eml"}, `
a[href] query[e]:reader!
a[href] query[e]:reader!
a[href] query[e]:reader!
img[src] query[e]:reader!
only in garden-1-eve.eml: img[src]
only in garden-1-eve.eml: a[href]
2 constant
`},
		{"one reader, two issues", []string{"garden-?-ann.eml"}, `
mime:text/plain path[2]:issue
a[href] query[id]:issue
a[href] query[id]:issue
a[href] query[c]:issue
img[src] query[id]:issue
1 constant
`},
		{"three readers, two issues", []string{"garden-*.eml"}, `
mime:text/plain path[2]:issue
a[href] query[id]:issue query[e]:reader!
a[href] query[id]:issue query[e]:reader!
a[href] query[e]:reader! query[c]:issue
img[src] query[id]:issue query[e]:reader!
3 constant
`},
		{"a token of each copy", []string{"trains-*.eml"}, `
a[href] query[upn]:copy!
a[href] query[upn]:copy!
a[href] query[upn]:copy!
img[src] query[upn]:copy!
1 constant
`},
		{"nobody, in two transfer encodings", []string{"club-*.eml"}, "3 constant\n"},
		{"both in one piece", []string{"maps-*.eml"}, `
img[src] path[1].1:issue path[1].2:reader!
img[src] path[2].2:issue path[2].3:reader!
a[href] query[m]:reader! query[lang]:reader
0 constant
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			copies, _ := load(t, c.patterns...)
			if d := cmp.Diff(strings.TrimPrefix(c.want, "\n"), summary(diff.Compare(copies))); d != "" {
				t.Errorf("-want +got\n%s", d)
			}
			slices.Reverse(copies)
			g := diff.Compare(copies)
			if d := cmp.Diff(sorted(c.want), sorted(summary(g))); d != "" {
				t.Errorf("in another order: -want +got\n%s", d)
			}
		})
	}
}

func sorted(s string) []string {
	lines := strings.Split(strings.Trim(s, "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// TestRanges checks that the ranges stand in the URLs and in the decoded parts,
// and hold what differs and no more.
func TestRanges(t *testing.T) {
	copies, _ := load(t, "garden-*.eml", "maps-*.eml", "trains-*.eml")
	for _, pattern := range []string{"garden-", "maps-", "trains-"} {
		var own []*diff.Copy
		for _, c := range copies {
			if strings.HasPrefix(c.Source.Path, pattern) {
				own = append(own, c)
			}
		}
		located := 0
		g := diff.Compare(own)
		for i := range g.Slots {
			for _, p := range g.Slots[i].Pieces {
				located += checkRanges(t, g, &g.Slots[i], &p)
			}
		}
		if located == 0 {
			t.Errorf("%s: nothing located in the parts", pattern)
		}
	}
}

// checkRanges counts the ranges that stand in a part.
func checkRanges(t testing.TB, g *diff.Group, s *diff.Slot, p *diff.Piece) (located int) {
	t.Helper()
	for m, r := range p.Ranges {
		if !r.Valid() {
			if s.Refs[m] != nil && p.Values[m] != "" {
				t.Errorf("%s: no range for %q", p.At, p.Values[m])
			}
			continue
		}
		url := s.Refs[m].URL
		if r.Start > r.End || r.End > len(url) || !strings.Contains(p.Values[m], url[r.Start:r.End]) {
			t.Fatalf("%s: range %v of %q, value %q", p.At, r, url, p.Values[m])
		}
		at := p.PartRanges[m]
		if !at.Valid() {
			continue
		}
		located++
		raw := s.Refs[m].Raw
		if raw == "" {
			raw = url
		}
		at.Start, at.End = at.Start-s.Refs[m].Offset, at.End-s.Refs[m].Offset
		if at.Start < 0 || at.End > len(raw) || raw[at.Start:at.End] != url[r.Start:r.End] {
			t.Errorf("%s: %q stands not at %v of %q", p.At, url[r.Start:r.End], at, raw)
		}
	}
	return located
}

func TestTrimmed(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"middle", "https://x.example/?e=aa11bb", "https://x.example/?e=aa22bb", "11 22"},
		{"one is longer", "https://x.example/?e=aab", "https://x.example/?e=ab", "a "},
		{"overlap", "https://x.example/?e=aaaa", "https://x.example/?e=aa", "aa "},
		{"escapes stay whole", "https://x.example/?e=a%41b", "https://x.example/?e=a%42b", "%41 %42"},
		{"escapes stay whole at the end", "https://x.example/?e=%1Az", "https://x.example/?e=%2Az", "%1A %2A"},
		{"missing", "https://x.example/?e=1&f=2", "https://x.example/?e=1", "2 -"},
		{"host", "https://u11.x.example/", "https://u22.x.example/", "11 22"},
		{"fragment", "https://x.example/#a", "https://x.example/#b", "a b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := diff.Compare([]*diff.Copy{page("a", c.a), page("b", c.b)})
			if len(g.Slots) != 1 {
				t.Fatalf("%d slots", len(g.Slots))
			}
			var got []string
			for _, p := range g.Slots[0].Pieces {
				if p.Class == diff.Constant {
					continue
				}
				for m, r := range p.Ranges {
					if r.Valid() {
						got = append(got, g.Slots[0].Refs[m].URL[r.Start:r.End])
					} else {
						got = append(got, "-")
					}
				}
			}
			if got := strings.Join(got, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// page is a copy with images of the URLs.
func page(reader string, urls ...string) *diff.Copy {
	c := &diff.Copy{Reader: reader}
	for i, u := range urls {
		c.References = append(c.References, detector.Reference{
			Ref: i + 1, URL: u, Vector: "img[src]", Trigger: detector.Open, Part: "1", Offset: 100 * i, Line: i,
		})
	}
	return c
}

// TestIdentifies says what proves that a URL is for one reader.
func TestIdentifies(t *testing.T) {
	for _, c := range []struct {
		name string
		want bool
		urls []string
	}{
		{"tokens", true, []string{"https://x.example/o?e=f6a7b8", "https://x.example/o?e=0b1c93"}},
		{"numbers", true, []string{"https://x.example/o?e=48122", "https://x.example/o?e=48123"}},
		{"small numbers", false, []string{"https://x.example/o?n=3", "https://x.example/o?n=5"}},
		{"languages", false, []string{"https://x.example/o?lang=en", "https://x.example/o?lang=de"}},
		{"segments", false, []string{"https://x.example/o?e=gold-members", "https://x.example/o?e=silver-members"}},
		{"shared", false, []string{"https://x.example/o?e=f6a7b8", "https://x.example/o?e=0b1c93", "https://x.example/o?e=0b1c93"}},
		{"pictures for two segments", false, []string{"https://x.example/hero-1f3a9c22.jpg", "https://x.example/hero-9b22d0ac.jpg"}},
		{"a picture for each", true, []string{"https://x.example/1f3a9c22.jpg", "https://x.example/9b22d0ac.jpg", "https://x.example/77ab10ce.jpg"}},
		{"the same", false, []string{"https://x.example/o?e=f6a7b8", "https://x.example/o?e=f6a7b8"}},
		{"missing", false, []string{"https://x.example/o?e=f6a7b8", "https://x.example/o"}},
		{"time of sending", false, []string{"https://x.example/o?t=1772528401", "https://x.example/o?t=1772528405"}},
		{"host", true, []string{"https://k2v7bqxm.x.example/o", "https://p9w1zz8c.x.example/o"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var copies []*diff.Copy
			for i, u := range c.urls {
				p := page(string(rune('a'+i))+"@x.example", u)
				p.Message.Date = "2026-03-03T09:00:00Z"
				copies = append(copies, p)
			}
			g := diff.Compare(copies)
			f := detector.Finding{Ref: 1, URL: c.urls[0]}
			rec, ok := g.Recipient(0, &f)
			if ok != c.want || ok && (rec.Evidence != detector.Proven || !strings.Contains(rec.How, "differ exactly there")) {
				t.Errorf("got %v %v\n%s", ok, rec, summary(g))
			}
			f.URL = "https://other.example/"
			if _, ok := g.Recipient(0, &f); ok {
				t.Error("another URL is proven too")
			}
		})
	}
}

// TestUnknownReaders compares what names no readers: nothing can be told apart.
func TestUnknownReaders(t *testing.T) {
	g := diff.Compare([]*diff.Copy{page("", "https://x.example/o?e=f6a7b8"), page("", "https://x.example/o?e=0b1c93")})
	if got, want := summary(g), "img[src] query[e]:copy\n0 constant\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReaders says who copies are for, and of which mailing they are.
func TestReaders(t *testing.T) {
	type mail struct{ to, box, subject, date, id string }
	for _, c := range []struct {
		name string
		list []mail
		want string
	}{
		{"one mailing", []mail{{"A@x.example", "", "News", "2026-03-03T09:00:00Z", "1"}, {"b@x.example", "", "News", "2026-03-03T10:00:00Z", "2"}}, "a@x.example 1, b@x.example 1"},
		{"two days", []mail{{"a@x.example", "", "News", "2026-03-03T09:00:00Z", "1"}, {"b@x.example", "", "News", "2026-03-04T09:00:00Z", "2"}}, "a@x.example 1, b@x.example 2"},
		{"twice to one reader", []mail{{"a@x.example", "", "News", "2026-03-03T09:00:00Z", "1"}, {"a@x.example", "", "News", "2026-03-03T09:00:00Z", "2"}}, "a@x.example 1, a@x.example 2"},
		{"a list", []mail{{"list@x.example", "a@y.example", "News", "2026-03-03T09:00:00Z", "1"}, {"list@x.example", "b@y.example", "News", "2026-03-03T09:00:00Z", "1"}}, "a@y.example 1, b@y.example 1"},
		{"names in subjects", []mail{{"a@x.example", "", "Ann, hello", "2026-03-03T09:00:00Z", "1"}, {"b@x.example", "", "Bob, hello", "2026-03-03T09:00:00Z", "2"}}, "a@x.example 1, b@x.example 1"},
		{"numbers in subjects", []mail{{"a@x.example", "", "Issue 7", "2026-03-03T09:00:00Z", "1"}, {"b@x.example", "", "Issue 8", "2026-03-03T09:00:00Z", "2"}}, "a@x.example 1, b@x.example 2"},
		{"two a day", []mail{
			{"a@x.example", "", "News", "2026-03-03T08:00:00Z", "1"}, {"b@x.example", "", "News", "2026-03-03T08:01:00Z", "2"},
			{"a@x.example", "", "News", "2026-03-03T16:00:00Z", "3"}, {"b@x.example", "", "News", "2026-03-03T16:01:00Z", "4"}},
			"a@x.example 1, b@x.example 1, a@x.example 2, b@x.example 2"},
		{"no headers", []mail{{}, {}}, " 1,  1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var copies []*diff.Copy
			for _, m := range c.list {
				x := page("", "https://x.example/")
				x.Delivered = m.box
				x.Message = detector.Message{ID: m.id, Subject: m.subject, Date: m.date}
				if m.to != "" {
					x.Message.To = []string{m.to}
				}
				copies = append(copies, x)
			}
			var got []string
			for _, m := range diff.Compare(copies).Members {
				got = append(got, fmt.Sprintf("%s %d", m.Reader, m.Mailing))
			}
			if got := strings.Join(got, ", "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestFinder finds the mailings among all samples, in any order.
func TestFinder(t *testing.T) {
	copies, _ := load(t, "*.eml")
	copies = append(copies, copies[0]) // the same message in another folder
	find := func() string {
		f := diff.NewFinder(nil)
		for _, c := range copies {
			f.Add(c.Sketch())
		}
		var groups []string
		for _, g := range f.Groups() {
			var names []string
			for _, i := range g {
				names = append(names, strings.TrimSuffix(copies[i].Source.Path, ".eml"))
			}
			slices.Sort(names)
			groups = append(groups, strings.Join(names, " "))
		}
		slices.Sort(groups)
		return strings.Join(groups, "\n")
	}
	want := `club-ann club-bob
garden-1-ann garden-1-bob garden-1-eve garden-2-ann garden-2-bob garden-2-eve
maps-1-ann maps-1-bob maps-1-eve maps-2-ann maps-2-bob maps-2-eve
trains-1-ann trains-1-bob trains-1-eve trains-2-ann trains-2-bob trains-2-eve`
	if d := cmp.Diff(want, find()); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
	slices.Reverse(copies)
	if d := cmp.Diff(want, find()); d != "" {
		t.Errorf("in another order: -want +got\n%s", d)
	}
}

// TestFinderApart keeps apart what is no copy of each other.
func TestFinderApart(t *testing.T) {
	f := diff.NewFinder(nil)
	for _, m := range []detector.Message{
		{FromDomain: "shop.example", Subject: "Your order", Date: "2026-03-03T09:00:00Z"},
		{FromDomain: "shop.example", Subject: "Your order", Date: "2026-06-03T09:00:00Z"}, // too late
		{FromDomain: "else.example", Subject: "Your order", Date: "2026-03-03T09:00:00Z"}, // of another sender
		{FromDomain: "shop.example", Subject: "Terms of use have changed", Date: "2026-03-03T09:00:00Z"},
	} {
		c := page("", "https://x.example/a", "https://x.example/b/c")
		c.Message = m
		f.Add(c.Sketch())
	}
	if got := f.Groups(); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

// FuzzCompare compares two lists of URLs for two readers.
func FuzzCompare(f *testing.F) {
	f.Add("https://x.example/o?e=1\nhttps://x.example/b.gif", "https://x.example/o?e=2", "a", "b")
	f.Add("https://x.example/%41?e=%C3%A9\nmailto:a@b?c=d#e\n/rel?x", "https://u:p@x.example:8/%42?e=%C3%A8&&=\nmailto:z", "a", "")
	f.Add("a\na\nb\na", "a\nb\nb\na\nc", "a", "a")
	f.Fuzz(func(t *testing.T, first, second, ann, bob string) {
		a, b := page(ann, strings.Split(first, "\n")...), page(bob, strings.Split(second, "\n")...)
		g, h := diff.Compare([]*diff.Copy{a, b}), diff.Compare([]*diff.Copy{b, a})
		if len(g.Slots) != len(h.Slots) || len(g.Unaligned) != len(h.Unaligned) {
			t.Fatalf("%d slots and %d alone, in the other order %d and %d", len(g.Slots), len(g.Unaligned), len(h.Slots), len(h.Unaligned))
		}
		members := len(g.Unaligned)
		last := [2]int{}
		other := map[*detector.Reference]*diff.Slot{}
		for i := range h.Slots {
			other[h.Slots[i].Refs[0]] = &h.Slots[i]
		}
		for i := range g.Slots {
			s := &g.Slots[i]
			o := other[s.Refs[1]]
			if o == nil || o.Refs[1] != s.Refs[0] || o.Class != s.Class || o.Identifies != s.Identifies {
				t.Fatalf("slot %d differs in the other order: %+v, %+v", i, s, o)
			}
			for m, r := range s.Refs {
				if r.Ref <= last[m] {
					t.Fatal("out of order")
				}
				last[m] = r.Ref
				members++
			}
			for k := range s.Pieces {
				if s.Pieces[k].Class != diff.Constant {
					checkRanges(t, g, s, &s.Pieces[k])
				}
			}
		}
		if members != len(a.References)+len(b.References) {
			t.Fatalf("%d references placed of %d", members, len(a.References)+len(b.References))
		}
	})
}

// TestHostile compares long lists that are hard to align, in bounded time.
func TestHostile(t *testing.T) {
	const n = 20000
	for name, url := range map[string]func(copy, i int) string{
		"all alike":      func(c, i int) string { return fmt.Sprintf("https://x.example/o?e=%d", i*(c+7)) },
		"few shapes":     func(c, i int) string { return fmt.Sprintf("https://x.example/%c?e=%d", 'a'+(i*i+c*i)%23, i) },
		"upside down":    func(c, i int) string { return fmt.Sprintf("https://x.example/%x", i+c*(n-2*i)) },
		"other hosts":    func(c, i int) string { return fmt.Sprintf("https://h%d.c%d.example/", i, c) },
		"long and equal": func(c, i int) string { return "https://x.example/" + strings.Repeat("a/", 40) },
	} {
		t.Run(name, func(t *testing.T) {
			var copies []*diff.Copy
			for c := range 3 {
				var urls []string
				for i := range n - 10*c {
					urls = append(urls, url(c, i))
				}
				copies = append(copies, page(string(rune('a'+c)), urls...))
			}
			begin := time.Now()
			g := diff.Compare(copies)
			if d := time.Since(begin); d > 20*time.Second {
				t.Errorf("took %v", d)
			} else {
				t.Logf("%v, %d slots, %d alone", d, len(g.Slots), len(g.Unaligned))
			}
		})
	}
	t.Run("one long URL", func(t *testing.T) {
		a := "https://x.example/" + strings.Repeat("a-1/", 10000) + "?" + strings.Repeat("a=1&", 6000)
		diff.Compare([]*diff.Copy{page("a", a), page("b", strings.ReplaceAll(a, "1", "2"))})
	})
}

// TestSegmented checks that a picture's name tells no readers apart where only
// the scheme or the port do.
func TestSegmented(t *testing.T) {
	g := diff.Compare([]*diff.Copy{page("a", "https://x.example:12345/o"), page("b", "http://x.example:54321/o")})
	if g.Slots[0].Identifies {
		t.Error("a port identifies")
	}
}

func BenchmarkCompare(b *testing.B) {
	copies, _ := load(b, "garden-*.eml")
	b.ReportAllocs()
	for b.Loop() {
		diff.Compare(copies)
	}
}
