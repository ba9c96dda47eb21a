package markup

import (
	"bytes"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/css"
)

// Box is what is known of an element's place on the page.
type Box struct {
	Width, Height       float64 // CSS pixels
	HasWidth, HasHeight bool
	Hidden              string // why it cannot be seen: "display:none", "inside display:none"
	Device              bool   // hidden on one kind of device only
	Mso                 bool   // hidden from Outlook only
}

// boxes holds the rules of the document and what was found by them.
type boxes struct {
	parsed bool
	rules  css.Rules
	places []place // of the elements, as far as they are known
	chain  []int32
	decls  []css.Decl
	won    []win
}

// place is what is known of one element.
type place struct {
	own    style
	styled bool // own is known
	inner  veil // over what is inside the element
	veiled bool // inner is known
}

// style is what one element's own rules say.
type style struct {
	hidden        string
	device, mso   bool
	width, height string
}

// veil is what hides all that is inside an element.
type veil struct {
	hidden      string
	device, mso bool
}

// win is the winner of the cascade for one property.
type win struct {
	name, value string
	weight      int
}

func (b *boxes) reset() {
	if b.parsed {
		b.parsed = false
		b.rules.Reset()
		clear(b.places)
	}
}

// ofInterest are the properties that size and hide.
func ofInterest(name string) bool {
	switch name {
	case "display", "visibility", "opacity", "width", "height", "max-width", "max-height", "min-width", "min-height", "overflow", "position",
		"left", "top", "right", "clip", "clip-path", "transform", "zoom", "text-indent", "mso-hide":
		return true
	}
	return false
}

// Box finds the size and visibility of an element, from its attributes, its
// style, the sheets of the document, and the elements around it.
func (d *Document) Box(i int32) Box {
	i = d.pictured(i)
	var b Box
	s := d.styleOf(i)
	e := &d.elems[i]
	b.Width, b.HasWidth = size(d.attr(e, attrWidth), s.width)
	b.Height, b.HasHeight = size(d.attr(e, attrHeight), s.height)
	b.Hidden, b.Device, b.Mso = s.hidden, s.device, s.mso
	if b.Hidden == "" && d.hasAttr(e, "hidden") {
		b.Hidden = "hidden attribute"
	}
	if e.parent < 0 {
		return b
	}
	v := d.veilOf(e.parent)
	if b.Hidden == "" {
		b.Hidden = v.hidden
	}
	b.Device, b.Mso = b.Device || v.device, b.Mso || v.mso
	return b
}

// pictured is the image that shows what element i names: of a picture's source
// it is the img beside it, else i itself.
func (d *Document) pictured(i int32) int32 {
	e := &d.elems[i]
	if e.tag != tagSource || e.parent < 0 || d.elems[e.parent].tag != tagPicture {
		return i
	}
	for k, n := d.elems[e.parent].lastChild, 0; k >= 0 && n < 100; k, n = d.elems[k].prev, n+1 {
		if d.elems[k].tag == tagImg {
			return k
		}
	}
	return i
}

// veilOf finds what hides everything inside element i, from the outside in.
func (d *Document) veilOf(i int32) veil {
	b := &d.boxes
	b.chain = b.chain[:0]
	var v veil
	for ; i >= 0 && len(b.chain) < 1000; i = d.elems[i].parent {
		if p := &b.places[i]; p.veiled {
			v = p.inner
			break
		}
		b.chain = append(b.chain, i)
	}
	for k := len(b.chain) - 1; k >= 0; k-- {
		i := b.chain[k]
		if d.mayHide(i) {
			s := d.styleOf(i)
			if s.hidden != "" {
				v.hidden = "inside " + s.hidden
			} else if d.hasAttr(&d.elems[i], "hidden") {
				v.hidden = "inside hidden attribute"
			}
			v.device = v.device || s.hidden != "" && s.device
			v.mso = v.mso || s.mso
		}
		b.places[i].inner, b.places[i].veiled = v, true
	}
	return v
}

