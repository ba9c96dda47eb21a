package markup

import "bytes"

// Attr is one attribute of a start tag, as byte ranges of the source. The name
// is as written; the value excludes its quotes.
type Attr struct {
	NameStart, NameEnd, Start, End int32
}

// kind is what a token is.
type kind uint8

const (
	eofToken kind = iota
	startToken
	endToken
	commentToken // comments, doctypes and what parses as one
)

// token is the current token of a tokenizer. Text is not a token: the
// tokenizer jumps over it.
type token struct {
	kind        kind
	start, end  int // the whole token, with its angle brackets
	name        []byte
	attrs       []Attr // appended to tokenizer.attrs
	selfClosing bool
	body        [2]int // of a comment: what stands inside
}

// tokenizer walks the markup of a document by the states of the WHATWG
// standard (section 13.2.5), at the speed of finding the next '<'.
type tokenizer struct {
	src   []byte
	pos   int
	attrs []Attr
}

// next moves to the next token. inForeign says whether CDATA sections are
// recognised, as they are inside SVG and MathML.
func (z *tokenizer) next(tok *token, inForeign bool) {
	src := z.src
	for {
		i := bytes.IndexByte(src[z.pos:], '<')
		if i < 0 || z.pos+i+1 >= len(src) {
			z.pos = len(src)
			*tok = token{kind: eofToken, start: len(src), end: len(src)}
			return
		}
		at := z.pos + i
		c := src[at+1]
		switch {
		case isLetter(c):
			if z.tag(tok, at, at+1, startToken) {
				return
			}
		case c == '/':
			if at+2 >= len(src) {
				z.pos = len(src)
				continue
			}
			if isLetter(src[at+2]) {
				if z.tag(tok, at, at+2, endToken) {
					return
				}
				continue
			}
			z.bogus(tok, at, at+2)
			return
		case c == '!':
			if z.declaration(tok, at, inForeign) {
				return
			}
		case c == '?':
			z.bogus(tok, at, at+1)
			return
		default:
			z.pos = at + 1
		}
	}
}

// declaration reads what starts with "<!". It reports false for a CDATA
// section, whose start is stepped over so that its text is passed like text.
func (z *tokenizer) declaration(tok *token, at int, inForeign bool) bool {
	rest := z.src[at:]
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		z.comment(tok, at)
		return true
	case inForeign && bytes.HasPrefix(rest, []byte("<![CDATA[")):
		if i := bytes.Index(rest, []byte("]]>")); i >= 0 {
			z.pos = at + i + 3
		} else {
			z.pos = len(z.src)
		}
		return false
	}
	z.bogus(tok, at, at+2)
	return true
}

// comment reads "<!--" to its end: "-->", "--!>", or at once for "<!-->" and
// "<!--->". An unclosed one ends with the source.
func (z *tokenizer) comment(tok *token, at int) {
	src := z.src
	body := at + 4
	*tok = token{kind: commentToken, start: at}
	for i := body; ; {
		j := bytes.IndexByte(src[i:], '>')
		if j < 0 {
			tok.end, tok.body = len(src), [2]int{body, len(src)}
			z.pos = len(src)
			return
		}
		g := i + j
		inside := src[body:g]
		n := -1
		switch {
		case len(inside) == 0, len(inside) == 1 && inside[0] == '-':
			n = 0
		case bytes.HasSuffix(inside, []byte("--")):
			n = len(inside) - 2
		case bytes.HasSuffix(inside, []byte("--!")):
			n = len(inside) - 3
		}
		if n >= 0 {
			tok.end, tok.body = g+1, [2]int{body, body + n}
			z.pos = g + 1
			return
		}
		i = g + 1
	}
}

// bogus reads what the standard calls a bogus comment, and doctypes: up to the
// next '>'.
func (z *tokenizer) bogus(tok *token, at, body int) {
	end, next := len(z.src), len(z.src)
	if i := bytes.IndexByte(z.src[body:], '>'); i >= 0 {
		end, next = body+i, body+i+1
	}
	*tok = token{kind: commentToken, start: at, end: next, body: [2]int{body, end}}
	z.pos = next
}

