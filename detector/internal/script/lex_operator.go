package script

import "github.com/tdewolff/parse/v2/js"

// operator reads the operator at the start of s, an ErrorToken where it is none.
func operator(s []byte) (js.TokenType, int) {
	c, c1, c2, c3 := s[0], byte(0), byte(0), byte(0)
	switch {
	case len(s) > 3:
		c1, c2, c3 = s[1], s[2], s[3]
	case len(s) > 2:
		c1, c2 = s[1], s[2]
	case len(s) > 1:
		c1 = s[1]
	}
	o := &operators[c]
	switch {
	case c1 == '=' && c2 == '=' && (c == '=' || c == '!'):
		return o.identical, 3
	case c1 == '=':
		return o.assign, 2
	case c == '>' && c1 == '>' && c2 == '>' && c3 == '=':
		return js.GtGtGtEqToken, 4
	case c == '>' && c1 == '>' && c2 == '>':
		return js.GtGtGtToken, 3
	case c1 == c && c2 == '=' && o.twiceAssign != js.ErrorToken:
		return o.twiceAssign, 3
	case c1 == c && o.twice != js.ErrorToken:
		return o.twice, 2
	case c == '?' && c1 == '.' && (c2 < '0' || c2 > '9'):
		return js.OptChainToken, 2
	case c == '=' && c1 == '>':
		return js.ArrowToken, 2
	}
	return o.alone, 1
}

// operators holds what begins with a byte: it alone, with an equals sign behind
// it, twice, both, and with two equals signs.
var operators = [128]struct{ alone, assign, twice, twiceAssign, identical js.TokenType }{
	'=': {alone: js.EqToken, assign: js.EqEqToken, identical: js.EqEqEqToken},
	'!': {alone: js.NotToken, assign: js.NotEqToken, identical: js.NotEqEqToken},
	'<': {js.LtToken, js.LtEqToken, js.LtLtToken, js.LtLtEqToken, 0},
	'>': {js.GtToken, js.GtEqToken, js.GtGtToken, js.GtGtEqToken, 0},
	'+': {alone: js.AddToken, assign: js.AddEqToken, twice: js.IncrToken},
	'-': {alone: js.SubToken, assign: js.SubEqToken, twice: js.DecrToken},
	'*': {js.MulToken, js.MulEqToken, js.ExpToken, js.ExpEqToken, 0},
	'/': {alone: js.DivToken, assign: js.DivEqToken},
	'%': {alone: js.ModToken, assign: js.ModEqToken},
	'&': {js.BitAndToken, js.BitAndEqToken, js.AndToken, js.AndEqToken, 0},
	'|': {js.BitOrToken, js.BitOrEqToken, js.OrToken, js.OrEqToken, 0},
	'^': {alone: js.BitXorToken, assign: js.BitXorEqToken},
	'~': {alone: js.BitNotToken},
	'?': {js.QuestionToken, 0, js.NullishToken, js.NullishEqToken, 0},
}
