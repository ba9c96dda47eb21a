package script

import (
	"slices"

	"github.com/tdewolff/parse/v2/js"
)

// statements reads from pos to end, every branch of it.
func (r *Reader) statements() {
	for r.pos < r.end {
		if r.fuel--; r.fuel < 0 {
			r.pos = r.end
			return
		}
		at := r.pos
		switch r.kind() {
		case js.VarToken, js.LetToken, js.ConstToken:
			if r.kind() == js.LetToken && !js.IsIdentifier(r.peek(1)) && r.peek(1) != js.OpenBraceToken && r.peek(1) != js.OpenBracketToken {
				r.expression()
				break
			}
			r.pos++
			r.declarations()
		case js.FunctionToken:
			r.pos++
			r.accept(js.MulToken)
			if js.IsIdentifier(r.kind()) {
				r.pos++
			}
			r.function() // hoisted already; this steps over it
		case js.ClassToken:
			r.class()
		case js.ReturnToken:
			r.pos++
			if k := r.kind(); k != js.SemicolonToken && k != js.CloseBraceToken && r.pos < r.end && !r.toks[r.pos].newline {
				if v := r.expression(); !r.ret.Known() {
					r.ret = v
				}
			}
		case js.ImportToken:
			r.importing()
		case js.IfToken, js.WhileToken, js.ForToken, js.SwitchToken, js.WithToken, js.CatchToken:
			r.pos++
			r.accept(js.AwaitToken)
			r.accept(js.OpenParenToken)
		case js.AsyncToken:
			if r.peek(1) == js.FunctionToken {
				r.pos++
				continue
			}
			r.expression()
		default:
			if steps(r.kind()) {
				r.pos++
				break
			}
			if js.IsIdentifier(r.kind()) && r.peek(1) == js.ColonToken {
				r.pos += 2 // a label
				break
			}
			r.expression()
		}
		if r.pos == at {
			r.pos++
		}
	}
}

// steps reports whether a statement may start with a token that says nothing.
func steps(k js.TokenType) bool {
	switch k {
	case js.SemicolonToken, js.OpenBraceToken, js.CloseBraceToken, js.CloseParenToken, js.CloseBracketToken, js.ColonToken, js.ElseToken,
		js.DoToken, js.TryToken, js.FinallyToken, js.DefaultToken, js.CaseToken, js.BreakToken, js.ContinueToken, js.DebuggerToken,
		js.ThrowToken, js.ExportToken, js.CommaToken, js.InToken:
		return true
	}
	return false
}

// declarations reads what follows var, let or const.
func (r *Reader) declarations() {
	for r.pos < r.end {
		if r.fuel--; r.fuel < 0 {
			return
		}
		name, at := "", r.pos
		switch k := r.kind(); {
		case js.IsIdentifier(k):
			name = r.text(r.pos)
			r.pos++
		case k == js.OpenBraceToken || k == js.OpenBracketToken:
			r.pos = min(r.partner(r.pos)+1, r.end)
		default:
			return
		}
		switch r.kind() {
		case js.EqToken:
			r.pos++
			v := r.assign()
			if name != "" {
				r.define(name, v, at)
			}
		case js.InToken, js.OfToken:
			r.pos++
			r.expression()
		default:
			if name != "" {
				if r.scope.own(name) == nil {
					r.scope.set(name, Value{})
				}
			}
		}
		if !r.accept(js.CommaToken) {
			return
		}
	}
}

// define sets a variable of the scope; at is where it is written.
func (r *Reader) define(name string, v Value, at int) {
	if r.scope == r.global {
		r.setGlobal(name, v, at)
		return
	}
	r.scope.set(name, v)
}

// setGlobal sets a global variable, which gives a value its name.
func (r *Reader) setGlobal(name string, v Value, at int) {
	if r.names(name, v) {
		v.path = name
	}
	r.global.set(name, v)
	r.assigned(name, v, at)
}

// assigned lists an assignment, unless it says that there is nothing.
func (r *Reader) assigned(name string, v Value, at int) {
	if v.kind != constant && (v.kind != str || v.text != "") {
		r.call("", name, " =", append(r.stack, v)[len(r.stack):], at, r.pos)
	}
}

// hoist defines the functions that are declared between two tokens.
func (r *Reader) hoist(from, to int) {
	n, _ := slices.BinarySearch(r.functions, int32(from))
	if n == len(r.functions) || int(r.functions[n]) >= to {
		return
	}
	for i := from; i < to; i++ {
		k := r.toks[i].kind
		if k != js.FunctionToken {
			if k == js.OpenParenToken || k == js.OpenBracketToken || k == js.TemplateStartToken {
				if m := int(r.toks[i].match); m > i && m < to {
					i = m
				}
			}
			continue
		}
		declared := i == from
		if !declared {
			switch r.toks[i-1].kind {
			case js.SemicolonToken, js.CloseBraceToken, js.OpenBraceToken, js.AsyncToken, js.CloseParenToken, js.ElseToken, js.ExportToken, js.DefaultToken:
				declared = true
			default:
				declared = r.toks[i].newline && (js.IsIdentifier(r.toks[i-1].kind) || r.toks[i-1].kind == js.CloseBracketToken)
			}
		}
		pos, end := r.pos, r.end
		r.pos, r.end = i+1, to
		r.accept(js.MulToken)
		name := ""
		if js.IsIdentifier(r.kind()) {
			name = r.text(r.pos)
			r.pos++
		}
		f, ok := r.signature()
		next := r.pos
		r.pos, r.end = pos, end
		if !ok {
			continue
		}
		if declared && name != "" {
			v := r.memory.function(f)
			r.wait(f)
			if r.scope == r.global {
				v.path = name
			}
			r.scope.set(name, v)
		}
		i = next - 1
	}
}

