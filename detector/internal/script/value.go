package script

import (
	"strconv"
	"strings"
	"unsafe"
)

type kind uint8

const (
	unknown kind = iota
	str
	number
	constant // true, false, null, undefined
	dict
	list
	code
)

// Hole stands in a string for what is unknown. It is no UTF-8, so that no
// script can write it.
const Hole = "\xff"

const hole = Hole

// Value is what an expression is known to be.
type Value struct {
	kind  kind
	first origin
	text  string // of strings and numbers
	path  string // the global name it has: "ttq.load"
	obj   *object
}

// origin is the literal that a string begins with.
type origin struct {
	from, to int32 // in the document, without quotes; none where to is 0
	loose    bool  // the string was decoded from it
}

// piece is a literal that a part of a string was written as.
type piece struct {
	at int32 // where it starts in the string
	origin
}

func (p piece) moved(by int32) piece {
	p.at += by
	return p
}

// object is a dict, a list, a function and its properties, or the pieces of a
// string.
type object struct {
	fn    *function
	more  []piece // of a string, behind the first
	props []prop
	elems []Value
	tag   string // of an element that was created
}

type prop struct {
	key   string
	value Value
}

func (o *object) get(key string) (Value, bool) {
	if o == nil {
		return Value{}, false
	}
	for i := range o.props {
		if o.props[i].key == key {
			return o.props[i].value, true
		}
	}
	if key == "" || key[0] > '9' || len(o.elems) == 0 {
		return Value{}, false
	}
	if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < len(o.elems) {
		return o.elems[n], true
	}
	return Value{}, false
}

func (o *object) set(key string, v Value) { o.props = setProp(o.props, 0, key, v) }

// setProp sets a property among those from the place first on.
func setProp(props []prop, first int, key string, v Value) []prop {
	for i := first; i < len(props); i++ {
		if props[i].key == key {
			props[i].value = v
			return props
		}
	}
	if len(props)-first < maxProps {
		props = append(props, prop{key, v})
	}
	return props
}

// function is a function that was written; its parameters are tokens.
type function struct {
	params, body [2]int // ranges of tokens
	expr         bool   // an arrow function without braces
	scope        *scope
	round        int // of the script it stands in
	read         bool
}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Known reports whether anything is known of the value.
func (v Value) Known() bool { return v.kind != unknown }

// HasFields reports whether v is an object or a list.
func (v Value) HasFields() bool { return v.kind == dict || v.kind == list }

// IsText reports whether v is a string or a number.
func (v Value) IsText() bool { return v.kind == str || v.kind == number }

// Text is a string, number or constant as text; what is unknown in it is left
// out.
func (v Value) Text() string { return strings.ReplaceAll(v.text, hole, "") }

// Whole reports whether no part of the text is unknown.
func (v Value) Whole() bool {
	return v.kind != unknown && !strings.Contains(v.text, hole)
}

// At returns the value at a path of keys and positions parted by dots; ok is
// false where there is none.
func (v Value) At(path string) (found Value, ok bool) {
	for path != "" {
		if v.kind == str {
			return Value{}, false
		}
		key, rest, _ := strings.Cut(path, ".")
		n, ok := v.obj.get(key)
		if !ok {
			return Value{}, false
		}
		v, path = n, rest
	}
	return v, true
}

// List makes a list of values.
func List(values []Value) Value { return Value{kind: list, obj: &object{elems: values}} }

// Fields calls visit for every named field of v, and of the objects in it.
func (v Value) Fields(visit func(name string, f Value)) {
	left := 2 * maxProps // an object may hold itself
	v.fields(visit, 0, &left)
}

func (v Value) fields(visit func(name string, f Value), depth int, left *int) {
	if v.obj == nil || v.kind == str || depth > 3 {
		return
	}
	for i := range v.obj.props {
		if *left--; *left < 0 {
			return
		}
		k, f := v.obj.props[i].key, v.obj.props[i].value
		if f.kind == dict || f.kind == list {
			f.fields(visit, depth+1, left)
			continue
		}
		visit(k, f)
	}
	for _, e := range v.obj.elems {
		if *left--; *left < 0 {
			return
		}
		e.fields(visit, depth+1, left)
	}
}

// Place returns the range of the script in which the bytes [at, at+n) of the
// string are written, as far as one literal holds them, and whether they are
// written there as they are. It is empty where the script writes them nowhere.
func (v Value) Place(src []byte, at, n int) (from, to int, plain bool) {
	p := piece{0, v.first}
	end := len(v.text)
	for _, q := range v.more() {
		if int(q.at) > at {
			end = int(q.at)
			break
		}
		p, end = q, len(v.text)
	}
	if p.to == 0 {
		return 0, 0, false
	}
	if p.loose {
		return int(p.from), int(p.to), false
	}
	whole := at+n <= end
	raw := src[p.from:p.to]
	from = int(p.from) + rawOffset(raw, at-int(p.at))
	to = int(p.from) + rawOffset(raw, min(at+n, end)-int(p.at))
	return from, to, whole && view(src[from:to]) == v.text[at:at+n]
}

func (v Value) more() []piece {
	if v.kind != str || v.obj == nil {
		return nil
	}
	return v.obj.more
}

// fn is the function that v is, nil if it is none that is known.
func (v Value) fn() *function {
	if v.kind != code || v.obj == nil {
		return nil
	}
	return v.obj.fn
}

// Raw is the string with a hole as it is, for readers of markup.
func (v Value) Raw() string { return v.text }

func (v Value) truthy() (yes, known bool) {
	switch v.kind {
	case str:
		return v.text != "", true
	case number:
		return v.text != "0", true
	case dict, list, code:
		return true, true
	case constant:
		return v.text == "true", true
	}
	return false, false
}

// concat puts two values together as the operator + does.
func (r *Reader) concat(a, b Value) Value {
	if a.kind == number && b.kind == number {
		return add(a, b)
	}
	if a.kind != str && b.kind != str {
		return Value{}
	}
	a, b = asString(a), asString(b)
	n := len(a.text) + len(b.text)
	if r.bytes -= n; r.bytes < 0 || n > maxText {
		return Value{}
	}
	v := Value{kind: str, text: a.text + b.text, first: a.first}
	am, bm := a.more(), b.more()
	if len(am)+len(bm)+1 > maxPieces {
		v.obj = a.obj
		return v
	}
	more := append(make([]piece, 0, len(am)+len(bm)+1), am...)
	shift := int32(len(a.text))
	more = append(more, piece{shift, b.first})
	for _, p := range bm {
		more = append(more, p.moved(shift))
	}
	v.obj = r.memory.object()
	v.obj.more = more
	return v
}

func add(a, b Value) Value {
	x, err1 := strconv.ParseFloat(a.text, 64)
	y, err2 := strconv.ParseFloat(b.text, 64)
	if err1 != nil || err2 != nil {
		return Value{}
	}
	return Value{kind: number, text: strconv.FormatFloat(x+y, 'f', -1, 64)}
}

func asString(v Value) Value {
	switch v.kind {
	case str:
		return v
	case number, constant:
		v.kind = str
		v.obj, v.path = nil, ""
		return v
	}
	return Value{kind: str, text: hole}
}
