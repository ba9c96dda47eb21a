package pixelsweep_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/pixelsweep/pixelsweep/"

// layers orders the house from the roof down: a package may import packages of
// lower layers and of its own, never of higher ones.
var layers = []struct{ prefix string }{
	{"cmd"}, {"imapscan"}, {"corpus"}, {"internal"}, {"detector/report"}, {"detector/rewrite"}, {"detector"}, {"rules"},
}

// onlyIn names the packages that may import a dependency.
var onlyIn = map[string][]string{
	"github.com/spf13/cobra":         {"cmd"},
	"github.com/emersion/go-imap":    {"imapscan"},
	"github.com/goccy/go-yaml":       {"rules/ruleyaml", "internal/config"},
	"net/http":                       {"internal", "cmd", "imapscan/login"},
	"github.com/chromedp/chromedp":   {"internal/browser"},
	"github.com/chromedp/cdproto":    {"internal/browser"},
	"github.com/tdewolff/parse":      {"detector"},
	"github.com/emersion/go-sasl":    {"imapscan"},
	"github.com/zalando/go-keyring":  {"imapscan", "internal"},
	"golang.org/x/oauth2":            {"imapscan/login"},
	"modernc.org/sqlite":             {"internal/auditstore"},
	"github.com/owenrumney/go-sarif": {"detector/report"},
	"github.com/bmatcuk/doublestar":  {"internal/lint"},
}

func level(path string) int {
	for i, l := range layers {
		if path == l.prefix || strings.HasPrefix(path, l.prefix+"/") {
			// detector's own internal rooms rank with detector.
			return i
		}
	}
	return len(layers)
}

func within(path string, roots []string) bool {
	for _, r := range roots {
		if path == r || strings.HasPrefix(path, r+"/") {
			return true
		}
	}
	return false
}

// TestImportDirection checks that imports run one way through the house and
// that each outside dependency stays in the room it was chosen for.
func TestImportDirection(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); n != "." && (strings.HasPrefix(n, ".") || n == "testdata" || n == "peers") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		checked++
		from := filepath.ToSlash(filepath.Dir(path))
		for _, spec := range f.Imports {
			to, _ := strconv.Unquote(spec.Path.Value)
			if own, ok := strings.CutPrefix(to, module); ok {
				if level(own) < level(from) {
					t.Errorf("%s imports %s, which lies above it", path, own)
				}
				if own == "cmd" || strings.HasPrefix(own, "cmd/") {
					t.Errorf("%s imports %s; nothing imports cmd", path, own)
				}
				continue
			}
			for dep, rooms := range onlyIn {
				if (to == dep || strings.HasPrefix(to, dep+"/")) && !within(from, rooms) {
					t.Errorf("%s imports %s, which belongs to %v only", path, to, rooms)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked == 0 {
		t.Fatal("no Go files checked")
	}
}
