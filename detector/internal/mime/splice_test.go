package mime

import (
	"bytes"
	"strings"
	"testing"
)

// spliced replaces the first from in the decoded body of raw by to.
func spliced(t *testing.T, encoding, raw, from, to string) string {
	t.Helper()
	p := &Part{Encoding: encoding, Src: []byte(raw), Body: Range{0, len(raw)}}
	var r Reader
	data, _, _ := r.Decode(p)
	i := bytes.Index(data, []byte(from))
	if i < 0 {
		t.Fatalf("%q holds no %q", data, from)
	}
	edits := []Edit{{Range{i, i + len(from)}, []byte(to)}}
	out := Apply([]byte(raw), Splice(p, edits))
	again := &Part{Encoding: encoding, Src: out, Body: Range{0, len(out)}}
	want := strings.Replace(string(Apply(data, edits)), "\nFrom", "\n From", 1)
	if got, _, _ := r.Decode(again); string(got) != want {
		t.Errorf("decodes to %q, want %q", got, want)
	}
	return string(out)
}

func TestSplice(t *testing.T) {
	long := strings.Repeat("x", 70)
	for _, c := range []struct{ name, encoding, raw, from, to, want string }{
		{"7bit", "7bit", "a URL b\r\n", "URL", "new", "a new b\r\n"},
		{"7bit uncovers From", "8bit", "a\nURLFrom b\n", "URL", "", "a\n From b\n"},
		{"qp one line", "quoted-printable", "a=3D\r\nb=3DURL=C3=A9\r\nc=20\r\n", "URL", "n=1", "a=3D\r\nb=3Dn=3D1=C3=A9\r\nc=20\r\n"},
		{"qp soft inside", "quoted-printable", "one\r\nsrc=3DUR=\r\nL>two=\r\nthree\r\n", "URL", "new", "one\r\nsrc=3Dnew>two=\r\nthree\r\n"},
		{"qp grows", "quoted-printable", "a\n" + long + "URL=\nb\n", "URL", "0123456789", "a\n" + long + "01234=\n56789=\nb\n"},
		{"qp bare equals", "quoted-printable", "<img src=https://a>\n", "https://a", "data:b", "<img src=3Ddata:b>\n"},
		{"qp trailing blank", "quoted-printable", "a URL\nb\n", "URL", "", "a=20\nb\n"},
		{"qp broken end", "quoted-printable", "a URL=", "URL", "x", "a x="},
		{"base64 tail", "base64", "QUFB\r\nQlVS\r\nTEND\r\n", "URL", "new", "QUFB\r\nQm5l\r\nd0ND\r\n"},
		{"base64 shorter", "base64", "QUFB\nQlVS\nTEND\n", "URL", "", "QUFB\nQkND\n"},
		{"base64 one line", "base64", "QUFBQlVSTEND", "URL", "longer", "QUFBQmxvbmdlckND"},
		{"base64 two in one", "base64", "QQ==\nVVJMQg==\n", "URL", "x", "QQ==\nWEI=\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := spliced(t, c.encoding, c.raw, c.from, c.to)
			if c.name == "base64 two in one" {
				return // only what it decodes to counts
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSpliceCharset(t *testing.T) {
	for _, c := range []struct{ name, charset, data, from, to, want string }{
		{"utf-16le", "utf-16le", "a\x00U\x00b\x00\xe9\x00", "U", "xy", "a\x00x\x00y\x00b\x00\xe9\x00"},
		{"utf-16 with mark", "", "\xFE\xFF\x00a\x00U", "U", "x", "\xFE\xFF\x00a\x00x"},
		{"iso-2022-jp", "iso-2022-jp", "\x1b$B$\"\x1b(BURL\x1b$B$\"\x1b(B.", "URL", "x", "\x1b$B$\"\x1b(Bx\x1b$B$\"\x1b(B."},
		{"utf-7 plain", "utf-7", "+AOk-URL+AOk-.", "URL", "x+y", "+AOk-x+-y+AOk-."},
		{"utf-7 in a run", "utf-7", "+AFUAUgBMAOk-.", "URL", "x", "x+AOk-."},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(c.data)
			text, o := ToUTF8(data, c.charset)
			if o == nil {
				t.Fatal("not converted")
			}
			i := bytes.Index(text, []byte(c.from))
			out := Apply(data, o.Splice(data, text, []Edit{{Range{i, i + len(c.from)}, []byte(c.to)}}))
			if string(out) != c.want {
				t.Errorf("got %q, want %q", out, c.want)
			}
		})
	}
}

// FuzzSplice replaces any stretch of a body in any encoding and decodes it again.
func FuzzSplice(f *testing.F) {
	f.Add([]byte("a=3D\r\nb=3DURL=C3=A9\r\n"), 2, 4, []byte("data:x=y"), true)
	f.Add([]byte("src=https://x =\n  =\r\n=3=3D=Dfoo"), 3, 9, []byte("de\nf "), true)
	f.Add([]byte("QUFB\r\nQlVS\r\nTE=ND\r\n"), 2, 4, []byte("new"), false)
	f.Fuzz(func(t *testing.T, raw []byte, from, n int, text []byte, qp bool) {
		if len(raw) > 1<<12 || len(text) > 1<<10 {
			return
		}
		p := &Part{Encoding: "base64", Src: raw, Body: Range{0, len(raw)}}
		if qp {
			p.Encoding = "quoted-printable"
		}
		data := decodeAll(p.Encoding, raw)
		if from < 0 || n < 1 || from > len(data)-1 || n > len(data)-from {
			return
		}
		edits := []Edit{{Range{from, from + n}, text}}
		out := Splice(p, edits)
		for i := range out {
			if out[i].Start < 0 || out[i].Start > out[i].End || out[i].End > len(raw) {
				t.Fatalf("edit %v of %d bytes", out[i].Range, len(raw))
			}
		}
		got, want := decodeAll(p.Encoding, Apply(raw, out)), Apply(data, edits)
		if !bytes.Equal(got, want) {
			t.Errorf("%q with %v %q gives %q, which reads %q, want %q", raw, edits[0].Range, text, Apply(raw, out), got, want)
		}
	})
}

// TestSpliceLong edits far into long bodies, where offsets are reached in leaps.
func TestSpliceLong(t *testing.T) {
	line := "<p>a line with =C3=A9 and a soft=\r\n break</p>\r\n"
	qp := strings.Repeat(line, 1000) + "<img src=3D\"URL\">\r\n" + strings.Repeat(line, 1000)
	if got, want := spliced(t, "quoted-printable", qp, "URL", "new"), strings.Replace(qp, "URL", "new", 1); got != want {
		t.Error("quoted-printable: more than the edit differs")
	}
	data := strings.Repeat("0123456789", 3000) + "URL" + strings.Repeat("0123456789", 3000)
	raw := string(appendBase64(nil, []byte(data), 0, 60, "\n"))
	want := string(appendBase64(nil, []byte(strings.Replace(data, "URL", "longer", 1)), 0, 60, "\n"))
	if got := spliced(t, "base64", raw, "URL", "longer"); got != want {
		t.Error("base64: more than the edit differs")
	}
}
