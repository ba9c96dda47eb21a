package imapscan

import (
	"bytes"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
	"sync"
)

// tracer writes a log of a connection, one line at a time: "C: " and what was
// sent, "S: " and what came. Secrets and the text of messages are left out. A nil
// *tracer writes nothing.
type tracer struct {
	mu sync.Mutex
	w  io.Writer
}

func newTracer(w io.Writer) *tracer {
	if w == nil {
		return nil
	}
	return &tracer{w: w}
}

// maxTraced is how much of a line is shown.
const maxTraced = 400

func (t *tracer) line(who, text string) {
	if t == nil {
		return
	}
	text = strings.TrimRight(text, "\r\n")
	if len(text) > maxTraced {
		text = text[:maxTraced] + "…"
	}
	q := strconv.QuoteToGraphic(text)
	t.mu.Lock()
	defer t.mu.Unlock()
	io.WriteString(t.w, who+": "+strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(q[1:len(q)-1])+"\n")
}

// sent logs the commands in what was written: lines that start with a tag of
// go-imap. Literals, which may be messages, are not shown.
func (t *tracer) sent(p []byte) {
	if t == nil {
		return
	}
	for line := range bytes.Lines(p) {
		if len(line) > 2 && line[0] == 'T' && line[1] >= '0' && line[1] <= '9' {
			t.line("C", string(line))
		}
	}
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
