package imapscan

import (
	"bytes"
	"strings"
)

// unsubscribe returns the link of the field List-Unsubscribe (RFC 2369) in a
// header: https before http before mailto.
func unsubscribe(header []byte) string {
	value := strings.TrimSpace(field(header, "list-unsubscribe"))
	best, rank := "", 0
	for _, part := range strings.Split(value[:min(len(value), 8<<10)], ",") {
		part = strings.Trim(strings.TrimSpace(part), "<>")
		n := 0
		switch scheme, _, _ := strings.Cut(strings.ToLower(part), ":"); scheme {
		case "https":
			n = 3
		case "http":
			n = 2
		case "mailto":
			n = 1
		}
		if n > rank && !strings.ContainsAny(part, " \t<>\"") {
			best, rank = part, n
		}
	}
	return best
}

// field returns the unfolded value of the first field with a name, which is given
// in lower case.
func field(header []byte, name string) string {
	var value []byte
	found := false
	for line := range bytes.Lines(header) {
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case len(text) == 0:
			return string(value)
		case text[0] == ' ' || text[0] == '\t':
			if found {
				value = append(value, text...)
			}
		case found:
			return string(value)
		case len(text) > len(name) && text[len(name)] == ':' && strings.EqualFold(string(text[:len(name)]), name):
			found = true
			value = append(value, text[len(name)+1:]...)
		}
	}
	return string(value)
}
