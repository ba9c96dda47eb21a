package template

import (
	"bytes"
	"strings"
)

// An Element is a start or an end tag of the markup, with its place.
type Element struct {
	Start, End int    // from '<' to after '>'
	Name       string // in lower case; "/name" for an end tag
	Body       int    // where the text of a script or style element ends; else End
	attrs      [2]int // in Doc.attrs
}

// An Attr is an attribute with its place. Without a value, From and To are the end
// of the name.
type Attr struct {
	Start, End int // of the name
	From, To   int // of the value, without quotes
}

// Attrs returns the attributes of an element.
func (d *Doc) Attrs(e *Element) []Attr { return d.attrs[e.attrs[0]:e.attrs[1]] }

// Attr finds an attribute by its name in lower case.
func (d *Doc) Attr(e *Element, name string) (Attr, bool) {
	for _, a := range d.Attrs(e) {
		if a.End-a.Start == len(name) && strings.EqualFold(string(d.Text[a.Start:a.End]), name) {
			return a, true
		}
	}
	return Attr{}, false
}

// Value returns the value of an attribute as written, "" if it is not there.
func (d *Doc) Value(e *Element, name string) string {
	if a, ok := d.Attr(e, name); ok {
		return string(d.Text[a.From:a.To])
	}
	return ""
}

// maxElements is how many elements are read; no mail has as many.
const maxElements = 200_000

// An outliner walks over the markup. Tags of the template are single signs to it,
// so their quotes and angle brackets mean nothing.
type outliner struct {
	*Doc
	pos   int
	tag   int               // the next tag at or after pos
	names map[string]string // of elements, in lower case
}

// outline lists the elements and says of each tag what stands around it. It reads
// what conditional comments hold as markup, since Outlook renders that.
func (d *Doc) outline() {
	o := outliner{Doc: d, names: map[string]string{}}
	if n := min(bytes.Count(d.Text, []byte("<")), 4096); n > 0 {
		d.Elements = make([]Element, 0, n)
		d.attrs = make([]Attr, 0, 2*n)
	}
	for o.pos < len(d.Text) {
		if len(d.Elements) >= maxElements || len(d.attrs) >= 2*maxElements {
			d.Cut = true
			return
		}
		if o.skip(InText) {
			continue
		}
		i := bytes.IndexByte(d.Text[o.pos:], '<')
		if i < 0 {
			i = len(d.Text) - o.pos
		}
		if o.tag < len(d.Tags) && d.Tags[o.tag].Start <= o.pos+i {
			o.pos = d.Tags[o.tag].Start
			continue
		}
		o.pos += i
		if o.pos < len(d.Text) {
			o.markup()
		}
	}
}

// skip goes over the tag that begins here, if one does.
func (o *outliner) skip(around Around) bool {
	if o.tag >= len(o.Tags) || o.Tags[o.tag].Start != o.pos {
		return false
	}
	o.Tags[o.tag].Around = around
	o.pos = o.Tags[o.tag].End
	o.tag++
	return true
}

// jump goes to a place further on, over tags that are text there.
func (o *outliner) jump(to int) {
	for o.tag < len(o.Tags) && o.Tags[o.tag].Start < to {
		to = max(to, o.Tags[o.tag].End)
		o.tag++
	}
	o.pos = to
}

