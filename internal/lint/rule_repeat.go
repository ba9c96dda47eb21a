package lint

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/internal/lint/template"
)

// momentWords name what is another value at each opening or sending.
var momentWords = map[string]bool{
	"now": true, "timestamp": true, "time": true, "rand": true, "random": true, "cachebuster": true, "cachebust": true,
	"cache_buster": true, "guid": true, "newid": true, "unix_time": true, "nocache": true, "random_number": true,
}

// ownMoments are those that things have as well: event.time, article.guid.
var ownMoments = map[string]bool{"timestamp": true, "time": true, "guid": true}

// repeatOpen looks for what keeps a picture from the cache, so that each opening is
// seen: outside what deliverability needs, which is the date of the last one.
func repeatOpen(d *document) {
	for _, r := range d.refs {
		if !r.loads() || r.part == nil {
			continue
		}
		for i := range r.tags {
			t := &r.tags[i]
			if t.Kind == template.Output && namesMoment(t.Inner(r.part.text)) {
				text := string(squeezed(r.part.text[t.Start:t.End]))
				d.add("repeat-open", r.spot(), "tag "+text+" keeps this from the cache, so that each opening is seen", r)
			}
		}
	}
}

// namesMoment reports whether an expression writes what is another value each time.
func namesMoment(inner string) bool {
	lower := strings.ToLower(inner)
	for i := 0; i < len(lower); {
		j := i
		for j < len(lower) && (lower[j] == '_' || lower[j] >= 'a' && lower[j] <= 'z') {
			j++
		}
		if j == i {
			i++
			continue
		}
		owned := i > 0 && (lower[i-1] == '.' || lower[i-1] == '{' || lower[i-1] == '>')
		if word := lower[i:j]; momentWords[word] && !(owned && ownMoments[word] && !strings.HasPrefix(lower[j:], "(")) {
			return !writesDay(inner)
		}
		i = j
	}
	return false
}

// writesDay reports whether an expression formats a date by a day or more, which is
// the same for all mail of that day: {{ 'now' | date: '%Y-%m' }}, {% now "Y" %}.
func writesDay(inner string) bool {
	day := false
	for i := 0; i < len(inner); i++ {
		if inner[i] != '"' && inner[i] != '\'' {
			continue
		}
		end := strings.IndexByte(inner[i+1:], inner[i])
		if end < 0 {
			break
		}
		format := inner[i+1 : i+1+end]
		i += end + 1
		letters := "YymdDjnFMLlN" // of PHP, Twig and Django
		if strings.IndexByte(format, '%') >= 0 {
			letters = "YymdeBbhjaAuUWVGgCFDx%-" // of strftime
		}
		other := func(r rune) bool { return !strings.ContainsRune(letters+" -/.,_", r) }
		if format != "" && !strings.ContainsFunc(format, other) && !strings.Contains(format, "mm") { // minutes
			day = true
		} else if !strings.EqualFold(format, "now") && !strings.EqualFold(format, "today") {
			return false
		}
	}
	return day
}
