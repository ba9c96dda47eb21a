package rewrite

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
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
	stop func()
	n    int // bodies rendered
	mu   sync.Mutex
	draw func(url string) []byte // the image of a URL, nil for a transparent pixel
	doc  []byte
	at   string
	seen []string
	last time.Time
}

func startBrowser(t *testing.T) *browser {
	if testing.Short() {
		t.Skip("a browser takes long")
	}
	b := new(browser)
	b.start(t)
	t.Cleanup(func() { b.stop() })
	return b
}

func (b *browser) start(t *testing.T) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("SKIPPED: no Chromium; as root run: apt-get install -y chromium")
	}
	profile, remove, err := chromium.Profile()
	if err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-site-isolation-trials", true), chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1:9"),
		chromedp.Flag("disable-features", "IsolateOrigins,site-per-process,HttpsUpgrades,PaintHolding"),
		chromedp.Flag("allow-running-insecure-content", true), chromedp.Flag("blink-settings", "lazyLoadEnabled=false"),
	)
	actx, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(actx)
	b.ctx, b.stop = ctx, func() { cancel(); stop(); remove() }
	chromedp.ListenTarget(ctx, func(ev any) {
		if r, ok := ev.(*fetch.EventRequestPaused); ok {
			go b.answer(r)
		}
	})
	err = chromedp.Run(ctx, network.Enable(), fetch.Enable().WithPatterns([]*fetch.RequestPattern{{URLPattern: "*"}}),
		network.SetCacheDisabled(true), emulation.SetScriptExecutionDisabled(true))
	if err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
}

// requests renders a body and returns what is requested. On a busy machine a
// request of the page before may come late, so one that must not be is looked
// at again, in a fresh browser the second time.
func (b *browser) requests(t *testing.T, body []byte, forbidden func(string) bool) []string {
	for try := 0; ; try++ {
		b.n++
		seen, err := b.load(body, b.n)
		if err == nil && (try == 2 || !slices.ContainsFunc(seen, forbidden)) {
			return seen
		}
		if try == 3 {
			t.Errorf("render: %v", err)
			return nil
		}
		if err != nil || try == 1 {
			b.stop()
			b.start(t)
		}
	}
}

// answer serves the document under test and stubs for everything else.
func (b *browser) answer(r *fetch.EventRequestPaused) {
	c := chromedp.FromContext(b.ctx)
	ctx := cdp.WithExecutor(b.ctx, c.Target)
	b.mu.Lock()
	own, doc, draw := r.Request.URL == b.at, b.doc, b.draw
	if !own {
		b.seen = append(b.seen, r.Request.URL)
	}
	b.last = time.Now()
	b.mu.Unlock()
	reply := func(media, body string) {
		_ = fetch.FulfillRequest(r.RequestID, 200).WithResponseHeaders([]*fetch.HeaderEntry{
			{Name: "Content-Type", Value: media}, {Name: "Access-Control-Allow-Origin", Value: "*"},
		}).WithBody(body).Do(ctx)
	}
	switch {
	case own:
		reply("text/html", base64.StdEncoding.EncodeToString(doc))
	case r.ResourceType == network.ResourceTypeImage && draw != nil && draw(r.Request.URL) != nil:
		reply("image/png", base64.StdEncoding.EncodeToString(draw(r.Request.URL)))
	case r.ResourceType == network.ResourceTypeImage:
		reply("image/gif", strings.TrimPrefix(pixelURL, "data:image/gif;base64,"))
	case r.ResourceType == network.ResourceTypeStylesheet:
		reply("text/css", "")
	case r.ResourceType == network.ResourceTypeDocument && r.FrameID == cdp.FrameID(c.Target.TargetID):
		_ = fetch.FailRequest(r.RequestID, network.ErrorReasonAborted).Do(ctx)
	default:
		reply("text/html", "")
	}
}

// load renders a body on a screen, a dark phone and paper, and returns what was
// requested.
func (b *browser) load(body []byte, n int) ([]string, error) {
	b.mu.Lock()
	b.doc, b.at, b.seen, b.last = body, fmt.Sprintf("http://mail.invalid/%d", n), nil, time.Now()
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	scheme := func(s string) []*emulation.MediaFeature {
		return []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s}}
	}
	open := func(at string) chromedp.Action {
		return chromedp.ActionFunc(func(ctx context.Context) error {
			_, _, _, _, err := page.Navigate(at).Do(ctx)
			return err
		})
	}
	err := chromedp.Run(ctx,
		emulation.SetDeviceMetricsOverride(1200, 4000, 1, false),
		emulation.SetEmulatedMedia().WithMedia("screen").WithFeatures(scheme("light")),
		open(b.at), b.idle(150),
		emulation.SetEmulatedMedia().WithMedia("screen").WithFeatures(scheme("dark")),
		emulation.SetDeviceMetricsOverride(360, 4000, 2, true), b.idle(80),
		emulation.SetEmulatedMedia().WithMedia("print").WithFeatures(scheme("light")), b.idle(60),
	)
	b.mu.Lock()
	seen := slices.Clone(b.seen)
	b.mu.Unlock()
	_ = chromedp.Run(ctx, open("about:blank"), b.idle(40))
	return slices.DeleteFunc(seen, func(u string) bool {
		return !strings.HasPrefix(u, "http") || strings.HasPrefix(u, "http://mail.invalid/") && strings.HasSuffix(u, "/favicon.ico")
	}), err
}

