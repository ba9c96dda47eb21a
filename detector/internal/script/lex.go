package script

import "github.com/tdewolff/parse/v2/js"

// tok is a token that means something: neither white space nor a comment.
type tok struct {
	kind     js.TokenType
	newline  bool // a line ends before it
	plain    bool // a string without a backslash
	from, to int32
	match    int32 // the other bracket of a pair, -1 for none
}

// lex fills r.toks.
func (r *Reader) lex() {
	if !r.quick() {
		r.library()
	}
}

// pair pairs a bracket, that is the next token, with the one that it closes, and
// returns that one, -1 for none.
func (r *Reader) pair(toks []tok, kind js.TokenType) int32 {
	i := int32(len(toks))
	switch kind {
	case js.OpenBraceToken, js.OpenBracketToken, js.OpenParenToken, js.TemplateStartToken:
		r.open = append(r.open, i)
	case js.CloseBraceToken, js.CloseBracketToken, js.CloseParenToken, js.TemplateEndToken:
		// A closing bracket ends what stands open behind its partner.
		for n := len(r.open) - 1; n >= 0 && n >= len(r.open)-maxUnclosed; n-- {
			if o := r.open[n]; pairs(toks[o].kind, kind) {
				toks[o].match = i
				r.open = r.open[:n]
				return o
			}
		}
	}
	return -1
}

// isArguments reports whether a name is that of the list of a function's
// arguments.
func isArguments(name []byte) bool { return string(name) == "arguments" }

// maxTokens bounds the memory for one script; ten megabytes have three million.
const maxTokens = 1 << 22

// maxUnclosed is how many brackets may miss their partner at one place.
const maxUnclosed = 8

func pairs(open, close js.TokenType) bool {
	switch open {
	case js.OpenBraceToken:
		return close == js.CloseBraceToken
	case js.OpenBracketToken:
		return close == js.CloseBracketToken
	case js.OpenParenToken:
		return close == js.CloseParenToken
	}
	return close == js.TemplateEndToken
}

// endsValue reports whether the last of the tokens ends a value, so that a slash
// divides. After a closing parenthesis or brace it is taken to divide, which is
// wrong for the rare expression statement that starts with a pattern.
func endsValue(toks []tok) bool { return len(toks) > 0 && ends(toks[len(toks)-1].kind) }

// ends reports whether a token of a kind can end a value.
func ends(k js.TokenType) bool {
	switch k {
	case js.StringToken, js.TemplateToken, js.TemplateEndToken, js.RegExpToken, js.CloseParenToken, js.CloseBracketToken,
		js.CloseBraceToken, js.ThisToken, js.SuperToken, js.TrueToken, js.FalseToken, js.NullToken, js.IncrToken, js.DecrToken,
		js.PrivateIdentifierToken:
		return true
	default:
		return js.IsNumeric(k) || js.IsIdentifier(k)
	}
}

// text is what token i is written as.
func (r *Reader) text(i int) string {
	t := &r.toks[i]
	return view(r.src[t.from:t.to])
}

// kind is what the token at pos is, an error at the end.
func (r *Reader) kind() js.TokenType {
	if r.pos >= r.end {
		return js.ErrorToken
	}
	return r.toks[r.pos].kind
}

// peek is the kind of the token n behind pos.
func (r *Reader) peek(n int) js.TokenType {
	if r.pos+n >= r.end {
		return js.ErrorToken
	}
	return r.toks[r.pos+n].kind
}

// accept steps over a token of a kind.
func (r *Reader) accept(k js.TokenType) bool {
	if r.kind() != k {
		return false
	}
	r.pos++
	return true
}

// partner is where the bracket at pos is closed, the end of what is read where
// it is not.
func (r *Reader) partner(i int) int {
	if m := int(r.toks[i].match); m >= 0 && m < r.end {
		return m
	}
	return r.end
}
