// Package markup reads HTML, XHTML, SVG and what mail puts inside them, and
// lists every reference with its place. It is a byte scanner: it keeps offsets,
// has no depth limit, allocates nothing per tag, and gives the same references
// as the tokenizer and tree builder of golang.org/x/net/html.
package markup

import (
	"bytes"
	"time"

	"github.com/pixelsweep/pixelsweep/detector/internal/script"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
	"github.com/pixelsweep/pixelsweep/rules"
)

// The triggers, in the words of the report.
const (
	Open    = "open"
	Click   = "click"
	Print   = "print"
	Forward = "forward"
	DNS     = "dns"
	Script  = "script"
	Auto    = "auto"
)

// Ref is one reference as it stands in a document.
type Ref struct {
	URL       weburl.URL // resolved; views into the source where it is written plainly
	Vector    string
	Trigger   string
	Condition string
	Start     int // first byte of the URL as written
	End       int
	Elem      int32  // the element that holds it, -1 for none
	Dark      bool   // loaded in dark or in light mode only
	Nested    bool   // inside srcdoc, data: or an entity: Start and End are the attribute value's
	Later     bool   // only once somebody calls the function of a script that it stands in
	Made      bool   // a script adds what only a browser knows
	Within    string // the vector in the markup that a script writes
	Call      *Call  // of a service's script, nil for URLs
	Inner     *Look  // of a nested document's element, which Elem does not tell of
}

// Look is how an element shows.
type Look struct {
	Box    Box
	Alt    string
	Linked bool
}

// Look finds how element i shows.
func (d *Document) Look(i int32) Look {
	return Look{d.Box(i), d.Alt(i), d.Linked(i)}
}

// Limits bound the work on one document.
type Limits struct {
	Refs, Nesting, URLBytes int
	Until                   time.Time // zero for no limit

	Services *rules.Set // whose calls are known, nil for the embedded ones
}

// Document is a reader of documents. It can be used again and again by one
// goroutine; what it found is valid until the next call of Read.
type Document struct {
	Refs  []Ref
	Holds []Hold
	Hit   []string // limits that were hit, in words

	tree
	names   *vectors // shared with the documents inside
	scripts script.Reader
	inline  []inline
	unread  [][2]int // scripts without URLs and calls
	covered [][2]int // of the script that is read: comments, and what is listed
	waits   bool     // the script that is read runs when somebody does something
	src     []byte
	limits  Limits
	base    *weburl.URL
	based   bool // by a base element
	sheets  [][2]int
	boxes   boxes
	fences  fences
	attrs   []Attr // of all elements, and room for those of the next document
	nesting int
	work    int // pieces of it done
	late    bool
	decode  func(string) string // of text in a legacy charset; nil for UTF-8
	where   string              // the conditional comment that holds what is read now
	lower   [32]byte
	ctx     refContext
}

// refContext carries what the style sheet visitor needs without a closure for
// every sheet.
type refContext struct {
	elem   int32
	offset int
	whole  [2]int // not zero: everything is nested in this range
	media  string
	print  bool
}

// Charset sets how the next documents decode URLs that are not ASCII; nil
// means UTF-8.
func (d *Document) Charset(decode func(string) string) { d.decode = decode }

// Done says that nothing that was found is needed any longer.
func (d *Document) Done() { d.scripts.Done() }

// Read lists the references of src. A base may be nil.
func (d *Document) Read(src []byte, base *weburl.URL, l Limits) {
	d.src, d.limits, d.base = src, l, base
	d.Refs, d.Holds, d.Hit, d.sheets = d.Refs[:0], d.Holds[:0], d.Hit[:0], d.sheets[:0]
	d.scripts.Reset()
	d.unread, d.inline = d.unread[:0], d.inline[:0]
	d.where, d.based, d.work, d.late = "", false, 0, false
	d.reset()
	d.boxes.reset()
	d.fences.known = false
	if d.names == nil {
		d.names = new(vectors)
	}
	z := tokenizer{src: src, attrs: d.attrs[:0]}
	d.scan(&z)
	d.attrs = z.attrs
}

func (d *Document) scan(z *tokenizer) {
	var tok token
	for len(d.Refs) < d.limits.Refs {
		if !d.Spend() {
			return
		}
		foreign := false
		if i := d.current(); i >= 0 {
			foreign = d.elems[i].ns != inHTML
		}
		z.next(&tok, foreign)
		switch tok.kind {
		case eofToken:
			return
		case commentToken:
			d.comment(z, &tok)
		case endToken:
			d.closeTag(d.src, lookupTag(tok.name), tok.name)
		case startToken:
			if !d.start(z, &tok) {
				return
			}
		}
	}
	d.hit("references")
}

