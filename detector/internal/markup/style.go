package markup

import (
	"bytes"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/css"
)

// styleAttr lists the references of a style attribute.
func (d *Document) styleAttr(i int32, a Attr) {
	value := d.src[a.Start:a.End]
	if !css.MayLoad(value) && bytes.IndexByte(value, '&') < 0 {
		return
	}
	text := value
	whole := [2]int{}
	if bytes.IndexByte(value, '&') >= 0 {
		text = []byte(unescape(value))
		whole = [2]int{int(a.Start), int(a.End)}
	}
	d.ctx = refContext{elem: i, offset: int(a.Start), whole: whole}
	css.Declarations(text, d.styleRef)
}

// sheet lists the references of a style element and keeps its place for the
// rules.
func (d *Document) sheet(i int32, from, end int) {
	d.sheetText(i, d.src[from:end], from, false, [2]int{})
	if d.where == "" {
		d.sheets = append(d.sheets, [2]int{from, end})
	}
}

func (d *Document) sheetText(i int32, text []byte, offset int, nested bool, whole [2]int) {
	if !css.MayLoad(text) {
		return
	}
	media := d.attr(&d.elems[i], attrMedia)
	d.ctx = refContext{elem: i, offset: offset, media: media, print: printOnly(media)}
	if nested {
		d.ctx.whole = whole
	}
	css.Stylesheet(text, d.styleRef)
}

// Sheet reads an attached style sheet.
func (d *Document) Sheet(src []byte, l Limits) {
	d.Read(nil, nil, l)
	d.src = src
	d.ctx = refContext{elem: -1}
	css.Stylesheet(src, d.styleRef)
}

func (d *Document) styleRef(r *css.Ref) bool {
	c := &d.ctx
	start, end, text := c.offset+r.Start, c.offset+r.End, r.URL
	nested := c.whole != [2]int{}
	if nested {
		start, end = c.whole[0], c.whole[1]
	} else if text == view(d.src[start:end]) {
		text = view(d.src[start:end])
	}
	n := len(d.Refs)
	d.addURL(cssVector(r.Property), cssTrigger(r.Trigger, c.print), c.elem, text, start, end, nested)
	if len(d.Refs) > n && n < len(d.Refs) {
		ref := &d.Refs[n]
		ref.Dark = r.DarkMode
		switch {
		case r.Condition != "":
			ref.Condition = strings.Clone(r.Condition)
		case c.media != "":
			ref.Condition = c.media
		}
	}
	return len(d.Refs) < d.limits.Refs
}

func cssTrigger(t css.Trigger, print bool) string {
	switch {
	case t == css.Forward:
		return Forward
	case t == css.Print || print:
		return Print
	}
	return Open
}

// cssVector names a property; the usual ones cost no allocation.
func cssVector(property string) string {
	switch property {
	case "background":
		return "css:background"
	case "background-image":
		return "css:background-image"
	case "@font-face":
		return "css:@font-face"
	case "@import":
		return "css:@import"
	case "list-style-image":
		return "css:list-style-image"
	}
	return "css:" + property
}

// presentation reads an SVG attribute that takes a CSS value, such as
// fill="url(…)".
func (d *Document) presentation(i int32, id attrID, a Attr) {
	value := d.src[a.Start:a.End]
	if !css.MayLoad(value) && bytes.IndexByte(value, '&') < 0 {
		return
	}
	d.declaration(i, attrNames[id], unescape(value), a)
}

// declaration lists the references of one CSS value that stands in a.
func (d *Document) declaration(i int32, property, value string, a Attr) {
	d.ctx = refContext{elem: i, whole: [2]int{int(a.Start), int(a.End)}}
	css.Declarations([]byte(property+":"+value), d.styleRef)
}

// animation reads what SMIL animates an attribute to: URLs for href, CSS
// values for the others.
func (d *Document) animation(i int32, id attrID, a Attr) {
	e := &d.elems[i]
	switch e.tag {
	case tagSet, tagAnimate, tagAnimateColor, tagAnimateMotion, tagAnimateTransform:
	default:
		return
	}
	value := unescape(d.src[a.Start:a.End])
	name := strings.ToLower(d.attr(e, attrAttributename))
	switch name {
	case "href", "xlink:href", "src":
		for part := range strings.SplitSeq(value, ";") {
			if part = strings.TrimSpace(part); part != "" {
				from, to := d.rawRange(a, part)
				d.addURL(d.vector(i, id), Open, i, part, from, to, false)
			}
		}
	case "style":
		d.ctx = refContext{elem: i, whole: [2]int{int(a.Start), int(a.End)}}
		css.Declarations([]byte(value), d.styleRef)
	default:
		if !css.MayLoad([]byte(value)) {
			return
		}
		for part := range strings.SplitSeq(value, ";") {
			d.declaration(i, "fill", part, a)
		}
	}
}
