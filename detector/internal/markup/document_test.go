package markup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var testLimits = Limits{Refs: 20000, Nesting: 8, URLBytes: 64 << 10}

func read(src string) []string {
	var d Document
	d.Read([]byte(src), nil, testLimits)
	var got []string
	for _, r := range d.Refs {
		got = append(got, strings.Join([]string{r.Vector, r.Trigger, r.URL.Full}, " "))
	}
	return got
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, src string
		want      []string
	}{
		{"plain", `<p><img src="https://t.example/x">`, []string{"img[src] open https://t.example/x"}},
		{"slash", `<img/src=https://t.example/x/>`, []string{"img[src] open https://t.example/x/"}},
		{"first attribute wins", `<img src=//t.example/a SRC=//t.example/b>`, []string{"img[src] open https://t.example/a"}},
		{"entity", `<img src="https&colon;//t.example/x?a=1&amp;copy=2&copy=3">`, []string{"img[src] open https://t.example/x?a=1&copy=2&copy=3"}},
		{"line break", "<img src=\" \nhttps://t.ex\nample/x\">", []string{"img[src] open https://t.example/x"}},
		{"image", `<image src=//t.example/x>`, []string{"img[src] open https://t.example/x"}},
		{"srcset", `<img srcset=",,,https://t.example/x 1x, //t.example/y,(a,b) 2x">`, []string{"img[srcset] open https://t.example/x", "img[srcset] open https://t.example/y,(a,b)"}},
		{"background", `<td background=//t.example/x>`, []string{"td[background] open https://t.example/x"}},
		{"comment", `<!-- <img src=//t.example/x> --><!--><img src=//t.example/y>`, []string{"img[src] open https://t.example/y"}},
		{"conditional", `<!--[if mso]><v:rect><v:fill src="//t.example/x"/></td></table><![endif]-->`, []string{"vml:fill[src] open https://t.example/x"}},
		{"conditional, cut", `<!--[if IE]><script>new Image().src="https://t.example/x"<![endif]--></script><!--[if IE]><style><![endif]--></style><img src=//t.example/y>`,
			[]string{"script:Image script https://t.example/x", "img[src] open https://t.example/y"}},
		{"not conditional", `<!--[if !mso]><!--><img src=//t.example/x><!--<![endif]-->`, []string{"img[src] open https://t.example/x"}},
		{"raw text", `<title><img src=//t.example/x></title><textarea><img src=//t.example/x></textarea><xmp><img src=//t.example/x></xmp>`, nil},
		{"noscript", `<noscript><img src=//t.example/x></noscript>`, []string{"img[src] open https://t.example/x"}},
		{"template", `<template><img src=//t.example/x></template><img src=//t.example/y>`, []string{"img[src] script https://t.example/x", "img[src] open https://t.example/y"}},
		{"base", `<base href=https://t.example/a/><img src=b>`, []string{"img[src] open https://t.example/a/b"}},
		{"relative", `<img src=b.gif>`, []string{"img[src] open b.gif"}},
		{"ignored", `<a href="#top">a</a><a href="mailto:a@b.example">b</a><img src="cid:1"><img src="data:image/gif;base64,AA">`, nil},
		{"style", `<div style="background:url('//t.example/x') no-repeat">`, []string{"css:background open https://t.example/x"}},
		{"style entity", `<div style="background:url&#40;//t.example/x)">`, []string{"css:background open https://t.example/x"}},
		{"sheet", "<style>@import '//t.example/i'; a{b:url(//t.example/x}</style>", []string{"css:@import open https://t.example/i", "css:b open https://t.example/x%7D"}},
		{"print", `<style>@media print{#a{background-image:url(//t.example/p)}}</style>`, []string{"css:background-image print https://t.example/p"}},
		{"forward", `<style>#MailContainerBody #_t{background-image:url(//t.example/f)}</style>`, []string{"css:background-image forward https://t.example/f"}},
		{"srcdoc", `<iframe srcdoc="<img src=&quot;//t.example/x&quot;>"></iframe>`, []string{"img[src] open https://t.example/x"}},
		{"data", `<iframe src="data:text/html,%3Cimg src=//t.example/x%3E">`, []string{"img[src] open https://t.example/x"}},
		{"data base64", `<img src="data:image/svg+xml;base64,PHN2Zz48aW1hZ2UgaHJlZj0iLy90LmV4YW1wbGUveCIvPjwvc3ZnPg==">`, []string{"svg:image[href] open https://t.example/x"}},
		{"svg", `<svg><image xlink:href=//t.example/x /><style>a{fill:url(//t.example/y)}</style><feImage href=//t.example/z /></svg>`, []string{"svg:image[xlink:href] open https://t.example/x", "css:fill open https://t.example/y", "svg:feImage[href] open https://t.example/z"}},
		{"breakout", `<svg><style><img src=//t.example/x></style></svg>`, []string{"img[src] open https://t.example/x"}},
		{"animate", `<svg><animate attributeName=fill values="url(//t.example/a);url(//t.example/b)">`, []string{"css:fill open https://t.example/a", "css:fill open https://t.example/b"}},
		{"refresh", `<meta http-equiv=refresh content="1; URL='//t.example/x'">`, []string{"meta[content] open https://t.example/x"}},
		{"link", `<link rel="dns-prefetch" href=//t.example><link rel=stylesheet href=//t.example/s media=print>`, []string{"link[href] dns https://t.example/", "link[href] print https://t.example/s"}},
		{"script", `<script>new Image().src="https:\/\/t.example\/x"; if (a<b) c("</div>")</script>`, []string{"script:Image script https://t.example/x"}},
		{"handler", `<img onerror="this.src='https://t.example/x'">`, []string{"img[onerror] script https://t.example/x"}},
		{"input", `<input type=image src=//t.example/x><input src=//t.example/y>`, []string{"input[src] open https://t.example/x"}},
		{"link click", `<a href=//t.example/x ping="//t.example/p //t.example/q">`, []string{"a[href] click https://t.example/x", "a[ping] click https://t.example/p", "a[ping] click https://t.example/q"}},
		{"unclosed tag", `<img src="//t.example/x`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, read(tt.src)); d != "" {
				t.Errorf("references of %s (-want +got):\n%s", tt.src, d)
			}
		})
	}
}

