package corpus_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// madeUp are readers that nobody is: short and long local parts, words that
// URLs are full of, domains that the logged URLs point to.
var madeUp = []string{
	"a@b.example", "me@google.com", "id@facebook.com", "info@example.com", "anna.schmidt@gmail.com",
	"joe+news@yahoo.com", "user@doubleclick.net", "image@cloudfront.net", "x1@mail.ru", "Maria.Garcia-Lopez@outlook.com",
}

// TestNobody checks that requests which browsers logged prove nobody: none of
// them was made for these readers.
func TestNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	dir := filepath.Join(corporaDir(t), "lists")
	urls := append(loggedRequests(t, filepath.Join(dir, "adguard-tsurlfilter-requests.json.gz")),
		blockedRequests(t, filepath.Join(dir, "adblock-rust-matching-test-requests.json"))...)
	if len(urls) < 38000 {
		t.Fatalf("only %d URLs", len(urls))
	}
	likely, notes := 0, 0
	for _, reader := range madeUp {
		d := detector.New(&detector.Options{Recipients: []string{reader}, NoReferences: true})
		for n := 0; n < len(urls); n += 1000 {
			var doc strings.Builder
			for _, u := range urls[n:min(n+1000, len(urls))] {
				fmt.Fprintf(&doc, "<img src=\"%s\">\n", html.EscapeString(u))
			}
			rep, err := d.ScanHTML(detector.Source{Type: detector.TypeMessage}, []byte(doc.String()))
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range rep.Findings {
				switch {
				case f.Recipient.Evidence == detector.Proven:
					t.Errorf("%s: %s in %s", reader, f.Recipient.How, f.URL)
				case f.Recipient.Evidence == detector.Likely:
					likely++
				case f.Recipient.How != "":
					notes++
				}
			}
		}
	}
	t.Logf("%d URLs, %d readers: none proven; of each %d likely; %d notes", len(urls), len(madeUp), likely/len(madeUp), notes)
}

// loggedRequests reads a log of one JSON object a line.
func loggedRequests(t *testing.T, path string) []string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var urls []string
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct{ URL string }
		if json.Unmarshal(lines.Bytes(), &r) == nil && r.URL != "" {
			urls = append(urls, r.URL)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return urls
}

// blockedRequests reads the test data of a blocker.
func blockedRequests(t *testing.T, path string) []string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ URL string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	urls := make([]string, 0, len(list))
	for _, r := range list {
		urls = append(urls, r.URL)
	}
	return urls
}
