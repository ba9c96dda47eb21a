package imapscan

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// clip shortens what a server says for people.
func clip(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// secrets are texts that must not be shown, although a server may repeat them.
type secrets []string

// add takes the message of a SASL mechanism: itself, its fields, and all of it
// as it is sent.
func (s *secrets) add(message []byte) {
	*s = append(*s, base64.StdEncoding.EncodeToString(message))
	for _, f := range bytes.FieldsFunc(message, func(r rune) bool { return r == 0 || r == 1 }) {
		f = bytes.TrimPrefix(f, []byte("auth=Bearer "))
		if len(f) > 3 {
			*s = append(*s, string(f), base64.StdEncoding.EncodeToString(f))
		}
	}
}

// redact replaces them in text.
func (s secrets) redact(text string) string {
	for _, x := range s {
		if x != "" {
			text = strings.ReplaceAll(text, x, "[secret]")
		}
	}
	return text
}
