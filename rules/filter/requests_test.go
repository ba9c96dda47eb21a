package filter_test

import (
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// wrongExpectations are filters that the data expects to match a request that
// they cannot match, and why.
var wrongExpectations = map[string]string{
	"|ws://$other,domain=pornhub.com|redtube.com|redtube.com.br|tube8.com|tube8.es|tube8.fr|xtube.com|youporn.com|youporngay.com": "the URL is https://",
	"|ws://$domain=4shared.com":                  "the URL is https://",
	"|ws://$other,third-party,domain=fastpic.ru": "the URL is https://",
	"||tcog.news.com.au^$~xmlhttprequest":        "the request is an xmlhttprequest",
}

// TestAdblockRustRequests matches 8,276 requests against an engine of all the
// filters that they name; each request must be matched by all of its filters.
func TestAdblockRustRequests(t *testing.T) {
	requests := namedRequests(t)
	var text strings.Builder
	seen := map[string]bool{}
	for _, q := range requests {
		for _, f := range q.Filters {
			if !seen[f] {
				seen[f] = true
				text.WriteString(f + "\n")
			}
		}
	}
	l := filter.Parse("named", []byte(text.String()))
	for _, u := range l.Unsupported {
		t.Logf("%v", u)
	}
	e := engineOf(t, l)
	missing := 0
	var r filter.Request
	for _, q := range requests {
		r.Set(q.URL, q.Type, filter.NewSource(q.Source))
		found := map[string]bool{}
		for _, m := range e.All(&r) {
			found[m.Text()] = true
		}
		for _, f := range q.Filters {
			if !found[f] {
				missing++
				if why := wrongExpectations[f]; why != "" {
					t.Logf("%s: %s", f[:min(len(f), 60)], why)
					continue
				}
				t.Errorf("%s %s from %q: not matched by %s", q.Type, q.URL, q.Source, f[:min(len(f), 200)])
			}
		}
	}
	t.Logf("%d filters, %d requests, %d expectations missing", len(l.Filters), len(requests), missing)
}
