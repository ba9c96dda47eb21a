package template

import (
	"bytes"
	"strings"
)

// single reads the tags in one pair of braces: those whose sign is clear, and a few
// by name, since braces are CSS too.
func (f *finder) single(i int) (Tag, bool) {
	end := i + 1
	for end < len(f.text) && end-i < 80 && (isName(f.text[end]) || strings.IndexByte("$!.=:|-", f.text[end]) >= 0) {
		end++
	}
	if end >= len(f.text) || f.text[end] != '}' || end == i+1 {
		return Tag{}, false
	}
	inner := string(f.text[i+1 : end])
	ok := len(inner) > 1 && (inner[0] == '$' || inner[0] == '!')
	if !ok {
		key, _, assigned := strings.Cut(inner, "=")
		ok = assigned && (key == "contactfield" || key == "leadfield" || key == "ownerfield") || singleNames[inner]
	}
	return span(i, 1, end, 1, Output), ok
}

// singleNames are tags in one pair of braces that services document (Mautic,
// Sailthru, Ghost).
var singleNames = map[string]bool{
	"tracking_pixel": true, "unsubscribe_url": true, "unsubscribe_text": true, "webview_url": true, "webview_text": true,
	"email": true, "beacon": true, "optout_confirm_url": true, "uuid": true, "profile.id": true,
}

// bracket reads [[name]], and the tags in single brackets that services document; all
// with a fallback are tags (Campaign Monitor, Sendy).
func (f *finder) bracket(i int) (Tag, bool) {
	n := 1
	if f.has(i, "[[") {
		n = 2
	}
	end := i + n
	for end < len(f.text) && end-i < 100 && (isName(f.text[end]) || strings.IndexByte(".:-| \"", f.text[end]) >= 0) {
		end++
	}
	if n == 1 && f.has(end, ",fallback=") && end > i+1 {
		close := bytes.IndexByte(f.text[end:min(len(f.text), end+200)], ']')
		t := span(i, 1, end, 1, Output)
		t.End = end + close + 1
		return t, close > 0 && bytes.IndexAny(f.text[end:t.End], "<>[\"\n") < 0
	}
	if end == i+n || !f.has(end, "]]"[:n]) || !isLetter(f.text[i+n]) {
		return Tag{}, false
	}
	name := strings.ToLower(string(f.text[i+n : end]))
	space, _, colon := strings.Cut(name, ":")
	ok := n == 2 || colon && (space == "link" || space == "subscriber" || space == "newsletter" || space == "activation_link") || bracketNames[name]
	return span(i, n, end, n, Output), ok
}

// bracketNames are tags in single brackets (phpList, Campaign Monitor).
var bracketNames = map[string]bool{
	"email": true, "usertrack": true, "unsubscribe": true, "unsubscribeurl": true, "userid": true, "fullname": true,
	"firstname": true, "lastname": true, "preferencesurl": true, "webversion": true, "forwardurl": true, "blacklisturl": true,
}

// dollar reads ${name} and $!{name} (Velocity in Marketo, FreeMarker), and $user.email
// where it begins a piece of a URL and the name is one of something of a reader.
func (f *finder) dollar(i int) (Tag, bool) {
	n := 2
	if f.has(i, "$!{") {
		n = 3
	} else if !f.has(i, "${") {
		return f.reference(i)
	}
	end := i + n
	for end < len(f.text) && end-i < 200 && f.text[end] != '}' && f.text[end] != '\n' && f.text[end] != '<' && f.text[end] != '"' {
		end++
	}
	return span(i, n, end, 1, Output), f.has(end, "}") && end > i+n
}

// reference reads $user.email and $!user.email (Velocity User Guide, "References").
func (f *finder) reference(i int) (Tag, bool) {
	from := i + 1
	if f.has(from, "!") {
		from++
	}
	if i == 0 || strings.IndexByte("=/\"'", f.text[i-1]) < 0 || from >= len(f.text) || !isLetter(f.text[from]) {
		return Tag{}, false
	}
	end := from
	for end < len(f.text) && end-i < 100 && (isName(f.text[end]) || f.text[end] == '.' && end+1 < len(f.text) && isLetter(f.text[end+1])) {
		end++
	}
	path := string(f.text[from:end])
	_, ok := named(strings.ToLower(path))
	return span(i, from-i, end, 0, Output), ok && strings.IndexByte(path, '.') > 0
}

// hashes reads ##name## (Contao, Volt MX) and ###NAME### (TYPO3).
func (f *finder) hashes(i int) (Tag, bool) {
	n := 1
	for n < 4 && f.has(i+n, "#") {
		n++
	}
	end := i + n
	for end < len(f.text) && end-i < 80 && (isName(f.text[end]) || f.text[end] == '.' || f.text[end] == '-') {
		end++
	}
	ok := (n == 2 || n == 3) && end > i+n && isLetter(f.text[i+n]) && f.has(end, "###"[:n]) && !f.has(end+n, "#")
	return span(i, n, end, n, Output), ok
}

// dashes reads -name- (SendGrid) where it is a whole parameter of a URL and the name is
// usual for something of a reader; everywhere else it is a piece of a word.
func (f *finder) dashes(i int) (Tag, bool) {
	end := i + 1
	for end < len(f.text) && end-i < 40 && isName(f.text[end]) {
		end++
	}
	if !f.has(end, "-") || end+1 < len(f.text) && strings.IndexByte("&\"'# \n<>", f.text[end+1]) < 0 {
		return Tag{}, false
	}
	name := string(f.text[i+1 : end])
	_, ok := named(strings.ToLower(name))
	return span(i, 1, end, 1, Output), ok || strings.EqualFold(name, "name")
}