// mayHide reports whether the cascade is worth running for what stands around
// an element: an attribute or rule could hide it.
func (d *Document) mayHide(i int32) bool {
	e := &d.elems[i]
	for _, a := range e.attrs {
		name := d.src[a.NameStart:a.NameEnd]
		switch {
		case len(name) == 5 && equalFold(name, "style"):
			if css.StyleMayHide(d.src[a.Start:a.End]) {
				return true
			}
		case len(name) == 6 && equalFold(name, "hidden"):
			return true
		}
	}
	rs := &d.boxes.rules
	if rs.HidesNothing() {
		return false
	}
	found := false
	d.eachKey(i, func(key css.Key) { found = found || rs.MayHide(key) })
	return found
}

// size reads a dimension: the style wins over the attribute.
func size(attr, style string) (float64, bool) {
	if style != "" {
		if px, ok, rel := css.ParseLength(style); ok && (!rel || px == 0) {
			return px, true
		}
		if style != "auto" {
			return 0, false
		}
		return 0, false
	}
	attr = strings.TrimSpace(attr)
	if attr == "" {
		return 0, false
	}
	px, ok, rel := css.ParseLength(leading(strings.ToLower(attr)))
	return px, ok && (!rel || px == 0)
}

// leading keeps the number at the start of a dimension attribute, and its
// percent sign (WHATWG section 2.3.4.4).
func leading(s string) string {
	s = strings.TrimPrefix(s, "+")
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '.') {
		n++
	}
	if n < len(s) && s[n] == '%' {
		n++
	}
	return s[:n]
}

func (d *Document) hasAttr(e *element, name string) bool {
	_, ok := d.rawAttr(e, name)
	return ok
}

// rawAttr finds an attribute by its name in lower case.
func (d *Document) rawAttr(e *element, name string) (Attr, bool) {
	for _, a := range e.attrs {
		if int(a.NameEnd-a.NameStart) == len(name) && equalFold(d.src[a.NameStart:a.NameEnd], name) {
			return a, true
		}
	}
	return Attr{}, false
}

// styleOf runs the cascade for one element, once.
func (d *Document) styleOf(i int32) *style {
	b := &d.boxes
	if !b.parsed {
		d.parseSheets()
	}
	p := &b.places[i]
	if !p.styled {
		p.own, p.styled = d.cascade(i), true
	}
	return &p.own
}

func (d *Document) parseSheets() {
	b := &d.boxes
	b.parsed = true
	b.places = slices.Grow(b.places[:0], len(d.elems))[:len(d.elems)]
	for _, r := range d.sheets {
		b.rules.Add(d.src[r[0]:r[1]], ofInterest)
	}
}

func (d *Document) cascade(i int32) style {
	b := &d.boxes
	b.won = b.won[:0]
	if !d.Spend() {
		return style{}
	}
	if b.rules.Len() > 0 {
		d.eachKey(i, func(key css.Key) {
			b.rules.Select(key, func(n int32) {
				if w := d.selected(n, i); w >= 0 {
					decls := b.rules.At(n).Decls
					for k := range decls {
						b.win(&decls[k], w*8192+int(n))
					}
				}
			})
		})
	}
	if a, ok := d.rawAttr(&d.elems[i], "style"); ok {
		value := d.src[a.Start:a.End]
		if bytes.IndexByte(value, '&') >= 0 {
			value = []byte(unescape(value))
		}
		b.decls = css.ParseDeclarations(value, ofInterest, b.decls[:0])
		for k := range b.decls {
			b.win(&b.decls[k], 1<<40)
		}
	}
	var s style
	if len(b.won) == 0 {
		return s
	}
	s.hidden = css.Hiding(b.value)
	s.mso = b.value("mso-hide") == "all"
	s.device = s.hidden != "" && d.revealed(i)
	s.width, s.height = b.value("width"), b.value("height")
	s.width = wider(narrower(s.width, b.value("max-width")), b.value("min-width"))
	s.height = wider(narrower(s.height, b.value("max-height")), b.value("min-height"))
	return s
}

