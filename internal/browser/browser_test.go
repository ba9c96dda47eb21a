package browser

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/har"
)

// stubs are what the services' scripts do, as far as hosts go: each sends what
// is queued to where the service listens.
var stubs = map[string]string{
	"www.googletagmanager.com/gtag/js":               `hit('https://region1.google-analytics.com/g/collect?v=2&tid=G-4TH4NKS01&en=purchase'); hit('https://www.googleadservices.com/pagead/conversion/204810001/?label=tHaNkS')`,
	"www.googletagmanager.com/gtm.js":                `hit('https://www.googletagmanager.com/a?id=GTM-TH4NKS')`,
	"connect.facebook.net/en_US/fbevents.js":         `hit('https://www.facebook.com/tr/?id=204810002&ev=Purchase')`,
	"analytics.tiktok.com/i18n/pixel/events.js":      `hit('https://analytics.tiktok.com/api/v2/pixel')`,
	"snap.licdn.com/li.lms-analytics/insight.min.js": `hit('https://px.ads.linkedin.com/collect?pid=2048103')`,
	"s.pinimg.com/ct/core.js":                        `hit('https://ct.pinterest.com/v3/?tid=2048104&event=checkout')`,
	"bat.bing.com/bat.js":                            `window.UET = function (o) { this.push = function () { hit('https://bat.bing.com/action/0?ti=' + o.ti) } }`,
	"static.ads-twitter.com/uwt.js":                  `hit('https://t.co/i/adsct?txn_id=o2048'); hit('https://analytics.twitter.com/i/adsct?txn_id=o2048')`,
	"sc-static.net/scevent.min.js":                   `hit('https://tr.snapchat.com/p?pid=x&ev=PURCHASE')`,
	"www.redditstatic.com/ads/pixel.js":              `hit('https://alb.reddit.com/rp.gif?event=Purchase&id=a2_20481007')`,
	"a.quora.com/qevents.js":                         `hit('https://q.quora.com/_/ad/20481008abcdef20481008abcdef2048/pixel?tag=Purchase')`,
	"static.criteo.net/js/ld/ld.js":                  `hit('https://sslwidget.criteo.com/event?a=204809')`,
	"cdn.taboola.com/libtrc/unip/2048110/tfa.js":     `hit('https://trc.taboola.com/actions-handler/log/3/unip?en=make_purchase')`,
	"amplify.outbrain.com/cp/obtp.js":                `hit('https://tr.outbrain.com/unifiedPixel?marketerId=2048111')`,
}

// lab is a stub of the whole web on loopback.
type lab struct {
	opts *Options
	mu   sync.Mutex
	seen []string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	if testing.Short() {
		t.Skip("long")
	}
	if _, err := Find(); err != nil {
		t.Skip("SKIPPED: no Chromium; as root run: apt-get install -y chromium")
	}
	l := &lab{}
	l.opts = &Options{Quiet: time.Second, Timeout: 40 * time.Second, InsecureTLS: true}
	l.serve(t, l, l.opts)
	return l
}

// serve lets h be every host there is.
func (l *lab) serve(t *testing.T, h http.Handler, o *Options) {
	t.Helper()
	plain := httptest.NewServer(h)
	sealed := httptest.NewUnstartedServer(h)
	sealed.Config.ErrorLog = log.New(io.Discard, "", 0) // Chromium asks again without checking
	sealed.StartTLS()
	t.Cleanup(func() { plain.Close(); sealed.Close() })
	o.Dial = func(ctx context.Context, _, port string) (net.Conn, error) {
		addr := plain.Listener.Addr().String()
		if port == "443" {
			addr = sealed.Listener.Addr().String()
		}
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr)
	}
}

func (l *lab) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	l.seen = append(l.seen, r.Host+r.URL.Path)
	l.mu.Unlock()
	if src, ok := stubs[r.Host+r.URL.Path]; ok {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, "(function(){function hit(u){new Image().src=u}\n%s})()", src)
		return
	}
	w.Header().Set("Content-Type", "image/gif")
	if r.Host == "stream.example" { // a body without end, slowly
		for r.Context().Err() == nil {
			w.Write([]byte("GIF89a"))
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "uid", Value: "7", Path: "/"})
	w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x01D\x00;"))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// trackers are the hosts of findings that decide.
