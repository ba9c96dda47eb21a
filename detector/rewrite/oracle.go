package rewrite

import (
	"bytes"
	"slices"
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
		text := p.Text
		if hidesLetters(text) {
			text = []byte(html.UnescapeString(string(text)))
		}
		h := newHaystack(len(r.removed), text)
		var urls []string
		for _, u := range r.removed {
			if h.contains(u) || strings.Contains(u, "&") && h.contains(strings.ReplaceAll(u, "&", "&amp;")) {
				urls = append(urls, u)
			}
		}
		if len(urls) > 0 {
			r.left(tr, i, inTree(p.Text, urls))
		}
	}
}

// left makes targets of the references in part i that hold one of urls, or says
// that it is left where there are none.
func (r *run) left(tr *trace.Scan, i int, urls []string) {
	if len(urls) == 0 {
		return
	}
	p := &tr.Parts[i]
	var at []int
	var texts [][]byte
	for n := p.Refs[0]; n < p.Refs[1]; n++ {
		ref := &tr.Refs[n]
		if loads(ref) && ref.End <= len(p.Text) && ref.Start <= ref.End {
			at, texts = append(at, n), append(texts, []byte(markup.Unescape(p.Text[ref.Start:ref.End])))
		}
	}
	h := newHaystack(len(urls), texts...)
	taken := map[int]bool{}
	for _, u := range urls {
		found := h.holding(u)
		for _, k := range found {
			ref := &tr.Refs[at[k]]
			if taken[at[k]] {
				continue
			}
			taken[at[k]] = true
			r.targets = append(r.targets, target{at: at[k], Edit: Edit{
				Kind: detector.Pixel, Mode: Neutralise, URL: strings.Clone(ref.URL), Vector: ref.Vector, Part: r.path(tr, ref), Stronger: true,
			}})
		}
		if len(found) == 0 {
			r.res.Left = append(r.res.Left, Edit{Kind: detector.Pixel, Mode: Neutralise, URL: u, Part: r.path(tr, &trace.Ref{Part: i})})
		}
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

// inTree returns those of urls that load from the tree of a document.
func inTree(text []byte, urls []string) []string {
	root, err := html.ParseWithOptions(bytes.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		return nil
	}
	var values [][]byte
	var doc markup.Document
	sheet := func(text string, read func([]byte, markup.Limits)) {
		// What a comment of the sheet holds, or a string, does not load.
		read([]byte(text), limits)
		for i := range doc.Refs {
			if f := &doc.Refs[i]; f.Start >= 0 && f.End <= len(text) && f.Start <= f.End {
				values = append(values, []byte(text[f.Start:f.End]))
			}
		}
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			for _, a := range n.Attr {
				link := a.Key == "href" && (n.Data == "link" && relLoads(n) || n.Namespace == "svg" && n.Data != "a")
				switch {
				case !loadAttrs[a.Key] && !link || n.Data == "template" || inert(n):
				case a.Key == "style":
					sheet(a.Val, doc.Inline)
				default:
					values = append(values, []byte(a.Val))
				}
			}
		case html.TextNode:
			if n.Parent != nil && n.Parent.Data == "style" && !inert(n) {
				sheet(n.Data, doc.Sheet)
			}
		}
	}
	h := newHaystack(len(urls), values...)
	var left []string
	for _, u := range urls {
		if len(h.holding(u)) > 0 {
			left = append(left, u)
		}
	}
	return slices.Compact(left)
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
