package filter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// FuzzParse checks that a filter, printed and parsed, is the same filter.
func FuzzParse(f *testing.F) {
	for line := range strings.Lines(seedList) {
		f.Add(line)
	}
	f.Add("{\"trackers\":{\"a.b\":{\"default\":\"block\"}}}")
	f.Add("!#if (a || !b)\nx\n!#else\ny\n!#endif")
	f.Fuzz(func(t *testing.T, text string) {
		l := filter.Parse("list", []byte(text))
		for i := range l.Filters {
			printed := l.Filters[i].String()
			again := filter.Parse("list", []byte("! not JSON\n"+printed))
			if len(again.Filters) != 1 || again.Filters[0].String() != printed {
				t.Fatalf("%q printed as %q, read as %v %v", l.Filters[i].Text, printed, again.Filters, again.Unsupported)
			}
		}
	})
}

// FuzzMatch checks that the engine finds what a loop over all filters finds.
// The URL is made of a known host and any path.
func FuzzMatch(f *testing.F) {
	for i, path := range []string{"p.gif", "track/1/open?x=tok&pixel=1", "x1.gif", "?utm_source=1", "Up.gif", "ok/", "a.exam"} {
		f.Add(seedList, uint8(i), path, uint8(i))
	}
	hosts := []string{"a.example", "x.a.example", "b.example", "www.b.co.uk", "x.club", "c.example:8080", "d.example"}
	f.Fuzz(func(t *testing.T, text string, host uint8, path string, typ uint8) {
		path = strings.Map(func(r rune) rune {
			if r <= ' ' || r > '~' || r == '\\' {
				return -1
			}
			return r
		}, path[:min(len(path), 200)])
		l := filter.Parse("list", []byte(text))
		l.Filters = slices.DeleteFunc(l.Filters, func(f filter.Filter) bool { return f.BadFilter || !printable(f.Text) })
		compare(t, engineOf(t, l), loopOver(l), logged{
			URL:    "https://" + hosts[int(host)%len(hosts)] + "/" + path,
			Source: hosts[int(typ)%4],
			Type:   filter.Type(1) << (typ % 16),
		})
	})
}

// printable leaves expressions with odd bytes to the engine alone.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// FuzzLoad checks that no bytes make an engine panic.
func FuzzLoad(f *testing.F) {
	table, err := filter.Compile(filter.Parse("list", []byte(seedList)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(table)
	f.Fuzz(func(t *testing.T, b []byte) {
		b = slices.Clone(b)
		seal(b)
		if e, err := filter.Load(b); err == nil {
			use(e, seedURLs...)
		}
	})
}
