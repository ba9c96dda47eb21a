package script

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// show renders what a script gives, one line each.
func show(src string) string {
	var r Reader
	r.Known = func(string) bool { return false }
	return read(&r, src)
}

func read(r *Reader, src string) string {
	r.Read([]byte(src), 0)
	var b strings.Builder
	for _, f := range r.Refs {
		later := ""
		if f.Later {
			later = " later"
		}
		fmt.Fprintf(&b, "%s %s%s\n", f.Vector, strings.ReplaceAll(f.Text.Raw(), hole, "…"), later)
	}
	return strings.TrimSpace(b.String())
}

func TestRefs(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"image", `new Image().src = "https://t.example/p.gif";`, "script:Image https://t.example/p.gif"},
		{"image variable", `var i = new Image(1,1); i.src='https://t.example/p?x=' + Math.random();`, "script:Image https://t.example/p?x=…"},
		{"beacon", `navigator.sendBeacon('/collect', x)`, "script:sendBeacon /collect"},
		{"window.navigator", `window.navigator.sendBeacon("//t.example/b")`, "script:sendBeacon //t.example/b"},
		{"fetch", "fetch(`https://t.example/e?id=${id}&v=1`, {keepalive: true})", "script:fetch https://t.example/e?id=…&v=1"},
		{"template of constants", "const h='t.example', p=`https://${h}/p`; fetch(p)", "script:fetch https://t.example/p"},
		{"xhr", `var x = new XMLHttpRequest(); x.open('GET', base + '/x'); var base='https://t.example'`, ""},
		{"xhr2", `var base='https://t.example', x = new XMLHttpRequest; x.open("POST", base + '/x', true)`, "script:XMLHttpRequest https://t.example/x"},
		{"write", `document.write('<img src="https://t.example/p.gif" width=1>')`, `script:document.write <img src="https://t.example/p.gif" width=1>`},
		{"write unescape", `document.write(unescape("%3Cscript src='" + gaJsHost + "x.js'%3E%3C/script%3E"))`, `script:document.write <script src='…x.js'></script>`},
		{"create", `var s=document.createElement('script');s.async=true;s.src='https://t.example/a.js';document.head.appendChild(s)`, "script:script https://t.example/a.js"},
		{"setAttribute", `let f=document.createElement("iframe"); f.setAttribute("src", "https://t.example/f")`, "script:iframe https://t.example/f"},
		{"immediate", `(function(d,u){var e=d.createElement('img');e.src=u+'?a=1'})(document,"https://t.example/i")`, "script:img https://t.example/i?a=1"},
		{"bang", `!function(w,d,t){d.createElement(t).src='//t.example/x.js'}(window,document,'script')`, "script:script //t.example/x.js"},
		{"arrow", `((u) => { fetch(u) })('https://t.example/a')`, "script:fetch https://t.example/a"},
		{"arrow without braces", "const go = u => fetch(u)\ngo('https://t.example/a')", "script:fetch https://t.example/a"},
		{"call", `function hit(id){new Image().src='https://t.example/h?id='+id} hit('a'); hit('b')`, "script:Image https://t.example/h?id=a\nscript:Image https://t.example/h?id=b"},
		{"hoisted", `hit('a'); function hit(id){fetch('https://t.example/h?id='+id)}`, "script:fetch https://t.example/h?id=a"},
		{"never called", `function hit(id){fetch('https://t.example/h?id='+id)}`, "script:fetch https://t.example/h?id=… later"},
		{"click handler", `b.addEventListener('click', function(){navigator.sendBeacon('https://t.example/c')})`, "script:sendBeacon https://t.example/c later"},
		{"timeout", `setTimeout(function(){fetch('https://t.example/t')}, 500)`, "script:fetch https://t.example/t"},
		{"loaded", `window.addEventListener("load", () => { fetch('https://t.example/t') })`, "script:fetch https://t.example/t"},
		{"onload", `window.onload = function () { fetch("https://t.example/t") }`, "script:fetch https://t.example/t"},
		{"properties", `var c={host:'https://t.example',path:'/p'}; fetch(c.host + c.path)`, "script:fetch https://t.example/p"},
		{"computed key", `var k='src', i=new Image(); i[k]="https://t.example/"`, "script:Image https://t.example/"},
		{"window property", `window.__id='7'; (function(w){ fetch('https://t.example/?id=' + w.__id) })(window)`, "script:fetch https://t.example/?id=7"},
		{"condition", `var h=('https:'==document.location.protocol?'https://ssl':'http://www')+'.t.example/g.js'; s=document.createElement('script'); s.src=h`, "script:script https://ssl.t.example/g.js"},
		{"protocol", `fetch(location.protocol + '//t.example/')`, "script:fetch https://t.example/"},
		{"join", `fetch(['https:', '', 't.example', 'p'].join('/'))`, "script:fetch https://t.example/p"},
		{"escapes", `fetch("https:\/\/t.example\x2fp\u002Fq")`, "script:fetch https://t.example/p/q"},
		{"codes", `fetch(String.fromCharCode(104,116,116,112,115) + '://t.example/')`, "script:fetch https://t.example/"},
		{"base64", `fetch(atob('aHR0cHM6Ly90LmV4YW1wbGUv'))`, "script:fetch https://t.example/"},
		{"append", `var u='https://t.example/?'; u+='a=1'; u += '&b=' + b; fetch(u)`, "script:fetch https://t.example/?a=1&b=…"},
		{"unknown host", `fetch('https://' + host + '/x')`, "script:fetch https://…/x"},
		{"unknown start", `fetch(base + '/x')`, ""},
		{"jquery", `$.getScript("https://t.example/j.js"); $.post('https://t.example/p')`, "script:getScript https://t.example/j.js\nscript:post https://t.example/p"},
		{"append markup", `$('body').append('<img src="https://t.example/p">')`, `script:append <img src="https://t.example/p">`},
		{"location", `location.href = 'https://t.example/away'`, "script:location https://t.example/away"},
		{"import", "import x from 'https://t.example/m.js'; import('https://t.example/n.js')", "script:import https://t.example/m.js\nscript:import https://t.example/n.js"},
		{"socket", `new WebSocket("wss://t.example/s")`, "script:WebSocket wss://t.example/s"},
		{"class", `class A extends B { x = fetch('https://t.example/a'); go(u) { fetch('https://t.example/b') } }`, "script:fetch https://t.example/a\nscript:fetch https://t.example/b later"},
		{"pattern with quotes", `var r = /["'\/]/g; fetch('https://t.example/r')`, "script:fetch https://t.example/r"},
		{"division", `var r = a / b; fetch('https://t.example/' + (1 / 2))`, "script:fetch https://t.example/…"},
		{"no semicolons", "var a = 'https://t.example/'\nvar b = a + 'p'\nfetch(b)\nfetch(a)", "script:fetch https://t.example/p\nscript:fetch https://t.example/"},
		{"broken", `fetch('https://t.example/a'); var = ; } ) fetch('https://t.example/b'`, "script:fetch https://t.example/a\nscript:fetch https://t.example/b"},
		{"call and apply", `function f(u){fetch(u)} f.call(null,'https://t.example/1'); f.apply(null,['https://t.example/2'])`, "script:fetch https://t.example/1\nscript:fetch https://t.example/2"},
		{"method defined elsewhere", `var t=window.t=window.t||[]; t.load=function(i){var s=document.createElement('script');s.src='https://t.example/e.js?id='+i}; t.load('C1')`, "script:script https://t.example/e.js?id=C1"},
		{"default parameter", `(function(u='https://t.example/d'){fetch(u)})()`, "script:fetch https://t.example/d"},
		{"switch", `switch(x){case 'a': fetch('https://t.example/a'); break; default: fetch('https://t.example/d')}`, "script:fetch https://t.example/a\nscript:fetch https://t.example/d"},
		{"loop", `for (var i=0;i<3;i++) { new Image().src = 'https://t.example/'+i }`, "script:Image https://t.example/0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(tt.src); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestPlace checks where a URL is written.
func TestPlace(t *testing.T) {
	tests := []struct{ src, sub, want string }{
		{`fetch('https://t.example/a')`, "https://t.example/a", "https://t.example/a plain"},
		{`fetch("https:\/\/t.example/a")`, "https://t.example/a", `https:\/\/t.example/a`},
		{`fetch('https:' + '//t.example/a' + x)`, "//t.example/a", "//t.example/a plain"},
		{`fetch('https:' + '//t.example/a' + x)`, "https://t.example/a", "https:"},
		{`document.write("<img src=\"https://t.example/\" a=\"b\">")`, "https://t.example/", "https://t.example/ plain"},
		{`fetch(atob('aHR0cHM6Ly90LmV4YW1wbGUv'))`, "https://t.example/", "aHR0cHM6Ly90LmV4YW1wbGUv"},
	}
	for _, tt := range tests {
		var r Reader
		doc := "<script>" + tt.src
		r.Read([]byte(doc)[8:], 8)
		if len(r.Refs) != 1 {
			t.Fatalf("%s: %d references", tt.src, len(r.Refs))
		}
		v := r.Refs[0].Text
		from, to, plain := v.Place([]byte(doc), strings.Index(v.Raw(), tt.sub), len(tt.sub))
		got := doc[from:to]
		if plain {
			got += " plain"
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

func TestCalls(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"plain", `fbq('init', '1'); fbq("track", 'Purchase', {value: 1.5, currency: "EUR"})`, "fbq(init,1) fbq(track,Purchase,{value:1.5,currency:EUR})"},
		{"of window", `window.fbq('init', id)`, "fbq(init,?)"},
		{"stub", `!function(f,b,e,v,n,t,s){if(f.fbq)return;n=f.fbq=function(){n.callMethod?n.callMethod.apply(n,arguments):n.queue.push(arguments)};if(!f._fbq)f._fbq=n;n.push=n;n.queue=[];t=b.createElement(e);t.src=v}(window,document,'script','https://x.example/e.js');fbq('init','7')`, "fbq =(function) fbq(init,7)"},
		{"queue", `window.dataLayer = window.dataLayer || []; dataLayer.push({event: 'purchase', ecommerce: {value: 3}})`, "dataLayer.push({event:purchase,ecommerce:{value:3}})"},
		{"named by a string", `(function(w,l){w[l]=w[l]||[];w[l].push({event:'gtm.js'})})(window,'dataLayer')`, "dataLayer.push({event:gtm.js})"},
		{"assignment", `_id = "5"; window._id = '6'; var _id = 7`, "_id =(5) _id =(6) _id =(7)"},
		{"array", `var _paq = window._paq = window._paq || []; _paq.push(['a', 1], ['b'])`, "_paq.push([a,1],[b])"},
		{"constructor", `(function(w,u){var o={ti:"9"};o.q=w[u];w[u]=new UET(o)})(window,"uetq")`, "new UET({ti:9,q:?})"},
		{"later", `b.onclick = function () { fbq('track', 'Lead') }`, "fbq(track,Lead)later"},
		{"variables", `var id = '12' + '34', ev = {value: total, currency: cur}; fbq('track', 'X', ev)`, "fbq(track,X,{value:?,currency:?})"},
		{"shadowed", `(function(ttq){ ttq.load('C9') })(window.ttq)`, "ttq.load(C9)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Reader{Known: func(n string) bool {
				return n == "fbq" || n == "dataLayer.push" || n == "_id =" || n == "_paq.push" || n == "new UET" || n == "ttq.load" || n == "fbq ="
			}}
			r.Read([]byte(tt.src), 0)
			var got []string
			for _, c := range r.Calls {
				s := c.Name + "("
				for i, a := range c.Args {
					if i > 0 {
						s += ","
					}
					s += render(a)
				}
				s += ")"
				if c.Later {
					s += "later"
				}
				got = append(got, s)
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("got %s, want %s", s, tt.want)
			}
		})
	}
}