// Spend counts a piece of work. It reports false once the time is up, which is
// looked at now and then.
func (d *Document) Spend() bool {
	if d.work++; d.work%4096 == 0 && !d.limits.Until.IsZero() && time.Now().After(d.limits.Until) {
		d.late = true
		d.hit("time")
	}
	return !d.late
}

func (d *Document) hit(limit string) {
	for _, h := range d.Hit {
		if h == limit {
			return
		}
	}
	d.Hit = append(d.Hit, limit)
}

// lowered returns name in lower case, in a buffer that the next call reuses.
// Names too long to be known become empty.
func (d *Document) lowered(name []byte) []byte {
	if len(name) > len(d.lower) {
		return d.lower[:0]
	}
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		d.lower[i] = c
	}
	return d.lower[:len(name)]
}

// start handles a start tag. It reports false when the rest is plain text.
func (d *Document) start(z *tokenizer, tok *token) bool {
	tag := lookupTag(tok.name)
	i := d.push(tok, tag, tok.start+1)
	e := &d.elems[i]
	tag = e.tag
	e.shadow = tag == tagTemplate && d.attr(e, attrShadowrootmode) != ""
	d.element(i)
	if e.ns != inHTML {
		if tag == tagStyle && !tok.selfClosing {
			d.foreignStyle(i, tok.end)
		}
		if tag == tagScript && !tok.selfClosing {
			d.script(i, tok.end, rawEnd(d.src, tok.end, "script"))
		}
		return true
	}
	switch tag {
	case tagStyle:
		z.pos = rawEnd(z.src, tok.end, "style")
		d.sheet(i, tok.end, z.pos)
	case tagScript:
		z.pos = scriptEnd(z.src, tok.end)
		d.script(i, tok.end, z.pos)
	case tagTextarea, tagTitle, tagXmp, tagIframe, tagNoembed, tagNoframes:
		z.pos = rawEnd(z.src, tok.end, tagNames[tag])
	case tagPlaintext:
		return false
	}
	return true
}

// foreignStyle reads the text of a style element inside SVG or MathML, which
// is markup to the tokenizer: entities and CDATA sections count.
func (d *Document) foreignStyle(i int32, from int) {
	end := rawEnd(d.src, from, "style")
	text := d.src[from:end]
	if bytes.IndexByte(text, '&') < 0 && !bytes.Contains(text, []byte("<![CDATA[")) {
		d.sheet(i, from, end)
		return
	}
	plain := bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("<![CDATA["), nil), []byte("]]>"), nil)
	d.sheetText(i, []byte(unescape(plain)), from, true, [2]int{from, end})
}

// comment looks into Microsoft's conditional comments, whose content Outlook
// renders, and at processing instructions that load a style sheet. Other
// comments load nothing.
func (d *Document) comment(z *tokenizer, tok *token) {
	body := d.src[tok.body[0]:tok.body[1]]
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if d.src[tok.start+1] == '?' {
		d.instruction(tok, body)
		return
	}
	if len(trimmed) < 6 || trimmed[0] != '[' || !equalFold(trimmed[1:3], "if") || d.where != "" {
		return
	}
	close := bytes.Index(trimmed, []byte("]>"))
	if close < 0 {
		return
	}
	from := tok.body[1] - len(trimmed) + close + 2
	end := tok.body[1]
	if i := bytes.LastIndex(d.src[from:end], []byte("<![")); i >= 0 {
		end = from + i
	}
	d.where = string(bytes.TrimSpace(trimmed[1:close]))
	d.inner(z, from, end)
	d.where = ""
}

// inner scans a range of the source as markup in place and leaves the stack of
// open elements as it was. The contents of conditional comments are cut into
// halves of elements as a rule, so what they open ends with them.
func (d *Document) inner(outer *tokenizer, from, end int) {
	depth := len(d.open)
	d.floor = depth
	z := tokenizer{src: d.src[:end], pos: from, attrs: outer.attrs}
	d.scan(&z)
	outer.attrs = z.attrs
	for len(d.open) > depth {
		d.pop()
	}
	d.floor = 0
}

// instruction reads <?xml-stylesheet href="…"?> and <?import implementation>.
func (d *Document) instruction(tok *token, body []byte) {
	rest, ok := bytes.CutPrefix(body, []byte("?xml-stylesheet"))
	if !ok {
		return
	}
	i := bytes.Index(rest, []byte("href="))
	if i < 0 || i+6 >= len(rest) {
		return
	}
	start := tok.body[1] - len(rest) + i + 5
	q := d.src[start]
	n := bytes.IndexByte(d.src[start+1:tok.body[1]], q)
	if n < 0 || q != '"' && q != '\'' {
		return
	}
	d.addText("?xml-stylesheet[href]", Open, -1, start+1, start+1+n)
}
