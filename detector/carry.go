package detector

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
)

// Limits of what a finding shows.
const (
	maxCarried  = 8
	carriedSize = 300 // bytes of each
)

// carried lists what a URL carries that a person can read.
func carried(layers []token.Layer) []Carried {
	var list []Carried
	for i := range layers {
		l := &layers[i]
		if !tells(l) || saidBefore(layers, i) {
			continue
		}
		c := Carried{l.Place.String(), shown(l.Data)}
		if slices.Contains(list, c) {
			continue
		}
		if list = append(list, c); len(list) == maxCarried {
			break
		}
	}
	return list
}

// tells reports whether a layer holds something to read: JSON, a URL, an address,
// parameters, or words. What is only percent-encoded has to be more than words.
func tells(l *token.Layer) bool {
	if !l.Text || len(l.Data) < 5 {
		return false
	}
	b := l.Data
	switch {
	case (b[0] == '{' || b[0] == '[') && bytes.IndexByte(b, '"') > 0,
		bytes.Contains(b, []byte("://")),
		holdsAddress(view(b)):
		return true
	}
	steps := l.Steps.List()
	if len(steps) == 1 && steps[0] == token.Percent {
		return false
	}
	if bytes.IndexByte(b, '=') > 0 && bytes.IndexByte(b, '&') > 0 {
		return true
	}
	return wordy(b)
}

// wordy reports whether most of b is letters and digits, with few changes
// between them: not the text of yet another encoding.
func wordy(b []byte) bool {
	words, changes := 0, 0
	before := byte(0)
	for _, c := range b {
		kind := byte('o')
		switch {
		case c >= utf8.RuneSelf || 'a' <= c && c <= 'z':
			kind = 'l'
		case 'A' <= c && c <= 'Z':
			kind = 'u'
		case '0' <= c && c <= '9':
			kind = 'd'
		}
		if kind != 'o' || c == ' ' {
			words++
		}
		if kind != before && before != 0 {
			changes++
		}
		before = kind
	}
	return words*10 >= len(b)*7 && changes*3 <= len(b)
}

// saidBefore reports whether a layer inside layer i shows the same, unescaped.
func saidBefore(layers []token.Layer, i int) bool {
	for j := i + 1; j < len(layers); j++ {
		if l := &layers[j]; l.Parent == i && l.Text {
			switch steps := l.Steps.List(); steps[len(steps)-1] {
			case token.Percent, token.Entity, token.Escapes:
				return true
			}
		}
	}
	return false
}

// shown returns a copy of b, shortened.
func shown(b []byte) string {
	if len(b) <= carriedSize {
		return string(b)
	}
	n := carriedSize
	for n > 0 && !utf8.RuneStart(b[n]) {
		n--
	}
	return string(b[:n]) + "…"
}