func render(v Value) string {
	switch v.kind {
	case unknown:
		return "?"
	case code:
		return "(function)"[1:9]
	case list:
		var all []string
		for _, e := range v.obj.elems {
			all = append(all, render(e))
		}
		return "[" + strings.Join(all, ",") + "]"
	case dict:
		var all []string
		for _, p := range v.obj.props {
			all = append(all, p.key+":"+render(p.value))
		}
		return "{" + strings.Join(all, ",") + "}"
	}
	return v.Text()
}

// TestGlobals: variables live from one script of a document to the next.
func TestGlobals(t *testing.T) {
	var r Reader
	read(&r, `var host = 'https://t.example'`)
	if got, want := read(&r, `fetch(host + '/p')`), "script:fetch https://t.example/p"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.Reset()
	if got := read(&r, `fetch(host + '/p')`); got != "" {
		t.Errorf("got %q after Reset", got)
	}
}

// TestLinear reads a megabyte of every shape that could take long, and ten of
// minified code.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	defer debug.SetMaxStack(debug.SetMaxStack(16 << 20))
	const size = 1 << 20
	fill := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	shapes := map[string][]byte{
		"minified":     bytes.Repeat([]byte(`function a(b,c){var d=b.e(c),f="https://t.example/"+d;return f&&g.h(f,{i:1,j:[d,2]}),!0}`), 10*size/88),
		"functions":    fill(`function(`),
		"braces":       fill(`{`),
		"parentheses":  fill(`(`),
		"brackets":     fill(`[`),
		"closing":      fill(`)]}`),
		"templates":    fill("`${"),
		"doubling":     append([]byte("a='x';"), fill(`a=a+a;`)...),
		"append":       append([]byte("a='x';"), fill(`a+='xxxxxxxx';`)...),
		"calls":        append([]byte("function f(x){g(x);g(x)}function g(x){h(x);h(x)}function h(x){f(x)}"), fill(`f(1);`)...),
		"nested":       append(fill(`!function(a){`), []byte(`fetch("https://t.example/")`)...),
		"objects":      append([]byte("x="), fill(`{a:{b:`)...),
		"members":      append([]byte("x"), fill(`.a`)...),
		"keys":         append([]byte("x={"), fill(`a:1,`)...),
		"unary":        fill(`!`),
		"new":          fill(`new `),
		"news":         fill(`new(`),
		"arrows":       fill(`a=>`),
		"arrow groups": fill(`(a)=>(`),
		"plus":         append([]byte("a"), fill(`+a`)...),
		"conditions":   fill(`a?`),
		"conditions2":  append([]byte("a"), fill(`?a:a`)...),
		"slashes":      fill(`/`),
		"patterns":     fill(`/[`),
		"strings":      fill(`"a" `),
		"quotes":       fill(`"`),
		"comments":     fill(`/*`),
		"lists":        append([]byte("a=[1];"), fill(`a=a.concat(a);`)...),
		"joins":        append([]byte("a=['xx','yy'];"), fill(`b=a.join(b);`)...),
		"assignments":  fill(`a=`),
		"commas":       fill(`,`),
		"vars":         fill(`var a,`),
		"names":        numbered(size),
		"classes":      fill(`class a{b(){`),
		"supers":       fill(`class extends `),
		"selves":       append([]byte("a={};"), fill(`a.b=a;a.c=a;a.d=a;fbq(a);`)...),
		"escapes":      fill(`\`),
		"nul":          fill("\x00"),
		"high":         fill("\xff\xfe"),
	}
	for name, src := range shapes {
		r := Reader{Known: func(n string) bool { return n == "fbq" }}
		start := time.Now()
		r.Read(src, 0)
		if d := time.Since(start); d > 2*time.Second+time.Duration(len(src))*time.Microsecond {
			t.Errorf("%s: %d MB took %v", name, len(src)>>20, d)
		} else if testing.Verbose() {
			t.Logf("%-12s %v, %d tokens, %d references", name, d.Round(time.Millisecond), len(r.toks), len(r.Refs))
		}
	}
}

func numbered(size int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "var v%d='%d';", i, i)
	}
	return b.Bytes()
}

func FuzzRead(f *testing.F) {
	f.Add(`(function(w,d,s,l,i){w[l]=w[l]||[];var j=d.createElement(s);j.src='https://t.example/g.js?id='+i})(window,document,'script','dataLayer','G-1')`)
	f.Add("fetch(`https://${h}/${`x${y}`}`)")
	f.Add(`a={b(){},get c(){return 1},[d]:e,...f};class G{static h=1;#i(){}}`)
	f.Add(`x=a?b:c=>d,(e,f)=>({g});for(let i of j)k.l?.m?.[n]?.(o)`)
	f.Fuzz(func(t *testing.T, src string) {
		r := Reader{Known: func(string) bool { return true }}
		start := time.Now()
		for range 2 {
			r.Read([]byte(src), 0)
			for _, ref := range r.Refs {
				if n := len(ref.Text.Raw()); n > 0 {
					if from, to, plain := ref.Text.Place([]byte(src), 0, n); from > to || to > len(src) || plain && src[from:to] != ref.Text.Raw() {
						t.Errorf("place [%d, %d) of %q in %q", from, to, ref.Text.Raw(), src)
					}
				}
			}
			for _, c := range r.Calls {
				if c.From >= c.To || c.To > len(src) {
					t.Errorf("call at [%d, %d) of %d bytes", c.From, c.To, len(src))
				}
			}
		}
		if d := time.Since(start); d > time.Second+time.Duration(len(src))*10*time.Microsecond {
			t.Errorf("%d bytes took %v", len(src), d)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	scripts, n := pageScripts(b), 0
	for _, s := range scripts {
		n += len(s)
	}
	b.SetBytes(int64(n))
	b.ReportAllocs()
	var r Reader
	for b.Loop() {
		for _, s := range scripts {
			r.Done()
			r.Read(s, 0)
		}
	}
}

// TestEmptyName: a variable may have no name at all.
func TestEmptyName(t *testing.T) {
	if got, want := show(`window[""] = 'https://t.example/'; fetch(window[""])`), "script:fetch https://t.example/"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
