package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
)

// frameSite serves a page of 127.0.0.1 whose banner is a frame of localhost.
func frameSite(t *testing.T) *httptest.Server {
	t.Helper()
	page := string(read(t, "frame.html"))
	const banner = `<div data-tcf-banner><button id="%s-all" onclick="parent.postMessage('%s', '*')">yes</button>
		<button class="refuse" onclick="parent.postMessage('refused', '*')">no</button></div>`
	var srv *httptest.Server
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		elsewhere := strings.Replace(srv.URL, "127.0.0.1", "localhost", 1)
		w.Header().Set("Content-Type", "text/html")
		switch {
		case r.URL.Path == "/":
			fmt.Fprint(w, strings.NewReplacer("{{frame}}", elsewhere, "{{tracker}}", srv.URL).Replace(page))
		case r.URL.Path == "/banner" && strings.HasPrefix(r.Host, "localhost"):
			fmt.Fprintf(w, banner, "accept", "accepted")
		case r.URL.Path == "/hidden":
			fmt.Fprintf(w, banner, "accept", "wrong")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

// TestBannerInFrame: a banner that stands in a frame of another origin is answered
// there, whether the frame has a process of its own or not.
func TestBannerInFrame(t *testing.T) {
	l := newLab(t)
	srv := frameSite(t)
	for _, isolate := range []bool{false, true} {
		opts := Options{Quiet: time.Second, Timeout: l.opts.Timeout, AllowLocal: true, isolate: isolate}
		res, err := Open(t.Context(), srv.URL, nil, &opts)
		if err != nil {
			t.Fatal(err)
		}
		got := map[detector.Consent][]string{}
		for _, q := range res.Requests {
			if name, ok := strings.CutPrefix(q.URL, srv.URL+"/"); ok && strings.HasSuffix(name, ".gif") {
				got[q.Phase] = append(got[q.Phase], name)
			}
		}
		if res.Page.CMP != "TCF banner" || len(got[detector.BeforeConsent]) > 0 ||
			!slices.Equal(got[detector.AfterRefusing], []string{"refused.gif"}) || !slices.Equal(got[detector.AfterAccepting], []string{"accepted.gif"}) {
			t.Errorf("isolate %v: platform %q, requests %v, warnings %q", isolate, res.Page.CMP, got, res.Warnings)
		}
	}
}

// TestWorkers: what workers of every kind request is seen, however early.
func TestWorkers(t *testing.T) {
	l := newLab(t)
	scripts := map[string]string{
		"/worker.js": `fetch('https://worker.example/x.gif', {mode: 'no-cors'}); new Worker('/nested.js')`,
		"/nested.js": `fetch('https://nested.example/x.gif', {mode: 'no-cors'}); importScripts('https://import.example/worker.txt')`,
		"/shared.js": `fetch('https://shared.example/x.gif', {mode: 'no-cors'})`,
		"/service.js": `self.addEventListener('install', function (e) {
			e.waitUntil(fetch('https://service.example/x.gif', {mode: 'no-cors', method: 'POST', body: 'a=b'})) })`,
	}
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch src := scripts[r.URL.Path]; {
		case src != "":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, src)
		case r.URL.Path == "/":
			fmt.Fprint(w, `<!doctype html><script>
				new Worker('/worker.js'); new SharedWorker('/shared.js'); navigator.serviceWorker.register('/service.js');
				new Worker(URL.createObjectURL(new Blob(["fetch('https://blob.example/x.gif', {mode: 'no-cors'})"])));
			</script><iframe sandbox="allow-scripts" srcdoc="<script>new Image().src = 'https://sandbox.example/x.gif'</script>"></iframe>`)
		default:
			w.Header().Set("Content-Type", "text/javascript")
		}
	})
	opts := *l.opts
	opts.OneLoad = true
	l.serve(t, site, &opts)
	res, err := Open(t.Context(), "https://shop.example/", nil, &opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"worker", "nested", "import", "shared", "service", "blob", "sandbox"} {
		if !slices.ContainsFunc(res.Requests, func(q detector.Request) bool {
			return strings.HasPrefix(q.URL, "https://"+host+".example/") && (host != "service" || q.Body == "a=b")
		}) {
			t.Errorf("the request of %s is not seen", host)
		}
	}
	if w := strings.Join(res.Warnings, "\n"); strings.Contains(w, "no request was seen") {
		t.Error(w)
	}
}
