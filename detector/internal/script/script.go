// Package script reads JavaScript as far as constants go: which URLs it hands
// to something that requests them, and which of the calls that trackers queue
// it makes, with their arguments.
//
// It is no engine. Every branch is taken once, loops run once, and what only a
// browser knows is unknown. Strings are followed through concatenation, template
// literals, variables, properties, parameters of functions that are called with
// constants, and the few built-in functions that put URLs together. A function
// that nobody calls is read once, with unknown parameters. The work is linear in
// the length of the script: calls of functions with constants draw on a budget.
//
//	t.src = v in (function(f,b,e,v){…t.src=v…})(window,document,'script','https://t.example/a.js')
//
// gives the URL of the fourth argument, at the vector script:script.
package script

import (
	"bytes"
	"strings"
)

// Ref is a URL, or a piece of markup, that a script hands to something that
// loads it.
type Ref struct {
	Text   Value
	Vector string // script:fetch
	Markup bool   // Text is written into the document
	Later  bool   // in a function that nothing in the script calls
}

// Call is a call, or an assignment, whose name is known.
type Call struct {
	Name     string // fbq, dataLayer.push, "new UET", "_linkedin_partner_id ="
	Args     []Value
	From, To int // in the document; from the dot on for the next call of a chain
	Later    bool
	Maybe    bool // under a condition; told of calls whose first argument is "consent"
}

// Reader reads the scripts of a document. It belongs to one goroutine; what it
// found is valid until the next call of Read. Variables live until Reset.
type Reader struct {
	Refs  []Ref
	Calls []Call
	// Comments are ranges of the script that hold no code.
	Comments [][2]int
	// Cut reports that the script is longer than what is read of one.
	Cut bool
	// Known says which calls are wanted; nil for none. It must not keep the name.
	Known func(name string) bool
	// HasWord says with which words the names of wanted calls begin, but for "new".
	HasWord func(word []byte) bool

	src    []byte // of the script
	at     int32  // where it stands in the document
	placed bool
	holes  bool // the script has bytes that stand for what is unknown
	buf    []byte
	toks   []tok
	open   []int32 // brackets, of the tokens so far
	levels []int   // of brackets around templates
	global *scope
	memory memory
	round  int     // of readings, so that functions of another script are not entered
	stack  []Value // arguments and elements that are read
	fields []prop  // properties that are read
	deep   int     // how far the stack was used since Done
	widest int     // and the fields
	name   []byte  // of a call
	run
}

// run is the state of one reading.
type run struct {
	pos     int
	end     int // of the function that is read
	fuel    int // tokens that may still be read
	spare   int // of those, for what was not read yet
	bytes   int // that may still be put together
	depth   int // of expressions
	calls   int // functions inside one another
	later   bool
	scope   *scope
	target  place // of what was read last
	chained bool  // what was called last is one of those wanted, and a method
	site    site  // of the call whose function is read
	ret     Value
	waiting []*function // to be read at the end
	next    int         // of those
	seen    map[refKey]bool
	asks    []int32 // tokens that are the word arguments

	functions []int32 // tokens that are the word function
}

// site is where a function is called.
type site struct {
	from, to int // tokens
	function *function
	listed   bool    // as one of those wanted
	list     *object // of what the function is called with, if it looks at that
}

type refKey struct {
	from   int32
	vector string
	text   string
}

// Limits of one script.
const (
	maxDepth   = 100     // expressions inside one another
	maxCalls   = 12      // functions that are called inside one another
	maxProps   = 256     // of an object
	maxNames   = 20000   // global variables
	maxRefs    = 20000   // references, and as many calls
	maxText    = 1 << 18 // bytes of a string
	maxPieces  = 64      // literals that a string is made of
	maxPending = 1 << 17 // functions that nothing calls
	maxKept    = 1 << 10 // values and functions that there is room for from the start
)

// Read reads one script that stands at an offset of its document, to which all
// places are relative; negative for one that stands nowhere as it is, such as
// the value of an attribute with entities.
func (r *Reader) Read(src []byte, at int) {
	r.Refs, r.Calls, r.Comments = r.Refs[:0], r.Calls[:0], r.Comments[:0]
	r.src, r.at, r.placed = src, int32(max(at, 0)), at >= 0
	r.holes = bytes.IndexByte(src, hole[0]) >= 0
	r.round++
	r.Cut = false
	r.lex()
	if r.global == nil {
		r.global = r.memory.scope(nil)
	}
	if r.stack == nil {
		r.stack = make([]Value, 0, 64)
	}
	r.run = run{
		end: len(r.toks), fuel: 6*len(r.toks) + 4096, spare: 2 * len(r.toks), bytes: 8*len(src) + 1<<16, scope: r.global,
		waiting: r.run.waiting[:0], seen: r.run.seen, asks: r.run.asks, functions: r.run.functions,
	}
	r.hoist(0, len(r.toks))
	r.statements()
	r.later = true
	for ; r.next < len(r.waiting) && r.fuel > 0; r.next++ {
		if f := r.waiting[r.next]; !f.read {
			r.enter(f, nil)
		}
	}
	r.tidy()
}

