package markup

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unsafe"

	"github.com/pixelsweep/pixelsweep/detector/internal/script"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// Call is a call of a service's script, as it stands in a document.
type Call struct {
	Rule *rules.Call
	Args script.Value // the list of its arguments, or the one that is a command
}

// Hold is a call that keeps back an operator's tags, or some kinds of them, or
// lets them go.
type Hold struct {
	At      int
	Service *rules.Service // whose call it is
	Kinds   Kinds
	Lifts   bool
	Maybe   bool // under a condition, or for some readers only
}

// Kinds are what consent is asked for; a service that knows one only has all.
type Kinds uint8

// The kinds that Google and Microsoft tell apart.
const (
	Ads Kinds = 1 << iota
	Analytics
	AllKinds = Ads | Analytics
)

// kinds are those that a consent call sets to a word.
func kinds(args script.Value, word string) (k Kinds) {
	c := Call{Args: args}
	if v, ok := c.At("2.ad_storage"); ok && v.Text() == word {
		k |= Ads
	}
	if v, ok := c.At("2.analytics_storage"); ok && v.Text() == word {
		k |= Analytics
	}
	return k
}

// At returns the argument at a place that the rule names.
func (c *Call) At(place string) (script.Value, bool) {
	if place == "." {
		return c.Args, true
	}
	return c.Args.At(place)
}

// script lists the URLs of an inline script, by its type: code, linked data,
// or rules for the browser.
func (d *Document) script(i int32, from, end int) {
	if end <= from {
		return
	}
	worth := script.Worth(d.src[from:end], d.services().HasWord)
	if !worth && end-from > maxUnread {
		return
	}
	d.inline = append(d.inline, inline{i, from, end})
	text := view(d.src[from:end])
	typ := strings.ToLower(d.attr(&d.elems[i], attrType))
	if !worth {
		if isCode(typ) {
			d.unread = append(d.unread, [2]int{from, end})
		}
		return
	}
	switch {
	case strings.Contains(typ, "ld+json"):
		d.literals(text, func(a, b int) {
			u := strings.ReplaceAll(text[a:b], `\/`, "/")
			if strings.Contains(u, "//schema.org") {
				return
			}
			d.addURL("script:json-ld", Auto, i, u, from+a, from+b, false)
		})
	case isCode(typ):
		d.code(d.src[from:end], "", i, from, end, false)
	default:
		d.strings(text, "script:string", i, from, end, false)
	}
}

// inline is the text of a script element.
type inline struct {
	elem      int32
	from, end int
}

// ScriptText is the script that stands in element i, nil for none that was read.
func (d *Document) ScriptText(i int32) []byte {
	n, ok := slices.BinarySearchFunc(d.inline, i, func(s inline, i int32) int { return int(s.elem - i) })
	if !ok {
		return nil
	}
	return d.src[d.inline[n].from:d.inline[n].end]
}

// maxUnread is how long a script without URLs and calls may be to be read all the
// same, for the variables that it sets for those after it.
const maxUnread = 8 << 10

// isCode reports whether a script of a type is JavaScript, or becomes it once a
// consent platform says so.
func isCode(typ string) bool {
	for _, s := range []string{"json", "template", "html", "handlebars", "mustache", "importmap", "speculationrules", "x-shader", "vbscript"} {
		if strings.Contains(typ, s) {
			return false
		}
	}
	return true
}

// scriptText reads a script that stands in an attribute.
func (d *Document) scriptText(text, vector string, elem int32, start, end int, nested bool) {
	if src := unsafe.Slice(unsafe.StringData(text), len(text)); script.Worth(src, d.services().HasWord) {
		d.waits = !strings.HasSuffix(vector, "[onload]")
		defer func() { d.waits = false }()
		d.code(src, vector, elem, start, end, nested)
	}
}

// code lists the URLs and calls of JavaScript that stands at [start, end) of the
// source, or, nested, is what those bytes decode to. A vector of "" is that of
// each URL.
func (d *Document) code(src []byte, vector string, elem int32, start, end int, nested bool) {
	at := start
	if nested {
		at = -1
	}
	r := &d.scripts
	r.Known, r.HasWord = d.knownCall, d.services().HasWord
	for _, u := range d.unread { // now that it matters
		r.Read(d.src[u[0]:u[1]], u[0])
	}
	d.unread = d.unread[:0]
	r.Read(src, at)
	if r.Cut {
		d.hit("script length")
	}
	n := len(d.Refs)
	for i := range r.Refs {
		d.handed(&r.Refs[i], vector, elem, start, end, nested)
	}
	d.covered = d.covered[:0]
	for _, c := range r.Comments {
		d.covered = append(d.covered, [2]int{c[0] + start, c[1] + start})
	}
	for i := n; i < len(d.Refs); i++ {
		d.covered = append(d.covered, [2]int{d.Refs[i].Start, d.Refs[i].End})
	}
	calls := r.Calls
	if vector == "" {
		vector = "script:string"
	}
	d.strings(view(src), vector, elem, start, end, nested)
	for i := range calls {
		d.called(&calls[i], elem, start, end, nested)
	}
}

