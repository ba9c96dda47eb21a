package token

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	b32 "encoding/base32"
	b64 "encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

func parse(tb testing.TB, raw string) weburl.URL {
	tb.Helper()
	u, ok := weburl.Parse(raw, nil)
	if !ok {
		tb.Fatalf("%q does not parse", raw)
	}
	return u
}

func pack(s string, w func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	z := w(&b)
	io.WriteString(z, s)
	z.Close()
	return b.String()
}

func zlibOf(s string) string {
	return pack(s, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
}

func gzipOf(s string) string {
	return pack(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
}

func flateOf(s string) string {
	return pack(s, func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 9); return z })
}

func b64Of(s string) string { return b64.RawURLEncoding.EncodeToString([]byte(s)) }

func b58Of(s string) string {
	n, mod := new(big.Int).SetBytes([]byte(s)), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), mod)
		out = append(out, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[mod.Int64()])
	}
	slices.Reverse(out)
	return string(out)
}

func turn(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = rot13[b[i]]
	}
	return string(b)
}

const text = `{"m":"<20260304.7@mg.shop.example>","r":"ann@reader.example","u":4711}`

func TestDecode(t *testing.T) {
	tests := []struct{ name, url, want string }{
		{"percent", "https://a.example/?u=https%3A%2F%2Fb.example%2F", "query[u] [percent-encoding] https://b.example/"},
		{"percent twice", "https://a.example/?u=ann%2540b.example", "query[u] [percent-encoding percent-encoding] ann@b.example"},
		{"entities", "https://a.example/?u=ann%26%2364%3Bb.example", "query[u] [percent-encoding HTML entities] ann@b.example"},
		{"quoted-printable", "https://a.example/?u=ann=40b.example", "query[u] [quoted-printable] ann@b.example"},
		{"base16", "https://a.example/?" + hex.EncodeToString([]byte(text)), "query [base16] " + text},
		{"BASE16", "https://a.example/x/" + strings.ToUpper(hex.EncodeToString([]byte(text))) + ".gif", "path[2] [base16] " + text},
		{"base32", "https://a.example/" + b32.StdEncoding.WithPadding(-1).EncodeToString([]byte(text)), "path[1] [base32] " + text},
		{"base32 in a label", "https://" + strings.ToLower(b32.StdEncoding.WithPadding(-1).EncodeToString([]byte("ann@reader.example"))) + ".a.example/", "host[1] [base32] ann@reader.example"},
		{"base58", "https://a.example/" + b58Of(text), "path[1] [base58] " + text},
		{"base64", "https://a.example/?t=" + b64.StdEncoding.EncodeToString([]byte(text)), "query[t] [base64] " + text},
		{"base64 in a fragment", "https://a.example/#" + b64Of(text), "fragment [base64] " + text},
		{"base64 behind a prefix", "https://a.example/u/u001." + b64Of(text) + "/x", "path[2] [base64] " + text},
		{"base64 behind a number", "https://a.example/u/1234-" + b64Of(text) + "/x", "path[2] [base64] " + text},
		{"base64 of base64", "https://a.example/" + b64Of(b64Of(text)), "path[1] [base64 base64] " + text},
		{"rot13", "https://a.example/" + turn(b64Of(text)), "path[1] [rot13 base64] " + text},
		{"zlib", "https://a.example/o/" + b64Of(zlibOf(text)), "path[2] [base64 zlib] " + text},
		{"zlib, cut off", "https://a.example/o/" + b64Of(zlibOf(text)[:60]), "path[2] [base64 zlib] {\"m\":\"<20260304.7@mg.shop.example"},
		{"gzip", "https://a.example/o/" + b64Of(gzipOf(text)), "path[2] [base64 gzip] " + text},
		{"deflate", "https://a.example/o/" + b64Of(flateOf(text)), "path[2] [base64 deflate] " + text},
		{"JWT", "https://a.example/r?j=" + b64Of(`{"alg":"HS256"}`) + "." + b64Of(`{"u":"2n8x1k","iat":1700000000}`) + ".s3cr3t", `query[j] [base64] {"u":"2n8x1k","iat":1700000000}`},
		{"JSON in JSON", "https://a.example/r?p=" + b64Of(`{"s":"x","p":"{\"url\":\"https:\\\/\\\/b.example\\\/\"}"}`), `query[p] [base64 JSON escapes JSON escapes] {"s":"x","p":"{"url":"https://b.example/"}"}`},
		{"JSON escape", "https://a.example/r?p=" + b64Of(`{"e":"ann\u0040b.example \ud83d\ude00"}`), `query[p] [base64 JSON escapes] {"e":"ann@b.example 😀"}`},
	}
	var d Decoder
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := parse(t, tt.url)
			var got []string
			for _, l := range d.Decode(&u) {
				got = append(got, fmt.Sprintf("%v %v %s", l.Place, l.Steps.List(), l.Data))
			}
			if !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, tt.want) }) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNothing checks that ordinary URLs yield no text and cost no memory.
