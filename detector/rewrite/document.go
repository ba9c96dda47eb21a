package rewrite

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/css"
	"github.com/pixelsweep/pixelsweep/detector/internal/markup"
	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// item is one reference of a text, in order of place, with its target if it is
// to be rewritten.
type item struct {
	start, end int
	nested     bool
	call       bool // of a script
	vector     string
	trigger    string
	t          *target
}

// language is what a text is written in.
type language uint8

const (
	markupText language = iota
	sheetText
	inlineText // declarations
	scriptText
)

var limits = markup.Limits{Refs: 1 << 20, Nesting: 16, URLBytes: 64 << 10}

// level edits one text. References that stand inside others are edited a level
// deeper, in what the enclosing value decodes to.
func level(lang language, text []byte, items []item) []mime.Edit {
	e := editor{lang: lang, text: text, items: items}
	if needsDocument(lang, items) {
		e.read()
	}
	for i := 0; i < len(items); {
		if !items[i].nested {
			if items[i].t != nil {
				e.one(i)
			}
			i++
			continue
		}
		j := i + 1
		for j < len(items) && items[j].nested && items[j].start == items[i].start && items[j].end == items[i].end {
			j++
		}
		if slices.ContainsFunc(items[i:j], func(it item) bool { return it.t != nil }) {
			e.region(i, j)
		}
		i = j
	}
	return settle(e.out)
}

// needsDocument reports whether places alone do not tell what to do.
func needsDocument(lang language, items []item) bool {
	for i := range items {
		it := &items[i]
		if it.t != nil && (it.nested || lang == markupText && (it.t.Mode == Remove || it.vector == "meta[content]")) {
			return true
		}
	}
	return false
}

// editor edits one text.
type editor struct {
	lang  language
	text  []byte
	items []item
	doc   *markup.Document
	refs  []int32 // the element of each item, -1 for none
	out   []mime.Edit
	sheet sheetPlace
}

// A sheetPlace is the style sheet or attribute whose statements were asked for
// last: they are found in one pass.
type sheetPlace struct {
	elem   int32 // counted from 1
	lo, hi int
	at     int
	list   *css.Statements
}

// read reads the text again, for the element of each item.
func (e *editor) read() {
	e.doc = new(markup.Document)
	switch e.lang {
	case markupText:
		e.doc.Read(e.text, nil, limits)
	case sheetText:
		e.doc.Sheet(e.text, limits)
	case inlineText:
		e.doc.Inline(e.text, limits)
	default:
		e.doc.Script(e.text, limits)
	}
	found := slices.Clone(e.doc.Refs)
	slices.SortStableFunc(found, func(a, b markup.Ref) int { return a.Start - b.Start })
	e.refs = make([]int32, len(e.items))
	k := 0
	for i := range e.items {
		e.refs[i] = -1
		for n := k; n < len(found); n++ {
			if f := &found[n]; f.Start == e.items[i].start && f.End == e.items[i].end && f.Vector == e.items[i].vector {
				e.refs[i], k = f.Elem, n+1
				break
			}
		}
	}
}

func (e *editor) replace(start, end int, text string) {
	e.out = append(e.out, mime.Edit{Range: mime.Range{Start: start, End: end}, Text: []byte(text)})
}

// one edits a reference that stands plainly in the text.
func (e *editor) one(i int) {
	it := &e.items[i]
	if it.t.Mode == Remove && e.remove(i) {
		return
	}
	if e.doc != nil && e.lang == markupText && it.vector == "meta[content]" && it.trigger != "auto" {
		// A refresh to about:blank would leave the message.
		if a := e.doc.Attribute(e.refs[i], it.start); a.Name != "" {
			e.replace(a.Start, a.End, e.nothing(a))
			return
		}
	}
	if it.call {
		e.replace(it.start, it.end, noCall(e.text, it.start, it.end))
		return
	}
	if it.t.text == "" {
		for _, c := range sent(e.text, it.vector, it.start, it.end) {
			e.out = append(e.out, c)
			if c.Start < it.start && it.end <= c.End {
				return
			}
		}
		e.replace(it.start, it.end, neutral(it.vector, it.trigger))
		return
	}
	e.replace(it.start, it.end, e.written(it.t.text))
}