// eachKey visits the keys under which rules may select element i.
func (d *Document) eachKey(i int32, visit func(css.Key)) {
	e := &d.elems[i]
	visit(css.AnyKey)
	visit(css.KeyOf(0, d.Name(i)))
	if id := d.attr(e, attrId); id != "" {
		visit(css.KeyOf('#', id))
	}
	if class := d.attr(e, attrClass); class != "" {
		for c := range strings.FieldsSeq(class) {
			visit(css.KeyOf('.', c))
		}
	}
}

// revealed reports whether a rule for some kind of device could bring element
// i to light.
func (d *Document) revealed(i int32) bool {
	found := false
	d.eachKey(i, func(key css.Key) {
		d.boxes.rules.SelectDevice(key, func(n int32) {
			found = found || shows(d.boxes.rules.At(n).Decls) && d.selected(n, i) >= 0
		})
	})
	return found
}

// narrower lets a tiny maximum win over a size.
func narrower(size, limit string) string {
	if px, ok, rel := css.ParseLength(limit); ok && !rel && px <= 3 {
		return limit
	}
	return size
}

// wider lets a minimum that leaves something to see win over a smaller size or
// none.
func wider(size, least string) string {
	floor, ok, rel := css.ParseLength(least)
	if !ok || rel || floor <= 3 {
		return size
	}
	if px, ok, rel := css.ParseLength(size); ok && (rel || px >= floor) {
		return size
	}
	return least
}

// selected is the specificity with which rule n selects element i, -1 if it
// does not.
func (d *Document) selected(n, i int32) int {
	best := -1
	if !d.Spend() {
		return best
	}
	sels := d.boxes.rules.At(n).Selectors()
	for k := range sels {
		if sp := sels[k].Specificity(); sp > best && sels[k].Match(d, i) {
			best = sp
		}
	}
	return best
}

// shows reports whether declarations could bring a hidden element to light.
func shows(decls []css.Decl) bool {
	for _, d := range decls {
		switch d.Name {
		case "display":
			if d.Value != "none" {
				return true
			}
		case "visibility":
			if d.Value == "visible" {
				return true
			}
		case "max-height", "max-width", "height", "width":
			if px, ok, _ := css.ParseLength(d.Value); !ok || px > 1 {
				return true
			}
		case "opacity":
			return d.Value != "0"
		}
	}
	return false
}

func (b *boxes) win(d *css.Decl, weight int) {
	if d.Important {
		weight += 1 << 41
	}
	for k := range b.won {
		if b.won[k].name == d.Name {
			if weight >= b.won[k].weight {
				b.won[k].value, b.won[k].weight = d.Value, weight
			}
			return
		}
	}
	b.won = append(b.won, win{d.Name, d.Value, weight})
}

func (b *boxes) value(name string) string {
	for k := range b.won {
		if b.won[k].name == name {
			return b.won[k].value
		}
	}
	return ""
}

// Name is the name of element i in lower case.
func (d *Document) Name(i int32) string {
	e := &d.elems[i]
	if e.tag != tagUnknown {
		return tagNames[e.tag]
	}
	return strings.ToLower(string(d.src[e.nameStart:e.nameEnd]))
}

// Attr is the value of an attribute of element i.
func (d *Document) Attr(i int32, name string) (string, bool) {
	a, ok := d.rawAttr(&d.elems[i], name)
	if !ok {
		return "", false
	}
	return unescape(d.src[a.Start:a.End]), true
}

// Parent is the element around i, -1 for none.
func (d *Document) Parent(i int32) int32 { return d.elems[i].parent }

// Prev is the element before i with the same parent, -1 for none.
func (d *Document) Prev(i int32) int32 { return d.elems[i].prev }

// Alt is the text that stands for element i where it is an image.
func (d *Document) Alt(i int32) string { return d.attr(&d.elems[i], attrAlt) }

// Linked reports whether element i stands inside a link.
func (d *Document) Linked(i int32) bool {
	for p, n := d.elems[i].parent, 0; p >= 0 && n < 6; p, n = d.elems[p].parent, n+1 {
		if d.elems[p].tag == tagA {
			return true
		}
	}
	return false
}