func trackers(rep *detector.Report) map[string]bool {
	hosts := map[string]bool{}
	for _, f := range rep.Findings {
		if u, err := url.Parse(f.URL); err == nil && f.Kind.Decides() && f.Severity.Rank() >= detector.SeverityLow.Rank() && u.Host != "" {
			hosts[u.Host] = true
		}
	}
	return hosts
}

// explained are hosts that only a service's own script knows.
var explained = map[string]string{
	"analytics.twitter.com":        "uwt.js sends every event to a second host; the page names neither",
	"region1.google-analytics.com": "gtag.js picks the region; the page's calls are listed at www.google-analytics.com",
}

// TestStaticAgainstDynamic compares what the source says with what Chromium
// requests in the first load of our own page with the pixels of the largest
// networks, whose scripts are stubs.
func TestStaticAgainstDynamic(t *testing.T) {
	l := newLab(t)
	src := read(t, "thanks.html")
	det := detector.New(nil)
	rep, err := det.ScanHTML(detector.Source{Path: "thanks.html", Type: detector.TypePage}, src)
	if err != nil {
		t.Fatal(err)
	}
	static := trackers(rep)
	res, err := Open(t.Context(), "", src, l.opts)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, q := range res.Requests {
		if u, err := url.Parse(q.URL); err == nil && u.Host != fileHost {
			asked[u.Host] = true
		}
	}
	hosts := map[string]bool{}
	for h := range static {
		hosts[h] = true
	}
	for h := range asked {
		hosts[h] = true
	}
	var names []string
	for h := range hosts {
		names = append(names, h)
	}
	sort.Strings(names)
	found := 0
	t.Logf("%-32s %-7s %s", "host", "static", "Chromium")
	for _, h := range names {
		t.Logf("%-32s %-7v %v", h, static[h], asked[h])
		switch {
		case asked[h] && static[h]:
			found++
		case asked[h] && explained[h] == "":
			t.Errorf("%s: Chromium asks it, static does not find it, and nobody says why", h)
		case asked[h]:
			t.Logf("  missed: %s", explained[h])
		}
	}
	share := float64(found) / float64(len(asked))
	t.Logf("static finds %d of %d hosts, %.0f %%", found, len(asked), 100*share)
	if len(asked) < 25 || share < 0.9 {
		t.Errorf("static finds %d of %d hosts", found, len(asked))
	}
	dynamic := det.ScanRequests(detector.Source{Path: "thanks.html"}, res.Page, res.Requests)
	for _, want := range []string{"https://www.facebook.com/tr/", "https://ct.pinterest.com/v3/"} {
		i := slices.IndexFunc(dynamic.References, func(r detector.Reference) bool { return strings.HasPrefix(r.URL, want) })
		if i < 0 {
			t.Fatalf("no request of %s", want)
		}
		q := dynamic.References[i].Request
		if !slices.Contains(q.Cookies, "uid") || len(q.Initiator) == 0 || !strings.Contains(q.Initiator[0], ".js:") {
			t.Errorf("%s: cookies %v, initiator %v", want, q.Cookies, q.Initiator)
		}
	}
}

