package filter

import (
	"bytes"
	"strings"
)

// maxLine is the longest line that is read as a filter. The longest in public
// lists has 20 KB: one filter for a thousand domains.
const maxLine = 1 << 16

// Parse reads a filter list. The format is told from the content. Parse never
// fails: lines that cannot be used stand in the list's Unsupported, and a file
// that is no list at all yields a list without filters.
//
// Sections between "!#if" and "!#endif" are kept as an engine like uBlock
// Origin's keeps them, one that filters requests but no page content.
func Parse(name string, data []byte) *List {
	l := &List{Name: name}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if head := bytes.TrimLeft(data, " \t\r\n"); len(head) > 0 && head[0] == '{' {
		if parseJSON(l, head, data) {
			return l
		}
	}
	parseLines(l, string(data))
	return l
}

func parseLines(l *List, text string) {
	l.Filters = make([]Filter, 0, strings.Count(text, "\n")*9/10+1)
	var cond conditions
	for n := 1; text != ""; n++ {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		line = trim(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "!#"):
			if reason := cond.directive(line[2:]); reason != "" {
				l.reject(n, line, reason)
			}
		case cond.off():
			l.Inactive++
		default:
			parseLine(l, line, n)
		}
	}
	if cond.open() {
		l.reject(0, "!#if", `a "!#if" without "!#endif"`)
	}
	if len(l.Filters) < cap(l.Filters)/4 {
		l.Filters = append([]Filter(nil), l.Filters...)
	}
}

func trim(s string) string {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// parseLine reads one line that is not empty.
func parseLine(l *List, line string, n int) {
	switch line[0] {
	case '!':
		l.Comments++
		l.metadata(line[1:])
		return
	case '[':
		if isCosmetic(line) {
			l.Cosmetic++
		} else {
			l.Comments++
		}
		return
	case '#':
		if isCosmetic(line) {
			l.Cosmetic++
		} else {
			l.Comments++
		}
		return
	}
	switch {
	case len(line) > maxLine:
		l.reject(n, line, "line too long")
	case isCosmetic(line):
		l.Cosmetic++
	case parseHosts(l, line, n):
	case !isText(line):
		l.reject(n, line, "not text")
	default:
		f, reason := parseFilter(line, n)
		if reason == cosmeticException {
			l.Cosmetic++
			return
		}
		l.add(f, reason)
	}
}

// metadata reads "Title: EasyList" from a comment; the first of a kind counts.
func (l *List) metadata(s string) {
	if len(s) > 200 {
		return
	}
	key, value, ok := strings.Cut(s, ":")
	if !ok || len(key) > 20 {
		return
	}
	value = strings.TrimSpace(value)
	set := func(field *string) {
		if *field == "" {
			*field = value
		}
	}
	switch strings.ToLower(strings.TrimSpace(key)) {
	case "title":
		set(&l.Title)
	case "homepage":
		set(&l.Homepage)
	case "licence", "license":
		set(&l.Licence)
	case "version":
		set(&l.Version)
	case "last modified", "last-modified", "timeupdated":
		set(&l.Modified)
	case "expires":
		set(&l.Expires)
	}
}

// isCosmetic reports whether a line is about the content of pages, not about
// requests: "##", "#@#", "#?#", "#$#", "#%#" and their kin, and "$$".
func isCosmetic(line string) bool {
	for at := 0; ; {
		i := strings.IndexByte(line[at:], '#')
		if i < 0 {
			break
		}
		at += i + 1
		rest := strings.TrimLeft(line[at:min(len(line), at+5)], "@$?%")
		if rest != "" && rest[0] == '#' {
			// QUIRK: a fragment such as "page##x" is no filter that anyone writes.
			return at == 1 || !strings.ContainsAny(line[:at-1], "$") || strings.HasPrefix(line, "[$")
		}
	}
	i := strings.Index(line, "$$")
	if i < 0 {
		i = strings.Index(line, "$@$")
	}
	if i < 0 || strings.ContainsAny(line[:i], "/|^*=") {
		return false
	}
	rest := strings.TrimLeft(line[i:], "$@")
	return rest != "" && (isLetter(rest[0]) || rest[0] == '[' || rest[0] == ':')
}

// isText reports whether a line can be a filter: no control bytes.
func isText(line string) bool {
	for i := range len(line) {
		if line[i] < ' ' && line[i] != '\t' || line[i] == 0x7f {
			return false
		}
	}
	return true
}
