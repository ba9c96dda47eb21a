package wire

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Tracer writes a log of a connection, one line at a time: "C: " and what was
// sent, "S: " and what came. Secrets and the text of messages are left out. A nil
// *Tracer writes nothing.
type Tracer struct {
	mu sync.Mutex
	w  io.Writer

	unended []byte // a line that go-imap has begun to write
	literal int    // bytes of a literal that it is still to write
}

// NewTracer logs to w, nil for no log.
func NewTracer(w io.Writer) *Tracer {
	if w == nil {
		return nil
	}
	return &Tracer{w: w}
}

// maxTraced is how much of a line is shown.
const maxTraced = 400

// Line logs a line of "C", the client, or "S", the server.
func (t *Tracer) Line(who, text string) {
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

// Sent logs the commands in what go-imap has written, which is not more than one at
// a time. Literals, which may be messages, are not shown, whatever stands in them.
func (t *Tracer) Sent(p []byte) {
	if t == nil {
		return
	}
	for len(p) > 0 {
		n := min(t.literal, len(p))
		t.literal -= n
		p = p[n:]
		i := bytes.IndexByte(p, '\n') + 1
		if i == 0 {
			t.unended = append(t.unended, p...)
			return
		}
		line := append(t.unended, p[:i]...)
		t.unended, p = nil, p[i:]
		if len(line) > 2 && line[0] == 'T' && line[1] >= '0' && line[1] <= '9' {
			t.Line("C", string(line))
		}
		if end := bytes.TrimRight(line, "}+\r\n"); len(end) < len(line) {
			if at := bytes.LastIndexByte(end, '{'); at >= 0 {
				t.literal, _ = strconv.Atoi(string(end[at+1:]))
			}
		}
	}
}

// shownStrings are what a structure holds in most messages (RFC 9051 section
// 7.5.2) and tells nothing about one.
var shownStrings = strings.Fields(`
	text plain html enriched calendar amp x-amp-html multipart mixed alternative related signed encrypted report digest
	message rfc822 delivery-status disposition-notification image png jpeg gif svg+xml application pdf octet-stream
	7bit 8bit binary base64 quoted-printable charset utf-8 us-ascii iso-8859-1 iso-8859-15 windows-1252
	attachment inline boundary name filename format flowed delsp yes type size method`)

// withoutMail replaces the quoted strings of a line of a FETCH response, which may
// be text of a message, by their lengths. What most structures hold stays.
func withoutMail(line string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(line, '"')
		if from < 0 {
			b.WriteString(line)
			return b.String()
		}
		to := from + 1
		for to < len(line) && line[to] != '"' {
			if line[to] == '\\' {
				to++
			}
			to++
		}
		text := line[from+1 : min(to, len(line))]
		before := strings.ToUpper(line[:from])
		b.WriteString(line[:from])
		if slices.Contains(shownStrings, strings.ToLower(text)) || strings.HasSuffix(before, "INTERNALDATE ") {
			b.WriteString(`"` + text + `"`)
		} else {
			b.WriteString(`"[` + strconv.Itoa(len(text)) + ` bytes]"`)
		}
		line = line[min(to+1, len(line)):]
	}
}
