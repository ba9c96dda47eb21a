package script

import (
	"strings"

	"github.com/tdewolff/parse/v2/js"
)

// chain reads a value with the properties and calls behind it. What it is, so
// that it can be assigned to, is in r.target.
func (r *Reader) chain() Value {
	if r.fuel--; r.fuel < 0 {
		r.pos = r.end
		return Value{}
	}
	start := r.pos
	if r.kind() == js.NewToken {
		return r.construct()
	}
	v := r.primary()
	if r.pos < r.end && hangsOn(r.toks[r.pos].kind) {
		return r.links(v, start, true)
	}
	return v
}

// hangsOn reports whether a token goes on with the value before it.
func hangsOn(k js.TokenType) bool {
	switch k {
	case js.DotToken, js.OptChainToken, js.OpenBracketToken, js.OpenParenToken, js.TemplateToken, js.TemplateStartToken:
		return true
	}
	return false
}

// links reads .key, [key], and (arguments) where calls are wanted.
func (r *Reader) links(v Value, start int, calls bool) Value {
	for r.pos < r.end {
		k := r.toks[r.pos].kind
		if !hangsOn(k) {
			return v
		}
		if r.fuel--; r.fuel < 0 {
			r.pos = r.end
			break
		}
		switch k {
		case js.DotToken, js.OptChainToken:
			r.pos++
			switch next := r.kind(); {
			case next == js.OpenParenToken || next == js.OpenBracketToken:
				continue
			case !js.IsIdentifierName(next) && next != js.PrivateIdentifierToken:
				r.target.ok = false
				return Value{}
			}
			key := r.text(r.pos)
			r.pos++
			r.target.base, r.target.key, r.target.member, r.target.ok = v, key, true, true
			v = r.member(v, key, start)
		case js.OpenBracketToken:
			close := r.partner(r.pos)
			r.pos++
			base := v
			key := r.expression()
			r.pos = min(close+1, r.end)
			v = Value{}
			if r.target = (place{base: base, key: key.text, member: true, ok: key.IsText() && key.Whole()}); r.target.ok {
				v = r.member(base, key.text, -1)
			}
		case js.OpenParenToken:
			if !calls {
				return v
			}
			if r.depth >= maxDepth {
				r.pos = min(r.partner(r.pos)+1, r.end)
				v = Value{}
			} else {
				p, base := r.target, len(r.stack)
				args := r.arguments()
				r.chained = false
				v = r.invoke(v, p, args, start)
				r.pop(base)
				switch {
				case !r.chained:
				case r.pos < r.end && r.toks[r.pos].kind == js.OpenParenToken:
					v = Value{} // what the call returns is called, which is nobody's
				default:
					start = r.pos // what follows is a call of its own
				}
			}
			r.target.ok = false
		case js.TemplateToken:
			r.pos++
			v = Value{}
			r.target.ok = false
		case js.TemplateStartToken:
			r.template()
			v = Value{}
			r.target.ok = false
		}
	}
	return v
}

// arguments reads the arguments of a call. They stand on the stack, from which
// the caller takes them.
func (r *Reader) arguments() []Value {
	close, base := r.partner(r.pos), len(r.stack)
	r.pos++
	r.depth++
	for r.pos < close {
		at := r.pos
		v := r.assign()
		if len(r.stack)-base < maxProps {
			r.stack = append(r.stack, v)
		}
		if !r.accept(js.CommaToken) && r.pos == at {
			r.pos++
		}
	}
	r.depth--
	r.pos = min(close+1, r.end)
	return r.stack[base:len(r.stack):len(r.stack)]
}

// construct reads new X(…).
func (r *Reader) construct() Value {
	start := r.pos
	r.pos++
	if r.depth >= maxDepth {
		return r.tooDeep()
	}
	if r.kind() == js.NewToken {
		r.depth++
		r.construct()
		r.depth--
	}
	v := r.links(r.primary(), start+1, false)
	base := len(r.stack)
	var args []Value
	if r.kind() == js.OpenParenToken {
		args = r.arguments()
	}
	name := v.path
	listed := r.call("new ", name, "", args, start, r.pos)
	first := at(args, 0)
	switch name {
	case "Image", "XMLHttpRequest":
		v = r.memory.element(name)
	case "Audio", "Worker", "SharedWorker", "WebSocket", "EventSource", "WebTransport", "Request", "URL", "FontFace":
		if name == "FontFace" {
			first = at(args, 1)
		}
		if name != "URL" {
			r.ref(first, name, false)
		}
		v = first // fetch(new Request(url))
	default:
		v = r.known(v, args, site{from: start, to: r.pos, listed: listed})
		if !v.Known() {
			v = r.memory.element("")
			if !listed {
				v.path = made(name)
			}
		}
	}
	r.pop(base)
	r.target.ok = false
	return r.links(v, start, true)
}

// made names what new makes of a class, "new TTDUniversalPixelApi", so that its
// methods have names whatever variable it stands in. What browsers' own classes
// make is named by the variable.
func made(class string) string {
	switch class {
	case "", "Array", "Object", "Function", "Proxy", "Map", "Set":
		return ""
	}
	return "new " + class
}

// names reports whether a variable names a value that is set to it. A page's own class may
// be behind a service's name, but not behind a word that anybody uses.
func (r *Reader) names(name string, v Value) bool {
	if v.kind == str || v.kind == number {
		return false
	}
	class, made := strings.CutPrefix(v.path, "new ")
	if !made {
		return v.path == ""
	}
	word, _, _ := strings.Cut(class, ".")
	return !ordinary(name) && (r.HasWord == nil || !r.HasWord([]byte(word)))
}

