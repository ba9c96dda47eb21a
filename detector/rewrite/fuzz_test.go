package rewrite

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzHTML rewrites any document, or page with calls, in every mode: undo is exact, a second run
// changes nothing, and the scanner finds nothing left.
func FuzzHTML(f *testing.F) {
	for _, s := range []string{
		`<img src="@" width=1 height=1>`, `<p style="background:url(@)">`, `<style>a{background:url('@')}</style>`, `<img srcset="@ 1x,@ 2x">`,
		`<iframe srcdoc="<img src='@'>">`, `<svg><style>a{fill:url(@)}<![CDATA[b{}]]></style></svg>`, `<img src=@><!--[if mso]><v:fill src=@ /><![endif]-->`,
		`<meta http-equiv=refresh content='0;url=@'>`, `<img src="data:image/svg+xml;base64,PHN2Zz4=">`, `<base href="https://shop.us1.list-manage.com/"><img src="track/open.php?u=1&id=2">`,
		`<object data=@><param name=movie value=@></object>`, `<td background=@ style="background:u\72l(@)">`, `<img src="&#104;ttps://a.example/@">`,
		`<a href="@">x</a><link rel=stylesheet href=@>`, `<iframe srcdoc='<iframe srcdoc="<img src=@>">'>`, `<set attributeName=href to="@;x">`,
	} {
		f.Add([]byte(s), byte(0))
		f.Add([]byte(s), byte(1))
		f.Add([]byte(s), byte(2))
	}
	for _, c := range calls {
		f.Add([]byte("<script>"+c.in+"</script>"), byte(4))
	}
	f.Fuzz(func(t *testing.T, doc []byte, mode byte) {
		if len(doc) > 1<<12 {
			return
		}
		properties(t, bytes.ReplaceAll(doc, []byte("@"), []byte(tracker)), true, mode)
	})
}

// FuzzMessage does the same with messages, whose other parts must stay.
func FuzzMessage(f *testing.F) {
	paths, _ := filepath.Glob("../../corpus/testdata/tracked/*.eml")
	for _, p := range paths {
		if data, err := os.ReadFile(p); err == nil && len(data) < 4<<10 {
			f.Add(data, byte(0))
		}
	}
	for _, s := range []string{
		"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<img src=3D\"@\" =\nwidth=3D1>\n",
		"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGltZyBzcmM9Imh0dHBzOi8v\r\n",
		"Disposition-Notification-To: a@b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-7\n\n<img src=@>\n--b--\n",
		"Return-Receipt-To: a@b\n\nx", "Content-Type: multipart/alternative;\nboundary=b\nboundary=c\n\n--b\nContent-Type: text/html\n\n<img src=@>\n--c\n\n--b--",
		"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQ29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCjxiPg==",
	} {
		f.Add([]byte(s), byte(1))
	}
	f.Fuzz(func(t *testing.T, msg []byte, mode byte) {
		if len(msg) > 1<<13 {
			return
		}
		properties(t, bytes.ReplaceAll(msg, []byte("@"), []byte(tracker)), false, mode)
	})
}

// properties checks what holds for every rewrite.
func properties(t *testing.T, in []byte, html bool, mode byte) {
	o := &Options{Force: true, Page: html && mode&4 != 0}
	switch mode & 3 {
	case 1:
		o.BlockAll = true
	case 2:
		o.Kinds = removeAll
	}
	source := bytes.Clone(in)
	res, err := do(in, html, o)
	if err != nil {
		return
	}
	if !bytes.Equal(source, in) {
		t.Fatal("the source was changed")
	}
	if got := undo(res); !bytes.Equal(got, in) {
		t.Fatalf("undo gives %q, want %q", got, in)
	}
	if len(res.Left) > 0 || len(res.Data) == 0 || incomplete(res) {
		return
	}
	again, err := do(res.Data, html, o)
	if err != nil || again.Changed || len(again.Left) > 0 {
		t.Fatalf("%q\nbecame %q\nwhich a second run changes to %q: %+v, left %+v", in, res.Data, again.Data, again.Edits, again.Left)
	}
	if !html {
		if err := apart(in, res); err != nil && !res.stronger() {
			t.Fatalf("%v: %q became %q", err, in, res.Data)
		}
	}
}

// incomplete reports whether a limit ended the scan, so that more may show.
func incomplete(res Result) bool { return !res.Report.Complete }

func (res *Result) stronger() bool {
	for _, w := range res.Warnings {
		if strings.HasPrefix(w.Text, "a stronger") {
			return true
		}
	}
	return false
}
