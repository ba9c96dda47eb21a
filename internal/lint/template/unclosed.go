package template

import "bytes"

// unclosed reports whether the tag whose inside would be [from, end) was never closed,
// and end is that of another tag: it opens again before, or markup begins. Neither
// counts in quotes, where values may hold both.
func (f *finder) unclosed(from, end int, open string) bool {
	inside := f.text[from:end]
	if bytes.IndexByte(inside, open[0]) < 0 && bytes.IndexByte(inside, '<') < 0 {
		return false
	}
	// A text that is made so that every look is long is read without.
	if f.spent += end - from; f.spent > 64*(len(f.text)+maxTag) {
		return false
	}
	quote := 0 // where one opens
	for i := from; i < end; i++ {
		c := f.text[i]
		switch {
		case quote > 0 && c == f.text[quote]:
			quote = 0
		case quote > 0:
		case c == '"' || c == '\'' || c == '`':
			if bytes.IndexByte(f.text[i+1:end], c) >= 0 { // else an apostrophe
				quote = i
			}
		case c == open[0] && f.has(i, open) || c == '<' && open != "<%" && f.markup(i, end):
			return true
		}
	}
	return false
}

// markup reports whether an element begins or ends at '<', rather than a comparison.
func (f *finder) markup(i, end int) bool {
	if f.has(i+1, "/") || f.has(i+1, "!") {
		return i+2 < end && (isLetter(f.text[i+2]) || f.text[i+2] == '-')
	}
	i++
	name := i
	for i < end && (isName(f.text[i]) || f.text[i] == '-') {
		i++
	}
	switch {
	case i == name || !isLetter(f.text[name]) || i >= end:
		return false
	case f.text[i] == '>' || f.text[i] == '/':
		return true
	case !isSpace(f.text[i]):
		return false
	}
	for i < end && isSpace(f.text[i]) { // and an attribute with a value
		i++
	}
	attr := i
	for i < end && (isName(f.text[i]) || f.text[i] == '-') {
		i++
	}
	return i > attr && f.has(i, "=") && !f.has(i, "==")
}
