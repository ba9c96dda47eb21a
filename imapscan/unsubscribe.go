package imapscan

import (
	"bytes"
	"mime"
	"strings"
)

// unsubscribe returns the value of the field List-Unsubscribe (RFC 2369) in a
// header, decoded.
func unsubscribe(header []byte) string {
	value := strings.TrimSpace(field(header, "list-unsubscribe"))
	if strings.Contains(value, "=?") && len(value) < 16<<10 {
		// QUIRK: long links come as encoded words, which RFC 2369 section 2 does not
		// allow.
		if d, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
			value = d
		}
	}
	return strings.ToValidUTF8(value, "\uFFFD")
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