func TestNothing(t *testing.T) {
	var d Decoder
	for _, raw := range []string{
		"https://www.shop.example/",
		"https://images.shop.example/2026/03/opening-night-newsletter-header_600x200.jpg",
		"https://cdn.shop.example/UppercaseCamelCaseName/IMG_20260304_123456.JPG?w=1200&h=630&fit=crop",
		"https://fonts.example/css2?family=Open+Sans:wght@400;700&display=swap",
		"https://a.example/550e8400-e29b-41d4-a716-446655440000/logo.png",
		"https://a.example/d41d8cd98f00b204e9800998ecf8427e.png",
		"https://track.example/wf/open?upn=u001.8Jq2-2FvNf0Yw3ZkS-2B7mQxT5rLhC9uEaWbDgKpXs1-2Fi6oPzVtMyGnRjHlUc4Bd",
	} {
		u := parse(t, raw)
		for _, l := range d.Decode(&u) {
			if l.Text && len(l.Data) > 6 {
				t.Errorf("%s: %v %v %q", raw, l.Place, l.Steps.List(), l.Data)
			}
		}
		if n := testing.AllocsPerRun(10, func() { d.Decode(&u) }); n > 0 {
			t.Errorf("%s: %v allocations", raw, n)
		}
	}
}

// TestBombs checks that what unpacks without end is cut.
func TestBombs(t *testing.T) {
	bomb := strings.Repeat("a", 1<<20)
	for range 3 {
		bomb = zlibOf(bomb)
	}
	var d Decoder
	for _, raw := range []string{
		"https://a.example/" + b64Of(bomb),
		"https://a.example/" + b64Of(zlibOf(strings.Repeat("a", 1<<20))),
		"https://a.example/" + b64Of(strings.Repeat("\x78\x9c", 3000)),
		"https://a.example/" + strings.Repeat(b58Of("Ann is reading this")+"/", 2000),
		"https://a.example/?" + strings.Repeat("a=%25%25%2525&", 4000),
	} {
		u := parse(t, raw)
		total := 0
		layers := d.Decode(&u)
		for _, l := range layers {
			total += len(l.Data)
		}
		if total > MaxBytes || len(layers) > MaxLayers {
			t.Errorf("%d layers, %d bytes", len(layers), total)
		}
	}
}

// TestInflate compares with compress/flate: what it packs unpacks, and what
// does unpack it unpacks too.
func TestInflate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var f inflater
	room := make([]byte, 0, 1<<16)
	for range 2000 {
		src := make([]byte, r.IntN(3000))
		for i := range src {
			src[i] = "aaabcdefgh@.\x00\xff"[r.IntN(14)]
		}
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, r.IntN(12)-2)
		w.Write(src)
		w.Close()
		got, rest, ok := f.inflate(room, append(b.Bytes(), "rest"...))
		if !ok || !bytes.Equal(got, src) || string(rest) != "rest" {
			t.Fatalf("%d bytes: ok %v, %d bytes, rest %q", len(src), ok, len(got), rest)
		}
		if _, _, ok := f.inflate(make([]byte, 0, len(src)/2), b.Bytes()); ok && len(src) > 1 {
			t.Fatal("wrote past its room")
		}
	}
}

func TestBase58(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		src := make([]byte, 8+r.IntN(150))
		for i := range src {
			src[i] = byte(r.UintN(256))
		}
		src[0] |= 1
		enc := []byte(b58Of(string(src)))
		if got := new(Decoder).decode58(nil, enc); !bytes.Equal(got, src) {
			t.Fatalf("got %x, want %x", got, src)
		}
		first := first58(enc)
		for i := range 3 { // the fourth may be off by a carry
			if first[i] != src[i] && int(src[3]) > 2 && int(src[3]) < 253 {
				t.Fatalf("%s: begins with %x, want %x", enc, first, src[:4])
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	const raw = "https://x1.a.example/one/two?a=b&cc=dd&e#f"
	u := parse(t, raw)
	for part, want := range map[string]string{
		"x1": "host[1]", "a.": "host[2]", "one": "path[1]", "two": "path[2]", "b&": "query[a]", "dd": "query[cc]", "e#": "query", "f": "fragment",
	} {
		if got := At(&u, strings.LastIndex(raw, part)); got.String() != want {
			t.Errorf("%s: got %s, want %s", part, got, want)
		}
	}
}

// FuzzDecode checks that nothing panics, and that the limits hold.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a/" + b64Of(zlibOf(text)), "?a=" + url.QueryEscape(gzipOf(text)), b58Of(text), "#" + b64Of(flateOf(b64Of(text)))} {
		f.Add("https://a.example/" + s)
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, raw string) {
		u, ok := weburl.Parse(raw, nil)
		if !ok {
			return
		}
		total := 0
		layers := d.Decode(&u)
		for i, l := range layers {
			total += len(l.Data)
			if l.Parent >= i || len(l.Steps.List()) > MaxDepth {
				t.Fatalf("layer %d: parent %d, %v", i, l.Parent, l.Steps.List())
			}
			if l.Text && !isText(l.Data) {
				t.Fatalf("layer %d: text %v: %q", i, l.Text, l.Data)
			}
		}
		if total > MaxBytes || len(layers) > MaxLayers {
			t.Fatalf("%d layers, %d bytes", len(layers), total)
		}
		for i := range len(u.Full) {
			_ = At(&u, i).String()
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, bb := range []struct{ name, url string }{
		{"plain", "https://images.shop.example/2026/03/opening-night-newsletter-header_600x200.jpg?w=1200&h=630"},
		{"opaque", "https://click.shop.example/ls/click?upn=u001." + strings.Repeat("8Jq2-2FvNf0Yw3ZkS-2B7mQxT5rLhC9uEaWbDgKpXs1-2Fi6oPzVtMyGnRjHlUc4Bd", 5)},
		{"zlib", "https://email.shop.example/o/" + b64Of(zlibOf(text))},
		{"bomb", "https://email.shop.example/o/" + b64Of(zlibOf(strings.Repeat("a", 1<<20)))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var d Decoder
			u := parse(b, bb.url)
			b.SetBytes(int64(len(bb.url)))
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(&u)
			}
		})
	}
}
