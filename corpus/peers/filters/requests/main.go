// Command requests writes the requests that the filter engines are measured on,
// one JSON object a line. It reads two logs below the folder of lists, and from
// standard input the reports of `pixelsweep scan --format jsonl`.
//
//	pixelsweep scan --format jsonl mail | requests -lists lists
//
// Sets: "rust" is adblock-rust's test data, "adguard" the log of
// AdGuard's tsurlfilter, "mail" and "page" the unique http and https URLs of
// messages and of web pages, in the order of the reports, up to -max of both
// together. Those that a client loads take their type from the place where they
// stand; links have no such place and count as images, so that every URL that a
// message can carry is among them. Their source is the domain of From, or else
// the site that most references name.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pixelsweep/pixelsweep/corpus/peers/filters/bench"
)

func main() {
	lists := flag.String("lists", "", "folder with the two logs")
	limit := flag.Int("max", 30000, "unique URLs to take from the reports")
	flag.Parse()
	w := writer{out: bufio.NewWriter(os.Stdout)}
	w.enc = json.NewEncoder(w.out)
	w.enc.SetEscapeHTML(false)
	err := errors.Join(
		w.rust(filepath.Join(*lists, "adblock-rust-matching-test-requests.json")),
		w.adguard(filepath.Join(*lists, "adguard-tsurlfilter-requests.json.gz")),
		w.reports(os.Stdin, *limit),
		w.out.Flush(),
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, "requests:", err)
		os.Exit(1)
	}
}

type writer struct {
	out *bufio.Writer
	enc *json.Encoder
}

// types turns the logs' words into those of filter lists; others stay.
var types = map[string]string{
	"xhr": "xmlhttprequest", "fetch": "xmlhttprequest",
	"texttrack": "other", "manifest": "other",
}

func (w *writer) write(set, u, source, typ string) error {
	if t, ok := types[typ]; ok {
		typ = t
	}
	return w.enc.Encode(bench.Request{URL: u, Source: source, Type: typ, Set: set})
}

func (w *writer) rust(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var rs []struct{ SourceURL, URL, Type string }
	if err := json.Unmarshal(data, &rs); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, r := range rs {
		if err := w.write("rust", r.URL, r.SourceURL, r.Type); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) adguard(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for dec := json.NewDecoder(z); ; {
		var r struct{ FrameURL, URL, CPT string }
		if err := dec.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := w.write("adguard", r.URL, r.FrameURL, r.CPT); err != nil {
			return err
		}
	}
}

// report is what is needed of pixelsweep.report/1.
type report struct {
	Source     struct{ Path string }
	Message    struct{ From_domain string }
	References []struct{ URL, Vector, Trigger, Site string }
}

func (w *writer) reports(in io.Reader, limit int) error {
	seen := map[string]bool{}
	for dec := json.NewDecoder(bufio.NewReader(in)); ; {
		var r report
		if err := dec.Decode(&r); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("reports: %w", err)
		}
		set, source := "mail", "https://"+sender(&r)+"/"
		if strings.HasSuffix(r.Source.Path, ".html") {
			set = "page"
		}
		for _, ref := range r.References {
			u, err := url.Parse(ref.URL)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || seen[ref.URL] || len(seen) == limit {
				continue
			}
			seen[ref.URL] = true
			if err := w.write(set, ref.URL, source, resource(ref.Vector, ref.Trigger)); err != nil {
				return err
			}
		}
	}
}

// sender returns the domain that a report's requests come from.
func sender(r *report) string {
	if r.Message.From_domain != "" {
		return r.Message.From_domain
	}
	best, count := "unknown.example", map[string]int{}
	for _, ref := range r.References {
		if ref.Site == "" {
			continue
		}
		if count[ref.Site]++; count[ref.Site] > count[best] {
			best = ref.Site
		}
	}
	return best
}

// resource returns the type of a load from the place where it stands.
func resource(vector, trigger string) string {
	if trigger == "click" {
		return "image"
	}
	element, _, _ := strings.Cut(vector, "[")
	switch element {
	case "link", "css:@import":
		return "stylesheet"
	case "css:@font-face":
		return "font"
	case "script":
		return "script"
	case "iframe", "frame":
		return "subdocument"
	case "object", "embed":
		return "object"
	case "video", "audio", "track":
		return "media"
	}
	return "image"
}