// TestPosted: what a page posts is seen, however it is handed to the browser, and
// stands in the archive.
func TestPosted(t *testing.T) {
	l := newLab(t)
	const page = `<title>x</title><script>
		var buy = {event: 'Buy', writeKey: 'wK48210', traits: {email: 'ann@shop.example'}};
		fetch('https://api.segment.io/v1/t', {method: 'POST', mode: 'no-cors', body: JSON.stringify(buy)});
		navigator.sendBeacon('https://api2.amplitude.com/2/httpapi', new Blob([JSON.stringify({api_key: '4821bb', events: [{event_type: 'a'}, {event_type: 'b'}]})]));
		var form = new FormData(); form.append('id', '4821'); form.append('ev', 'Lead'); navigator.sendBeacon('https://www.facebook.com/tr/', form);
		navigator.sendBeacon('https://region1.google-analytics.com/g/collect?v=2&tid=G-1ABC', 'en=page_view\r\nen=purchase&epn.value=3');
		fetch('https://eu.i.posthog.com/e/', {method: 'POST', mode: 'no-cors', body: new Blob(['{"api_key":"phc_48","event":"x"}']).stream(), duplex: 'half'}).catch(function () {});
		var big = new XMLHttpRequest(); big.open('POST', 'https://api.eu.amplitude.com/2/httpapi'); big.send(JSON.stringify({api_key: '4821cc', events: [{event_type: 'c', x: 'y'.repeat(300000)}]}));
	</script>`
	opts := *l.opts
	opts.OneLoad = true
	res, err := Open(t.Context(), "", []byte(page), &opts)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := har.Write(&b, "1", res.Page, res.Entries); err != nil {
		t.Fatal(err)
	}
	_, again, _, err := har.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	for name, reqs := range map[string][]detector.Request{"browser": res.Requests, "archive": again} {
		got := map[string]string{}
		for _, f := range detector.New(nil).ScanRequests(detector.Source{}, res.Page, reqs).Findings {
			if f.Service != nil {
				got[f.Account] = strings.Join(f.Events, " ")
			}
		}
		for account, events := range map[string]string{
			"wK48210": "measure Buy", "4821bb": "measure a b", "4821": "measure Lead", "G-1ABC": "measure page_view purchase", "4821cc": "measure c",
		} {
			if got[account] != events {
				t.Errorf("%s: %s: got %q, want %q", name, account, got[account], events)
			}
		}
	}
}

// phased lists the tracker requests of a page, by phase.
func phased(res *Result) map[detector.Consent][]string {
	out := map[detector.Consent][]string{}
	for _, q := range res.Requests {
		u, err := url.Parse(q.URL)
		if err == nil && u.Host != fileHost {
			out[q.Phase] = append(out[q.Phase], u.Host)
		}
	}
	return out
}

// TestPhases opens three pages of ours with a banner: one that keeps its word,
// one that measures before it asks, and one that hears no as well as yes.
func TestPhases(t *testing.T) {
	l := newLab(t)
	for _, tt := range []struct {
		page                   string
		before, refuse, accept string
	}{
		{"consent-right.html", "", "", "www.facebook.com"},
		{"consent-early.html", "ct.pinterest.com", "", "bat.bing.com"},
		{"consent-deaf.html", "", "tr.snapchat.com", "alb.reddit.com"},
		{"plain.html", "", "", ""},
	} {
		t.Run(tt.page, func(t *testing.T) {
			opts := *l.opts
			opts.Shots = true
			res, err := Open(t.Context(), "", read(t, tt.page), &opts)
			if err != nil {
				t.Fatal(err)
			}
			got := phased(res)
			for phase, want := range map[detector.Consent]string{
				detector.BeforeConsent: tt.before, detector.AfterRefusing: tt.refuse, detector.AfterAccepting: tt.accept,
			} {
				if s := strings.Join(got[phase], " "); s != want {
					t.Errorf("%s: %q, want %q", phase, s, want)
				}
			}
			shots := 1
			if tt.page != "plain.html" {
				shots = 3
				if !res.Page.TCF || res.Page.CMP != "TCF banner" {
					t.Errorf("page %+v", res.Page)
				}
			}
			if len(res.Shots) != shots {
				t.Errorf("%d screenshots, want %d", len(res.Shots), shots)
			}
		})
	}
}

