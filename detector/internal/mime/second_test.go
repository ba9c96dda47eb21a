package mime

import (
	"strings"
	"testing"
)

func TestSecondView(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  []byte
		want string
	}{
		{"one part", crlf("Content-Type: text/html", "", "<b>"), "1 <b>"},
		{"two parts", crlf("Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a", "--x", "Content-Type: text/html", "", "<b>", "--x--"), "2 <b>"},
		{"nested", crlf("Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: multipart/mixed; boundary=y", "",
			"--y", "Content-Type: text/html", "", "<b>", "--y--", "--x--"), "1.1 <b>"},
		{"converted", crlf("Content-Type: text/html; charset=iso-8859-1", "", "<b>\xE9"), "1 <b>é"},
		{"charset unknown", crlf("Content-Type: text/html; charset=what", "", "<b>"), "1 <b>"},
		{"encoding unknown", crlf("Content-Type: text/html", "Content-Transfer-Encoding: what", "", "<b>"), "1 <b>"},
		{"cut short", crlf("Content-Type: multipart/mixed; boundary=x", "", "--x", "Content-Type: text/html", "", "<b>"), "1 <b>"},
		{"plain", crlf("", "a"), ""},
		{"garbage", []byte("\x00\xFF\n:\n"), ""},
	} {
		var got []string
		for _, v := range SecondView(tt.msg) {
			got = append(got, v.Path+" "+string(v.Data))
		}
		if s := strings.Join(got, "|"); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, s, tt.want)
		}
	}
}

func TestDiffers(t *testing.T) {
	view := func(s string) View { return View{Data: []byte(s)} }
	views := []View{view("<b> \r\n a"), view("<i>"), view("<i> "), view(""), view("<b>\u00E9a")}
	got := Differs(views, [][]byte{[]byte("<html><b>a")})
	if len(got) != 1 || string(got[0].Data) != "<i>" {
		t.Errorf("got %q", got)
	}
}

func TestOdd(t *testing.T) {
	for _, tt := range []struct {
		name string
		msg  []byte
		odd  bool
	}{
		{"usual", crlf("Content-Type: text/html; charset=utf-8", "", "<b>"), false},
		{"usual parts", crlf("Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a", "--x--"), false},
		{"mbox line", crlf("From a", "Content-Type: text/html", "", "<b>"), false},
		{"garbage", crlf("what", "Content-Type: text/html", "", "<b>"), true},
		{"two types", crlf("Content-Type: text/html", "Content-Type: text/plain", "", "<b>"), true},
		{"two boundaries", crlf("Content-Type: multipart/mixed; boundary=x; boundary=y", "", "--x", "", "a", "--x--"), true},
		{"never closed", crlf("Content-Type: multipart/mixed; boundary=x", "", "--x", "", "a"), true},
		{"quote never closed", crlf(`Content-Type: text/html; charset="utf-8`, "", "<b>"), true},
		{"encoding misspelt", crlf("Content-Transfer-Encoding: base-64", "", "PGI+"), true},
	} {
		var r Reader
		if got := r.Split(tt.msg, Limits{}).Odd; got != tt.odd {
			t.Errorf("%s: odd is %v, want %v", tt.name, got, tt.odd)
		}
	}
}
