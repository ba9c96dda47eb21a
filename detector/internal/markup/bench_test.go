package markup_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/pixelsweep/pixelsweep/detector/internal/markup"
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// bodies returns the HTML parts of real mail, or of our own where there is none,
// and their bytes.
func bodies(b *testing.B) (docs [][]byte, size int64) {
	b.Helper()
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../../../shared/corpora"
	}
	dir = filepath.Join(dir, "mail")
	if _, err := os.Stat(dir); err != nil {
		dir = "../../../corpus/testdata"
	}
	var r mime.Reader
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") {
			return err
		}
		msg, err := os.ReadFile(path)
		m := r.Split(msg, mime.Limits{})
		for i := range m.Parts {
			if p := &m.Parts[i]; p.IsHTML() {
				text, _, _ := r.Decode(p)
				docs = append(docs, bytes.Clone(text))
				size += int64(len(text))
			}
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return docs, size
}

// BenchmarkRead measures the reading of real HTML parts: every reference, and
// the tree that boxes need.
func BenchmarkRead(b *testing.B) {
	docs, size := bodies(b)
	b.SetBytes(size)
	b.ReportAllocs()
	var d markup.Document
	for b.Loop() {
		for _, src := range docs {
			d.Read(src, nil, markup.Limits{Refs: 20000, Nesting: 8, URLBytes: 64 << 10})
		}
	}
}

// BenchmarkTokenizer measures what the tokenizer of x/net takes for the same
// parts: every start tag with its attributes, and nothing else.
func BenchmarkTokenizer(b *testing.B) {
	docs, size := bodies(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, src := range docs {
			z := html.NewTokenizer(bytes.NewReader(src))
			for tt := z.Next(); tt != html.ErrorToken; tt = z.Next() {
				if tt == html.StartTagToken || tt == html.SelfClosingTagToken {
					for _, more := z.TagName(); more; {
						_, _, more = z.TagAttr()
					}
				}
			}
		}
	}
}