// services are those whose calls are known.
func (d *Document) services() *rules.Set {
	if d.limits.Services != nil {
		return d.limits.Services
	}
	return rules.Default()
}

func (d *Document) knownCall(name string) bool { return len(d.services().Calls(name)) > 0 }

// handed adds a URL, or the URLs in markup, that a script hands on.
func (d *Document) handed(f *script.Ref, vector string, elem int32, start, end int, nested bool) {
	if vector == "" {
		vector = f.Vector
	}
	if f.Markup {
		d.written(f, vector, elem, start, end, nested)
		return
	}
	text := f.Text.Raw()
	host := 0
	if i := strings.Index(text, "//"); i >= 0 && i < 10 {
		host = i
		authority := text[i+2:]
		if k := strings.IndexAny(authority, "/?#\\"); k >= 0 {
			authority = authority[:k]
		}
		if authority == "" || strings.Contains(authority, script.Hole) {
			return // nobody knows the host
		}
	}
	s, e := start, end
	whole := nested
	if !nested {
		a, b, _ := f.Text.Place(d.src, 0, len(text))
		if host > 0 {
			// Where the host is written decides: 'https:' + '//t.example/'.
			if a2, b2, _ := f.Text.Place(d.src, host, len(text)-host); b2 > 0 && (b == 0 || a2 < a || a2 >= b) {
				a, b = a2, b2
			}
		}
		if b > a {
			s, e = a, b
		} else {
			whole = true
		}
	}
	n := len(d.Refs)
	d.addScript(vector, Script, elem, f.Text.Text(), s, e, whole, f.Later)
	for i := n; i < len(d.Refs); i++ {
		d.Refs[i].Made = strings.Contains(text, script.Hole)
	}
}

// addScript adds a reference of a script.
func (d *Document) addScript(vector, trigger string, elem int32, text string, start, end int, nested, later bool) {
	if hasScheme(text, "javascript:") {
		return
	}
	n := len(d.Refs)
	d.addURL(vector, trigger, elem, text, start, end, nested)
	for i := n; i < len(d.Refs); i++ {
		d.Refs[i].Later = later
	}
}

// written reads the markup that a script writes.
func (d *Document) written(f *script.Ref, vector string, elem int32, start, end int, nested bool) {
	if d.nesting+1 > d.limits.Nesting {
		d.hit("data: and srcdoc nesting")
		return
	}
	// What is unknown becomes a tab, which URLs lose.
	text := strings.ReplaceAll(f.Text.Raw(), script.Hole, "\t")
	child := &Document{nesting: d.nesting + 1, names: d.names}
	limits := d.limits
	limits.Refs -= len(d.Refs)
	child.Read([]byte(text), d.base, limits)
	for _, h := range child.Hit {
		d.hit(h)
	}
	for _, r := range child.Refs {
		if raw := text[r.Start:r.End]; !r.Nested && unknownHost(raw) {
			continue
		}
		if r.Elem >= 0 && r.Inner == nil && r.Trigger != Click {
			look := child.Look(r.Elem)
			r.Inner = &look
		}
		a, b := 0, 0
		if !nested {
			a, b, _ = f.Text.Place(d.src, r.Start, r.End-r.Start)
		}
		r.Nested = nested || b <= a || r.Nested
		if b > a {
			r.Start, r.End = a, b
		} else {
			r.Start, r.End = start, end
		}
		r.Elem, r.Within, r.Vector, r.Later = elem, r.Vector, vector, r.Later || f.Later
		if r.Trigger != Click {
			r.Trigger = Script
		}
		d.Refs = append(d.Refs, r)
	}
}

// unknownHost reports whether a tab stands in the host of a URL.
func unknownHost(raw string) bool {
	_, rest, ok := strings.Cut(raw, "//")
	if !ok {
		return strings.HasPrefix(raw, "\t")
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return strings.Contains(rest, "\t") || rest == ""
}

// strings lists the URLs that stand in string literals and are listed nowhere
// else.
func (d *Document) strings(text, vector string, elem int32, start, end int, nested bool) {
	slices.SortFunc(d.covered, func(a, b [2]int) int { return a[0] - b[0] })
	d.literals(text, func(from, to int) {
		s, e := start, end
		if !nested {
			s, e = start+from, start+to
		}
		if d.inCovered(start+from, nested) || isPart(text[from:to]) {
			return
		}
		d.addURL(vector, Script, elem, script.Unescape(text[from:to]), s, e, nested)
	})
	d.covered = d.covered[:0]
}

// isPart reports whether a literal breaks off in the host, as the first half of
// 'http://edge' + '.t.example/x.js' does.
func isPart(literal string) bool {
	_, rest, ok := strings.Cut(literal, "//")
	if !ok || strings.ContainsAny(rest, `/?#\.:[%`) {
		return false
	}
	return rest != "localhost"
}

// inCovered reports whether what stands at an offset was seen before.
func (d *Document) inCovered(at int, nested bool) bool {
	i := sort.Search(len(d.covered), func(i int) bool { return d.covered[i][0] > at })
	// Ranges may lie inside one another, though seldom deep.
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		if at < d.covered[k][1] {
			return !nested || d.covered[k][1]-d.covered[k][0] > 0
		}
	}
	return false
}

