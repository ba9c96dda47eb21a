package detector_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector"
)

// step is a hash or an encoding, with its name.
type step struct {
	name string
	do   func(string) string
}

func hashed(size int, sum func([]byte) []byte) func(string) string {
	return func(s string) string { return hex.EncodeToString(sum([]byte(s))[:size]) }
}

var hashSteps = []step{
	{"md5", hashed(16, func(b []byte) []byte { s := md5.Sum(b); return s[:] })},
	{"sha1", hashed(20, func(b []byte) []byte { s := sha1.Sum(b); return s[:] })},
	{"sha224", hashed(28, func(b []byte) []byte { s := sha256.Sum224(b); return s[:] })},
	{"sha256", hashed(32, func(b []byte) []byte { s := sha256.Sum256(b); return s[:] })},
	{"sha384", hashed(48, func(b []byte) []byte { s := sha512.Sum384(b); return s[:] })},
	{"sha512", hashed(64, func(b []byte) []byte { s := sha512.Sum512(b); return s[:] })},
	{"sha3-256", hashed(32, func(b []byte) []byte { s := sha3.Sum256(b); return s[:] })},
	{"sha3-512", hashed(64, func(b []byte) []byte { s := sha3.Sum512(b); return s[:] })},
}

func packed(w func(io.Writer) io.WriteCloser) func(string) string {
	return func(s string) string {
		var b bytes.Buffer
		z := w(&b)
		io.WriteString(z, s)
		z.Close()
		return b.String()
	}
}

func toBase58(s string) string {
	n, mod := new(big.Int).SetBytes([]byte(s)), new(big.Int)
	var out []byte
	for n.Sign() > 0 {
		n.DivMod(n, big.NewInt(58), mod)
		out = append(out, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[mod.Int64()])
	}
	slices.Reverse(out)
	zeros := len(s) - len(strings.TrimLeft(s, "\x00"))
	return strings.Repeat("1", zeros) + string(out)
}

func toROT13(s string) string {
	return strings.Map(func(r rune) rune {
		switch l := r | 0x20; {
		case l >= 'a' && l <= 'm':
			return r + 13
		case l >= 'n' && l <= 'z':
			return r - 13
		}
		return r
	}, s)
}

func toEntities(s string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, "&#%d;", r)
	}
	return b.String()
}

var encodingSteps = []step{
	{"percent", url.QueryEscape},
	{"base16", func(s string) string { return hex.EncodeToString([]byte(s)) }},
	{"BASE16", func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }},
	{"base32", func(s string) string { return base32.StdEncoding.EncodeToString([]byte(s)) }},
	{"base58", toBase58},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64url", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }},
	{"zlib", packed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
	{"gzip", packed(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })},
	{"deflate", packed(func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 6); return z })},
	{"entities", toEntities},
	{"quoted-printable", packed(func(w io.Writer) io.WriteCloser { return quotedprintable.NewWriter(w) })},
	{"rot13", toROT13},
	{"JSON", func(s string) string { b, _ := json.Marshal(map[string]string{"e": s}); return string(b) }},
}

// ofText are encodings of text; of other bytes they make nothing.
var ofText = map[string]bool{"entities": true, "rot13": true, "JSON": true, "quoted-printable": true}

// chained is what a chain of steps makes of an address.
type chained struct{ name, value string }

// hashChains applies up to two hashes to each usual form of an address.
func hashChains(address string) []chained {
	var all []chained
	for _, form := range []chained{{"as is", address}, {"lower", strings.ToLower(address)}, {"UPPER", strings.ToUpper(address)}} {
		all = append(all, form)
		for _, a := range hashSteps {
			one := a.do(form.value)
			all = append(all, chained{form.name + " " + a.name, one}, chained{form.name + " " + a.name + " upper", strings.ToUpper(one)})
			for _, b := range hashSteps {
				all = append(all, chained{form.name + " " + a.name + " " + b.name, b.do(one)})
			}
		}
	}
	return all
}

