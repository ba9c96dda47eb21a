package detector_test

import (
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// What a page shows, and what it hides until its reader asks, is no tracker for
// having a long name; what counts and reports still is.
func TestPageContent(t *testing.T) {
	const (
		remote  = detector.RemoteContent
		pixel   = detector.Pixel
		beacon  = detector.ScriptBeacon
		frame   = detector.FrameBeacon
		content = detector.TrackedContent
	)
	for _, tt := range []struct {
		name, html string
		want       detector.Kind
	}{
		{"image for what a script found out", `<script>new Image().src="https://stats.unknown.example/t.gif?r="+Math.random()</script>`, beacon},
		{"image that a script loads ahead", `<script>new Image().src="https://cdn.news.example/hero.gif"</script>`, remote},
		{"images that a script loads ahead by name", `<script>for(var n in all)new Image().src="https://cdn.news.example/"+n+".gif"</script>`, remote},
		{"photograph past the cache", `<script>new Image().src="https://cdn.news.example/hero.jpg?t="+Date.now()</script>`, remote},
		{"picture with a number and sizes", `<img src="https://files.news.example/2014/536391182.jpg?w=264&h=177">`, remote},
		{"picture with the time of its file", `<img src="https://i.news.example/i/ann.jpg?1355333400">`, remote},
		{"picture of who comments", `<img alt="Ann" src="https://a.comments.example/avatar/4b82d2039d3defd8cd062f13aa747aac?s=90">`, remote},
		{"counter that is seen", `<img alt="" width=88 height=31 src="https://c.stats.example/counter/track?id=536391182&u=ann@shop.example">`, content},
		{"picture in a closed gallery", `<div style="display:none"><img src="https://news.example/d/541c373769beddba64834890-a.jpg"></div>`, remote},
		{"picture with a size in a closed tab", `<div style="display:none"><img width=135 height=135 src="https://a.comments.example/avatar/4b82d2039d3defd8cd062f13aa747aac?s=135"></div>`, remote},
		{"pixel in a closed division", `<div style="display:none"><img src="https://p.stats.example/t?id=541c373769beddba64834890"></div>`, pixel},
		{"hidden file that is a line", `<img style="display:none" width=10 height=1 src="https://i.news.example/1.gif">`, remote},
		{"hidden file with a token", `<img style="display:none" src="https://i.stats.example/541c373769beddba64834890.gif">`, pixel},
		{"frame of a document", `<iframe width=1 height=1 src="https://s.news.example/misc/preload.html"></iframe>`, frame},
		{"own address", `<meta property="og:url" content="https://news.example/tracking-the-candidates-of-2016">`, remote},
		{"preview", `<meta property="og:image" content="https://i.news.example/thumbs/o-JAMIE-SMITH-large.jpg">`, remote},
		{"photograph among those with o", `<img data-original="https://0.news.example/y/P/O/D/TrunkBay.jpg">`, remote},
		{"script among those with o", `<script src="https://m.news.example/o/oregon.js"></script>`, remote},
		{"page on trackers", `<script src="https://news.example/tracker-site-blocking/index.js"></script>`, remote},
		{"file of a store with o", `<img src="https://store.example/v0/b/acme/o/images%2Fhero.png?alt=media&token=0c8b4d4e-6a1f-4b57-9d35-0f6e0b3f7a21">`, remote},
		{"picture of a bike", `<img src="https://shop.example/cache/0c8b4d4e6a1f4b579d350f6e0b3f7a21/track-bike.jpg">`, remote},
		{"picture that is a pixel", `<img style="display:none" src="https://ads.example/pixel.png?id=0c8b4d4e6a1f4b579d350f6e0b3f7a21">`, pixel},
		{"last picture", `<img src="https://pics.example/a-/AOh14GhRkq8Jq2FvNf0Yw3ZkSB7mQxT5rL=s96-c">`, remote},
		{"music", `<audio src="https://music.example/track/1.mp3?token=0c8b4d4e6a1f4b579d350f6e0b3f7a21"></audio>`, remote},
		{"script of a menu", `<script src="https://shop.example/js/open-menu.js"></script>`, remote},
		{"script that logs", `<script src="https://shop.example/js/log.js"></script>`, remote},
		{"request for what is open", `<script>fetch('https://shop.example/api/search/open')</script>`, remote},
		{"request that collects", `<script>fetch('https://shop.example/api/collect')</script>`, beacon},
		{"where an order is", `<a href="#" onclick="location='https://shop.example/order/track/482'">where</a>`, remote},
		{"pixel of a script", `<script>new Image().src='https://shop.example/track/v.gif?id=1'</script>`, beacon},
		{"share button", `<a href="#" onclick="window.open('https://api.addthis.com/oexchange/0.8/forward/email/offer?pubid=ra-4821')">`, remote},
		{"tracker", `<script src="https://news.example/js/bundle-click-tracker.js"></script>`, beacon},
		{"tracker of events", `<script src="https://result.news.example/js/eventTracker.js"></script>`, beacon},
		{"pixel of an account", `<script src="https://ads.example/js/pixel-10002-d67d1d86b65937ea.js"></script>`, beacon},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rep, err := detector.New(nil).ScanHTML(detector.Source{Type: detector.TypePage}, []byte(tt.html))
			if err != nil {
				t.Fatal(err)
			}
			if len(rep.Findings) != 1 || rep.Findings[0].Kind != tt.want {
				t.Errorf("got %+v, want one %s", rep.Findings, tt.want)
			}
		})
	}
	rep, _ := detector.New(nil).ScanHTML(detector.Source{Type: detector.TypePage}, []byte(`<iframe width=1 height=1 src="https://s.news.example/misc/preload.html"></iframe>`))
	if got := rep.Findings[0].Severity; got != detector.SeverityLow {
		t.Errorf("a small frame of a plain document: got %s, want low", got)
	}
}
