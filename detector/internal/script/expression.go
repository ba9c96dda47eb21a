package script

import (
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// place is what can be assigned to: a variable, or a property.
type place struct {
	name   string // of the variable
	base   Value  // whose property
	key    string
	member bool
	ok     bool
}

// expression reads expressions parted by commas; the last one counts.
func (r *Reader) expression() Value {
	v := r.assign()
	for r.kind() == js.CommaToken {
		r.pos++
		v = r.assign()
	}
	return v
}

// tooDeep steps over what nests too deep, up to where it can go on.
func (r *Reader) tooDeep() Value {
	for r.pos < r.end {
		switch r.kind() {
		case js.OpenBraceToken, js.OpenBracketToken, js.OpenParenToken, js.TemplateStartToken:
			r.pos = min(r.partner(r.pos)+1, r.end)
		case js.CloseBraceToken, js.CloseBracketToken, js.CloseParenToken, js.TemplateMiddleToken, js.TemplateEndToken,
			js.CommaToken, js.SemicolonToken, js.ColonToken:
			return Value{}
		default:
			r.pos++
		}
	}
	return Value{}
}

// assign reads one expression without commas.
func (r *Reader) assign() Value {
	if r.fuel--; r.fuel < 0 {
		r.pos = r.end
		return Value{}
	}
	if r.depth >= maxDepth {
		return r.tooDeep()
	}
	k := r.kind()
	if ends(k) && endsExpression(r.peek(1)) {
		switch { // it is all there is
		case js.IsIdentifier(k):
			if r.fuel--; r.fuel < 0 {
				r.pos = r.end
				return Value{}
			}
			return r.primary()
		case k == js.StringToken || js.IsNumeric(k) || k == js.TrueToken || k == js.FalseToken:
			return r.primary()
		}
	}
	if k == js.OpenParenToken || js.IsIdentifier(k) {
		if v := r.arrow(); v.kind == code {
			return v
		}
	}
	r.depth++
	start := r.pos
	v := r.binary(0)
	k = r.kind()
	if k == js.QuestionToken {
		r.pos++
		a := r.assign()
		r.accept(js.ColonToken)
		b := r.assign()
		r.depth--
		return either(a, b)
	}
	if !assigns(k) {
		r.depth--
		return v
	}
	p := r.target
	r.pos++
	right := r.assign()
	r.depth--
	switch k {
	case js.EqToken:
	case js.OrEqToken, js.NullishEqToken, js.AndEqToken:
		right = or(v, right)
	case js.AddEqToken:
		right = r.concat(v, right)
	default:
		right = Value{}
	}
	return r.store(p, right, start)
}

// endsExpression reports whether an expression ends before a token, whatever
// stands before it.
func endsExpression(k js.TokenType) bool {
	switch k {
	case js.CommaToken, js.CloseParenToken, js.CloseBraceToken, js.CloseBracketToken, js.SemicolonToken:
		return true
	}
	return false
}

// assigns reports whether an operator assigns.
func assigns(k js.TokenType) bool {
	return js.IsOperator(k) && assigning[k&0xFF]
}

var assigning = [256]bool{
	js.EqToken & 0xFF: true, js.OrEqToken & 0xFF: true, js.NullishEqToken & 0xFF: true, js.AndEqToken & 0xFF: true, js.AddEqToken & 0xFF: true,
	js.SubEqToken & 0xFF: true, js.MulEqToken & 0xFF: true, js.DivEqToken & 0xFF: true, js.ModEqToken & 0xFF: true, js.ExpEqToken & 0xFF: true,
	js.BitAndEqToken & 0xFF: true, js.BitOrEqToken & 0xFF: true, js.BitXorEqToken & 0xFF: true, js.LtLtEqToken & 0xFF: true,
	js.GtGtEqToken & 0xFF: true, js.GtGtGtEqToken & 0xFF: true,
}

// either is the value of a condition that nobody knows: the first alternative
// that is a constant.
func either(a, b Value) Value {
	switch {
	case a.kind == str && a.text != "" && !strings.HasPrefix(a.text, hole), !b.Known():
		return a
	case b.kind == constant && a.Known():
		return a
	case a.kind == unknown, a.kind == constant, b.kind == str && a.kind == str:
		return b
	}
	return a
}

// or is a || b. A global that is not known yet keeps its name.
func or(a, b Value) Value {
	if yes, known := a.truthy(); known && yes {
		return a
	}
	if a.kind == unknown && a.path != "" {
		if b.path == "" && b.kind != str && b.kind != number {
			b.path = a.path
		}
	}
	return b
}

// arrow reads an arrow function; what it returns is unknown where there is none.
func (r *Reader) arrow() Value {
	at := r.pos
	if r.kind() == js.AsyncToken && !js.IsOperator(r.peek(1)) && r.peek(1) != js.DotToken {
		at++
	}
	if at >= r.end {
		return Value{}
	}
	params, next := [2]int{at, at + 1}, at+1
	switch k := r.toks[at].kind; {
	case js.IsIdentifier(k):
	case k == js.OpenParenToken:
		close := r.partner(at)
		params, next = [2]int{at + 1, close}, close+1
	default:
		return Value{}
	}
	if next >= r.end || r.toks[next].kind != js.ArrowToken {
		return Value{}
	}
	f := r.written()
	f.params = params
	r.pos = next + 1
	if r.kind() == js.OpenBraceToken {
		close := r.partner(r.pos)
		f.body = [2]int{r.pos + 1, close}
		r.pos = min(close+1, r.end)
	} else {
		f.expr = true
		f.body[0] = r.pos
		r.arrowBody()
		f.body[1] = r.pos
	}
	r.wait(f)
	return r.memory.function(f)
}

// arrowBody steps over the expression that is the body of an arrow function. It
// ends at a line that starts a statement.
func (r *Reader) arrowBody() {
	for first := r.pos; r.pos < r.end; {
		t := &r.toks[r.pos]
		if t.newline && r.pos > first && (js.IsIdentifierName(t.kind)) && ends(r.toks[r.pos-1].kind) {
			return
		}
		switch t.kind {
		case js.OpenBraceToken, js.OpenBracketToken, js.OpenParenToken, js.TemplateStartToken:
			r.pos = min(r.partner(r.pos)+1, r.end)
		case js.CloseBraceToken, js.CloseBracketToken, js.CloseParenToken, js.TemplateMiddleToken, js.TemplateEndToken,
			js.CommaToken, js.SemicolonToken:
			return
		default:
			r.pos++
		}
	}
}

// precedence of the operators that are read; 0 for the others.
func precedence(k js.TokenType) int {
	switch {
	case js.IsOperator(k):
		return int(precedences[k&0xFF])
	case k == js.InToken || k == js.InstanceofToken:
		return 5
	}
	return 0
}

var precedences = [256]uint8{
	js.OrToken & 0xFF: 1, js.NullishToken & 0xFF: 1,
	js.AndToken & 0xFF:   2,
	js.BitOrToken & 0xFF: 3, js.BitXorToken & 0xFF: 3, js.BitAndToken & 0xFF: 3,
	js.EqEqToken & 0xFF: 4, js.EqEqEqToken & 0xFF: 4, js.NotEqToken & 0xFF: 4, js.NotEqEqToken & 0xFF: 4,
	js.LtToken & 0xFF: 5, js.LtEqToken & 0xFF: 5, js.GtToken & 0xFF: 5, js.GtEqToken & 0xFF: 5,
	js.LtLtToken & 0xFF: 6, js.GtGtToken & 0xFF: 6, js.GtGtGtToken & 0xFF: 6,
	js.AddToken & 0xFF: 7, js.SubToken & 0xFF: 7,
	js.MulToken & 0xFF: 8, js.DivToken & 0xFF: 8, js.ModToken & 0xFF: 8,
	js.ExpToken & 0xFF: 9,
}

// binary reads operators that bind stronger than least. The place is that of a
// single operand.
func (r *Reader) binary(least int) Value {
	var v Value
	if k := r.kind(); js.IsOperator(k) || js.IsReservedWord(k) || k == js.EllipsisToken {
		v = r.unary()
	} else {
		v = r.operand()
	}
	for {
		k := r.kind()
		n := precedence(k)
		if n == 0 || n <= least {
			return v
		}
		if r.fuel--; r.fuel < 0 {
			r.pos = r.end
			return Value{}
		}
		r.pos++
		if r.depth >= maxDepth {
			r.tooDeep()
			return Value{}
		}
		r.depth++
		w := r.binary(n)
		r.depth--
		r.target.ok = false
		switch k {
		case js.AddToken:
			v = r.concat(v, w)
		case js.OrToken, js.NullishToken:
			v = or(v, w)
		case js.AndToken:
			if yes, known := v.truthy(); !known || yes {
				v = w
			}
		default:
			v = Value{}
		}
	}
}

// unary reads operators that stand before their operand.
func (r *Reader) unary() Value {
	n := 0
	for r.pos < r.end {
		switch r.kind() {
		case js.NotToken, js.AddToken, js.SubToken, js.BitNotToken, js.IncrToken, js.DecrToken, js.TypeofToken, js.VoidToken, js.DeleteToken,
			js.EllipsisToken, js.YieldToken:
			r.pos++
			r.fuel--
			n++
			continue
		case js.AwaitToken:
			r.pos++
			r.fuel--
			continue
		}
		break
	}
	start := r.pos
	v := r.operand()
	if n > 0 {
		r.target.ok = false
		if n == 1 && start > 0 && r.toks[start-1].kind == js.VoidToken {
			return Value{kind: constant, text: "undefined"}
		}
		if n == 1 && start > 0 && v.kind == number && r.toks[start-1].kind == js.SubToken {
			v.text = "-" + v.text
			return v
		}
		return Value{}
	}
	return v
}

// operand reads a value, and the operator that may stand behind it.
func (r *Reader) operand() Value {
	v := r.chain()
	if k := r.kind(); (k == js.IncrToken || k == js.DecrToken) && !r.toks[r.pos].newline {
		r.pos++
		r.target.ok = false
		return Value{}
	}
	return v
}

// store assigns.
func (r *Reader) store(p place, v Value, start int) Value {
	switch {
	case !p.ok:
		return v
	case p.member:
		return r.setMember(p.base, p.key, v, start)
	}
	_, s := r.scope.lookup(p.name)
	if s == nil || s == r.global {
		r.setGlobal(p.name, v, start)
		if v.path == "" && v.kind != str && v.kind != number {
			v.path = p.name
		}
		return v
	}
	s.set(p.name, v)
	return v
}

// literal is the string at token i.
func (r *Reader) literal(i int) Value {
	t := &r.toks[i]
	return r.quoted(int(t.from)+1, int(t.to)-1, t.plain && !r.holes)
}

// quoted is the string written between two places. It is plain if it means what
// stands there.
func (r *Reader) quoted(from, to int, plain bool) Value {
	if to < from {
		return Value{kind: str}
	}
	raw := r.src[from:to]
	if r.bytes -= len(raw); r.bytes < 0 || len(raw) > maxText {
		return Value{kind: str, text: hole}
	}
	v := Value{kind: str, text: view(raw)}
	if !plain {
		v.text = unescape(raw)
	}
	if r.placed {
		v.first = origin{r.at + int32(from), r.at + int32(to), false}
	}
	return v
}

// template reads a template literal with expressions in it.
func (r *Reader) template() Value {
	t := &r.toks[r.pos]
	v := r.quoted(int(t.from)+1, int(t.to)-2, false)
	close := r.partner(r.pos)
	r.pos++
	for r.pos < r.end && r.pos <= close {
		at := r.pos
		e := r.expression()
		if !e.IsText() {
			e = Value{kind: str, text: hole}
		}
		v = r.concat(v, asString(e))
		switch r.kind() {
		case js.TemplateMiddleToken:
			t := &r.toks[r.pos]
			v = r.concat(v, r.quoted(int(t.from)+1, int(t.to)-2, false))
			r.pos++
		case js.TemplateEndToken:
			t := &r.toks[r.pos]
			r.pos++
			return r.concat(v, r.quoted(int(t.from)+1, int(t.to)-1, false))
		default:
			if r.pos == at {
				r.pos++
			}
		}
	}
	return v
}