// encodingChains applies up to n encodings to a value.
func encodingChains(v chained, n int) []chained {
	all := []chained{v}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, c := range all[from:to] {
			for _, e := range encodingSteps {
				if !applies(e.name, c.value) {
					continue
				}
				all = append(all, chained{c.name + " " + e.name, e.do(c.value)})
			}
		}
		from = to
	}
	return all
}

// applies reports whether an encoding makes something of a value that nobody
// would have to guess: text, and of no more than a URL holds.
func applies(encoding, value string) bool {
	switch {
	case encoding == "base58":
		return len(value) <= 1400
	case encoding == "rot13" && strings.ContainsAny(value, "\\\r"):
		return false
	}
	return !ofText[encoding] || utf8.ValidString(value) && !strings.ContainsAny(value, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f")
}

// TestChains checks that the reader is found behind every chain of up to two
// hashes and three encodings, wherever in a URL it stands. Unless
// PIXELSWEEP_E2E=all is set, most hashes go through two encodings only.
func TestChains(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	const address = "Ann.Reader+news@Mail.example"
	places := []string{"https://x.example/i?a=1&e=%s&b=2", "https://x.example/t/%s/o.gif", "https://x.example/i.gif#%s"}
	d := detector.New(&detector.Options{Recipients: []string{address}, NoReferences: true})
	total, missed, shown := 0, 0, map[string]int{}
	scan := func(batch []chained, place string) {
		var doc strings.Builder
		for _, c := range batch {
			fmt.Fprintf(&doc, "<img src=\"%s\">\n", html.EscapeString(fmt.Sprintf(place, strings.ReplaceAll(url.QueryEscape(c.value), "+", "%20"))))
		}
		rep, err := d.ScanHTML(detector.Source{Type: detector.TypeMessage}, []byte(doc.String()))
		if err != nil || len(rep.Findings) != len(batch) {
			t.Fatalf("%d findings, want %d: %v", len(rep.Findings), len(batch), err)
		}
		for i, f := range rep.Findings {
			if total++; f.Recipient.Evidence == detector.Proven {
				continue
			}
			missed++
			words := strings.Fields(batch[i].name)
			if key := strings.Join(words[max(0, len(words)-3):], " "); shown[key] == 0 {
				if shown[key]++; len(shown) < 40 {
					t.Errorf("missed %s in %s", batch[i].name, f.URL)
				}
			}
		}
	}
	for i, h := range hashChains(address) {
		depth := 3
		if os.Getenv("PIXELSWEEP_E2E") != "all" && i%120 != 0 {
			depth = 2
		}
		for n, chains := 0, encodingChains(h, depth); n < len(chains); n += 500 {
			scan(chains[n:min(n+500, len(chains))], places[(i+n/500)%len(places)])
		}
	}
	t.Logf("%d of %d chains found, %.3f %%", total-missed, total, 100*float64(total-missed)/float64(total))
}

// TestHostLabels checks the chains that fit into a label.
func TestHostLabels(t *testing.T) {
	const address = "ann@reader.example"
	d := detector.New(&detector.Options{Recipients: []string{address}})
	n := 0
	for _, h := range hashChains(address) {
		for _, c := range []chained{
			{h.name, h.value},
			{h.name + " base16", hex.EncodeToString([]byte(h.value))},
			{h.name + " base32", base32.StdEncoding.WithPadding(-1).EncodeToString([]byte(h.value))},
		} {
			if len(c.value) > 63 || strings.Contains(c.value, "@") {
				continue
			}
			n++
			rep, err := d.ScanHTML(detector.Source{}, []byte(`<img src="https://`+c.value+`.t.example/o.gif">`))
			if err != nil {
				t.Fatal(err)
			}
			if f := rep.Findings[0]; f.Recipient.Evidence != detector.Proven || !strings.HasPrefix(f.Recipient.How, "host label 1: ") {
				t.Errorf("%s: %+v", c.name, f.Recipient)
			}
		}
	}
	if n < 20 {
		t.Errorf("only %d chains fit", n)
	}
}
