package mime

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime/quotedprintable"
	"strings"
	"testing"
)

func TestBase64(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"whole", "PGI+", "<b>"},
		{"padded", "PGI+PA==", "<b><"},
		{"padding missing", "PGI+PA", "<b><"},
		{"lines", "PG\r\nI+\r\n", "<b>"},
		{"junk between", "P-G*I\x00+", "<b>"},
		{"padding, then more", "PA==PGI+", "<<b>"},
		{"padding first", "==PGI+", "<b>"},
		{"one letter left", "PGI+P", "<b>"},
		{"empty", "", ""},
		{"junk only", "-*-", ""},
	} {
		got, _ := decodeBase64(nil, []byte(tt.src), 1<<20)
		if string(got) != tt.want {
			t.Errorf("%s: %q gives %q, want %q", tt.name, tt.src, got, tt.want)
		}
	}
}

func TestQuotedPrintable(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"escapes", "=3Cb=3e", "<b>"},
		{"soft break", "a=\r\nb=\nc=\rd", "abcd"},
		{"blanks before a soft break", "a= \t\r\nb", "ab"},
		{"equals sign alone", "a=b==3D=zz", "a=b===zz"},
		{"cut in an escape", "a=3", "a=3"},
		{"soft break at the end", "a=", "a"},
		{"line breaks stay", "a\r\nb\n", "a\r\nb\n"},
		{"eight bits stay", "\xE9=E9", "\xE9\xE9"},
		{"empty", "", ""},
	} {
		got, _ := decodeQP(nil, []byte(tt.src), 1<<20)
		if string(got) != tt.want {
			t.Errorf("%s: %q gives %q, want %q", tt.name, tt.src, got, tt.want)
		}
	}
}

func TestDecodeLimit(t *testing.T) {
	text := strings.Repeat("abcdefgh=", 2000)
	for enc, body := range map[string]string{
		"7bit": text, "base64": base64.StdEncoding.EncodeToString([]byte(text)), "quoted-printable": quote(t, text),
	} {
		for _, limit := range []int{1, 2, 3, 4, 1000, len(text) - 1, len(text), len(text) + 1} {
			var r Reader
			m := r.Split([]byte("Content-Transfer-Encoding: "+enc+"\r\n\r\n"+body), Limits{PartBytes: limit})
			data, _, warn := r.Decode(&m.Parts[0])
			if want := text[:min(limit, len(text))]; string(data) != want {
				t.Errorf("%s, limit %d: %d bytes, want %d", enc, limit, len(data), len(want))
			}
			if cut := limit < len(text); cut != (warn != "") {
				t.Errorf("%s, limit %d: warning %q", enc, limit, warn)
			}
		}
	}
}

func quote(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMap checks every offset of texts longer than a step: what stands at the
// mapped place must decode to what follows the offset.
func TestMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, 3*mapStep+17)
	for i := range text {
		text[i] = "ab=\xC3\xA9<>\n \t="[rnd.IntN(11)]
	}
	b64 := base64.StdEncoding.EncodeToString(text)
	bodies := map[string][]string{
		"7bit":             {string(text)},
		"quoted-printable": {quote(t, string(text)), strings.Repeat("=\r\n", 5000) + quote(t, string(text))},
		"base64":           {b64, wrap(b64, 76), wrap(b64, 7), "PA==" + wrap(b64, 76), strings.Repeat("-\n", 5000) + b64, b64[:len(b64)-3]},
	}
	for enc, list := range bodies {
		for n, body := range list {
			t.Run(fmt.Sprint(enc, n), func(t *testing.T) { checkMap(t, enc, body) })
		}
	}
}

func wrap(s string, n int) string {
	var b strings.Builder
	for ; len(s) > n; s = s[n:] {
		b.WriteString(s[:n] + "\r\n")
	}
	return b.String() + s
}

func checkMap(t *testing.T, enc, body string) {
	msg := []byte("Subject: a\r\nContent-Transfer-Encoding: " + enc + "\r\n\r\n" + body)
	var r Reader
	p := &r.Split(msg, Limits{}).Parts[0]
	data, offsets, _ := r.Decode(p)
	last := -1
	for off := range data {
		at, ok := offsets.Raw(off)
		if !ok || at <= last && enc != "base64" || at < last {
			t.Fatalf("offset %d is at %d, %v, after %d", off, at, ok, last)
		}
		last = at
		if got := decodeAt(msg, at, off, enc, data); got != data[off] {
			t.Fatalf("offset %d is at %d, which holds %q, not %q", off, at, got, data[off])
		}
	}
	if at, ok := offsets.Raw(len(data)); !ok || at > len(msg) {
		t.Errorf("the end is at %d, %v", at, ok)
	}
	for _, off := range []int{-1, len(data) + 1} {
		if at, ok := offsets.Raw(off); ok {
			t.Errorf("offset %d is at %d", off, at)
		}
	}
}

// decodeAt decodes the byte at a place in the message. In base64 it may start
// within the letter, at a bit that the place among three tells; the letters are
// those of the message without junk.
func decodeAt(msg []byte, at, off int, enc string, data []byte) byte {
	switch enc {
	case "7bit":
		return msg[at]
	case "quoted-printable":
		out, _ := decodeQP(nil, msg[at:], 1)
		return out[0]
	}
	var codes []byte
	for _, c := range msg[at:] {
		if code := base64Codes[c]; code != junk {
			codes = append(codes, code)
		}
		if len(codes) == 2 {
			break
		}
	}
	bits := uint16(codes[0])<<10 | uint16(codes[1])<<4
	for shift := 0; shift < 6; shift += 2 {
		if byte(bits>>(8-shift)) == data[off] {
			return data[off]
		}
	}
	return ^data[off]
}

func BenchmarkRawManyOffsets(b *testing.B) {
	body := strings.Repeat("=\r\n", 1<<20) + strings.Repeat("abcdefgh", 256)
	msg := []byte("Content-Transfer-Encoding: quoted-printable\r\n\r\n" + body)
	var r Reader
	p := &r.Split(msg, Limits{}).Parts[0]
	for b.Loop() {
		data, offsets, _ := r.Decode(p)
		for off := 0; off < len(data); off += 15 {
			offsets.Raw(off)
		}
	}
}
