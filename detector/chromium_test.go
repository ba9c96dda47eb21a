package detector_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
	chromium "github.com/pixelsweep/pixelsweep/internal/browser"
)

// browser is a Chromium whose every request is answered here: nothing leaves
// the machine.
type browser struct {
	ctx  context.Context
	mu   sync.Mutex
	doc  []byte // the body under test
	at   string // and the address it is served at
	seen []string
	last time.Time
}

const pixelGIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

func findChromium(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("SKIPPED: no Chromium; as root run: apt-get install -y chromium")
	return ""
}

func startBrowser(t *testing.T) *browser {
	if testing.Short() {
		t.Skip("long")
	}
	profile, remove, err := chromium.Profile()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1:9"),
		chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,HttpsUpgrades,PaintHolding"),
		chromedp.Flag("allow-running-insecure-content", true), chromedp.Flag("blink-settings", "lazyLoadEnabled=false"),
	)
	actx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(actx)
	t.Cleanup(func() { cancel(); stop(); remove() })
	b := &browser{ctx: ctx}
	chromedp.ListenTarget(ctx, func(ev any) {
		if r, ok := ev.(*fetch.EventRequestPaused); ok {
			go b.answer(r)
		}
	})
	err = chromedp.Run(ctx,
		network.Enable(),
		fetch.Enable().WithPatterns([]*fetch.RequestPattern{{URLPattern: "*"}}),
		network.SetCacheDisabled(true),
		emulation.SetScriptExecutionDisabled(true),
	)
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return b
}

// answer serves the document under test and stubs for everything else.
func (b *browser) answer(r *fetch.EventRequestPaused) {
	c := chromedp.FromContext(b.ctx)
	ctx := withExecutor(b.ctx, c)
	b.mu.Lock()
	own := r.Request.URL == b.at
	doc := b.doc
	if !own && !b.late(r) {
		b.seen = append(b.seen, r.Request.URL+r.Request.URLFragment)
	}
	b.last = time.Now()
	b.mu.Unlock()
	reply := func(media string, body string) {
		_ = fetch.FulfillRequest(r.RequestID, 200).WithResponseHeaders([]*fetch.HeaderEntry{
			{Name: "Content-Type", Value: media}, {Name: "Access-Control-Allow-Origin", Value: "*"},
		}).WithBody(body).Do(ctx)
	}
	switch {
	case own:
		reply("text/html", base64.StdEncoding.EncodeToString(doc))
	case r.ResourceType == network.ResourceTypeImage:
		reply("image/gif", pixelGIF)
	case r.ResourceType == network.ResourceTypeStylesheet:
		reply("text/css", "")
	case r.ResourceType == network.ResourceTypeDocument && r.FrameID == mainFrame(c):
		_ = fetch.FailRequest(r.RequestID, network.ErrorReasonAborted).Do(ctx)
	default:
		reply("text/html", "")
	}
}

// late reports whether a request was made by a page before this one.
func (b *browser) late(r *fetch.EventRequestPaused) bool {
	for name, value := range r.Request.Headers {
		if from, ok := value.(string); ok && strings.EqualFold(name, "Referer") && strings.HasPrefix(from, "http://mail-") {
			return from != b.at
		}
	}
	return false
}

// load renders a body in every way that a reader may, and returns what was
// requested.
func (b *browser) load(body []byte, n int) ([]string, error) {
	b.mu.Lock()
	b.doc, b.at, b.seen, b.last = body, fmt.Sprintf("http://mail-%d.invalid/", n), nil, time.Now()
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	defer b.leave(ctx)
	dark := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	light := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}
	err := chromedp.Run(ctx,
		emulation.SetDeviceMetricsOverride(1200, 4000, 1, false),
		emulation.SetEmulatedMedia().WithMedia("screen").WithFeatures(light),
		chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, _, _, err := page.Navigate(b.at).Do(ctx)
			return err
		}),
		b.idle(150),
		emulation.SetEmulatedMedia().WithMedia("screen").WithFeatures(dark),
		emulation.SetDeviceMetricsOverride(360, 4000, 2, true),
		b.idle(80),
		emulation.SetEmulatedMedia().WithMedia("print").WithFeatures(light),
		b.idle(60),
	)
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seen), err
}

// leave empties the page, so that nothing of it is requested later.
func (b *browser) leave(ctx context.Context) {
	_ = chromedp.Run(ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, _, err := page.Navigate("about:blank").Do(ctx)
		return err
	}), b.idle(40))
}

