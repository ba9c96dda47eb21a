package lint

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/rules"
)

// nearest returns the name that is most like a misspelt word: as much of it stands in
// the other, or at most a third of its letters would have to change. "" is none.
func nearest(word string, names []string) string {
	best, least := "", 0
	word = letters(word)
	if word == "" {
		return ""
	}
	for _, name := range names {
		known := letters(name)
		n := changes(word, known)
		if len(word) > 3 && len(known) > 3 && (strings.Contains(known, word) || strings.Contains(word, known)) {
			n = 1
		}
		if n <= max(len(word), len(known))/3 && (best == "" || n < least) {
			best, least = name, n
		}
	}
	return best
}

// letters is a word without what people write differently: case, spaces and signs.
func letters(word string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '_' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(word))
}

// changes is how many bytes of a must be changed, dropped or added to make b
// (Levenshtein distance).
func changes(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		left, diagonal := i+1, row[0]
		row[0] = left
		for j := range len(b) {
			n := diagonal
			if a[i] != b[j] {
				n++
			}
			diagonal = row[j+1]
			left = min(n, left+1, diagonal+1)
			row[j+1] = left
		}
	}
	return row[len(b)]
}

// Suggest names the rule that a wrong ID may stand for, or where to find them all.
func Suggest(id string) string {
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	if known := nearest(id, ids); known != "" {
		return "; did you mean " + known + "?"
	}
	return "; pixelsweep lint --explain all lists them"
}

// unknownService says what is wrong with the name of a service, "" for nothing.
func unknownService(name string) string {
	var names []string
	for _, s := range rules.Default().Services() {
		if strings.EqualFold(s.Name, name) {
			return ""
		}
		names = append(names, s.Name)
	}
	if known := nearest(name, names); known != "" {
		return "; did you mean " + known + "?"
	}
	for _, s := range rules.Default().Services() { // whose company has another name
		if nearest(name, []string{s.Operator}) != "" {
			return "; did you mean " + s.Name + " of " + s.Operator + "?"
		}
	}
	return "; pixelsweep rules list lists them"
}
