package subscription

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const good = "! Title: Test\n||a.example^\n||b.example^$image\n"

// serve runs handler and returns a source for it.
func serve(t *testing.T, handler http.HandlerFunc) Source {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return Source{Name: "Test list", URL: s.URL + "/list.txt"}
}

func update(t *testing.T, dir string, src Source) Result {
	t.Helper()
	limit := 30 * time.Second
	if strings.Contains(t.Name(), "/slow") {
		limit = 500 * time.Millisecond
	}
	return Update(t.Context(), dir, src, &Options{MaxBytes: 1 << 20, MaxTime: limit})
}

// TestConditional checks that a list is sent once only, and that a copy which is
// not as it was fetched is fetched again.
func TestConditional(t *testing.T) {
	for _, by := range []string{"ETag", "Last-Modified"} {
		sent, asked := 0, 0
		src := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			value, got := `"v1"`, r.Header.Get("If-None-Match")
			if by == "Last-Modified" {
				value, got = "Mon, 02 Nov 2026 10:00:00 GMT", r.Header.Get("If-Modified-Since")
			}
			w.Header().Set(by, value)
			if got == value {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			sent++
			io.WriteString(w, good)
		})
		dir := filepath.Join(t.TempDir(), "a", "lists")
		res := update(t, dir, src)
		if res.Status != Updated || res.Filters != 2 || res.Err != nil {
			t.Fatalf("first: %+v", res)
		}
		if res = update(t, dir, src); res.Status != Unchanged || res.Err != nil || sent != 1 || asked != 2 {
			t.Errorf("second: %+v, sent %d, asked %d", res, sent, asked)
		}
		if err := os.WriteFile(res.Path, []byte("||other.example^\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if res = update(t, dir, src); res.Status != Updated || sent != 2 {
			t.Errorf("changed: %+v, sent %d", res, sent)
		}
		if err := os.WriteFile(res.Path+".json", []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if res = update(t, dir, src); res.Err != nil || sent != 3 {
			t.Errorf("damaged state: %+v, sent %d", res, sent)
		}
		if text, err := os.ReadFile(res.Path); err != nil || string(text) != good {
			t.Errorf("copy %q, %v", text, err)
		}
		private(t, dir)
	}
}

// private checks that nobody else can read what is stored, and that nothing is
// left over.
func private(t *testing.T, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return
	}
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", fi.Mode(), err)
	}
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		fi, err := f.Info()
		if err != nil || fi.Mode().Perm() != 0o600 || strings.HasSuffix(f.Name(), ".tmp") {
			t.Errorf("%s: %v, %v", f.Name(), fi.Mode(), err)
		}
	}
}

// TestKept checks that what a server gets wrong never costs the copy at hand.
func TestKept(t *testing.T) {
	endless := strings.Repeat("||endless.example^\n", 1000)
	tests := []struct {
		name, why string
		handler   http.HandlerFunc
	}{
		{"404", "answers 404 Not Found", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "||no.example^", 404) }},
		{"500", "answers 500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
		{"304 unasked", "answers 304", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }},
		{"slow", "within 500ms", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"slow body", "within 500ms", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, good)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}},
		{"endless", "larger than", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, endless); err != nil {
					return
				}
			}
		}},
		{"announced", "larger than", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999") }},
		{"cut", "ended before", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, good)
		}},
		{"gzip bomb", "larger than", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 2000 {
				io.WriteString(z, endless)
			}
			z.Close()
		}},
		{"broken gzip", "", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			io.WriteString(w, good)
		}},
		{"brotli", `encoding "br"`, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, good)
		}},
		{"html", "HTML", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "\n<!doctype html><p>Sign in") }},
		{"empty", "empty", func(http.ResponseWriter, *http.Request) {}},
		{"comments", "no network filter", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "! soon\n##.ad\n") }},
		{"binary", "not text", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "\x7fELF\x02\x00\n||a.example^\n") }},
		{"scheme", `scheme "ftp"`, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "ftp://lists.example/x", http.StatusFound)
		}},
		{"file", `scheme "file"`, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/hosts", http.StatusFound)
		}},
		{"not secure", "http://lists.example is not secure", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://lists.example/x", http.StatusFound)
		}},
		{"circle", "more than 5 redirects", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/again", http.StatusFound)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var handler atomic.Value
			handler.Store(tt.handler)
			src := serve(t, func(w http.ResponseWriter, r *http.Request) { handler.Load().(http.HandlerFunc)(w, r) })
			dir := filepath.Join(t.TempDir(), "lists")
			res := update(t, dir, src)
			if res.Status != Missing || res.Err == nil || !strings.Contains(res.Err.Error(), tt.why) || !res.Fetched.IsZero() {
				t.Errorf("without a copy: %+v", res)
			}
			handler.Store(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, good) }))
			if res := update(t, dir, src); res.Status != Updated {
				t.Fatalf("good: %+v", res)
			}
			handler.Store(tt.handler)
			res = update(t, dir, src)
			if text, err := os.ReadFile(res.Path); res.Status != Kept || res.Err == nil || err != nil || string(text) != good {
				t.Errorf("with a copy: %+v, %q, %v", res, text, err)
			}
			private(t, dir)
		})
	}
}

func TestGood(t *testing.T) {
	moved := 0
	src := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if moved < maxRedirects {
			moved++
			http.Redirect(w, r, "/moved", http.StatusMovedPermanently)
			return
		}
		if r.Header.Get("User-Agent") != "pixelsweep" || r.Header.Get("Cookie") != "" {
			t.Errorf("headers %v", r.Header)
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, good)
		z.Close()
	})
	dir := filepath.Join(t.TempDir(), "lists")
	if res := update(t, dir, src); res.Status != Updated || res.Filters != 2 {
		t.Errorf("got %+v", res)
	}
	if res := update(t, dir, src); res.Status != Unchanged {
		t.Errorf("the same again: %+v", res)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if res := Update(ctx, dir, src, nil); res.Status != Kept || res.Err == nil {
		t.Errorf("cancelled: %+v", res)
	}
	if runtime.GOOS != "windows" {
		os.Chmod(dir, 0o777)
		if res := update(t, dir, src); res.Err == nil {
			t.Errorf("a folder that others write to: %+v", res)
		}
	}
}

func TestPolicy(t *testing.T) {
	for _, tt := range []struct {
		src  Source
		want string
	}{
		{Source{Name: "x", URL: "http://lists.example/x"}, "not secure"},
		{Source{Name: "x", URL: "http://127.0.0.1.lists.example/x"}, "not secure"},
		{Source{Name: "x", URL: "gopher://127.0.0.1/x"}, `scheme "gopher"`},
	} {
		if res := update(t, t.TempDir(), tt.src); res.Err == nil || !strings.Contains(res.Err.Error(), tt.want) {
			t.Errorf("%s: %+v", tt.src.URL, res)
		}
	}
	may := policy{insecure: true}
	req := httptest.NewRequest("GET", "http://[::1]:8080/x", nil)
	if err := may.check(req.URL); err == nil {
		t.Error("a list from elsewhere leads to this machine")
	}
	a, b := Source{Name: "Ärger/../x", URL: "u"}, Source{Name: "Ärger/../x", URL: "v"}
	if a.file() == b.file() || filepath.Base(a.file()) != a.file() || strings.HasPrefix(a.file(), ".") {
		t.Errorf("files %s, %s", a.file(), b.file())
	}
}
