package script

import "github.com/tdewolff/parse/v2/js"

// maxBack is how many tokens are looked at for the conditions of a call.
const maxBack = 4096

// maybe reports whether what starts at token i stands under a condition: in a
// branch or loop, or behind an operator that may skip it. What calls a function
// around it is not looked at.
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
			}
			if k == js.CloseParenToken && inside && open > 0 && branches(r.toks[open-1].kind) {
				return true
			}
			i = open
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

// branches reports whether what follows the brackets after k may not run.
func branches(k js.TokenType) bool {
	switch k {
	case js.IfToken, js.WhileToken, js.ForToken, js.SwitchToken, js.CatchToken:
		return true
	}
	return false
}
