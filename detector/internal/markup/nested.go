package markup

import (
	"encoding/base64"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/css"
	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// dataURL reads the document in a data: URL. Images other than SVG load
// nothing.
func (d *Document) dataURL(text, trigger string, elem int32, start, end int) {
	u, ok := ParseDataURL(text)
	if !ok {
		return
	}
	if u.Sheet {
		d.nestedSheet(u.Body, elem, start, end)
		return
	}
	d.nested(u.Body, trigger, elem, start, end)
}

// stripWhite drops tabs and line ends, as URL parsing does.
func stripWhite(s string) string {
	if !strings.ContainsAny(s, "\t\r\n") {
		return s
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(s)
}

// percentDecode decodes what is well formed and leaves the rest.
func percentDecode(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// decodeBase64 decodes either alphabet, with or without padding, as far as it
// is well formed.
func decodeBase64(s string) string {
	clean := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case isAlnum(c) || c == '+' || c == '/':
			clean = append(clean, c)
		}
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return string(out[:n])
}

// nested reads a document inside the document. Its references point to the
// attribute value that holds it.
func (d *Document) nested(src []byte, trigger string, elem int32, start, end int) {
	if d.nesting+1 > d.limits.Nesting {
		d.hit("data: and srcdoc nesting")
		return
	}
	child := &Document{nesting: d.nesting + 1, names: d.names}
	limits := d.limits
	limits.Refs -= len(d.Refs)
	if limits.Refs <= 0 {
		d.hit("references")
		return
	}
	child.Read(src, d.base, limits)
	for _, h := range child.Hit {
		d.hit(h)
	}
	for _, r := range child.Refs {
		if r.Elem >= 0 && r.Inner == nil && r.Trigger != Click {
			look := child.Look(r.Elem)
			r.Inner = &look
		}
		r.Start, r.End, r.Elem, r.Nested = start, end, elem, true
		if trigger == Script {
			r.Trigger = Script
		}
		d.Refs = append(d.Refs, r)
	}
}

// nestedSheet reads a style sheet inside the document, as nested does.
func (d *Document) nestedSheet(src []byte, elem int32, start, end int) {
	if d.nesting+1 > d.limits.Nesting {
		d.hit("data: and srcdoc nesting")
		return
	}
	outer := d.ctx
	d.nesting++
	d.ctx = refContext{elem: elem, whole: [2]int{start, end}}
	css.Stylesheet(src, d.styleRef)
	d.nesting--
	d.ctx = outer
}

// literals calls visit with each run in text that reads as an absolute URL at
// the start of a string literal.
func (d *Document) literals(text string, visit func(from, to int)) {
	plain, escaped := -1, -1 // the next of each, len(text) for none
	next := func(known, i int, what string) int {
		if known >= i {
			return known
		}
		if n := strings.Index(text[i:], what); n >= 0 {
			return i + n
		}
		return len(text)
	}
	for i := 0; i < len(text); {
		plain, escaped = next(plain, i, "//"), next(escaped, i, `\/\/`)
		at := min(plain, escaped)
		if at == len(text) {
			return
		}
		from := literalStart(text, at)
		if from < 0 {
			i = at + 2
			continue
		}
		to := at + 2
		for to < len(text) && literalByte(text, to, text[from-1]) {
			to++
		}
		if to > at+5 {
			visit(from, to)
		}
		i = to
	}
}

// literalStart finds where the URL around "//" at starts, -1 if no quote
// stands before it.
func literalStart(text string, at int) int {
	from := at
	if from > 0 && text[from-1] == ':' {
		from--
		for from > 0 && isLetter(text[from-1]) {
			from--
		}
	}
	if from == 0 {
		return -1
	}
	switch text[from-1] {
	case '"', '\'', '`', '=', '(':
		if scheme := text[from:at]; scheme == "" || strings.EqualFold(scheme, "http:") || strings.EqualFold(scheme, "https:") {
			return from
		}
	}
	return -1
}

func literalByte(text string, i int, quote byte) bool {
	c := text[i]
	if c <= ' ' || c == quote || c == '<' || c == '>' {
		return false
	}
	switch quote {
	case '=', '(':
		return c != ')' && c != ';' && c != '"' && c != '\''
	case '`':
		return c != '$'
	}
	return c != '\\' || i+1 < len(text) && text[i+1] == '/'
}

// Base returns the base URL that a base element set, nil if none did.
func (d *Document) Base() *weburl.URL {
	if !d.based {
		return nil
	}
	return d.base
}
