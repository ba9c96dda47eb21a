package markup

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// plainVectors are those whose attribute value is one URL, so that a tree can
// be compared without reading the value.
var plainVectors = map[string]string{
	"img": "src", "iframe": "src", "script": "src", "a": "href", "area": "href", "td": "background",
	"table": "background", "video": "poster", "embed": "src", "bgsound": "src", "link": "href", "source": "src",
}

// treeURLs lists the plain references of the tree that x/net builds.
func treeURLs(src []byte) ([]string, error) {
	root, err := html.ParseWithOptions(bytes.NewReader(src), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil, err
	}
	var urls []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Namespace != "" {
			continue
		}
		for _, a := range n.Attr {
			if a.Namespace == "" && plainVectors[n.Data] == a.Key {
				urls = append(urls, n.Data+" "+a.Val)
			}
		}
	}
	return urls, nil
}

// scanURLs lists the same of our reader, as written.
func scanURLs(src []byte) []string {
	var d Document
	d.limits = testLimits
	d.Read(src, nil, testLimits)
	var urls []string
	for i := range d.elems {
		e := &d.elems[i]
		name := d.Name(int32(i))
		if e.tag == tagImg {
			name = "img"
		}
		if key := plainVectors[name]; key != "" && e.ns == inHTML {
			if v, ok := d.Attr(int32(i), key); ok {
				urls = append(urls, name+" "+v)
			}
		}
	}
	return urls
}

// missing lists what the tree holds and our reader does not.
func missing(src []byte) []string {
	want, err := treeURLs(src)
	if err != nil {
		return nil
	}
	got := map[string]bool{}
	for _, u := range scanURLs(src) {
		got[normal(u)] = true
	}
	var lost []string
	for _, u := range want {
		if !got[normal(u)] {
			lost = append(lost, u)
		}
	}
	slices.Sort(lost)
	return slices.Compact(lost)
}

func normal(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(s)
}

func FuzzOracle(f *testing.F) {
	for _, s := range []string{
		`<img src=a><svg><style><img src=b></style></svg>`, `<table><td background=a><a href=b>`,
		`<script><!--<script></script>--></script><img src=a>`, `<title><img src=a></title>`,
		`<math><mi><img src=a></mi><style><img src=b>`, `<svg><foreignObject><img src=a></foreignObject><title><img src=b>`,
		`<!--><img src=a>-->`, `<!-- --!><img src=a>`, `<svg><![CDATA[<img src=a>]]></svg>`, `<noscript><img src=a></noscript>`,
		`<img src="a&ampb&copy=1&not;&notit;&#x41;&#65">`, `<p/a=b/><img a src='b'src=c>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if bytes.Contains(bytes.ToLower(src), []byte("<plaintext")) || len(src) > 4096 {
			return
		}
		if lost := missing(src); lost != nil {
			t.Errorf("the tree of %q holds %q, which the scanner misses", src, lost)
		}
	})
}

// corpora finds the folder of real mail, "" if it is not here.
func corpora() string {
	if dir := os.Getenv("PIXELSWEEP_CORPORA"); dir != "" {
		return dir
	}
	dir, _ := filepath.Abs("../../../../shared/corpora")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	return ""
}

// TestOracleOnPages compares on real pages and templates.
func TestOracleOnPages(t *testing.T) {
	root := corpora()
	if root == "" {
		t.Skip("SKIPPED: no corpora; set PIXELSWEEP_CORPORA to a folder with clean-html/ and web/")
	}
	files := 0
	for _, dir := range []string{"clean-html", "web"} {
		filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.Contains(path, ".htm") {
				return nil
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			if lost := missing(src); lost != nil {
				t.Errorf("%s: missed %q", d.Name(), lost)
			}
			return nil
		})
	}
	if files == 0 {
		t.Error("no pages compared")
	}
	t.Logf("%d pages compared", files)
}