// known enters a function that is called with args at a place, if it is known.
func (r *Reader) known(v Value, args []Value, at site) Value {
	f := v.fn()
	if f == nil {
		return Value{}
	}
	outer := r.site
	r.site = at
	r.site.function = f
	result := r.enter(f, args)
	r.site = outer
	return result
}

func at(args []Value, i int) Value {
	if i < len(args) {
		return args[i]
	}
	return Value{}
}

// primary reads the smallest expression.
func (r *Reader) primary() Value {
	r.target.ok = false
	i := r.pos
	k := r.kind()
	switch {
	case k == js.ErrorToken:
		return Value{}
	case k == js.AsyncToken && r.peek(1) == js.FunctionToken:
		r.pos++
		return r.primary()
	case js.IsIdentifier(k):
		r.pos++
		if r.target.member { // most often there is nothing to clear
			r.target.base, r.target.key, r.target.member = Value{}, "", false
		}
		r.target.name, r.target.ok = r.text(i), true
		return r.variable(r.target.name)
	case js.IsNumeric(k):
		r.pos++
		return Value{kind: number, text: strings.TrimSuffix(r.text(i), "n")}
	}
	switch k {
	case js.StringToken:
		r.pos++
		return r.literal(i)
	case js.TemplateToken:
		r.pos++
		return r.literal(i)
	case js.TemplateStartToken:
		return r.template()
	case js.TrueToken, js.FalseToken, js.NullToken:
		r.pos++
		return Value{kind: constant, text: r.text(i)}
	case js.RegExpToken, js.SuperToken, js.PrivateIdentifierToken:
		r.pos++
	case js.ThisToken:
		r.pos++
		if r.calls == 0 {
			return Value{path: "window"}
		}
	case js.OpenParenToken:
		close := r.partner(i)
		r.pos++
		v := Value{}
		if r.pos < close {
			v = r.expression()
		}
		r.target.ok = false
		r.pos = min(close+1, r.end)
		return v
	case js.OpenBracketToken:
		return r.array()
	case js.OpenBraceToken:
		return r.object()
	case js.FunctionToken:
		r.pos++
		r.accept(js.MulToken)
		name := ""
		if js.IsIdentifier(r.kind()) {
			name = r.text(r.pos)
			r.pos++
		}
		v := r.function()
		if f := v.fn(); f != nil {
			r.wait(f)
			if name != "" {
				f.scope = r.memory.scope(r.scope)
				f.scope.set(name, v)
			}
		}
		return v
	case js.ClassToken:
		return r.class()
	case js.ImportToken:
		r.pos++
		if r.kind() == js.OpenParenToken {
			base := len(r.stack)
			r.ref(at(r.arguments(), 0), "import", false)
			r.pop(base)
		}
	}
	return Value{}
}

// variable looks a name up.
func (r *Reader) variable(name string) Value {
	found, s := r.scope.lookup(name)
	if s == nil {
		return global(name)
	}
	v := *found
	if s == r.global && v.path == "" && v.kind != str && v.kind != number {
		v.path = name
	}
	return v
}

// global is a name that no script defines.
func global(name string) Value {
	switch name {
	case "window", "self", "globalThis", "top", "parent", "frames":
		return Value{path: "window"}
	case "undefined":
		return Value{kind: constant, text: "undefined"}
	}
	return Value{path: name}
}

// member is the property of v. What is written from token start to the last one
// read names it, as a rule; start is negative where nothing does.
func (r *Reader) member(v Value, key string, start int) Value {
	if v.path == "window" {
		if own := r.global.own(key); own != nil {
			g := *own
			if g.path == "" && g.kind != str && g.kind != number {
				g.path = key
			}
			return g
		}
		return global(key)
	}
	path := ""
	if v.path != "" && len(v.path) < 200 {
		path = r.dotted(v.path, key, start)
	}
	if f, ok := v.obj.get(key); ok {
		if f.path == "" && f.kind != str && f.kind != number {
			f.path = path
		}
		return f
	}
	switch path {
	case "location.protocol", "document.location.protocol":
		return Value{kind: str, text: "https:"}
	case "document.defaultView", "document.parentWindow":
		return Value{path: "window"}
	}
	return Value{path: path}
}

// dotted puts a path and a key together, which need no memory where the script
// has them so.
func (r *Reader) dotted(path, key string, start int) string {
	if start >= 0 {
		from, to := int(r.toks[start].from), int(r.toks[r.pos-1].to)
		if n := len(path); to-from == n+1+len(key) && r.src[from+n] == '.' && view(r.src[from:from+n]) == path {
			return view(r.src[from:to])
		}
	}
	return path + "." + key
}

// setMember assigns a property.
func (r *Reader) setMember(base Value, key string, v Value, start int) Value {
	if base.path == "window" {
		r.setGlobal(key, v, start)
		if v.path == "" && v.kind != str && v.kind != number {
			v.path = key
		}
		if key == "location" {
			r.ref(v, "location", false)
		}
		r.handler(key, v)
		return v
	}
	if base.path != "" {
		if v.path == "" && v.kind != str && v.kind != number {
			v.path = base.path + "." + key
		}
		r.assigned(base.path+"."+key, v, start)
	}
	r.property(base, key, v)
	r.handler(key, v)
	if base.obj != nil {
		base.obj.set(key, v)
	} else if base.kind == unknown && base.path != "" && strings.IndexByte(base.path, '.') < 0 && base.path != "document" {
		made := r.memory.element("")
		made.path = base.path
		made.obj.set(key, v)
		r.global.set(base.path, made)
	}
	return v
}
