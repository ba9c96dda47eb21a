package rewrite

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sinks are scripts that hand the tracker to a function, and what they become.
var sinks = []struct{ name, in, want string }{
	{"beacon", `navigator.sendBeacon("@",d());go()`, `void(0);go()`},
	{"beacon of window", `x=window.navigator['sendBeacon']('@'+f(")"),/* ) */1)||1;go()`, `x=void(0)||1;go()`},
	{"beacon in a list", `a=[navigator.sendBeacon('@')];go()`, `a=[void(0)];go()`},
	{"beacon of a variable", `var u="@";navigator.sendBeacon("/own");navigator.sendBeacon(u,1);go()`, `var u="about:blank";navigator.sendBeacon("/own");void(0);go()`},
	{"fetch", `fetch("@",{method:"POST",mode:"no-cors",body:"a"});go()`, `void(0);go()`},
	{"fetch with a result", `fetch("@").then(function(r){return r.text()}).then(go)`, `fetch("data:,").then(function(r){return r.text()}).then(go)`},
	{"fetch of an arrow", `(async()=>{const f=()=>fetch("@");await f();go()})()`, `(async()=>{const f=()=>fetch("data:,");await f();go()})()`},
	{"fetch posts", `fetch("@",{method:"POST",body:"a"}).then(go)`, `fetch("data:,",{method:"POST",body:"a"}).then(go)`},
	{"request", `var q=new XMLHttpRequest();q.open("GET","@");q.onload=go;q.send()`, `var q=new XMLHttpRequest();q.open("GET","data:,");q.onload=go;q.send()`},
}

// calls are scripts that call a service's script, and what they become.
var calls = []struct{ name, in, want string }{
	{"settings", `h=window;h._hjSettings={hjid:1234567,hjsv:6};f(h._hjSettings.hjid);go()`, `h=window;h._hjSettings={};f(h._hjSettings.hjid);go()`},
	{"queue", `window._gaq=[['_setAccount','UA-12345-1']];f(window._gaq.length);go()`, `window._gaq=[];f(window._gaq.length);go()`},
	{"promise", `mixpanel.track('x').then(function(){go()})`, `Promise.resolve().then(function(){go()})`},
	{"promise on the next line", "mixpanel.track('x')\n  .catch(f).then(go)", "Promise.resolve()\n  .catch(f).then(go)"},
	{"chain", `analytics={ready:f};analytics.track('x').ready(f);go()`, `analytics={ready:f};analytics.ready(f);go()`},
	{"long chain", `analytics={ready:f};analytics.identify('u').track('x').page().ready(f);go()`, `analytics={ready:f};analytics.ready(f);go()`},
	{"protocol of the page", `var s=document.createElement("script");s.src=document.location.protocol+"//hm.baidu.com/hm.js?0123";go()`,
		`var s=document.createElement("script");s.src=document.location.protocol+"about:blank";go()`},
	{"instance", `ttq={};ttq.instance=function(t){for(var e=ttq._i[t]||[],n=0;n<ttq.methods.length;n++)f(e);return e};ttq.instance('C4821').track('Lead');go()`,
		`ttq={};ttq.instance=function(t){for(var e=ttq._i[t]||[],n=0;n<ttq.methods.length;n++)f(e);return e};ttq;go()`},
	{"socket", `var w=new WebSocket("wss://ws.hotjar.com/api/v2/client/ws?v=7");w.onopen=f;go()`, `var w=new EventTarget();w.onopen=f;go()`},
	{"socket of a window", `var w=new window.WebSocket("wss://ws.hotjar.com/api/v2/client/ws?v=7");w.onopen=f;go()`, `var w=new EventTarget();w.onopen=f;go()`},
	{"socket of a variable", `var u="wss://ws.hotjar.com/api/v2/client/ws?v=7";var w=new WebSocket(u);w.onopen=f;go()`,
		`var u="about:blank";var w=new EventTarget();w.onopen=f;go()`},
	{"chain with brackets", `analytics={ready:f};analytics.identify('u')['track']('x').ready(f);go()`, `analytics={ready:f};analytics.ready(f);go()`},
	{"chain of a window", `window.analytics={ready:f};window['analytics'].identify('u').ready(f);go()`, `window.analytics={ready:f};window['analytics'].ready(f);go()`},
	{"chain that may not be", `window.ttq?.track('x').ready(f);go()`, `window.ttq?.valueOf().ready(f);go()`},
	{"long chain that may not be", `window.ttq?.track('x').page()
.ready(f);go()`, `window.ttq?.valueOf()
.ready(f);go()`},
	{"chain that may be undone", `var r=window.ttq?.track('x')['page']('y');go()`, `var r=window.ttq?.valueOf();go()`},
	{"chain with comments", "analytics={ready:f};analytics.identify('u') // a\n .track('x') /* b */ .ready(f);go()", "analytics={ready:f};analytics // a\n  /* b */ .ready(f);go()"},
	{"promise that may not be", `mixpanel.track('x')?.then(function(){go()})`, `Promise.resolve()?.then(function(){go()})`},
	{"called again", `function own(){analytics.track('x');return {page:f}};own()['page']();go()`, `function own(){void(0);return {page:f}};own()['page']();go()`},
	{"result called", `try{heap.track('x')('y')}catch(e){};go()`, `try{Object()('y')}catch(e){};go()`},
	{"power", `f(fbq('track','x')**2);go()`, `f(Object()**2);go()`},
	{"property of the result", `fbq('track','x').y=1;go()`, `Object().y=1;go()`},
	{"line before new", "var a=1\nnew UET({ti:'4821'});go()", "var a=1\nArray();go()"},
	{"grown queue", `var _gaq=window._gaq||[['_setAccount','UA-12345-1']];f(_gaq.length);go()`, `var _gaq=window._gaq||[];f(_gaq.length);go()`},
	{"queue set if it is not", `window._gaq??=[['_setAccount','UA-12345-1']];f(window._gaq.length);go()`, `window._gaq??=[];f(window._gaq.length);go()`},
	{"queue made for a call", `(window._paq=window._paq||[]).push(['trackPageView']);window._paq.push(f);go()`, `(window._paq=window._paq||[]);window._paq.push(f);go()`},
	{"result", `var r=mixpanel.track('x')||1;go()`, `var r=void(0)||1;go()`},
}