// markup reads what begins with '<'.
func (o *outliner) markup() {
	rest := o.Text[o.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--[if")):
		o.jump(o.pos + after(rest, "]>"))
	case bytes.HasPrefix(rest, []byte("<!--")):
		n := max(after(rest[2:], "-->")+2, 4)
		if n >= 7 && bytes.HasSuffix(rest[:n], []byte("-->")) {
			o.comments = append(o.comments, Stretch{o.pos + 4, o.pos + n - 3})
		}
		o.jump(o.pos + n)
	case bytes.HasPrefix(rest, []byte("<!")) || bytes.HasPrefix(rest, []byte("<?")):
		o.jump(o.pos + after(rest, ">"))
	default:
		o.element()
	}
}

// after returns where s ends in text, or the length of text.
func after(text []byte, s string) int {
	if i := bytes.Index(text, []byte(s)); i >= 0 {
		return i + len(s)
	}
	return len(text)
}

// element reads a start or end tag.
func (o *outliner) element() {
	e := Element{Start: o.pos, attrs: [2]int{len(o.attrs), len(o.attrs)}}
	o.pos++
	if o.pos < len(o.Text) && o.Text[o.pos] == '/' {
		o.pos++
	}
	if !o.skip(InName) && (o.pos >= len(o.Text) || !isLetter(o.Text[o.pos])) {
		return
	}
	for o.pos < len(o.Text) && !endsName(o.Text[o.pos]) && !o.atTag() {
		o.pos++
	}
	e.Name = o.name(e.Start+1, o.pos)
	for o.pos < len(o.Text) && o.Text[o.pos] != '>' {
		if o.skip(InTag) {
			continue
		}
		if c := o.Text[o.pos]; isSpace(c) || c == '/' {
			o.pos++
			continue
		}
		o.attribute()
	}
	o.pos = min(o.pos+1, len(o.Text))
	e.End, e.Body, e.attrs[1] = o.pos, o.pos, len(o.attrs)
	switch e.Name {
	case "script", "style", "title", "textarea", "xmp":
		e.Body = o.end(e.Name)
		o.jump(e.Body)
	}
	o.Elements = append(o.Elements, e)
}

// name returns a name in lower case, with the slash of an end tag.
func (o *outliner) name(from, to int) string {
	written := o.Text[from:to]
	name, ok := o.names[string(written)]
	if !ok {
		name = strings.ToLower(string(written))
		o.names[string(written)] = name
	}
	return name
}

// end finds where the text of an element ends that holds no markup.
func (o *outliner) end(name string) int {
	for at := o.pos; ; {
		i := bytes.Index(o.Text[at:], []byte("</"))
		if i < 0 {
			return len(o.Text)
		}
		at += i + 2
		if len(o.Text)-at >= len(name) && strings.EqualFold(string(o.Text[at:at+len(name)]), name) {
			return at - 2
		}
	}
}

func (o *outliner) atTag() bool { return o.tag < len(o.Tags) && o.Tags[o.tag].Start == o.pos }

func endsName(c byte) bool { return isSpace(c) || c == '/' || c == '>' }

// attribute reads a name and perhaps a value.
func (o *outliner) attribute() {
	a := Attr{Start: o.pos}
	o.pos++ // even '=' begins a name
	for o.pos < len(o.Text) && o.Text[o.pos] != '=' && !endsName(o.Text[o.pos]) && !o.atTag() {
		o.pos++
	}
	a.End = o.pos
	at := o.pos
	for at < len(o.Text) && isSpace(o.Text[at]) {
		at++
	}
	if at >= len(o.Text) || o.Text[at] != '=' || o.tag < len(o.Tags) && o.Tags[o.tag].Start < at {
		a.From, a.To = a.End, a.End
		o.attrs = append(o.attrs, a)
		return
	}
	for o.pos = at + 1; o.pos < len(o.Text) && isSpace(o.Text[o.pos]) && !o.atTag(); {
		o.pos++
	}
	quote := byte(0)
	if o.pos < len(o.Text) && (o.Text[o.pos] == '"' || o.Text[o.pos] == '\'') {
		quote = o.Text[o.pos]
		o.pos++
	}
	a.From = o.pos
	for o.pos < len(o.Text) {
		if o.skip(InValue) {
			continue
		}
		if c := o.Text[o.pos]; quote != 0 && c == quote || quote == 0 && (isSpace(c) || c == '>') {
			break
		}
		o.pos++
	}
	a.To = o.pos
	if quote != 0 && o.pos < len(o.Text) {
		o.pos++
	}
	o.attrs = append(o.attrs, a)
}
