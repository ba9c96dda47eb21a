package script

import "github.com/tdewolff/parse/v2/js"

// array reads [a, b].
func (r *Reader) array() Value {
	close, base := r.partner(r.pos), len(r.stack)
	r.pos++
	if r.depth >= maxDepth {
		r.pos = close
	}
	r.depth++
	for r.pos < close {
		at := r.pos
		if r.accept(js.CommaToken) {
			if len(r.stack)-base < maxProps {
				r.stack = append(r.stack, Value{})
			}
			continue
		}
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
	var elems []Value
	if len(r.stack) > base {
		elems = r.memory.keep(r.stack[base:])
		r.pop(base)
	}
	return r.memory.list(elems)
}

// object reads {a: b}.
func (r *Reader) object() Value {
	close, base := r.partner(r.pos), len(r.fields)
	r.pos++
	if r.depth >= maxDepth {
		r.pos = close
	}
	r.depth++
	for r.pos < close {
		if r.fuel--; r.fuel < 0 {
			break
		}
		r.entry(base)
	}
	r.depth--
	r.pos = min(close+1, r.end)
	v := r.memory.element("")
	if n := len(r.fields) - base; n > 0 {
		v.obj.props = r.memory.props.take(n)
		copy(v.obj.props, r.fields[base:])
		r.widest = max(r.widest, len(r.fields))
		r.fields = r.fields[:base]
	}
	return v
}

// entry reads one property of an object literal, whose properties are those from
// the place base on.
func (r *Reader) entry(base int) {
	key, i := "", r.pos
	switch k := r.kind(); {
	case k == js.StringToken:
		key = r.literal(i).text
		r.pos++
	case k == js.OpenBracketToken:
		close := r.partner(i)
		r.pos++
		if v := r.expression(); v.IsText() && v.Whole() {
			key = v.text
		}
		r.pos = min(close+1, r.end)
	case k == js.EllipsisToken:
		r.pos++
		if v := r.assign(); v.obj != nil {
			for _, p := range v.obj.props {
				r.fields = setProp(r.fields, base, p.key, p.value)
			}
		}
	case js.IsIdentifierName(k) || js.IsNumeric(k):
		key = r.text(i)
		r.pos++
	default:
		r.pos++
		return
	}
	switch r.kind() {
	case js.ColonToken:
		r.pos++
		if v := r.assign(); key != "" {
			r.fields = setProp(r.fields, base, key, v)
		}
	case js.OpenParenToken:
		if f, ok := r.signature(); ok {
			r.wait(f)
			r.fields = setProp(r.fields, base, key, r.memory.function(f))
		}
	case js.CommaToken, js.CloseBraceToken:
		if js.IsIdentifier(r.toks[i].kind) && key != "" {
			r.fields = setProp(r.fields, base, key, r.variable(key))
		}
	}
	r.accept(js.CommaToken)
}
