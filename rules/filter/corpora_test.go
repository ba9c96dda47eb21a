package filter_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pixelsweep/pixelsweep/rules/filter"
)

// corporaDir returns the folder of public lists and mail, which is not part of
// the project.
func corporaDir(tb testing.TB) string {
	tb.Helper()
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir, _ = filepath.Abs("../../../shared/corpora")
	}
	if _, err := os.Stat(filepath.Join(dir, "lists")); err != nil {
		tb.Skip("SKIPPED: no filter lists; set PIXELSWEEP_CORPORA to a folder with lists/ and mail/")
	}
	return dir
}

func readList(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(corporaDir(tb), "lists", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// A logged request is one that a browser made, or that a test suite made up.
type logged struct {
	URL, Source string
	Type        filter.Type
	Filters     []string // that must match
}

// namedRequests returns the requests that name the filters that match them.
func namedRequests(tb testing.TB) []logged {
	var in []struct {
		URL, SourceURL, Type string
		Filters              []string
	}
	if err := json.Unmarshal(readList(tb, "adblock-rust-matching-test-requests.json"), &in); err != nil {
		tb.Fatal(err)
	}
	out := make([]logged, len(in))
	for i, r := range in {
		out[i] = logged{r.URL, r.SourceURL, filter.ParseType(r.Type), r.Filters}
	}
	return out
}

// browserRequests returns the requests of a browser's log.
func browserRequests(tb testing.TB) []logged {
	zr, err := gzip.NewReader(bytes.NewReader(readList(tb, "adguard-tsurlfilter-requests.json.gz")))
	if err != nil {
		tb.Fatal(err)
	}
	var out []logged
	dec := json.NewDecoder(zr)
	for dec.More() {
		var r struct{ FrameURL, URL, Cpt string }
		if err := dec.Decode(&r); err != nil {
			tb.Fatal(err)
		}
		out = append(out, logged{r.URL, r.FrameURL, filter.ParseType(r.Cpt), nil})
	}
	return out
}

var mailOnce = sync.OnceValues(func() ([]logged, error) {
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../../shared/corpora"
	}
	seen := map[string]bool{}
	var out []logged
	for _, folder := range []string{"mail", "labelled"} {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			source := ""
			msg, err := mail.ReadMessage(bytes.NewReader(b))
			if err == nil {
				if a, err := mail.ParseAddress(msg.Header.Get("From")); err == nil {
					source = a.Address[strings.LastIndexByte(a.Address, '@')+1:]
				}
				b = htmlOf(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body, 0)
			}
			for _, u := range urls.FindAll(b, -1) {
				u := strings.ReplaceAll(string(u), "&amp;", "&")
				if !seen[u] {
					seen[u] = true
					out = append(out, logged{u, source, filter.Image, nil})
				}
			}
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
})

var urls = regexp.MustCompile(`https?://[^\s"'<>)\\]+`)

// mailRequests returns the URLs of real mail, as images that the sender's site
// loads.
func mailRequests(tb testing.TB) []logged {
	corporaDir(tb)
	out, err := mailOnce()
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// htmlOf returns the text of a message's parts, decoded.
func htmlOf(contentType, encoding string, body io.Reader, depth int) []byte {
	media, params, _ := mime.ParseMediaType(contentType)
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	if !strings.HasPrefix(media, "multipart/") || depth > 8 {
		if media != "" && !strings.HasPrefix(media, "text/") {
			return nil
		}
		b, _ := io.ReadAll(bufio.NewReader(body))
		return b
	}
	var all []byte
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err != nil {
			return all
		}
		all = append(all, htmlOf(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, depth+1)...)
	}
}

// publicLists parses EasyList and EasyPrivacy.
func publicLists(tb testing.TB) []*filter.List {
	return []*filter.List{
		filter.Parse("easylist", readList(tb, "easylist.txt")),
		filter.Parse("easyprivacy", readList(tb, "easyprivacy.txt")),
	}
}

// engineOf compiles and loads lists.
func engineOf(tb testing.TB, lists ...*filter.List) *filter.Engine {
	tb.Helper()
	b, err := filter.Compile(lists...)
	if err != nil {
		tb.Fatal(err)
	}
	e, err := filter.Load(b)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}