// TestRefuses checks what a page cannot reach.
func TestRefuses(t *testing.T) {
	l := newLab(t)
	t.Setenv("TMPDIR", t.TempDir()) // what is left behind there is ours
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	hits := 0
	private := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		http.Redirect(w, r, "/again", http.StatusFound)
	}))
	defer private.Close()
	opts := *l.opts
	opts.Dial = nil
	page := fmt.Sprintf(`<title>x</title><script>
		fetch('file://%s').then(r => r.text()).then(t => { document.title = t }).catch(() => {});
		new Image().src = '%s/pixel.gif'; fetch('%s/x', {mode: 'no-cors'}).catch(() => {});
		window.open('%s/popup');
		var a = document.createElement('a'); a.href = 'data:application/octet-stream,x'; a.download = 'pixelsweep-download'; a.click();
	</script><iframe src="file://%s"></iframe>`, secret, private.URL, private.URL, private.URL, secret)
	res, err := Open(t.Context(), "", []byte(page), &opts)
	if err != nil {
		t.Fatal(err)
	}
	if hits != 0 {
		t.Errorf("a private address was asked %d times", hits)
	}
	if res.Page.Title != "x" {
		t.Errorf("the page read a file: title %q", res.Page.Title)
	}
	if _, err := os.Stat("pixelsweep-download"); err == nil {
		t.Error("a file was downloaded")
	}
	if w := strings.Join(res.Warnings, "\n"); !strings.Contains(w, "127.0.0.1: a private address") {
		t.Errorf("warnings %q say nothing of the private address", w)
	}
	for _, target := range []string{private.URL, "http://localhost/", "http://[::1]/"} {
		if _, err := Open(t.Context(), target, nil, &opts); err == nil || !strings.Contains(err.Error(), "private address") {
			t.Errorf("Open(%s): %v", target, err)
		}
	}
	for _, target := range []string{"file:///etc/passwd", "chrome://version", "javascript:alert(1)", "ftp://t.example/", ""} {
		if _, err := Open(t.Context(), target, nil, &opts); err == nil {
			t.Errorf("Open(%s) opened it", target)
		}
	}
	opts.AllowLocal = true
	if _, err := Open(t.Context(), private.URL, nil, &opts); err != nil && hits == 0 {
		t.Errorf("with AllowLocal: %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "pixelsweep-browser-*"))
	if len(left) > 0 {
		t.Errorf("profiles left behind: %v", left)
	}
}

// TestRestless: a page that hangs, or never stops requesting, is not read whole,
// and is left soon after its time.
func TestRestless(t *testing.T) {
	l := newLab(t)
	opts := *l.opts
	opts.Quiet, opts.Timeout = 500*time.Millisecond, 4*time.Second
	for name, c := range map[string]struct{ page, says string }{
		"hangs":   {`<img src="http://a.example/1.gif"><script>setTimeout(function () { while (true) {} }, 300)</script>`, "a script of the page never ended"},
		"at once": {`<img src="http://a.example/1.gif"><script>while (true) {}</script>`, "never ended"},
		"alerts":  {`<script>while (true) alert(1)</script>`, "never ended"},
		"streams": {`<img src="http://stream.example/1.gif"><iframe src="http://stream.example/x"></iframe>`, ""},
		"frames":  {`<script>if (location.hash.length < 8) document.write('<iframe src="/' + location.hash + '#x"></iframe><iframe src="/#' + location.hash + 'x"></iframe>')</script>`, ""},
		"endless": {`<script>setInterval(function () { new Image().src = 'http://a.example/' + Math.random() }, 50)</script>`, "never came to rest in 4s"},
		"quiet":   {`<img src="http://a.example/1.gif">`, ""},
	} {
		from := time.Now()
		res, err := Open(t.Context(), "", []byte(c.page), &opts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w := strings.Join(res.Warnings, "\n"); res.Cut != (c.says != "") || !strings.Contains(w, c.says) {
			t.Errorf("%s: cut %v, warnings %q", name, res.Cut, w)
		}
		if took := time.Since(from); took > 20*time.Second {
			t.Errorf("%s: took %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

func TestPublic(t *testing.T) {
	for addr, want := range map[string]bool{
		"9.9.9.9": true, "2620:fe::fe": true, "10.1.2.3": false, "127.0.0.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"192.168.0.1": false, "172.16.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "::ffff:127.0.0.1": false, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::909:909": true, "2002:7f00:1::": false, "2001:0:4136:e378:8000:63bf:80ff:fffe": false,
		"2001:db8::1": false, "fec0::1": false, "::ffff:9.9.9.9": true,
	} {
		if got := public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("public(%s) = %v", addr, got)
		}
	}
}

// TestProxyRefuses: nobody else may use the proxy.
func TestProxyRefuses(t *testing.T) {
	p, err := newProxy(&Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	at, _ := url.Parse("http://" + p.addr())
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
	res, err := client.Get("http://t.invalid/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusProxyAuthRequired {
		t.Errorf("status %d", res.StatusCode)
	}
	at.User = url.UserPassword("pixelsweep", p.secret)
	res, err = client.Get("http://127.0.0.1:1/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusForbidden || p.why("127.0.0.1") != ErrPrivate.Error() {
		t.Errorf("status %d, %q", res.StatusCode, p.why("127.0.0.1"))
	}
}