// tidy keeps the room of a reading for the next one, unless it is large.
func (r *Reader) tidy() {
	clear(r.waiting)
	if len(r.seen) > maxListed {
		r.seen = nil
	}
	clear(r.seen)
	r.run = run{waiting: r.waiting, seen: r.seen, asks: r.asks, functions: r.functions}
	if cap(r.waiting) > maxKept {
		r.waiting = nil
	}
	if cap(r.stack) > maxKept || cap(r.fields) > maxKept {
		r.stack, r.fields, r.deep, r.widest = nil, nil, 0, 0
	}
}

// Worth reports whether a script can hold anything that Read would find: the
// two slashes of a URL, or a name of known.
func Worth(src []byte, known func(name []byte) bool) bool {
	slash := byte(0)
	for i := 0; i < len(src); {
		c := src[i]
		class := classes[c]
		switch {
		case class == nameByte:
			from := i
			for i++; i < len(src) && classes[src[i]] >= nameByte; i++ {
			}
			if known != nil && known(src[from:i]) {
				return true
			}
			slash = 0
			continue
		case c == '/':
			if slash == '/' {
				return true
			}
			slash = '/'
		case c != '\\':
			slash = 0
			if class == digitByte { // a number, or the end of a name
				for i++; i < len(src) && classes[src[i]] >= nameByte; i++ {
				}
				continue
			}
		}
		i++
	}
	return false
}

const (
	otherByte = iota
	nameByte  // starts a name
	digitByte // goes on with one
)

var classes = func() (t [256]byte) {
	for c := range 256 {
		switch b := byte(c); {
		case b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_' || b == '$':
			t[c] = nameByte
		case b >= '0' && b <= '9':
			t[c] = digitByte
		}
	}
	return t
}()

// ref lists a URL that is handed to a sink.
func (r *Reader) ref(v Value, vector string, markup bool) {
	if v.kind == list && !markup { // of several URLs, as importScripts takes them
		for _, e := range v.obj.elems {
			if e.kind == str {
				r.ref(e, vector, false)
			}
		}
		return
	}
	if v.kind != str || v.text == "" || v.text[0] == '#' || len(r.Refs) >= maxRefs {
		return
	}
	if !markup && strings.HasPrefix(v.text, hole) {
		return // the host, or the folder, is unknown
	}
	if markup && !strings.ContainsRune(v.text, '<') {
		return
	}
	k := refKey{v.first.from, vector, v.text}
	if r.seen[k] {
		return
	}
	r.see(k)
	r.Refs = append(r.Refs, Ref{Text: v, Vector: "script:" + vector, Markup: markup, Later: r.later})
}

func (r *Reader) see(k refKey) {
	if r.seen == nil {
		r.seen = map[refKey]bool{}
	}
	r.seen[k] = true
}

// call lists a call if its name, which it makes of three parts, is wanted, and
// reports whether it is.
func (r *Reader) call(before, name, after string, args []Value, from, to int) bool {
	if name == "" && before == "" || r.Known == nil || to <= from {
		return false
	}
	if before != "" || after != "" {
		r.name = append(append(append(r.name[:0], before...), name...), after...)
		name = view(r.name)
	}
	if !r.Known(name) || len(r.Calls) >= maxRefs {
		return false
	}
	name = strings.Clone(name)
	k := refKey{int32(r.toks[from].from), name, key(args)}
	if r.seen[k] {
		return true
	}
	r.see(k)
	r.Calls = append(r.Calls, Call{
		Name: name, Args: append([]Value{}, args...), Later: r.later, Maybe: at(args, 0).text == "consent" && r.maybe(from),
		From: int(r.at + r.toks[from].from), To: int(r.at + r.toks[to-1].to),
	})
	return true
}

// key tells calls of one place apart by their first arguments.
func key(args []Value) string {
	var b strings.Builder
	for i := range min(len(args), 3) {
		b.WriteString(args[i].text)
		b.WriteByte(0)
		if args[i].obj != nil {
			for _, e := range args[i].obj.elems[:min(len(args[i].obj.elems), 3)] {
				b.WriteString(e.text)
				b.WriteByte(1)
			}
		}
	}
	return b.String()
}
