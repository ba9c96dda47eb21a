package detector_test

import (
	"fmt"
	"html"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/rules/ruleyaml"
)

// scanPage scans the source of a page.
func scanPage(t *testing.T, src string) *detector.Report {
	t.Helper()
	rep, err := detector.New(nil).ScanHTML(detector.Source{Path: "page.html", Type: detector.TypePage}, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestCallsInAttributes: every call in rules/data is found in an attribute too.
// Their samples are run by internal/rulecheck.
func TestCallsInAttributes(t *testing.T) {
	services, err := ruleyaml.Load(os.DirFS("../rules/data"))
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, s := range services {
		for _, c := range s.Calls {
			calls++
			script := c.Samples[0].Script
			if rep := scanPage(t, `<body onload="`+html.EscapeString(script)+`">`); !c.Holds && !c.Lifts && len(rep.Findings) == 0 {
				t.Errorf("%s/%s: %s is not found", s.ID(), c.ID, script)
			}
		}
	}
	if calls < 90 {
		t.Errorf("%d calls only", calls)
	}
}

// TestHalfHost: a literal that breaks off in the host names none.
func TestHalfHost(t *testing.T) {
	rep := scanPage(t, `<script>var a = s('https://secure', 'http://edge') + '.t.example/x.js'; b('https://c.example')</script>`)
	for _, r := range rep.References {
		if r.Host != "c.example" {
			t.Errorf("%s is listed", r.URL)
		}
	}
	if len(rep.References) != 1 {
		t.Errorf("%d references", len(rep.References))
	}
}

// TestHiddenScript: that a script stands in what is hidden says nothing of the URLs
// that it names; an image there is hidden.
func TestHiddenScript(t *testing.T) {
	rep := scanPage(t, `<div style="display:none"><a onclick="go('http://shop.example/images/close.png')">x</a><script>var i = 'http://shop.example/images/x.png'</script>
		<img src="http://t.example/i/1.gif?u=7"></div>`)
	for _, f := range rep.Findings {
		if f.Kind.Decides() != (f.Vector == "img[src]") {
			t.Errorf("%s %s [%s] %+v", f.Kind, f.URL, f.Vector, f.Signals)
		}
	}
	if len(rep.Findings) != 3 {
		t.Errorf("%d findings", len(rep.Findings))
	}
}

// TestGrownQueue: a queue that is made anew is not listed for what is pushed to it.
func TestGrownQueue(t *testing.T) {
	for page, want := range map[string]int{
		`<script>var _gaq = _gaq || []; _gaq.push(['_setAccount', 'UA-4821-2'], ['b._trackPageview']);</script>`: 2,
		`<script>var _gaq = [['_setAccount', 'UA-4821-2'], ['_trackPageview']];</script>`:                        1,
	} {
		if rep := scanPage(t, page); len(rep.Findings) != want {
			t.Errorf("%s: %d findings, want %d", page, len(rep.Findings), want)
		}
	}
}

// TestAccountOfFile: an account that is the name of a script stands without its
// ending.
func TestAccountOfFile(t *testing.T) {
	for url, want := range map[string]string{
		"https://js.hs-scripts.com/8032947.js":       "8032947",
		"https://cdn.optimizely.com/js/9804975012":   "9804975012",
		"https://www.dwin1.com/4821.js":              "4821",
		"https://www.mczbf.com/tags/124821/tag.js":   "124821",
		"https://bat.bing.com/action/0?ti=97&Ver=2":  "97",
		"https://www.awin1.com/sread.js?merchant=48": "48",
	} {
		rep := scanPage(t, `<script src="`+html.EscapeString(url)+`"></script>`)
		if len(rep.Findings) != 1 || rep.Findings[0].Account != want {
			t.Errorf("%s: %+v, want account %q", url, rep.Findings, want)
		}
	}
}

// TestChain: what a chain of calls goes on with is listed, each call by itself.
func TestChain(t *testing.T) {
	for script, want := range map[string][]string{
		`analytics.identify('7').track('Order').page()`: {"identify", "Order", "page"},
		`ttq.instance('C4821').track('Lead')`:           {"instance", "Lead"},
		`amplitude.getInstance().logEvent('Order')`:     {"Order"},
	} {
		var got []string
		for _, f := range scanPage(t, "<script>"+script+"</script>").Findings {
			got = append(got, f.Events...)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
}

// TestOwnFunctions: a page's own functions that hand nothing on are nobody's queue,
// whatever they are called. What services tell pages to write is one.
func TestOwnFunctions(t *testing.T) {
	for _, script := range []string{
		`function qp(a) { return a } qp('track', 'x');`,
		`var ym = function (y, m) { return y + '-' + m }; ym(2024, 'init');`,
		`var analytics = {page: 3, track: function (n) { console.log(n) }}; analytics.track('x');`,
		`var heap = new MinHeap(); heap.load([1, 2]);`,
		`window.ga = function () {}; ga('send', 'pageview');`,
	} {
		if rep := scanPage(t, "<script>"+script+"</script>"); len(rep.Findings) > 0 {
			t.Errorf("%s: %+v", script, rep.Findings)
		}
	}
	for _, script := range []string{
		`function gtag() { dataLayer.push(arguments) } gtag('config', 'G-4TH4NKS01');`,
		`const gtag = (...args) => { dataLayer.push(args) }; gtag('config', 'G-4TH4NKS01');`,
		`window.lintrk = function (a, b) { window.lintrk.q.push([a, b]) }; lintrk('track', {conversion_id: 1});`,
		`window.fbq = function (...a) { q(a) }; fbq('track', 'Lead');`,
		`heap.load = function (e) { var s = document.createElement('script'); s.src = '/heap-' + e + '.js' }; heap.load('4821');`,
		`window.dataLayer = new Array(); dataLayer.push({event: 'order'});`,
	} {
		if rep := scanPage(t, "<script>"+script+"</script>"); len(rep.Findings) == 0 {
			t.Errorf("%s: no finding", script)
		}
	}
}

// TestCallsOnce: what a call is handed on to is the same call, and what new makes of a
// page's own class is known by its variable.
func TestCallsOnce(t *testing.T) {
	for script, want := range map[string]int{
		`function gtag() { q(arguments) } function q(a) { dataLayer.push(a) } gtag('event', 'x', {send_to: 'G-4TH4NKS01'});`:               1,
		`function tag() { setTimeout(function () { dataLayer.push(arguments) }) } tag('event', 'x', {send_to: 'G-4TH4NKS01'});`:            0,
		`function tag() { var a = arguments; setTimeout(function () { dataLayer.push(a) }) } tag('event', 'x', {send_to: 'G-4TH4NKS01'});`: 1,
		`mixpanel = new MixpanelLib(); mixpanel.track('Order');`:                                                                           1,
		`setTimeout(function () { dataLayer.push(arguments) });`:                                                                           0,
		`window.fbq('track', 'Lead').gtag('event', 'x');`:                                                                                  1,
	} {
		if rep := scanPage(t, "<script>"+script+"</script>"); len(rep.Findings) != want {
			t.Errorf("%s: %+v, want %d", script, rep.Findings, want)
		}
	}
}

// TestWrittenCall: a call in markup that a script writes is a script's.
func TestWrittenCall(t *testing.T) {
	for _, page := range []string{
		`<script>document.write("<script>fbq('track','x')<\/script>")</script>`,
		`<script>document.write("<img onload=\"fbq('track','x')\">")</script>`,
		`<script>document.write("<img onload=\"fetch('https://www.facebook.com/tr?id=1&ev=x')\">")</script>`,
	} {
		if rep := scanPage(t, page); len(rep.Findings) != 1 || rep.Findings[0].Kind != detector.ScriptBeacon {
			t.Errorf("%s: %+v", page, rep.Findings)
		}
	}
}

// TestLongChain: what is told of a chain of calls grows with its length, not with the
// square of it.
func TestLongChain(t *testing.T) {
	var b strings.Builder
	b.WriteString("<script>analytics")
	for i := range 5000 {
		fmt.Fprintf(&b, ".track('e%d')", i)
	}
	rep := scanPage(t, b.String()+"</script>")
	if len(rep.Findings) != 5000 {
		t.Errorf("%d findings", len(rep.Findings))
	}
	raw := 0
	for _, r := range rep.References {
		raw += len(r.Raw)
	}
	if raw > b.Len() {
		t.Errorf("%d bytes of %d are repeated", raw, b.Len())
	}
}

// TestSocket: a socket of a service is told as what it loads is; one of nobody known
// is the page's own matter.
func TestSocket(t *testing.T) {
	rep := scanPage(t, `<script>new WebSocket("wss://ws.hotjar.com/api/v2/client/ws?v=7"); new WebSocket("wss://live.shop.example/")</script>`)
	if len(rep.References) != 2 || len(rep.Findings) != 1 || rep.Findings[0].Rule != "hotjar/measure" || rep.Findings[0].Kind != detector.ScriptBeacon {
		t.Errorf("%+v", rep.Findings)
	}
}

// TestPlayer: a player plays a track, and does not track for that.
func TestPlayer(t *testing.T) {
	for page, want := range map[string]detector.Verdict{
		`<iframe src="https://open.spotify.com/embed/track/4uLU6hMCjMI75M1A2tKUQC" width=300 height=80></iframe>`: detector.Clean,
		`<iframe src="https://widget.deezer.com/widget/dark/track/3135556" width=300 height=80></iframe>`:         detector.Clean,
		`<iframe src="https://t.acme.example/embed/track/4uLU6hMCjMI75M1A2tKUQC" width=1 height=1></iframe>`:      detector.Tracked,
		`<iframe src="https://t.acme.example/track/4uLU6hMCjMI75M1A2tKUQC" width=1 height=1></iframe>`:            detector.Tracked,
	} {
		if rep := scanPage(t, page); rep.Verdict != want {
			t.Errorf("%s: %s, want %s: %+v", page, rep.Verdict, want, rep.Findings)
		}
	}
}