func TestOffsets(t *testing.T) {
	src := "<p>\n<img alt=a src=' https://t.example/x '>"
	var d Document
	d.Read([]byte(src), nil, testLimits)
	if len(d.Refs) != 1 {
		t.Fatalf("got %d references, want 1", len(d.Refs))
	}
	if r := d.Refs[0]; src[r.Start:r.End] != "https://t.example/x" {
		t.Errorf("got %q", src[r.Start:r.End])
	}
}

func TestBox(t *testing.T) {
	tests := []struct{ src, want string }{
		{`<img src=//t.example/x width=1 height="1px">`, "1 1"},
		{`<img src=//t.example/x width=100%>`, "? ?"},
		{`<img src=//t.example/x style="width:.5px;HEIGHT:0">`, "0.5 0"},
		{`<img src=//t.example/x style="border-width:1px">`, "? ?"},
		{`<div style="display:none"><p><img src=//t.example/x></div>`, "? ? inside display:none"},
		{`<div style="max-height:0;overflow:hidden"><img src=//t.example/x></div>`, "? ? inside max-height:0"},
		{`<style>#_t{display:none!important}</style><img id=_t src=//t.example/x style="display:block">`, "? ? display:none"},
		{`<style>.m{display:none}@media (max-width:600px){.m{display:block!important}}</style><img class="a m" src=//t.example/x>`, "? ? display:none device"},
		{`<style>td > img[width="7"]{visibility:hidden}</style><table><td><img width=7 src=//t.example/x>`, "7 ? visibility:hidden"},
		{`<div style="display:none"></div><img src=//t.example/x>`, "? ?"},
		{`<img src=//t.example/x hidden>`, "? ? hidden attribute"},
		{`<img src=//t.example/x height=1 style="min-width:540px;height:1px">`, "540 1"},
		{`<img src=//t.example/x style="width:1px;min-height:1px">`, "1 ?"},
		{`<picture><source srcset=//t.example/x><img src=cid:a width=1 height=1></picture>`, "1 1"},
		{`<video><source src=//t.example/x></video>`, "? ?"},
	}
	for _, tt := range tests {
		var d Document
		d.Read([]byte(tt.src), nil, testLimits)
		if len(d.Refs) == 0 || d.Refs[0].URL.Host != "t.example" {
			t.Errorf("%s: got %v", tt.src, d.Refs)
			continue
		}
		if got := boxString(d.Box(d.Refs[0].Elem)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

// TestInnerBox finds how an image in a nested document shows.
func TestInnerBox(t *testing.T) {
	var d Document
	d.Read([]byte(`<iframe width=300 height=50 srcdoc="<img src=//t.example/x width=1 height=1 alt=a>"></iframe>`), nil, testLimits)
	if len(d.Refs) != 1 || d.Refs[0].Inner == nil {
		t.Fatalf("got %+v", d.Refs)
	}
	if in := d.Refs[0].Inner; boxString(in.Box) != "1 1" || in.Alt != "a" {
		t.Errorf("got %+v", in)
	}
}

func boxString(b Box) string {
	dim := func(v float64, ok bool) string {
		if !ok {
			return "?"
		}
		return fmt.Sprint(v)
	}
	s := dim(b.Width, b.HasWidth) + " " + dim(b.Height, b.HasHeight)
	if b.Hidden != "" {
		s += " " + b.Hidden
	}
	if b.Device {
		s += " device"
	}
	return s
}

// TestDeep reads what html.Parse refuses: more than 512 open elements.
func TestDeep(t *testing.T) {
	src := strings.Repeat("<div>", 100000) + "<img src=//t.example/x>" + strings.Repeat("</b></div>", 100000)
	if got := read(src); len(got) != 1 {
		t.Fatalf("got %v", got)
	}
}
