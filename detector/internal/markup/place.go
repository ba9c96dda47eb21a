package markup

import (
	"bytes"
	"net/url"
	"sort"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/css"
)

// Unescape decodes the character references of an attribute value.
func Unescape(b []byte) string { return unescape(b) }

// Inline reads the declarations of a style attribute, without entities.
func (d *Document) Inline(src []byte, l Limits) {
	d.Read(nil, nil, l)
	d.src = src
	d.ctx = refContext{elem: -1}
	css.Declarations(src, d.styleRef)
}

// Script reads the text of a script.
func (d *Document) Script(src []byte, l Limits) {
	d.Read(nil, nil, l)
	d.src = src
	d.code(src, "", -1, 0, len(src), false)
}

// A Place is the attribute that a reference stands in.
type Place struct {
	Name       string // in lower case, "" for none
	Start, End int    // of the value
	From, To   int    // of the whole attribute, with its quotes
	Quote      byte   // 0 for none
}

// Attribute finds the attribute of element i whose value holds offset at.
func (d *Document) Attribute(i int32, at int) Place {
	if i < 0 || int(i) >= len(d.elems) {
		return Place{}
	}
	for _, a := range d.elems[i].attrs {
		if int(a.Start) > at || int(a.End) < at || a.End == a.NameEnd {
			continue
		}
		p := Place{
			Name: strings.ToLower(string(d.src[a.NameStart:a.NameEnd])), Start: int(a.Start), End: int(a.End),
			From: int(a.NameStart), To: int(a.End),
		}
		if q := d.src[a.Start-1]; q == '"' || q == '\'' {
			p.Quote = q
			p.To = min(p.To+1, len(d.src))
		}
		return p
	}
	return Place{}
}

// Extent returns where element i starts and ends: after its end tag, or after
// its start tag where it has none, or none is found within what may be read.
func (d *Document) Extent(i int32) (start, end int) {
	f := &d.fences
	if !f.known {
		f.find(d.src)
	}
	if f.elem != i+1 { // what stands in one script is often asked for in a row
		f.elem = i + 1
		f.start, f.end = d.extent(i)
	}
	return f.start, f.end
}

func (d *Document) extent(i int32) (start, end int) {
	e := &d.elems[i]
	start = int(e.start)
	z := tokenizer{src: d.src[:d.fence(start)], pos: start}
	var tok token
	z.next(&tok, e.ns != inHTML)
	if tok.kind != startToken {
		return start, start
	}
	end = tok.end
	name := d.src[e.nameStart:e.nameEnd]
	if e.ns == inHTML && isVoid(e.tag) || e.ns != inHTML && tok.selfClosing {
		return start, end
	}
	switch e.tag {
	case tagScript:
		z.pos = scriptEnd(z.src, end)
	case tagStyle, tagIframe, tagNoembed, tagNoframes, tagTextarea, tagTitle, tagXmp:
		z.pos = rawEnd(z.src, end, tagNames[e.tag])
	}
	for depth := 1; ; {
		from := z.pos
		z.next(&tok, e.ns != inHTML)
		d.fences.reach += z.pos - from
		switch {
		case tok.kind == eofToken || d.fences.reach > maxReach:
			return start, end
		case tok.kind == commentToken || !bytes.EqualFold(tok.name, name):
		case tok.kind == endToken:
			if depth--; depth == 0 {
				return start, tok.end
			}
		case !tok.selfClosing || e.ns == inHTML && e.tag != tagUnknown:
			depth++
		}
	}
}

// maxReach is how many bytes are read, in all, to find the ends of elements.
// Those that are never closed would each be looked for to the end.
const maxReach = 64 << 20

// fences hold where comments of a document start and end, found once.
type fences struct {
	opens, closes, endifs []int // in order; closes has one for each of opens
	reach                 int   // bytes read by Extent
	known                 bool
	elem                  int32 // that Extent was asked for last, from 1
	start, end            int   // of it
}