// tag reads a start or end tag whose name begins at name. It reports false,
// with the position at the end, for a tag that the source ends in.
func (z *tokenizer) tag(tok *token, at, name int, k kind) bool {
	src := z.src
	i := name
	for i < len(src) && !tagNameEnd[src[i]] {
		i++
	}
	tok.kind, tok.start, tok.name, tok.selfClosing = k, at, src[name:i], false
	first := len(z.attrs)
	for {
		for i < len(src) && tagGap[src[i]] {
			i++
		}
		if i >= len(src) {
			break
		}
		slash := false
		if src[i] != '>' {
			var a Attr
			i, slash = readAttr(src, i, &a)
			if k == startToken {
				z.attrs = append(z.attrs, a)
			}
			if !slash || i >= len(src) || src[i] != '>' {
				continue
			}
		}
		tok.selfClosing = !slash && src[i-1] == '/'
		tok.end = i + 1
		tok.attrs = z.attrs[first:len(z.attrs):len(z.attrs)]
		z.pos = i + 1
		return true
	}
	z.attrs = z.attrs[:first]
	z.pos = len(src)
	return false
}

// readAttr reads one attribute at i and returns the position after it. The
// flag says that an unquoted value ended with '/', which then does not close
// the element.
func readAttr(src []byte, i int, a *Attr) (int, bool) {
	a.NameStart = int32(i)
	i++ // a leading '=' belongs to the name
	for i < len(src) && !attrNameEnd[src[i]] {
		i++
	}
	a.NameEnd = int32(i)
	a.Start, a.End = int32(i), int32(i)
	j := i
	for j < len(src) && isSpace(src[j]) {
		j++
	}
	if j >= len(src) || src[j] != '=' {
		return i, false
	}
	for j++; j < len(src) && isSpace(src[j]); j++ {
	}
	if j >= len(src) {
		return j, false
	}
	switch q := src[j]; q {
	case '>':
		a.Start, a.End = int32(j), int32(j)
		return j, false
	case '"', '\'':
		j++
		n := quoteAt(src[j:], q)
		if n < 0 {
			return len(src), false
		}
		a.Start, a.End = int32(j), int32(j+n)
		return j + n + 1, false
	}
	a.Start = int32(j)
	for j < len(src) && !isSpace(src[j]) && src[j] != '>' {
		j++
	}
	a.End = int32(j)
	return j, src[j-1] == '/'
}

// quoteAt finds a quote; most values are short.
func quoteAt(b []byte, q byte) int {
	for i, c := range b[:min(len(b), 8)] {
		if c == q {
			return i
		}
	}
	return bytes.IndexByte(b, q)
}

// rawEnd returns where the raw text of an element named name ends: the offset
// of its end tag, or the end of the source.
func rawEnd(src []byte, from int, name string) int {
	for i := from; ; {
		j := bytes.Index(src[i:], []byte("</"))
		if j < 0 {
			return len(src)
		}
		at := i + j
		if endsElement(src, at+2, name) {
			return at
		}
		i = at + 2
	}
}

// scriptEnd is rawEnd for script, whose text may hold "<!-- <script>" pairs
// that hide an end tag (the script data double escaped state).
func scriptEnd(src []byte, from int) int {
	i := from
	escaped, double := false, false
	for i < len(src) {
		j := -1
		if escaped {
			j = bytes.IndexAny(src[i:], "<-")
		} else {
			j = bytes.IndexByte(src[i:], '<')
		}
		if j < 0 {
			return len(src)
		}
		at := i + j
		i = at + 1
		switch {
		case src[at] == '-':
			if escaped && bytes.HasPrefix(src[at:], []byte("-->")) {
				escaped, double = false, false
				i = at + 3
			}
		case bytes.HasPrefix(src[at:], []byte("<!--")):
			escaped = true
			i = at + 4
			if bytes.HasPrefix(src[i:], []byte(">")) || bytes.HasPrefix(src[i:], []byte("->")) {
				escaped, double = false, false
			}
		case bytes.HasPrefix(src[at:], []byte("</")) && endsElement(src, at+2, "script"):
			if !double {
				return at
			}
			double = false
		case escaped && !double && endsElement(src, at+1, "script"):
			double = true
		}
	}
	return len(src)
}

// endsElement reports whether name stands at i, followed by what ends a tag
// name.
func endsElement(src []byte, i int, name string) bool {
	if i+len(name) >= len(src) || !equalFold(src[i:i+len(name)], name) {
		return false
	}
	return tagNameEnd[src[i+len(name)]]
}

func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

var tagGap = byteSet(" \t\n\r\f/")

var tagNameEnd = byteSet(" \t\n\r\f/>")

var attrNameEnd = byteSet(" \t\n\r\f/>=")

func byteSet(s string) (set [256]bool) {
	for i := range len(s) {
		set[s[i]] = true
	}
	return set
}

// equalFold compares b with the lower-case ASCII string s.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != s[i] {
			return false
		}
	}
	return true
}
