package mime

import (
	"bytes"
	"strings"
	"testing"
)

func TestHeader(t *testing.T) {
	testSplit(t, []splitCase{
		{"plain", crlf("Subject: a", "", "hello"), []string{"1 text/plain hello"}},
		{"html", crlf("Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"line feeds only", []byte("Content-Type: text/html\n\n<b>"), []string{"1 text/html <b>"}},
		{"carriage returns only", []byte("Content-Type: text/html\r\r<b>"), []string{"1 text/html <b>"}},
		{"byte order mark", []byte("\xEF\xBB\xBFContent-Type: text/html\n\n<b>"), []string{"1 text/html <b>"}},
		{"blank lines first", crlf("", "", "Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"mbox line first", crlf("From a@b.example Mon Jan  1 00:00:00 2024", "Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"quoted mbox line", crlf(">From a@b.example Mon", "Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"garbage line", crlf("Subject: a", "what is this", "Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"folded", crlf("Content-Type:", "\ttext/html;", " charset=utf-8", "", "<b>"), []string{"1 text/html <b>"}},
		{"folding stripped", crlf("Content-Type: multipart/mixed;", `boundary="x"`, "To: a@b.example", "", "--x", "Content-Type: text/html", "", "<b>", "--x--"),
			[]string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"message IDs on lines of their own", crlf("References:", "<a1@b.example>", "<A1-2@b.example>", "Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"blanks before the colon", crlf("Content-Type : text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"upper case", crlf("CONTENT-TYPE: TEXT/HTML", "", "<b>"), []string{"1 text/html <b>"}},
		{"blank line of blanks", crlf("Content-Type: text/html", "  ", "<b>"), []string{"1 text/html <b>"}},
		{"blank line missing", crlf("Content-Type: text/html", "<b>bold</b>"), []string{"1 text/html <b>bold</b>"}},
		{"blank line missing before base64", crlf("Content-Type: text/html", "Content-Transfer-Encoding: base64",
			"PGI+YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE8L2I+"), []string{"1 text/html <b>aaaaaaaaaaaaaaaaaaaaaaaaaaaaa</b>"}},
		{"no header", crlf("<html><b>"), []string{"1 text/html <html><b>"}},
		{"header without body", crlf("Content-Type: text/html"), []string{"1 text/html "}},
		{"empty", nil, []string{"1 text/plain "}},
		{"second type shows more", crlf("Content-Type: text/plain", "Content-Type: text/html", "", "<b>"), []string{"1 text/html <b>"}},
		{"first type shows more", crlf("Content-Type: text/html", "Content-Type: text/plain", "", "<b>"), []string{"1 text/html <b>"}},
		{"second type has the parts", crlf("Content-Type: text/plain", "Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a", "--x--"),
			[]string{"TEXT multipart/mixed", "1 text/plain a"}},
		{"second type has the boundary", crlf("Content-Type: multipart/mixed; boundary=y", "Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a", "--x--"),
			[]string{"TEXT multipart/mixed", "1 text/plain a"}},
	})
}

func TestField(t *testing.T) {
	src := crlf("From x Mon", "Subject: one", " two", "X-Empty:", "subject: three", "rubbish", "To : a@b.example", "", "Subject: body")
	var r Reader
	m := r.Split(src, Limits{})
	for _, tt := range []struct{ name, want string }{
		{"Subject", "one two"}, {"SUBJECT", "one two"}, {"X-Empty", ""}, {"To", "a@b.example"}, {"Cc", ""},
	} {
		if got := m.Field(tt.name); got != tt.want {
			t.Errorf("Field(%q) = %q, want %q", tt.name, got, tt.want)
		}
		if got := m.Parts[0].Field(tt.name); got != tt.want {
			t.Errorf("Part.Field(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	var names []string
	for _, f := range m.Fields() {
		names = append(names, f.Name)
	}
	if got, want := strings.Join(names, " "), "Subject X-Empty subject To"; got != want {
		t.Errorf("fields %q, want %q", got, want)
	}
	if got, want := len(m.Parts[0].Fields()), len(names); got != want {
		t.Errorf("the part has %d fields, want %d", got, want)
	}
	if !bytes.HasPrefix(m.Header.Of(src), []byte("Subject: one")) {
		t.Errorf("header %q", m.Header.Of(src))
	}
}
