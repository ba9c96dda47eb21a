package css

import (
	"bytes"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Token kinds besides the punctuation that stands for itself.
const (
	eof      = -1 - iota
	name     // a name or number
	atName   // a name after @
	function // a name before (
	str      // a quoted string
	urlToken // an unquoted URL
	other
)

// lexer yields the tokens of CSS Syntax Level 3 that matter here.
type lexer struct {
	src        []byte
	pos        int
	kind       int
	start, end int  // the current token's text, without quotes and brackets
	escaped    bool // it holds escapes
}

// next moves to the next token and returns its kind.
func (l *lexer) next() int {
	l.kind = l.token()
	return l.kind
}

func (l *lexer) token() int {
	src := l.src
	for l.pos < len(src) {
		c := src[l.pos]
		switch {
		case c <= ' ':
			l.pos++
		case c == '/' && l.pos+1 < len(src) && src[l.pos+1] == '*':
			i := bytes.Index(src[l.pos+2:], []byte("*/"))
			if i < 0 {
				l.pos = len(src)
				return eof
			}
			l.pos += i + 4
		case c == '<' && bytes.HasPrefix(src[l.pos:], []byte("<!--")):
			l.pos += 4
		case c == '-' && bytes.HasPrefix(src[l.pos:], []byte("-->")):
			l.pos += 3
		case c == '"' || c == '\'':
			return l.quoted(c)
		case c == '@':
			l.pos++
			if l.pos < len(src) && isName(src, l.pos) {
				l.word()
				return atName
			}
			return other
		case isName(src, l.pos):
			return l.nameOrFunction()
		default:
			l.pos++
			return int(c)
		}
	}
	return eof
}

// word reads a run of name characters and escapes.
func (l *lexer) word() {
	l.start, l.escaped = l.pos, false
	for l.pos < len(l.src) && isName(l.src, l.pos) {
		if l.src[l.pos] == '\\' {
			l.escaped = true
			l.pos += escapeLen(l.src[l.pos:])
			continue
		}
		l.pos++
	}
	l.end = l.pos
}

func (l *lexer) nameOrFunction() int {
	l.word()
	if l.pos >= len(l.src) || l.src[l.pos] != '(' {
		return name
	}
	l.pos++
	if l.lower() != "url" {
		return function
	}
	i := l.pos
	for i < len(l.src) && l.src[i] <= ' ' {
		i++
	}
	if i < len(l.src) && (l.src[i] == '"' || l.src[i] == '\'') {
		return function
	}
	return l.unquoted(i)
}

// unquoted reads the rest of url(…). One that a quote, a bracket or a blank
// stands in is bad and loads nothing; one that the sheet ends in is good.
func (l *lexer) unquoted(i int) int {
	src := l.src
	l.start, l.escaped = i, false
	for i < len(src) {
		switch c := src[i]; {
		case c == ')':
			l.end, l.pos = i, i+1
			return urlToken
		case c == '\\' && i+1 < len(src) && src[i+1] != '\n':
			l.escaped = true
			i += escapeLen(src[i:])
		case c <= ' ':
			l.end = i
			for i < len(src) && src[i] <= ' ' {
				i++
			}
			if i >= len(src) || src[i] == ')' {
				l.pos = min(i+1, len(src))
				return urlToken
			}
			return l.badURL(i)
		case c == '"' || c == '\'' || c == '(' || c == 0x7f || c == '\\':
			return l.badURL(i)
		default:
			i++
		}
	}
	l.end, l.pos = len(src), len(src)
	return urlToken
}

func (l *lexer) badURL(i int) int {
	for i < len(l.src) && l.src[i] != ')' {
		if l.src[i] == '\\' {
			i++
		}
		i++
	}
	l.pos = min(i+1, len(l.src))
	return other
}

// quoted reads a string; a line end inside makes it bad.
func (l *lexer) quoted(q byte) int {
	src := l.src
	i := l.pos + 1
	l.start, l.escaped = i, false
	for i < len(src) {
		switch src[i] {
		case q:
			l.end, l.pos = i, i+1
			return str
		case '\n', '\r', '\f':
			l.pos = i
			return other
		case '\\':
			l.escaped = true
			i += escapeLen(src[i:])
		default:
			i++
		}
	}
	l.end, l.pos = len(src), len(src)
	return str
}

// text is the current token's text without escapes: a view of the source
// where there are none. Names are in lower case.
func (l *lexer) text() string {
	if l.kind != str && l.kind != urlToken {
		return l.lower()
	}
	b := l.src[l.start:l.end]
	if !l.escaped {
		return view(b)
	}
	return unescape(b)
}

// lower is the current token's text as a lower-case name.
func (l *lexer) lower() string {
	b := l.src[l.start:l.end]
	if l.escaped {
		return strings.ToLower(unescape(b))
	}
	return lowerView(b)
}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// isName reports whether a name character or an escape stands at i.
func isName(src []byte, i int) bool {
	c := src[i]
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c >= 0x80:
		return true
	case c == '\\':
		return i+1 < len(src) && src[i+1] != '\n'
	}
	return false
}

// escapeLen is the length of the escape at the start of b, a backslash.
func escapeLen(b []byte) int {
	n := 1
	for n < len(b) && n < 7 && isHex(b[n]) {
		n++
	}
	if n == 1 {
		if len(b) > 2 && b[1] == '\r' && b[2] == '\n' {
			return 3
		}
		if len(b) > 1 {
			_, size := utf8.DecodeRune(b[1:])
			return 1 + size
		}
		return 1
	}
	if n < len(b) && (b[n] == ' ' || b[n] == '\t' || b[n] == '\n' || b[n] == '\f' || b[n] == '\r') {
		if b[n] == '\r' && n+1 < len(b) && b[n+1] == '\n' {
			n++
		}
		n++
	}
	return n
}

func unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if b[i] != '\\' {
			out = append(out, b[i])
			i++
			continue
		}
		n := escapeLen(b[i:])
		esc := b[i+1 : i+n]
		i += n
		if len(esc) == 0 || esc[0] == '\n' || esc[0] == '\r' || esc[0] == '\f' {
			continue
		}
		if !isHex(esc[0]) {
			out = append(out, esc...)
			continue
		}
		r := rune(0)
		for _, c := range esc {
			if isHex(c) {
				r = r<<4 | rune(unhex(c))
			}
		}
		if r == 0 || r > utf8.MaxRune || r >= 0xD800 && r < 0xE000 {
			r = utf8.RuneError
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