// idle waits until nothing was requested for a while.
func (b *browser) idle(ms int) chromedp.Action {
	return chromedp.ActionFunc(func(context.Context) error {
		quiet := time.Duration(ms) * time.Millisecond
		for start := time.Now(); time.Since(start) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
			b.mu.Lock()
			last := b.last
			b.mu.Unlock()
			if time.Since(last) > quiet && time.Since(start) > quiet {
				break
			}
		}
		return nil
	})
}

// sameURL drops what a request does not carry, and differences between
// Chromium's serialisation and the standard's.
func sameURL(u string) string {
	u, _, _ = strings.Cut(u, "#")
	u = strings.TrimPrefix(strings.TrimPrefix(u, "https:"), "http:")
	return strings.NewReplacer("|", "%7C", "^", "%5E", "'", "%27").Replace(u)
}

// bodies lists the HTML parts of a message.
func bodies(msg []byte) [][]byte {
	var r mime.Reader
	var out [][]byte
	m := r.Split(msg, mime.Limits{})
	for i := range m.Parts {
		if p := &m.Parts[i]; p.IsHTML() {
			if data, _, _ := r.Decode(p); len(data) > 20 {
				out = append(out, slices.Clone(data))
			}
		}
	}
	return out
}

// sample returns labelled messages with an HTML part and their names: few, or all
// of them and 500 others with PIXELSWEEP_E2E=all.
func sample(t *testing.T, few int) (files [][]byte, names []string) {
	dir := corpora(t)
	add := func(folder string, most int) {
		var all [][]byte
		var called []string
		each(t, dir, []string{folder}, func(name string, data []byte) {
			if strings.HasSuffix(name, ".eml") && len(bodies(data)) > 0 {
				all, called = append(all, data), append(called, name)
			}
		})
		step := max(1, len(all)/most)
		for i := 0; i < len(all) && i/step < most; i += step {
			files, names = append(files, all[i]), append(names, called[i])
		}
	}
	if os.Getenv("PIXELSWEEP_E2E") == "all" {
		add("labelled", 1<<20)
		add("mail", 500)
	} else {
		add("labelled", few)
	}
	return files, names
}

// TestChromium renders rewritten mail: no tracker is requested any more, and
// after block-all nothing is.
func TestChromium(t *testing.T) {
	files, names := sample(t, 50)
	b := startBrowser(t)
	trackers, before, after := 0, 0, 0
	all := func(string) bool { return true }
	for i, msg := range files {
		res, err := Message(msg, nil)
		if err != nil {
			t.Fatal(err)
		}
		blocked, err := Message(msg, &Options{BlockAll: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(blocked.Left) > 0 {
			continue // sealed
		}
		bad := map[string]bool{}
		for _, e := range res.Edits {
			if e.Kind != detector.ReadReceipt {
				bad[sameURL(e.URL)] = true
			}
		}
		trackers += len(bad)
		if os.Getenv("PIXELSWEEP_E2E") == "all" {
			for _, body := range bodies(msg) {
				before += len(b.requests(t, body, func(string) bool { return false }))
			}
		}
		for _, body := range bodies(res.Data) {
			tracker := func(u string) bool { return bad[sameURL(u)] }
			requests := b.requests(t, body, tracker)
			after += len(requests)
			for _, u := range requests {
				if tracker(u) {
					t.Errorf("%s: Chromium requests the tracker %s", filepath.Base(names[i]), u)
				}
			}
		}
		for _, body := range bodies(blocked.Data) {
			for _, u := range b.requests(t, body, all) {
				t.Errorf("%s: after block-all Chromium requests %s", filepath.Base(names[i]), u)
			}
		}
	}
	t.Logf("%d messages, %d bodies rendered, %d trackers, requests %d before and %d after", len(files), b.n, trackers, before, after)
}

// TestChromiumVectors renders our own pages of vectors after block-all.
func TestChromiumVectors(t *testing.T) {
	pages, _ := filepath.Glob("../../corpus/testdata/vectors/*.html")
	if len(pages) == 0 {
		t.Fatal("no vector pages")
	}
	b := startBrowser(t)
	for _, p := range pages {
		doc, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for name, o := range map[string]*Options{
			"block-all": {BlockAll: true},
			"remove":    {BlockAll: true, Kinds: map[detector.Kind]Mode{detector.RemoteContent: Remove, detector.Pixel: Remove}},
		} {
			res, err := HTML(doc, o)
			if err != nil || len(res.Left) > 0 {
				t.Errorf("%s %s: %v, left %+v", p, name, err, res.Left)
			}
			for _, u := range b.requests(t, res.Data, func(string) bool { return true }) {
				if v, err := url.Parse(u); err == nil {
					t.Errorf("%s %s: Chromium requests %s", filepath.Base(p), name, v)
				}
			}
		}
	}
}
