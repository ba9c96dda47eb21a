package rewrite

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/internal/markup"
	"github.com/pixelsweep/pixelsweep/detector/internal/trace"
)

// remember keeps a URL that is taken out, as a tree would hold it.
func (r *run) remember(text []byte, ref *trace.Ref) {
	if !loads(ref) || ref.Nested || ref.Start >= ref.End || ref.End > len(text) {
		return
	}
	u := markup.Unescape(text[ref.Start:ref.End])
	if i := strings.Index(u, "//"); i >= 0 && len(u) > i+8 {
		r.removed = append(r.removed, strings.Clone(u))
	}
}

// oracle asks the tree builder of x/net whether a URL that was taken out would
// still load, and makes a target of each that would. Most documents do not hold
// the URL in any form, which is cheap to see.
func (r *run) oracle(tr *trace.Scan) {
	for i := range tr.Parts {
		p := &tr.Parts[i]
		if !isMarkup(p.Media) {
			continue
		}
		var urls []string
		text := p.Text
		if hidesLetters(text) {
			text = []byte(html.UnescapeString(string(text)))
		}
		for _, u := range r.removed {
			if bytes.Contains(text, []byte(u)) || strings.Contains(u, "&") && bytes.Contains(text, []byte(strings.ReplaceAll(u, "&", "&amp;"))) {
				urls = append(urls, u)
			}
		}
		if len(urls) == 0 {
			continue
		}
		for _, u := range inTree(p.Text, urls) {
			r.left(tr, i, u)
		}
	}
}

// left makes targets of the references in part i that hold u, or says that it
// is left where there are none.
func (r *run) left(tr *trace.Scan, i int, u string) {
	p := &tr.Parts[i]
	found := false
	for n := p.Refs[0]; n < p.Refs[1]; n++ {
		ref := &tr.Refs[n]
		if !loads(ref) || ref.End > len(p.Text) || ref.Start > ref.End || !holds(markup.Unescape(p.Text[ref.Start:ref.End]), u) {
			continue
		}
		found = true
		r.targets = append(r.targets, target{at: n, Edit: Edit{
			Kind: detector.Pixel, Mode: Neutralise, URL: strings.Clone(ref.URL), Vector: ref.Vector, Part: r.path(tr, ref), Stronger: true,
		}})
	}
	if !found {
		r.res.Left = append(r.res.Left, Edit{Kind: detector.Pixel, Mode: Neutralise, URL: u, Part: r.path(tr, &trace.Ref{Part: i})})
	}
}

// hidesLetters reports whether a character reference stands for a letter, a
// digit or what URLs are made of.
func hidesLetters(text []byte) bool {
	for {
		i := bytes.Index(text, []byte("&#"))
		if i < 0 {
			return false
		}
		text = text[i+2:]
		n, base := 0, 10
		t := text
		if len(t) > 0 && t[0]|0x20 == 'x' {
			t, base = t[1:], 16
		}
		for len(t) > 0 && n < 1<<16 {
			c := t[0]
			switch {
			case c >= '0' && c <= '9':
				n = n*base + int(c-'0')
			case base == 16 && c|0x20 >= 'a' && c|0x20 <= 'f':
				n = n*base + int(c|0x20-'a') + 10
			default:
				t = nil
				continue
			}
			t = t[1:]
		}
		if n < 128 && (isLetter(byte(n)) || n >= '0' && n <= '9' || n > 0 && strings.IndexByte(":/?=&.-_%", byte(n)) >= 0) {
			return true
		}
	}
}

// loadAttrs are the attributes whose URLs load when a tree is rendered.
var loadAttrs = map[string]bool{
	"src": true, "srcset": true, "background": true, "poster": true, "data": true, "lowsrc": true, "dynsrc": true, "imagesrcset": true,
	"style": true, "srcdoc": true, "classid": true, "manifest": true,
}

// holds reports whether the URL u stands in value, and not only as the start of
// a longer one.
func holds(value, u string) bool {
	for {
		i := strings.Index(value, u)
		if i < 0 {
			return false
		}
		value = value[i+len(u):]
		if value == "" || !isLetter(value[0]) && (value[0] < '0' || value[0] > '9') && strings.IndexByte("/?&=.-_%", value[0]) < 0 {
			return true
		}
	}
}

// inTree returns those of urls that load from the tree of a document.
func inTree(text []byte, urls []string) []string {
	root, err := html.ParseWithOptions(bytes.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil
	}
	hit := map[string]bool{}
	check := func(value string) {
		for _, u := range urls {
			if holds(value, u) {
				hit[u] = true
			}
		}
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			for _, a := range n.Attr {
				link := a.Key == "href" && (n.Data == "link" && relLoads(n) || n.Namespace == "svg" && n.Data != "a")
				if (loadAttrs[a.Key] || link) && n.Data != "template" && !inert(n) {
					check(a.Val)
				}
			}
		case html.TextNode:
			if n.Parent != nil && n.Parent.Data == "style" && !inert(n) {
				check(n.Data)
			}
		}
	}
	var left []string
	for _, u := range urls {
		if hit[u] {
			left = append(left, u)
			hit[u] = false
		}
	}
	return left
}

// relLoads reports whether a link element loads what it names.
func relLoads(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "rel" {
			rel := strings.ToLower(a.Val)
			return strings.Contains(rel, "stylesheet") || strings.Contains(rel, "icon") || strings.Contains(rel, "pre")
		}
	}
	return false
}

// inert reports whether a node is inside a template, which loads nothing.
func inert(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Type == html.ElementNode && p.Data == "template" {
			return true
		}
	}
	return false
}