// idle waits until nothing was requested for a while.
func (b *browser) idle(ms int) chromedp.Action {
	return chromedp.ActionFunc(func(context.Context) error {
		quiet := time.Duration(ms) * time.Millisecond
		start := time.Now()
		for time.Since(start) < 5*time.Second {
			time.Sleep(20 * time.Millisecond)
			b.mu.Lock()
			last := b.last
			b.mu.Unlock()
			if time.Since(last) > quiet && time.Since(start) > quiet {
				return nil
			}
		}
		return nil
	})
}

// checkComplete fails for every request that is no reference of the report.
func checkComplete(t *testing.T, name string, body []byte, requests []string, at string) {
	t.Helper()
	rep, err := detector.New(nil).ScanHTML(detector.Source{Path: name, Type: detector.TypeMessage}, body)
	if err != nil {
		return
	}
	base, _ := url.Parse(at)
	known := map[string]bool{}
	for _, r := range rep.References {
		known[sameURL(r.URL)] = true
		if r.Host == "" {
			if u, err := base.Parse(r.URL); err == nil {
				known[sameURL(u.String())] = true
			}
		}
		// Without slashes the page's own scheme makes a URL relative to it;
		// a mail has no such base.
		if rest, ok := strings.CutPrefix(r.Raw, "http:"); ok && !strings.HasPrefix(rest, "//") {
			if u, err := base.Parse(rest); err == nil {
				known[sameURL(u.String())] = true
			}
		}
	}
	for _, req := range requests {
		if !strings.HasPrefix(req, "http") || strings.HasSuffix(req, "/favicon.ico") && strings.HasPrefix(req, "http://mail-") {
			continue
		}
		if !known[sameURL(req)] {
			t.Errorf("%s: Chromium requests %q, which is no reference", name, req)
		}
	}
}

// sameURL drops what a request does not carry, the scheme that a URL without
// one takes from the page, and the differences between Chromium's
// serialisation and the standard's.
func sameURL(u string) string {
	u, _, _ = strings.Cut(u, "#")
	u = strings.TrimPrefix(strings.TrimPrefix(u, "https:"), "http:")
	return strings.NewReplacer("|", "%7C", "^", "%5E", "'", "%27").Replace(u)
}

// TestChromiumVectors renders our own pages of vectors.
func TestChromiumVectors(t *testing.T) {
	b := startBrowser(t)
	pages, _ := filepath.Glob("../corpus/testdata/vectors/*.html")
	if len(pages) == 0 {
		t.Fatal("no vector pages")
	}
	total := 0
	for i, p := range pages {
		body, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		requests, err := b.load(body, i)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		total += len(requests)
		checkComplete(t, filepath.Base(p), body, requests, b.at)
	}
	if total < 50 {
		t.Errorf("Chromium made %d requests only", total)
	}
	t.Logf("%d pages, %d requests", len(pages), total)
}

// TestChromiumMail renders the bodies of real mail: 200, or all of them with
// PIXELSWEEP_E2E=all.
func TestChromiumMail(t *testing.T) {
	dir := os.Getenv("PIXELSWEEP_CORPORA")
	if dir == "" {
		dir = "../../shared/corpora"
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("SKIPPED: no real mail; set PIXELSWEEP_CORPORA to a folder with labelled/ and mail/")
	}
	bodies := htmlBodies(t, dir)
	if limit := 200; os.Getenv("PIXELSWEEP_E2E") != "all" && len(bodies) > limit {
		step := len(bodies) / limit
		var some []body
		for i := 0; i < len(bodies) && len(some) < limit; i += step {
			some = append(some, bodies[i])
		}
		bodies = some
	}
	b := startBrowser(t)
	total := 0
	for i, m := range bodies {
		requests, err := b.load(m.data, i)
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		total += len(requests)
		checkComplete(t, m.name, m.data, requests, b.at)
	}
	t.Logf("%d bodies, %d requests", len(bodies), total)
}

type body struct {
	name string
	data []byte
}

// htmlBodies lists the distinct HTML parts of the messages below dir.
func htmlBodies(t *testing.T, dir string) []body {
	var bodies []body
	seen := map[string]bool{}
	for _, sub := range []string{"labelled", "mail"} {
		err := filepath.WalkDir(filepath.Join(dir, sub), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") {
				return err
			}
			msg, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var r mime.Reader
			m := r.Split(msg, mime.Limits{})
			for i := range m.Parts {
				p := &m.Parts[i]
				if !p.IsHTML() {
					continue
				}
				data, _, _ := r.Decode(p)
				if len(data) < 20 || seen[string(data)] {
					continue
				}
				seen[string(data)] = true
				bodies = append(bodies, body{filepath.Base(path) + ":" + p.Path, slices.Clone(data)})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return bodies
}
