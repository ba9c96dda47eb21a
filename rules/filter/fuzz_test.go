package filter_test

import (
	"regexp"
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

// plainURL are the URLs that the naive matcher reads as the engine does.
var plainURL = regexp.MustCompile(`^https?://[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]+)?/[!-\[\]-~]*$`)

// FuzzMatch checks that the engine finds what a loop over all filters finds.
func FuzzMatch(f *testing.F) {
	for _, url := range seedURLs {
		f.Add(seedList, url, "www.b.example", uint8(1))
	}
	f.Fuzz(func(t *testing.T, text, url, source string, typ uint8) {
		if !plainURL.MatchString(url) || len(url) > 300 || source != "" && !plainURL.MatchString("http://"+source+"/") {
			t.Skip()
		}
		l := filter.Parse("list", []byte(text))
		l.Filters = slices.DeleteFunc(l.Filters, func(f filter.Filter) bool { return f.BadFilter || !printable(f.Text) })
		compare(t, engineOf(t, l), loopOver(l), logged{URL: url, Source: source, Type: filter.Type(1) << (typ % 16)})
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