// written puts a URL into the form that can stand at any place of the text.
func (e *editor) written(url string) string {
	url = strings.NewReplacer(`"`, "%22", "'", "%27", "<", "%3C", ">", "%3E", " ", "%20", "`", "%60", "(", "%28", ")", "%29", `\`, "%5C").Replace(url)
	if e.lang == markupText {
		return strings.ReplaceAll(url, "&", "&amp;")
	}
	return url
}

// remove takes the element, attribute or declaration away.
func (e *editor) remove(i int) bool {
	it := &e.items[i]
	lo, hi := 0, len(e.text)
	elem := int32(-1)
	if e.refs != nil {
		elem = e.refs[i]
	}
	switch {
	case e.lang == scriptText:
		return false
	case e.lang == markupText:
		if elem < 0 {
			return false
		}
		a := e.doc.Attribute(elem, it.start)
		switch {
		case strings.HasPrefix(it.vector, "css:") && a.Name == "style":
			lo, hi = a.Start, a.End
		case strings.HasPrefix(it.vector, "css:") && a.Name == "":
			if e.sheet.elem != elem+1 {
				lo, hi = e.doc.SheetRange(elem)
			} else {
				lo, hi = e.sheet.lo, e.sheet.hi
			}
		case e.doc.Resource(elem):
			start, end := e.doc.Extent(elem)
			if start > it.start || end < it.end {
				return false
			}
			e.replace(start, end, "")
			return true
		case a.Name != "":
			e.replace(a.From, a.To, "")
			return true
		default:
			return false
		}
	}
	if lo > it.start || hi < it.end {
		return false
	}
	if s := &e.sheet; s.list == nil || s.elem != elem+1 || s.lo != lo || s.hi != hi || it.start < s.at {
		*s = sheetPlace{elem: elem + 1, lo: lo, hi: hi, list: css.NewStatements(e.text[lo:hi])}
	}
	e.sheet.at = it.start
	start, end := e.sheet.list.At(it.start - lo)
	if lo+start > it.start || lo+end < it.end {
		return false
	}
	e.replace(lo+start, lo+end, "")
	return true
}

// region edits what stands inside one value, which holds items i to j.
func (e *editor) region(i, j int) {
	start, end := e.items[i].start, e.items[i].end
	a := markup.Place{}
	if e.lang == markupText && e.doc != nil {
		a = e.doc.Attribute(e.refs[i], start)
	}
	if text, ok := e.inside(a, e.text[start:end], e.items[i:j]); ok {
		e.replace(start, end, text)
		return
	}
	switch it := &e.items[i]; {
	case a.Name == "srcdoc" || a.Name == "style" || strings.HasPrefix(a.Name, "on"):
		e.replace(start, end, e.nothing(a))
	case a.Name == "" && strings.HasPrefix(it.vector, "css:"):
		e.replace(start, end, "data:,")
	case a.Name == "" && strings.HasPrefix(it.vector, "script:"): // where in the script, nobody knows
		e.replace(start, end, "")
	default:
		e.replace(start, end, neutral(it.vector, it.trigger))
	}
}

// nothing is an empty value.
func (e *editor) nothing(a markup.Place) string {
	if a.Quote == 0 {
		return `""`
	}
	return ""
}

// inside edits a value by what it is: a document, declarations, a script or a
// data: URL. It reports false where it cannot tell.
func (e *editor) inside(a markup.Place, raw []byte, items []item) (string, bool) {
	whole := a.Start == items[0].start && a.End == items[0].end
	switch {
	case e.lang == markupText && a.Name == "":
		return e.inStyle(raw, items)
	case e.lang != markupText:
		text, ok := inData(css.Unescape(raw), items)
		return text, ok
	}
	value := markup.Unescape(raw)
	switch {
	case a.Name == "srcdoc" && whole:
		out, ok := deeper(markupText, []byte(value), items)
		return escape(out, a.Quote), ok
	case a.Name == "style" && whole:
		out, ok := deeper(inlineText, []byte(value), items)
		return escape(out, a.Quote), ok
	case strings.HasPrefix(a.Name, "on") && whole:
		out, ok := deeper(scriptText, []byte(value), items)
		return escape(out, a.Quote), ok
	}
	if text, ok := inData(value, items); ok {
		return escape(text, a.Quote), true
	}
	if a.Name == "style" { // a data: URL of a plain style attribute
		if text, ok := inData(css.Unescape([]byte(value)), items); ok {
			return text, true
		}
	}
	if trimmed := strings.TrimLeft(value, " \t\r\n"); len(trimmed) > 11 && strings.EqualFold(trimmed[:11], "javascript:") {
		out, ok := deeper(scriptText, []byte(trimmed[11:]), items)
		return escape("javascript:"+out, a.Quote), ok
	}
	if whole && strings.Contains(value, "(") { // a presentation attribute
		head := a.Name + ":"
		out, ok := deeper(inlineText, []byte(head+value), items)
		return escape(strings.TrimPrefix(out, head), a.Quote), ok
	}
	return "", false
}

// inStyle edits the text of a style element: a data: URL in it, or all of it
// where it is markup inside SVG.
func (e *editor) inStyle(raw []byte, items []item) (string, bool) {
	if text, ok := inData(css.Unescape(raw), items); ok {
		return text, true
	}
	flat := bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("<![CDATA["), nil), []byte("]]>"), nil)
	out, ok := deeper(sheetText, []byte(markup.Unescape(flat)), items)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(out), ok
}

// inData edits the document in a data: URL.
func inData(text string, items []item) (string, bool) {
	u, ok := markup.ParseDataURL(text)
	if !ok {
		return "", false
	}
	lang := markupText
	if u.Sheet {
		lang = sheetText
	}
	out, ok := deeper(lang, u.Body, items)
	if !ok {
		return "", false
	}
	if u.Base64 {
		return u.Head + base64.StdEncoding.EncodeToString([]byte(out)), true
	}
	return u.Head + percent(out), true
}

// percent encodes text so that it may stand in any quotes, attributes and
// brackets.
func percent(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if isLetter(c) || c >= '0' && c <= '9' || strings.IndexByte("-._~:/?=;,+@!$*", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// escape writes an attribute value for its quotes.
func escape(value string, quote byte) string {
	value = strings.ReplaceAll(value, "&", "&amp;")
	switch quote {
	case '"':
		return strings.ReplaceAll(value, `"`, "&quot;")
	case '\'':
		return strings.ReplaceAll(value, "'", "&#39;")
	}
	return strings.NewReplacer(" ", "&#32;", "\t", "&#9;", "\n", "&#10;", "\r", "&#13;", "\f", "&#12;", ">", "&gt;",
		`"`, "&quot;", "'", "&#39;").Replace(value)
}

