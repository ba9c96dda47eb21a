package script

import (
	"bytes"
	"unicode/utf8"

	"github.com/tdewolff/parse/v2/js"
)

// quick fills r.toks. It reads what nearly all scripts are made of, and gives
// the same tokens as [Reader.library] does; it reports false at anything else:
// an error, a name that is not ASCII or has an escape in it, a number with a
// suffix.
func (r *Reader) quick() (ok bool) {
	r.open, r.asks, r.functions, r.levels = r.open[:0], r.asks[:0], r.functions[:0], r.levels[:0]
	r.toks, ok = r.tokens(r.toks[:0])
	return ok
}

// tokens appends the tokens of the script to toks. It reports false where it
// meets something that it does not read.
func (r *Reader) tokens(toks []tok) ([]tok, bool) {
	src := r.src
	newline, fresh := false, true // a line ends before; and only white space and comments stand on this one
	level := 0
	for i := 0; i < len(src); {
		from, c, match, plain := i, src[i], int32(-1), false
		var kind js.TokenType
		switch starts[c] {
		case spaceStart:
			for i++; i < len(src) && starts[src[i]] == spaceStart; i++ {
			}
			continue
		case lineStart:
			for i++; i < len(src) && (starts[src[i]] == lineStart || starts[src[i]] == spaceStart); i++ {
			}
			newline, fresh = true, true
			continue
		case nameStart, hashStart:
			if c == '#' && (i+1 == len(src) || starts[src[i+1]] != nameStart) {
				return toks, false
			}
			for i++; i < len(src) && starts[src[i]] >= digitStart; i++ {
			}
			if i < len(src) && (src[i] == '\\' || src[i] >= 0x80) {
				return toks, false
			}
			if kind = js.PrivateIdentifierToken; c != '#' {
				switch kind = keyword(src[from:i]); {
				case kind == js.FunctionToken:
					r.functions = append(r.functions, int32(len(toks)))
				case kind == js.IdentifierToken && isArguments(src[from:i]):
					r.asks = append(r.asks, int32(len(toks)))
				}
			}
		case digitStart:
			if kind, i = numeral(src, i); kind == js.ErrorToken {
				return toks, false
			}
		case quoteStart:
			if i, plain = stringEnd(src, i); i < 0 {
				return toks, false
			}
			kind = js.StringToken
		case singleStart:
			kind = singles[c]
			i++
			switch c {
			case '(', '{':
				level++
			case ')':
				level--
			case '}':
				level--
				if n := len(r.levels); n > 0 && level == r.levels[n-1] {
					if kind, i = template(src, i); kind == js.ErrorToken {
						return toks, false
					}
					if kind == js.TemplateToken {
						kind = js.TemplateEndToken
						r.levels = r.levels[:n-1]
					} else {
						kind = js.TemplateMiddleToken
						level++
					}
				}
			}
			if kind != js.CommaToken && kind != js.SemicolonToken && kind != js.ColonToken {
				match = r.pair(toks, kind)
			}
		case backquoteStart:
			switch kind, i = template(src, i+1); kind {
			case js.ErrorToken:
				return toks, false
			case js.TemplateStartToken:
				r.levels = append(r.levels, level)
				level++
				match = r.pair(toks, kind)
			}
		case operatorStart:
			if n := comment(src[i:], fresh); n != 0 {
				if n < 0 {
					return toks, false
				}
				i += n
				r.Comments = append(r.Comments, [2]int{from, i})
				fresh = false
				if src[from+1] == '*' && hasLine(src[from:i]) {
					newline, fresh = true, true
				}
				continue
			}
			n := 0
			if kind, n = operator(src[i:]); kind == js.ErrorToken {
				return toks, false
			}
			i += n
			if (kind == js.DivToken || kind == js.DivEqToken) && !endsValue(toks) {
				if i = pattern(src, from); i < 0 {
					return toks, false
				}
				kind = js.RegExpToken
			}
		case dotStart:
			switch {
			case i+1 < len(src) && src[i+1] >= '0' && src[i+1] <= '9':
				if kind, i = numeral(src, i); kind == js.ErrorToken {
					return toks, false
				}
			case bytes.HasPrefix(src[i:], []byte("...")):
				kind = js.EllipsisToken
				i += 3
			default:
				kind = js.DotToken
				i++
			}
		default:
			return toks, false
		}
		if len(toks) == maxTokens {
			r.Cut = true
			return toks, true
		}
		toks = append(toks, tok{kind: kind, newline: newline, plain: plain, from: int32(from), to: int32(i), match: match})
		newline, fresh = false, false
	}
	return toks, true
}

// What a byte starts. Those that go on with a name are the last.
const (
	oddStart = iota
	spaceStart
	lineStart
	quoteStart
	backquoteStart
	singleStart
	operatorStart
	dotStart
	hashStart
	digitStart
	nameStart
)

var starts = func() (t [256]uint8) {
	for c, class := range classes {
		switch class {
		case nameByte:
			t[c] = nameStart
		case digitByte:
			t[c] = digitStart
		}
	}
	for set, start := range map[string]uint8{
		" \t\v\f": spaceStart, "\n\r": lineStart, `"'`: quoteStart, "`": backquoteStart, "(){}[],;:": singleStart,
		"></=!+-*%&|^~?": operatorStart, ".": dotStart, "#": hashStart,
	} {
		for i := range len(set) {
			t[set[i]] = start
		}
	}
	return t
}()

var singles = [256]js.TokenType{
	'(': js.OpenParenToken, ')': js.CloseParenToken, '{': js.OpenBraceToken, '}': js.CloseBraceToken, '[': js.OpenBracketToken,
	']': js.CloseBracketToken, ',': js.CommaToken, ';': js.SemicolonToken, ':': js.ColonToken,
}