// called adds a call of a service's script, at the URL that it reports to.
func (d *Document) called(c *script.Call, elem int32, start, end int, nested bool) {
	args := script.List(c.Args)
	if !nested && d.grown(c, args) {
		return
	}
	for _, rule := range d.services().Calls(c.Name) {
		if !rule.Each {
			if fulfils(rule, &Call{rule, args}) {
				d.addCall(c, &Call{rule, args}, elem, start, end, nested)
				return
			}
			continue
		}
	}
	for _, arg := range c.Args {
		for _, rule := range d.services().Calls(c.Name) {
			if rule.Each && fulfils(rule, &Call{rule, arg}) {
				d.addCall(c, &Call{rule, arg}, elem, start, end, nested)
				break
			}
		}
	}
}

// grown reports whether c assigns a queue whose commands stand elsewhere: q = q || []
// has those that are pushed to it, which are listed there.
func (d *Document) grown(c *script.Call, args script.Value) bool {
	if !strings.HasSuffix(c.Name, " =") {
		return false
	}
	v, ok := (&Call{Args: args}).At("0.0.0")
	return ok && v.IsText() && !strings.Contains(view(d.src[c.From:c.To]), v.Text())
}

func fulfils(rule *rules.Call, c *Call) bool {
	for i := range rule.When {
		w := &rule.When[i]
		v, ok := c.At(w.At)
		if !w.Holds(v.Text(), ok) {
			return false
		}
	}
	return true
}

func (d *Document) addCall(c *script.Call, call *Call, elem int32, start, end int, nested bool) {
	if call.Rule.Holds || call.Rule.Lifts {
		at := c.From
		if nested {
			at = start
		}
		d.hold(c, call, at)
		return
	}
	text := call.Rule.URL
	if place, ok := strings.CutPrefix(text, "="); ok {
		v, _ := call.At(place)
		text = v.Text()
	}
	u, ok := weburl.Parse(text, d.base)
	if !ok || len(d.Refs) >= d.limits.Refs {
		return
	}
	s, e := start, end
	if !nested {
		s, e = c.From, c.To
	}
	name := strings.TrimSuffix(strings.TrimPrefix(c.Name, "new "), " =")
	d.Refs = append(d.Refs, Ref{
		URL: u, Vector: "script:" + name, Trigger: Script, Start: s, End: e, Elem: elem, Nested: nested, Call: call, Later: c.Later,
	})
}

// maxHolds is how many of them a document may have; each finding looks at all.
const maxHolds = 256

// hold adds a call that keeps back an operator's tags from a place on, or lets them
// go. What runs later, if ever, does so to nothing that is listed.
func (d *Document) hold(c *script.Call, call *Call, at int) {
	if c.Later || d.waits {
		return
	}
	if len(d.Holds) >= maxHolds {
		d.hit("calls about consent")
		return
	}
	word := "denied"
	if call.Rule.Lifts {
		word = "granted"
	}
	k := kinds(call.Args, word)
	if k == 0 {
		k = AllKinds
	}
	_, some := call.At("2.region")
	d.Holds = append(d.Holds, Hold{
		At: at, Service: call.Rule.Service, Kinds: k, Lifts: call.Rule.Lifts, Maybe: c.Maybe || some,
	})
}

// Marked reports whether element i has one of the attributes, written "name" or
// "name=word": the value, or one of the words in it.
func (d *Document) Marked(i int32, marks []string) bool {
	return d.has(i, marks, func(value []byte, word string) bool {
		for w := range bytes.FieldsSeq(value) {
			if strings.EqualFold(view(w), word) {
				return true
			}
		}
		return false
	})
}

// Gated reports whether element i waits for consent by one of the attributes,
// written "name" or "name=text in its value".
func (d *Document) Gated(i int32, gates []string) bool {
	return d.has(i, gates, func(value []byte, text string) bool { return bytes.Contains(bytes.ToLower(value), []byte(text)) })
}

// has reports whether element i has one of the attributes, written "name" or
// "name=text", with a value in which text is.
func (d *Document) has(i int32, attrs []string, is func(value []byte, text string) bool) bool {
	if i < 0 || int(i) >= len(d.elems) {
		return false
	}
	for _, a := range d.elems[i].attrs {
		name := d.src[a.NameStart:a.NameEnd]
		for _, want := range attrs {
			if len(want) < len(name) || len(want) > len(name) && want[len(name)] != '=' || !equalFold(name, want[:len(name)]) {
				continue
			}
			text, valued := strings.CutPrefix(want[len(name):], "=")
			if !valued || is(d.src[a.Start:a.End], text) {
				return true
			}
		}
	}
	return false
}
