package detector_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// realMessages reads the corpus of real mail, or our own where it is not there.
func realMessages(tb testing.TB) [][]byte {
	tb.Helper()
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../shared/corpora"
	}
	dir = filepath.Join(dir, "mail")
	if _, err := os.Stat(dir); err != nil {
		dir = "../corpus/testdata"
	}
	var all [][]byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") {
			return err
		}
		data, err := os.ReadFile(path)
		if len(data) > 0 {
			all = append(all, data)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// BenchmarkScan measures the whole scan of real mail, a message at a time.
func BenchmarkScan(b *testing.B) {
	for _, bb := range []struct {
		name string
		opts detector.Options
	}{
		{"findings", detector.Options{NoReferences: true}},
		{"references", detector.Options{}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			all, d, bytes := realMessages(b), detector.New(&bb.opts), int64(0)
			for _, m := range all {
				bytes += int64(len(m))
			}
			b.SetBytes(bytes)
			b.ReportAllocs()
			for b.Loop() {
				for _, m := range all {
					if _, err := d.Scan(detector.Source{}, m); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkEvidence measures a newsletter that is nothing but links, with the
// reader behind each kind of encoding, against the same links with nothing in them.
func BenchmarkEvidence(b *testing.B) {
	for _, bb := range []struct{ name, token string }{
		{"words", "opening-night-spring-newsletter"},
		{"opaque", strings.Repeat("8Jq2FvNf0Yw3ZkSB7mQxT5rLhC9uEaWb", 4)},
		{"digest", sha("somebody@else.example")},
		{"base64", b64(`{"r":"ann@reader.example","u":4711}`)},
		{"zlib", zipped(`{"r":"ann@reader.example","u":4711}`)},
		{"bomb", zipped(strings.Repeat("a", 1<<20))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var msg strings.Builder
			msg.WriteString("From: news@shop.example\r\nTo: ann@reader.example\r\nContent-Type: text/html\r\n\r\n")
			for i := range 40 {
				fmt.Fprintf(&msg, "<p>Offer %d: <a href=\"https://click.shop.example/c/%d?t=%s\">read more</a></p>\r\n", i, i, bb.token)
			}
			data, d := []byte(msg.String()), detector.New(&detector.Options{NoReferences: true})
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Scan(detector.Source{}, data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
