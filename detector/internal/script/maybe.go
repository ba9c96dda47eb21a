package script

import "github.com/tdewolff/parse/v2/js"

// maxBack is how many tokens are looked at for the conditions of a call.
const maxBack = 4096

// maybe reports whether what starts at token i stands under a condition: in a
// branch or loop, behind an operator that may skip it, or behind a return, which
// a condition had reached before. What calls a function around it is not looked at.
func (r *Reader) maybe(i int) bool {
	inside := true // the statement, or one around it
	for n := 0; i > 0; n++ {
		if n == maxBack {
			return true
		}
		i--
		switch k := r.toks[i].kind; k {
		case js.CloseBraceToken, js.CloseBracketToken, js.CloseParenToken:
			open := int(r.toks[i].match)
			if open < 0 || open >= i {
				return true
			}
			if k == js.CloseBraceToken {
				inside = false
				if r.returns(open, i) {
					return true
				}
			}
			if k == js.CloseParenToken && inside && open > 0 && branches(r.toks[open-1].kind) {
				return true
			}
			i = open
		case js.ReturnToken:
			if !inside || r.toks[i+1].newline {
				return true
			}
		case js.SemicolonToken:
			inside = false
		case js.OpenBraceToken, js.OpenParenToken, js.OpenBracketToken:
			inside = true
		case js.AndToken, js.OrToken, js.NullishToken, js.QuestionToken, js.ElseToken, js.CaseToken, js.DefaultToken:
			if inside {
				return true
			}
		}
	}
	return false
}

// returns reports whether the block between two braces may leave the function
// that it stands in. A function's own body does not.
func (r *Reader) returns(open, close int) bool {
	if r.isBody(open) {
		return false
	}
	for n, i := 0, open+1; i < close; i++ {
		if n++; n == maxBack {
			return true
		}
		switch r.toks[i].kind {
		case js.ReturnToken:
			return true
		case js.OpenBraceToken:
			if m := int(r.toks[i].match); m > i && r.isBody(i) {
				i = m
			}
		}
	}
	return false
}

// isBody reports whether the brace at token i opens the body of a function, not
// a block or an object.
func (r *Reader) isBody(i int) bool {
	if i == 0 {
		return false
	}
	switch r.toks[i-1].kind {
	case js.ArrowToken:
		return true
	case js.CloseParenToken:
		open := int(r.toks[i-1].match)
		return open > 0 && !branches(r.toks[open-1].kind) && r.toks[open-1].kind != js.WithToken
	}
	return false
}

// branches reports whether what follows the brackets after k may not run.
func branches(k js.TokenType) bool {
	switch k {
	case js.IfToken, js.WhileToken, js.ForToken, js.SwitchToken, js.CatchToken:
		return true
	}
	return false
}
