package mime

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
)

func TestMultipart(t *testing.T) {
	mixed := "Content-Type: multipart/mixed; boundary=x"
	html := "Content-Type: text/html"
	testSplit(t, []splitCase{
		{"two parts", crlf(mixed, "", "preamble", "--x", "", "a", "--x", html, "", "<b>", "--x--", "epilogue"),
			[]string{"TEXT multipart/mixed", "1 text/plain a", "2 text/html <b>"}},
		{"last boundary missing", crlf(mixed, "", "--x", html, "", "<b>"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"cut in a header", crlf(mixed, "", "--x", "Content-Type: text/ht"), []string{"TEXT multipart/mixed", "1 text/ht "}},
		{"blank line before the parts missing", crlf(mixed, "--x", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"boundary looks like a field", crlf("Content-Type: multipart/mixed; boundary=x:y", "--x:y", html, "", "<b>", "--x:y--"),
			[]string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"field looks like a boundary", crlf(mixed, "", "--x", "--_--y=_:", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"boundary of nobody before a header", crlf(mixed, "", "--x", "--y", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"blanks after the boundary", crlf(mixed, "", "--x  ", html, "", "<b>", "--x-- "), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"boundary is a prefix", crlf(mixed, "", "--x", "", "a", "--xy", "b", "--x--y", "c", "--x--"),
			[]string{"TEXT multipart/mixed", "1 text/plain a\r\n--xy\r\nb\r\n--x--y\r\nc"}},
		{"boundary inside a line", crlf(mixed, "", "--x", "", "a --x", "--x--"), []string{"TEXT multipart/mixed", "1 text/plain a --x"}},
		{"boundary of hyphens", crlf("Content-Type: multipart/mixed; boundary=----", "", "------", html, "", "<b>", "--------"),
			[]string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"boundary missing", crlf("Content-Type: multipart/mixed", "", "--x", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"boundary empty", crlf(`Content-Type: multipart/mixed; boundary=""`, "", "--x", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"boundary of blanks", crlf(`Content-Type: multipart/mixed; boundary="  "`, "", "<html>"), []string{"1 text/html <html>"}},
		{"boundary with a line break", crlf("Content-Type: multipart/mixed; boundary*=''%0Ax", "", "", "x", "<html>"), []string{"1 text/plain x\r\n<html>"}},
		{"boundary wrong", crlf("Content-Type: multipart/mixed; boundary=y", "", "--x", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"no parts", crlf(mixed, "", "hello"), []string{"1 text/plain hello"}},
		{"no parts, but markup", crlf(mixed, "", "<html><b>"), []string{"1 text/html <html><b>"}},
		{"second boundary", crlf("Content-Type: multipart/mixed; boundary=y; boundary=x", "", "--x", html, "", "<b>", "--x--"),
			[]string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"both boundaries", crlf("Content-Type: multipart/mixed; boundary=x; boundary=y", "", "--y", html, "", "<b>", "--y--", "--x", "", "a", "--x--"),
			[]string{"TEXT multipart/mixed", "1 text/plain a", "2 text/html <b>"}},
		{"empty part", crlf(mixed, "", "--x", "--x", html, "", "<b>", "--x--"), []string{"TEXT multipart/mixed", "1 text/plain ", "2 text/html <b>"}},
		{"nested", crlf(mixed, "", "--x", "Content-Type: multipart/alternative; boundary=y", "", "--y", "", "a", "--y", html, "", "<b>", "--y--", "--x", "", "c", "--x--"),
			[]string{"TEXT multipart/mixed", "1 multipart/alternative", "1.1 text/plain a", "1.2 text/html <b>", "2 text/plain c"}},
		{"nested, inner never closed", crlf(mixed, "", "--x", "Content-Type: multipart/alternative; boundary=y", "", "--y", html, "", "<b>", "--x", "", "c", "--x--"),
			[]string{"TEXT multipart/mixed", "1 multipart/alternative", "1.1 text/html <b>", "2 text/plain c"}},
		{"nested, boundaries share a prefix", crlf(mixed, "", "--x", "Content-Type: multipart/alternative; boundary=xx", "", "--xx", html, "", "<b>", "--xx--", "--x--"),
			[]string{"TEXT multipart/mixed", "1 multipart/alternative", "1.1 text/html <b>"}},
		{"line feeds only", []byte(mixed + "\n\n--x\n" + html + "\n\n<b>\n--x--\n"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
		{"carriage returns only", []byte(mixed + "\r\r--x\r" + html + "\r\r<b>\r--x--\r"), []string{"TEXT multipart/mixed", "1 text/html <b>"}},
	})
}

func TestNestedMessage(t *testing.T) {
	inner := crlf("Subject: inner", "Content-Type: multipart/mixed; boundary=y", "", "--y", "Content-Type: text/html", "", "<b>", "--y--")
	outer := func(lines ...string) []byte {
		head := append([]string{"Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a", "--x"}, lines...)
		return crlf(append(head, "--x--")...)
	}
	want := []string{"TEXT multipart/mixed", "1 text/plain a", "2 message/rfc822", "2.TEXT multipart/mixed", "2.1 text/html <b>"}
	testSplit(t, []splitCase{
		{"as it is", outer("Content-Type: message/rfc822", "", string(inner)), want},
		{"base64", outer("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", base64.StdEncoding.EncodeToString(inner)), want},
		{"quoted-printable", outer("Content-Type: message/rfc822", "Content-Transfer-Encoding: quoted-printable", "",
			strings.ReplaceAll(string(inner), "=", "=3D")), want},
		{"blank line first", outer("Content-Type: message/rfc822", "", "", string(inner)), want},
		{"one part", outer("Content-Type: message/rfc822", "", "Content-Type: text/html", "", "<b>"),
			[]string{"TEXT multipart/mixed", "1 text/plain a", "2 message/rfc822", "2.1 text/html <b>"}},
		{"digest", crlf("Content-Type: multipart/digest; boundary=x", "", "--x", "", "Content-Type: text/html", "", "<b>", "--x--"),
			[]string{"TEXT multipart/digest", "1 message/rfc822", "1.1 text/html <b>"}},
	})
}

func TestNestedMessageFlags(t *testing.T) {
	msg := crlf("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "",
		base64.StdEncoding.EncodeToString(crlf("Content-Type: text/html", "", "<b>")))
	var r Reader
	m := r.Split(msg, Limits{})
	p := &m.Parts[1]
	if !p.Nested || !p.Decoded || p.Parent != 0 {
		t.Errorf("nested %v, decoded %v, parent %d", p.Nested, p.Decoded, p.Parent)
	}
	if _, offsets, _ := r.Decode(p); true {
		if off, ok := offsets.Raw(0); ok {
			t.Errorf("an offset into an encoded message is %d", off)
		}
	}
}

func TestEncodingName(t *testing.T) {
	for _, tt := range []struct{ value, want string }{
		{"base64", "base64"}, {"BASE64", "base64"}, {` "base64" `, "base64"}, {"base64 (comment)", "base64"}, {"(c) base64", "base64"},
		{"base64;", "base64"}, {"base-64", "base64"}, {"quoted_printable", "quoted-printable"}, {"8-bit", "8bit"}, {"", "7bit"},
		{"x-uuencode", "x-uuencode"}, {"Quoted-Printable\r\n\t", "quoted-printable"},
	} {
		var r Reader
		m := r.Split([]byte("Content-Transfer-Encoding: "+tt.value+"\r\n\r\nx"), Limits{})
		if got := m.Parts[0].Encoding; got != tt.want {
			t.Errorf("%q is read as %q, want %q", tt.value, got, tt.want)
		}
	}
	var r Reader
	m := r.Split(crlf("Content-Transfer-Encoding: x-what", "Content-Type: text/html", "", "<b>"), Limits{})
	if data, _, warn := r.Decode(&m.Parts[0]); string(data) != "<b>" || warn == "" {
		t.Errorf("unknown encoding gives %q, warning %q", data, warn)
	}
}

func TestSniff(t *testing.T) {
	testSplit(t, []splitCase{
		{"plain that is HTML", crlf("Content-Type: text/plain", "", " <!DOCTYPE html><p>"), []string{"1 text/html <!DOCTYPE html><p>"}},
		{"after comments", crlf("", "<!-- a --><!-- b --><html>"), []string{"1 text/html <!-- a --><!-- b --><html>"}},
		{"plain", crlf("Content-Type: text/plain", "", "1 < 2"), []string{"1 text/plain 1 < 2"}},
		{"encoded", crlf("Content-Type: text/plain", "Content-Transfer-Encoding: base64", "", "PGh0bWw+"), []string{"1 text/html <html>"}},
		{"type is a word", crlf("Content-Type: html", "", "<html>"), []string{"1 text/html <html>"}},
		{"file name", crlf("Content-Type: application/octet-stream; name=a.HTM", "", "x"), []string{"1 text/html x"}},
		{"vector image", crlf("Content-Type: application/octet-stream", "Content-Disposition: attachment; filename=a.svg", "", "x"), []string{"1 image/svg+xml x"}},
		{"invitation", crlf("Content-Type: text/plain", "Content-Disposition: attachment; filename=a.ics", "", "x"), []string{"1 text/calendar x"}},
		{"AMP", crlf("Content-Type: text/x-amp-html", "", "x"), []string{"1 text/x-amp-html x"}},
		{"XHTML", crlf("Content-Type: application/xhtml+xml", "", "x"), []string{"1 application/xhtml+xml x"}},
	})
}

// TestRanges checks that header, body and what stands between them are where
// the ranges say.
func TestRanges(t *testing.T) {
	msg := crlf("From x", "Subject: a", "Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: text/html", "", "<b>", "--x--", "")
	var r Reader
	p := r.Split(msg, Limits{}).Parts[1]
	if got, want := string(p.Header.Of(msg)), "Content-Type: text/html\r\n"; got != want {
		t.Errorf("header %q, want %q", got, want)
	}
	if got, want := string(p.Raw()), "<b>"; got != want {
		t.Errorf("body %q, want %q", got, want)
	}
	if got, want := p.Body.Start, bytes.Index(msg, []byte("<b>")); got != want {
		t.Errorf("body starts at %d, want %d", got, want)
	}
}
