package markup

import (
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
	rules  []css.Rule
	byKey  map[string][]int32 // rules by id, class or tag of their subject
	any    []int32            // rules without such a key
	known  map[int32]style
	decls  []css.Decl
	won    []win
}

// style is what one element's own rules say.
type style struct {
	hidden        string
	device, mso   bool
	width, height string
}

// win is the winner of the cascade for one property.
type win struct {
	name, value string
	weight      int
}

func (b *boxes) reset() {
	b.parsed = false
	b.rules = b.rules[:0]
	clear(b.byKey)
	b.any = b.any[:0]
	clear(b.known)
}

// ofInterest are the properties that size and hide.
func ofInterest(name string) bool {
	switch name {
	case "display", "visibility", "opacity", "width", "height", "max-width", "max-height", "overflow", "position",
		"left", "top", "right", "clip", "clip-path", "transform", "zoom", "text-indent", "mso-hide":
		return true
	}
	return false
}

// Box finds the size and visibility of an element, from its attributes, its
// style, the sheets of the document, and the elements around it.
func (d *Document) Box(i int32) Box {
	var b Box
	s := d.styleOf(i)
	e := &d.elems[i]
	b.Width, b.HasWidth = size(d.attr(e, attrWidth), s.width)
	b.Height, b.HasHeight = size(d.attr(e, attrHeight), s.height)
	b.Hidden, b.Device, b.Mso = s.hidden, s.device, s.mso
	if b.Hidden == "" && d.hasAttr(e, "hidden") {
		b.Hidden = "hidden attribute"
	}
	depth := 0
	for p := e.parent; p >= 0 && depth < 1000; p = d.elems[p].parent {
		depth++
		ps := d.styleOf(p)
		if ps.hidden != "" && b.Hidden == "" {
			b.Hidden, b.Device = "inside "+ps.hidden, ps.device
		} else if ps.hidden == "" && d.hasAttr(&d.elems[p], "hidden") && b.Hidden == "" {
			b.Hidden = "inside hidden attribute"
		}
		b.Device = b.Device || ps.hidden != "" && ps.device
		b.Mso = b.Mso || ps.mso
	}
	return b
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
	for _, a := range e.attrs {
		if int(a.NameEnd-a.NameStart) == len(name) && equalFold(d.src[a.NameStart:a.NameEnd], name) {
			return true
		}
	}
	return false
}

// styleOf runs the cascade for one element, once.
func (d *Document) styleOf(i int32) style {
	b := &d.boxes
	if !b.parsed {
		d.parseSheets()
	}
	if s, ok := b.known[i]; ok {
		return s
	}
	s := d.cascade(i)
	if b.known == nil {
		b.known = map[int32]style{}
	}
	b.known[i] = s
	return s
}

func (d *Document) parseSheets() {
	b := &d.boxes
	b.parsed = true
	if b.byKey == nil {
		b.byKey = map[string][]int32{}
	}
	for _, r := range d.sheets {
		b.rules = css.ParseRules(d.src[r[0]:r[1]], ofInterest, b.rules)
	}
	for n := range b.rules {
		for k := range b.rules[n].Selectors {
			key := b.rules[n].Selectors[k].Key()
			if key == "" {
				b.any = append(b.any, int32(n))
			} else {
				b.byKey[key] = append(b.byKey[key], int32(n))
			}
		}
	}
}

func (d *Document) cascade(i int32) style {
	b := &d.boxes
	e := &d.elems[i]
	var s style
	b.won = b.won[:0]
	reveals := false
	apply := func(list []int32) {
		for _, n := range list {
			r := &b.rules[n]
			w := d.selected(r, i)
			if w < 0 {
				continue
			}
			if r.Device {
				reveals = reveals || shows(r.Decls)
				continue
			}
			for k := range r.Decls {
				b.win(&r.Decls[k], w*8192+int(n))
			}
		}
	}
	if len(b.rules) > 0 {
		apply(b.any)
		apply(b.byKey[d.Name(i)])
		if id := d.attr(e, attrId); id != "" {
			apply(b.byKey["#"+id])
		}
		if class := d.attr(e, attrClass); class != "" {
			for c := range strings.FieldsSeq(class) {
				apply(b.byKey["."+c])
			}
		}
	}
	if v := d.attr(e, attrStyle); v != "" {
		b.decls = css.ParseDeclarations([]byte(v), ofInterest, b.decls[:0])
		for k := range b.decls {
			b.win(&b.decls[k], 1<<40)
		}
	}
	if len(b.won) == 0 {
		return s
	}
	s.hidden = css.Hiding(b.value)
	s.mso = b.value("mso-hide") == "all"
	s.device = s.hidden != "" && reveals
	s.width, s.height = b.value("width"), b.value("height")
	s.width = narrower(s.width, b.value("max-width"))
	s.height = narrower(s.height, b.value("max-height"))
	return s
}

// narrower lets a tiny maximum win over a size.
func narrower(size, limit string) string {
	if px, ok, rel := css.ParseLength(limit); ok && !rel && px <= 3 {
		return limit
	}
	return size
}

// selected is the specificity with which r selects i, -1 if it does not.
func (d *Document) selected(r *css.Rule, i int32) int {
	best := -1
	for k := range r.Selectors {
		if sp := r.Selectors[k].Specificity(); sp > best && r.Selectors[k].Match(d, i) {
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
	for _, a := range d.elems[i].attrs {
		if int(a.NameEnd-a.NameStart) == len(name) && equalFold(d.src[a.NameStart:a.NameEnd], name) {
			return unescape(d.src[a.Start:a.End]), true
		}
	}
	return "", false
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