// keyword is what a name is.
func keyword(name []byte) js.TokenType {
	if len(name) < 2 || len(name) > 10 || name[0] < 'a' || name[0] > 'y' || keyShapes[name[0]]&(1<<len(name)) == 0 {
		return js.IdentifierToken
	}
	if k, ok := js.Keywords[string(name)]; ok {
		return k
	}
	return js.IdentifierToken
}

// keyShapes has a bit for each length that a keyword has, for its first letter.
var keyShapes = func() (shapes [256]uint16) {
	for name := range js.Keywords {
		shapes[name[0]] |= 1 << len(name)
	}
	return shapes
}()

// numeral reads a number at i.
func numeral(src []byte, i int) (js.TokenType, int) {
	kind := js.IntegerToken
	if src[i] == '0' && i+1 < len(src) && starts[src[i+1]] >= digitStart {
		if i += 2; src[i-1]|0x20 != 'x' || i == len(src) || !isHex(src[i]) {
			if src[i-1]|0x20 != 'e' {
				return js.ErrorToken, i
			}
			i--
		} else {
			for ; i < len(src) && isHex(src[i]); i++ {
			}
			kind = js.HexadecimalToken
		}
	}
	if kind != js.HexadecimalToken {
		i = digits(src, i)
		if i < len(src) && src[i] == '.' {
			kind, i = js.DecimalToken, digits(src, i+1)
		}
		if i < len(src) && src[i]|0x20 == 'e' {
			if i++; i < len(src) && (src[i] == '+' || src[i] == '-') {
				i++
			}
			from := i
			if kind, i = js.DecimalToken, digits(src, i); i == from {
				return js.ErrorToken, i
			}
		}
	}
	if i < len(src) && (starts[src[i]] >= digitStart || src[i] >= 0x80 || src[i] == '\\') {
		return js.ErrorToken, i
	}
	return kind, i
}

func digits(src []byte, i int) int {
	for i < len(src) && src[i] >= '0' && src[i] <= '9' {
		i++
	}
	return i
}

func isHex(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' }

// inString holds the bytes that may end a string, or not be in one as they are.
var inString = [256]bool{'"': true, '\'': true, '\\': true, '\n': true, '\r': true}

// stringEnd is where the string that starts at i ends, -1 where it does not, and
// whether no backslash stands in it.
func stringEnd(src []byte, i int) (end int, plain bool) {
	quote := src[i]
	plain = true
	for i++; i < len(src); i++ {
		if !inString[src[i]] {
			continue
		}
		switch src[i] {
		case quote:
			return i + 1, plain
		case '\n', '\r':
			return -1, false
		case '\\':
			plain = false
			if i++; i+1 < len(src) && src[i] == '\r' && src[i+1] == '\n' {
				i++
			}
		}
	}
	return -1, false
}

// template reads what stands behind a backquote, or behind the brace that ends
// an expression: up to a backquote, a TemplateToken, or an expression, a
// TemplateStartToken.
func template(src []byte, i int) (js.TokenType, int) {
	for ; i < len(src); i++ {
		switch src[i] {
		case '`':
			return js.TemplateToken, i + 1
		case '$':
			if i+1 < len(src) && src[i+1] == '{' {
				return js.TemplateStartToken, i + 2
			}
		case '\\':
			i++
		}
	}
	return js.ErrorToken, i
}

// pattern is where the regular expression that starts at i ends, -1 where it
// does not.
func pattern(src []byte, i int) int {
	class := false
	for i++; i < len(src); i++ {
		switch c := src[i]; {
		case c == '/' && !class:
			for i++; i < len(src) && starts[src[i]] >= digitStart; i++ {
			}
			if i < len(src) && src[i] >= 0xC0 {
				return -1
			}
			return i
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '\\':
			if i++; i == len(src) || endsLine(src[i:]) {
				return -1
			}
		case c < ' ' || c >= 0x80:
			if endsLine(src[i:]) {
				return -1
			}
		}
	}
	return -1
}

// endsLine reports whether a line terminator stands at the start of s.
func endsLine(s []byte) bool {
	return s[0] == '\n' || s[0] == '\r' || len(s) > 2 && s[0] == 0xE2 && s[1] == 0x80 && s[2]&^1 == 0xA8
}

// hasLine reports whether a line ends in a comment.
func hasLine(s []byte) bool {
	for i, c := range s {
		if (c < ' ' || c >= 0x80) && endsLine(s[i:]) {
			return true
		}
	}
	return false
}

// comment is how long the comment at the start of s is, 0 where none is, and
// negative where it does not end. That an HTML comment ends is one, at the start
// of a line.
func comment(s []byte, fresh bool) int {
	if len(s) < 2 {
		return 0
	}
	switch {
	case s[0] == '/' && s[1] == '*':
		if n := bytes.Index(s[2:], []byte("*/")); n >= 0 {
			return n + 4
		}
		return -1
	case s[0] == '/' && s[1] == '/', s[0] == '<' && bytes.HasPrefix(s, []byte("<!--")), fresh && s[0] == '-' && bytes.HasPrefix(s, []byte("-->")):
		return lineEnd(s)
	}
	return 0
}

// lineEnd is where the first line of s ends, -1 where it is no UTF-8.
func lineEnd(s []byte) int {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\n' || c == '\r':
			return i
		case c >= 0xC0:
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				return -1
			}
			if r == 0x2028 || r == 0x2029 {
				return i
			}
		}
	}
	return len(s)
}
