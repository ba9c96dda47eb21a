package rewrite

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// corpora finds the folder of real mail.
func corpora(t testing.TB) string {
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir, _ = filepath.Abs("../../../shared/corpora")
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("SKIPPED: no corpora; set PIXELSWEEP_CORPORA to a folder with labelled/, mail/ and malformed/")
	}
	return dir
}

// each reads every file below the folders of dir.
func each(t testing.TB, dir string, folders []string, visit func(name string, data []byte)) {
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err == nil && len(data) > 0 {
				name, _ := filepath.Rel(dir, path)
				visit(name, data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestCorpora rewrites real and broken mail: bytes outside the splices stay, a
// second run changes nothing, undo is exact, and nothing is left. Of the modes but
// the default every fourth file is read, or all with PIXELSWEEP_E2E=all.
func TestCorpora(t *testing.T) {
	dir := corpora(t)
	modes := map[string]*Options{"default": nil, "block": {BlockAll: true}, "forced": {Force: true, BlockAll: true}}
	for name, o := range modes {
		files, changed, edits, stronger, left, sealed, n := 0, 0, 0, 0, 0, 0, 0
		each(t, dir, []string{"labelled", "mail", "malformed"}, func(file string, data []byte) {
			if n++; o != nil && n%4 != 0 && os.Getenv("PIXELSWEEP_E2E") != "all" {
				return
			}
			res, err := Message(data, o)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				return
			}
			files++
			for _, w := range res.Warnings {
				if strings.Contains(w.Text, "left alone") {
					sealed++
					if res.Changed {
						t.Errorf("%s: sealed and changed", file)
					}
					return
				}
			}
			left += len(res.Left)
			for _, e := range res.Left {
				t.Logf("%s %s: left %s %s in %s", name, file, e.Vector, e.URL, e.Part)
			}
			if !res.Changed {
				return
			}
			changed++
			edits += len(res.Edits)
			for _, e := range res.Edits {
				if e.Stronger {
					stronger++
					t.Logf("%s %s: stronger %s %s in %s", name, file, e.Vector, e.URL, e.Part)
				}
			}
			verifyQuiet(t, name+" "+file, data, res, o)
		})
		t.Logf("%s: %d files, %d changed, %d edits, %d stronger, %d left, %d sealed", name, files, changed, edits, stronger, left, sealed)
	}
}

func verifyQuiet(t *testing.T, name string, in []byte, res Result, o *Options) {
	if got := undo(res); !bytes.Equal(got, in) {
		t.Errorf("%s: undo differs", name)
	}
	if err := apart(in, res); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if len(res.Left) > 0 {
		return
	}
	again, err := Message(res.Data, o)
	if err != nil || again.Changed || len(again.Left) > 0 {
		t.Errorf("%s: second run: %v, edits %+v, left %+v", name, err, again.Edits, again.Left)
	}
}

// apart checks that the parts of the result are those of the source: their
// number, types and headers, and the bytes of those without a splice.
func apart(in []byte, res Result) error {
	var a, b mime.Reader
	ma, mb := a.Split(in, mime.Limits{}), b.Split(res.Data, mime.Limits{})
	if len(ma.Parts) != len(mb.Parts) {
		return fmt.Errorf("%d parts became %d", len(ma.Parts), len(mb.Parts))
	}
	for i := range ma.Parts {
		p, q := &ma.Parts[i], &mb.Parts[i]
		if p.Path != q.Path || p.Declared != q.Declared || p.Type != q.Type && !p.Sniffed || p.Encoding != q.Encoding || p.Charset != q.Charset {
			return fmt.Errorf("part %s %s became %s %s", p.Path, p.Type, q.Path, q.Type)
		}
		if !p.CanTrack() && !p.IsContainer() && !bytes.Equal(p.Raw(), q.Raw()) {
			return fmt.Errorf("part %s %s was touched", p.Path, p.Type)
		}
	}
	return nil
}

// BenchmarkScan and BenchmarkRewrite compare a rewrite with the scan it needs.
func BenchmarkScan(b *testing.B) { bench(b, func(d []byte) { Verify(d, false, nil) }) }

func BenchmarkRewrite(b *testing.B) { bench(b, func(d []byte) { Message(d, nil) }) }

func bench(b *testing.B, work func([]byte)) {
	var all [][]byte
	size := 0
	each(b, corpora(b), []string{"mail"}, func(_ string, data []byte) {
		all = append(all, data)
		size += len(data)
	})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range all {
			work(d)
		}
	}
}