// TestSinks: what stands in the place of a tracker's URL does not stop the
// script.
func TestSinks(t *testing.T) {
	for _, c := range sinks {
		t.Run(c.name, func(t *testing.T) {
			check(t, fill("<script>"+c.in+"</script>x"), nil, "<script>"+c.want+"</script>x")
		})
	}
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			check(t, "<script>"+c.in+"</script>x", &Options{Page: true}, "<script>"+c.want+"</script>x")
		})
	}
	check(t, `<script>document.write("<script>fbq('track',\"x\");go()<\/script>")</script>x`, &Options{Page: true}, `<script>document.write("<script>void(0);go()<\/script>")</script>x`)
	// Where nothing of the URL is written, the script goes, and leaves no error.
	check(t, `<script>/* // */document.createElement("script").src=String.fromCharCode(104,116,116,112,115,58,47,47,104,109,46,98,97,105,100,117,46,99,111,109,47,104,109,46,106,115,63,48,49,50,51);go()</script>x`, &Options{Page: true}, `<script></script>x`)
	check(t, fill(`<script>importScripts("/a.js","@");go()</script>x`), nil, `<script>importScripts("/a.js","data:text/javascript,");go()</script>x`)
	check(t, fill(`<body onload="navigator.sendBeacon('@');go()">x`), nil, `<body onload="void(0);go()">x`)
	check(t, fill(`<body onload="navigator.sendBeacon(&quot;@&quot;);go()">x`), nil, `<body onload="void(0);go()">x`)
}

// TestSinksRun: the scripts run to their end in Chromium.
func TestSinksRun(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("SKIPPED: no Chromium; as root run: apt-get install -y chromium")
	}
	var b strings.Builder
	b.WriteString("<ol id=o></ol><script>function d(){return 1}function f(s){return s}</script>")
	for _, c := range slices.Concat(sinks, calls) {
		own := strings.ReplaceAll(fill(c.in), "go", "done")
		b.WriteString("<script>{let done=()=>o.insertAdjacentHTML('beforeend','<li>" + c.name + "</li>');" + strings.ReplaceAll(own, "var ", "let ") + "}</script>")
	}
	res, err := HTML([]byte(b.String()), &Options{Page: true})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(res.Data), "list-manage") {
		t.Fatalf("not rewritten: %s", res.Data)
	}
	dir := t.TempDir()
	page := filepath.Join(dir, "p.html")
	if err := os.WriteFile(page, res.Data, 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+filepath.Join(dir, "profile"),
		"--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=3000", "--dump-dom", "file://"+page).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.Concat(sinks, calls) {
		if !strings.Contains(string(out), "<li>"+c.name+"</li>") {
			t.Errorf("%s does not run to its end", c.name)
		}
	}
}
