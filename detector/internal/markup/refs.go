package markup

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// addText adds the reference whose text stands at [start, end) of the source.
func (d *Document) addText(vector, trigger string, elem int32, start, end int) {
	d.addURL(vector, trigger, elem, unescape(d.src[start:end]), start, end, false)
}

// addAttr adds the reference that is the whole value of an attribute.
func (d *Document) addAttr(vector, trigger string, elem int32, a Attr) {
	start, end := int(a.Start), int(a.End)
	for start < end && (d.src[start] <= ' ') {
		start++
	}
	for end > start && d.src[end-1] <= ' ' {
		end--
	}
	d.addText(vector, trigger, elem, start, end)
}

// addURL adds a reference if a client could load or follow it: http and the
// like, or a relative URL. data: documents are read in their turn.
func (d *Document) addURL(vector, trigger string, elem int32, text string, start, end int, nested bool) {
	if text == "" || text[0] == '#' {
		return
	}
	if len(text) > d.limits.URLBytes && !hasScheme(text, "data:") {
		d.hit("URL length")
		text, nested = text[:d.limits.URLBytes], true
	}
	if hasScheme(text, "data:") {
		if trigger != Click {
			d.dataURL(text, trigger, elem, start, end)
		}
		return
	}
	if rest, ok := cutScheme(text, "view-source:"); ok {
		text = rest
	}
	if rest, ok := cutScheme(text, "javascript:"); ok {
		d.scriptText(rest, vector, elem, start, end, true)
		return
	}
	if d.decode != nil && !isASCII(text) {
		text = d.decode(text)
	}
	u, ok := weburl.Parse(text, d.base)
	if !ok || !loadable(&u) {
		return
	}
	if len(d.Refs) >= d.limits.Refs {
		d.hit("references")
		return
	}
	if elem >= 0 && d.elems[elem].inert && trigger != Click {
		trigger = Script
	}
	d.Refs = append(d.Refs, Ref{
		URL: u, Vector: vector, Trigger: trigger, Condition: d.where,
		Start: start, End: end, Elem: elem, Nested: nested,
	})
}

func isASCII(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&0x80 != 0 {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// loadable reports whether a client asks another machine for u, or would once
// a base is known.
func loadable(u *weburl.URL) bool {
	switch u.Scheme {
	case "http", "https", "ws", "wss", "ftp":
		return u.Host != ""
	case "file":
		return u.Host != "" // \\host\share: asks that host, with the user's name
	case "":
		return u.Full != "" && u.Full[0] != '#'
	}
	return false
}

// hasScheme reports whether a URL begins with a lower-case scheme, past white
// space and in any case.
func hasScheme(text, scheme string) bool {
	_, ok := cutScheme(text, scheme)
	return ok
}

func cutScheme(text, scheme string) (string, bool) {
	i := 0
	for i < len(text) && text[i] <= ' ' {
		i++
	}
	text = text[i:]
	if len(text) < len(scheme) || text[0]|0x20 != scheme[0] || !strings.EqualFold(text[:len(scheme)], scheme) {
		return "", false
	}
	return text[len(scheme):], true
}

// addSrcset adds every candidate of a srcset value (WHATWG section
// 4.8.4.2.1).
func (d *Document) addSrcset(vector, trigger string, elem int32, a Attr) {
	value := unescape(d.src[a.Start:a.End])
	plain := len(value) == int(a.End-a.Start)
	for i := 0; i < len(value); {
		for i < len(value) && (isSpace(value[i]) || value[i] == ',') {
			i++
		}
		start := i
		for i < len(value) && !isSpace(value[i]) {
			i++
		}
		end := i
		for end > start && value[end-1] == ',' {
			end--
		}
		if end > start {
			if plain {
				d.addText(vector, trigger, elem, int(a.Start)+start, int(a.Start)+end)
			} else {
				from, to := d.rawRange(a, value[start:end])
				d.addURL(vector, trigger, elem, value[start:end], from, to, false)
			}
		}
		if end == i { // descriptors follow, up to a comma outside parentheses
			i = skipDescriptors(value, i)
		}
	}
}

func skipDescriptors(value string, i int) int {
	depth := 0
	for ; i < len(value); i++ {
		switch value[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth <= 0 {
				return i + 1
			}
		}
	}
	return i
}

// rawRange finds the bytes of a that decode to text; the whole value if it
// cannot tell.
func (d *Document) rawRange(a Attr, text string) (int, int) {
	raw := view(d.src[a.Start:a.End])
	if i := strings.Index(raw, text); i >= 0 {
		return int(a.Start) + i, int(a.Start) + i + len(text)
	}
	for i := 0; i < len(raw); {
		j := i
		for j < len(raw) && !isSpace(raw[j]) {
			j++
		}
		if w := strings.TrimRight(raw[i:j], ","); w != "" && unescape([]byte(w)) == text {
			return int(a.Start) + i, int(a.Start) + i + len(w)
		}
		i = j + 1
	}
	return int(a.Start), int(a.End)
}

// addList adds the URLs of a value that holds several, parted by spaces.
func (d *Document) addList(vector, trigger string, elem int32, a Attr) {
	i, end := int(a.Start), int(a.End)
	for i < end {
		for i < end && isSpace(d.src[i]) {
			i++
		}
		start := i
		for i < end && !isSpace(d.src[i]) {
			i++
		}
		if i > start {
			d.addText(vector, trigger, elem, start, i)
		}
	}
}

// vectors holds the names of vectors, made on first use. The zero value is
// ready; it belongs to one goroutine.
type vectors struct {
	plain [tagCount][attrCount]string
}

func (v *vectors) name(tag Tag, a attrID) string {
	s := &v.plain[tag][a]
	if *s == "" {
		*s = tagNames[tag] + "[" + attrNames[a] + "]"
	}
	return *s
}

// vector names the place of a reference: element[attribute], with the prefix
// that says which language it is in.
func (d *Document) vector(i int32, a attrID) string {
	e := &d.elems[i]
	if e.ns == inHTML && e.tag != tagUnknown {
		return d.names.name(e.tag, a)
	}
	name := string(d.lowered(d.src[e.nameStart:e.nameEnd]))
	if name == "" {
		name = strings.ToLower(string(d.src[e.nameStart:e.nameEnd]))
	}
	switch {
	case e.ns == inSVG:
		name = "svg:" + tagWritten(e.tag, name)
	case e.ns == inMathML:
		name = "math:" + name
	case strings.HasPrefix(name, "v:"):
		name = "vml:" + name[2:]
	}
	return name + "[" + attrNames[a] + "]"
}

// tagWritten gives SVG elements their mixed case.
func tagWritten(tag Tag, name string) string {
	switch tag {
	case tagFeImage:
		return "feImage"
	case tagAnimateColor:
		return "animateColor"
	case tagAnimateMotion:
		return "animateMotion"
	case tagAnimateTransform:
		return "animateTransform"
	case tagForeignObject:
		return "foreignObject"
	case tagTextPath:
		return "textPath"
	case tagLinearGradient:
		return "linearGradient"
	case tagRadialGradient:
		return "radialGradient"
	}
	return name
}
