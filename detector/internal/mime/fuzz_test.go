package mime

import (
	"testing"
	"time"
)

// FuzzSplit checks what a rewriter relies on: ranges stand inside their source
// and their container, containers come first, parts of one container do not
// overlap, and every offset has its place.
func FuzzSplit(f *testing.F) {
	for _, msg := range hostile(300) {
		f.Add(msg)
	}
	f.Add(crlf("Content-Type: multipart/mixed; boundary=x; boundary=y", "", "--y", "Content-Type: text/html", "", "<b>", "--y--", "--x", "", "a", "--x--"))
	f.Add(crlf("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "Q29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCjxiPg=="))
	f.Add(crlf("Content-Type: text/html; charset=utf-7", "Content-Transfer-Encoding: quoted-printable", "", "=2BADw-b+AD4 =", "x"))
	f.Fuzz(func(t *testing.T, msg []byte) {
		if len(msg) > 1<<16 {
			return
		}
		start := time.Now()
		var r Reader
		m := r.Split(msg, Limits{})
		last := map[int]int{}
		for i := range m.Parts {
			p := &m.Parts[i]
			checkPart(t, m, i, last)
			checkDecoded(t, &r, p)
			p.Filename()
			p.Fields()
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%d bytes took %v", len(msg), took)
		}
	})
}

func checkPart(t *testing.T, m *Message, i int, last map[int]int) {
	p := &m.Parts[i]
	if p.Path == "" || p.Type == "" || p.Parent >= i {
		t.Fatalf("part %d: path %q, type %q, parent %d", i, p.Path, p.Type, p.Parent)
	}
	if !p.Decoded && len(p.Src) != len(m.Src) {
		t.Fatalf("part %s counts in something else", p.Path)
	}
	h, b := p.Header, p.Body
	if h.Start < 0 || h.Start > h.End || h.End > len(p.Src) || b.Start < 0 || b.Start > b.End || b.End > len(p.Src) || h.Len() > 0 && h.End > b.Start {
		t.Fatalf("part %s: header %v, body %v of %d bytes", p.Path, h, b, len(p.Src))
	}
	if p.Parent < 0 {
		return
	}
	parent := &m.Parts[p.Parent]
	if !parent.IsContainer() {
		t.Fatalf("part %s stands in %s, a %s", p.Path, parent.Path, parent.Type)
	}
	if len(parent.Src) != len(p.Src) || p.Alt {
		return
	}
	if h.Len() > 0 && h.Start < parent.Body.Start || b.End > parent.Body.End || b.Start < parent.Body.Start {
		t.Fatalf("part %s: header %v, body %v, but %s is %v", p.Path, h, b, parent.Path, parent.Body)
	}
	if b.Start < last[p.Parent] {
		t.Fatalf("part %s starts at %d, the one before it ends at %d", p.Path, b.Start, last[p.Parent])
	}
	last[p.Parent] = b.End
}

func checkDecoded(t *testing.T, r *Reader, p *Part) {
	data, offsets, _ := r.Decode(p)
	text, o := ToUTF8(data, p.Charset)
	if o != nil {
		offs := []int{0, len(text) / 2, len(text)}
		o.Offsets(offs)
		if offs[0] > offs[1] || offs[1] > offs[2] || offs[2] > len(data) {
			t.Fatalf("part %s: origins %v of %d bytes", p.Path, offs, len(data))
		}
	}
	at := p.Body.Start
	for off := 0; off < len(data); off += 1 + len(data)/8 {
		raw, ok := offsets.Raw(off)
		if ok == p.Decoded || ok && (raw < at || raw >= p.Body.End) {
			t.Fatalf("part %s: offset %d of %d is at %d, %v, after %d in %v", p.Path, off, len(data), raw, ok, at, p.Body)
		}
		if ok {
			at = raw
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	msg := crlf("From: a@b.example", "To: c@d.example", "Subject: news", "Content-Type: multipart/alternative; boundary=\"=_x\"", "",
		"--=_x", "Content-Type: text/plain; charset=utf-8", "", "hello", "--=_x",
		"Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", "<p>=C3=A9</p>", "--=_x--", "")
	b.ReportAllocs()
	var r Reader
	for b.Loop() {
		m := r.Split(msg, Limits{})
		for i := range m.Parts {
			if m.Parts[i].CanTrack() {
				r.Decode(&m.Parts[i])
			}
		}
	}
}