// fence is where the conditional comment around an offset ends, or the source.
func (d *Document) fence(at int) int {
	f := &d.fences
	i := sort.SearchInts(f.opens, at-len("<!--")+1) - 1
	if i < 0 || f.closes[i] < at-len("-->")+1 {
		return len(d.src)
	}
	if k := sort.SearchInts(f.endifs, at); k < len(f.endifs) {
		return f.endifs[k]
	}
	return f.closes[i]
}

func (f *fences) find(src []byte) {
	*f = fences{opens: f.opens[:0], closes: f.closes[:0], endifs: f.endifs[:0], known: true}
	f.opens = places(f.opens, src, "<!--")
	f.endifs = places(f.endifs, src, "<![endif]")
	ends := places(nil, src, "-->")
	for _, open := range f.opens {
		end := len(src)
		if k := sort.SearchInts(ends, open); k < len(ends) {
			end = ends[k]
		}
		f.closes = append(f.closes, end)
	}
}

// places appends where text stands in src.
func places(list []int, src []byte, text string) []int {
	for at := 0; ; at += len(text) {
		i := bytes.Index(src[at:], []byte(text))
		if i < 0 {
			return list
		}
		at += i
		list = append(list, at)
	}
}

// Resource reports whether element i stands for what it loads, so that it can
// go without the text of the message.
func (d *Document) Resource(i int32) bool {
	if i < 0 || int(i) >= len(d.elems) {
		return false
	}
	e := &d.elems[i]
	switch e.tag {
	case tagImg, tagImage, tagIframe, tagFrame, tagEmbed, tagObject, tagApplet, tagParam, tagScript, tagLink, tagMeta, tagVideo,
		tagAudio, tagSource, tagTrack, tagBgsound, tagInput, tagPortal, tagFencedframe, tagMglyph, tagFeImage, tagUse,
		tagAmpImg, tagAmpAnim, tagAmpPixel, tagAmpVideo, tagAmpAudio, tagAmpIframe, tagAmpAnalytics, tagAmpList:
		return true
	case tagUnknown:
		switch strings.ToLower(string(d.src[e.nameStart:e.nameEnd])) {
		case "v:imagedata", "v:fill", "v:image", "amp-ad", "amp-story":
			return true
		}
	}
	return false
}

// A DataURL is a data: URL in its pieces.
type DataURL struct {
	Head   string // "data:" to the comma, with it
	Base64 bool
	Sheet  bool // a style sheet; markup otherwise
	Body   []byte
}

// ParseDataURL decodes a data: URL that holds a document.
func ParseDataURL(text string) (u DataURL, ok bool) {
	rest, ok := cutScheme(text, "data:")
	if !ok {
		return u, false
	}
	meta, body, ok := strings.Cut(rest, ",")
	if !ok {
		return u, false
	}
	u.Head = "data:" + meta + ","
	meta = strings.ToLower(meta)
	media, _, _ := strings.Cut(meta, ";")
	media = strings.TrimSpace(media)
	u.Sheet = media == "text/css"
	if !u.Sheet && !strings.Contains(media, "html") && !strings.Contains(media, "xml") {
		return u, false
	}
	body = stripWhite(body)
	if plain, err := url.PathUnescape(body); err == nil {
		body = plain
	} else {
		body = percentDecode(body)
	}
	if u.Base64 = strings.HasSuffix(strings.TrimRight(meta, " "), "base64"); u.Base64 {
		body = decodeBase64(body)
	}
	u.Body = []byte(body)
	return u, true
}

// SheetRange returns the text of the style element i.
func (d *Document) SheetRange(i int32) (start, end int) {
	if i < 0 || int(i) >= len(d.elems) {
		return 0, 0
	}
	from, _ := d.Extent(i)
	z := tokenizer{src: d.src, pos: from}
	var tok token
	z.next(&tok, false)
	return tok.end, rawEnd(d.src, tok.end, "style")
}