// signature steps over parameters and body.
func (r *Reader) signature() (*function, bool) {
	if r.kind() != js.OpenParenToken {
		return nil, false
	}
	f := r.written()
	close := r.partner(r.pos)
	f.params = [2]int{r.pos + 1, close}
	r.pos = min(close+1, r.end)
	if r.kind() != js.OpenBraceToken {
		return nil, false
	}
	close = r.partner(r.pos)
	f.body = [2]int{r.pos + 1, close}
	r.pos = min(close+1, r.end)
	return f, true
}

// written makes a function that the script writes here.
func (r *Reader) written() *function {
	f := &r.memory.functions.take(1)[0]
	f.scope, f.round = r.scope, r.round
	return f
}

// function reads parameters and body of a function at pos.
func (r *Reader) function() Value {
	f, ok := r.signature()
	if !ok {
		return Value{}
	}
	return r.memory.function(f)
}

// wait puts a function down to be read at the end, unless it was by then.
func (r *Reader) wait(f *function) {
	if len(r.waiting)-r.next < maxPending {
		r.waiting = append(r.waiting, f)
	}
}

// class steps over a class; its methods wait to be read.
func (r *Reader) class() Value {
	r.pos++
	if js.IsIdentifier(r.kind()) {
		r.pos++
	}
	if r.accept(js.ExtendsToken) {
		if r.depth >= maxDepth {
			return r.tooDeep()
		}
		r.depth++
		r.chain()
		r.depth--
	}
	if r.kind() != js.OpenBraceToken {
		return Value{}
	}
	end := r.partner(r.pos)
	r.pos++
	for r.pos < end {
		if r.fuel--; r.fuel < 0 {
			break
		}
		switch r.kind() {
		case js.OpenParenToken:
			if f, ok := r.signature(); ok {
				r.wait(f)
			}
		case js.EqToken:
			r.pos++
			r.assign()
		default:
			r.pos++
		}
	}
	r.pos = min(end+1, r.end)
	return Value{}
}

// importing reads an import declaration or a dynamic import.
func (r *Reader) importing() {
	if k := r.peek(1); k == js.OpenParenToken || k == js.DotToken {
		r.expression()
		return
	}
	for r.pos < r.end && r.kind() != js.SemicolonToken {
		r.pos++
		if r.kind() == js.StringToken {
			r.ref(r.literal(r.pos), "import", false)
			r.pos++
			return
		}
	}
}

// enter reads the body of a function with what its parameters are.
func (r *Reader) enter(f *function, args []Value) Value {
	if r.calls >= maxCalls || f.round != r.round || f.read && r.fuel < r.spare {
		return Value{}
	}
	f.read = true
	pos, end, depth, scope, value := r.pos, r.end, r.depth, r.scope, r.ret
	r.calls++
	r.scope = r.memory.scope(f.scope)
	r.depth, r.ret = 0, Value{}
	r.parameters(f, args)
	r.pos, r.end = f.body[0], f.body[1]
	if f.expr {
		r.ret = r.assign()
	} else {
		r.hoist(r.pos, r.end)
		r.statements()
	}
	ret := r.ret
	r.calls--
	r.pos, r.end, r.depth, r.scope, r.ret = pos, end, depth, scope, value
	r.fuel -= 16 + (f.body[1]-f.body[0])/8
	r.target.ok, r.chained = false, false
	return ret
}

// asksFor reports whether a function looks at the list of its arguments.
func (r *Reader) asksFor(f *function) bool {
	i, _ := slices.BinarySearch(r.asks, int32(f.body[0]))
	return i < len(r.asks) && int(r.asks[i]) < f.body[1]
}

// parameters defines the parameters of f.
func (r *Reader) parameters(f *function, args []Value) {
	r.pos, r.end = f.params[0], f.params[1]
	n := 0
	for r.pos < r.end {
		r.fuel--
		name := ""
		rest := r.accept(js.EllipsisToken)
		switch k := r.kind(); {
		case js.IsIdentifier(k):
			name = r.text(r.pos)
			r.pos++
		case k == js.OpenBraceToken || k == js.OpenBracketToken:
			r.pos = min(r.partner(r.pos)+1, r.end)
		default:
			r.pos++
		}
		v := Value{}
		switch {
		case rest:
			v = r.memory.list(r.memory.keep(args[min(n, len(args)):]))
		case n < len(args):
			v = args[n]
		}
		if r.accept(js.EqToken) {
			if d := r.assign(); !v.Known() {
				v = d
			}
		}
		if name != "" {
			r.scope.set(name, v)
		}
		n++
		for r.pos < r.end && !r.accept(js.CommaToken) {
			r.pos++
		}
	}
	if args != nil && r.asksFor(f) {
		list := r.memory.list(r.memory.keep(args))
		if r.site.function == f { // not one that it runs
			r.site.list = list.obj
		}
		r.scope.set("arguments", list)
	}
}