// deeper edits a text whose references are known by their order only.
func deeper(lang language, text []byte, outer []item) (string, bool) {
	e := editor{lang: lang, text: text}
	e.read()
	found := slices.Clone(e.doc.Refs)
	slices.SortStableFunc(found, func(a, b markup.Ref) int { return a.Start - b.Start })
	items := make([]item, 0, len(found))
	k := 0
	for i := range found {
		f := &found[i]
		it := item{start: f.Start, end: f.End, nested: f.Nested, call: f.Call != nil, vector: f.Vector, trigger: f.Trigger}
		for n := k; n < len(outer) && n < k+1+len(outer)-len(found); n++ {
			// An attribute's script is listed by the attribute.
			if outer[n].vector == f.Vector || lang == scriptText && strings.Contains(outer[n].vector, "[on") {
				it.t, k = outer[n].t, n+1
				break
			}
		}
		items = append(items, it)
	}
	if len(found) != len(outer) {
		if len(found) == 0 {
			return "", false
		}
		// What is chosen goes by its URL alone.
		for i := range items {
			items[i].t = nil
			for _, o := range outer {
				if o.t != nil && o.vector == items[i].vector && (o.t.URL == found[i].URL.Full || strings.HasSuffix(o.t.URL, found[i].URL.Full)) {
					items[i].t = o.t
				}
			}
		}
	}
	return string(mime.Apply(text, level(lang, text, items))), true
}
