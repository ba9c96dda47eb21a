package detector_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// BenchmarkPages scans saved pages, as the command does without references:
//
//	go test ./detector -bench Pages -run '^$' -cpu 1
//
// PIXELSWEEP_CORPORA names a folder with web/ in it.
func BenchmarkPages(b *testing.B) {
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../shared/corpora"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "web/*/*.html"))
	if len(files) == 0 {
		b.Skip("SKIPPED: no saved pages; set PIXELSWEEP_CORPORA to a folder with web/")
	}
	var pages [][]byte
	size := 0
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		pages = append(pages, doc)
		size += len(doc)
	}
	det := detector.New(&detector.Options{NoReferences: true})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for i, doc := range pages {
			if _, err := det.ScanHTML(detector.Source{Path: files[i], Type: detector.TypePage}, doc); err != nil {
				b.Fatal(err)
			}
		}
	}
}
