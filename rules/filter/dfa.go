package filter

import (
	"encoding/binary"
	"regexp/syntax"
)

// maxProgram and maxStates bound the automata; a larger expression is left to
// package regexp.
const (
	maxProgram = 2000
	maxStates  = 600
)

// A dfa is a regular expression as a table: matching takes one step a byte of
// the URL and no memory. It knows ASCII only.
//
//	/a+b/  state 0: nothing yet; a → 1, else 0
//	       state 1: one a or more; a → 1, b → found, else 0
type dfa struct {
	class   [256]uint8 // of each byte that the expression tells apart
	classes int
	next    []uint16 // for each state and class
	atEnd   []bool   // whether the URL may end in a state
}

// The first states, whatever the expression, and the class of bytes that are
// not ASCII.
const (
	stateDead = iota
	stateFound
	stateStart

	notASCII = 0xff
)

// newDFA returns nil for an expression that is too large, or that looks for the
// edges of words.
func newDFA(re *syntax.Regexp) *dfa {
	prog, err := syntax.Compile(re.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return nil
	}
	for i := range prog.Inst {
		in := &prog.Inst[i]
		if in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0 {
			return nil
		}
	}
	b := &dfaBuilder{prog: prog, seen: make([]uint32, len(prog.Inst)), states: map[string]uint16{}}
	b.splitBytes()
	if !b.build() {
		return nil
	}
	b.kill()
	return &b.d
}

// match reports whether a URL matches; ok is false when it is not ASCII.
func (d *dfa) match(s string) (found, ok bool) {
	state := stateStart
	for i := range len(s) {
		c := d.class[s[i]]
		if c == notASCII {
			return false, false
		}
		state = int(d.next[state*d.classes+int(c)])
		if state <= stateFound {
			return state == stateFound, state == stateFound || isASCII(s[i:])
		}
	}
	return d.atEnd[state], true
}

type dfaBuilder struct {
	d      dfa
	prog   *syntax.Prog
	sample []rune            // one byte of each class
	states map[string]uint16 // by the instructions that they are at
	todo   [][]uint32        // the instructions of each state
	seen   []uint32          // marks of closure
	mark   uint32
	stack  []uint32
	set    []uint32 // the closure
}

// splitBytes puts bytes that all instructions treat alike into one class.
func (b *dfaBuilder) splitBytes() {
	known := map[string]uint8{}
	var key []byte
	for c := range rune(128) {
		key = key[:0]
		for i := range b.prog.Inst {
			if in := &b.prog.Inst[i]; consumes(in) && in.MatchRune(c) {
				key = binary.AppendUvarint(key, uint64(i))
			}
		}
		class, ok := known[string(key)]
		if !ok {
			class = uint8(len(known))
			known[string(key)] = class
			b.sample = append(b.sample, c)
		}
		b.d.class[c] = class
	}
	for c := 128; c < 256; c++ {
		b.d.class[c] = notASCII
	}
	b.d.classes = len(known)
}

func consumes(in *syntax.Inst) bool {
	switch in.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

// build makes the states that can be reached; it gives up when they are many.
func (b *dfaBuilder) build() bool {
	for range stateStart {
		b.todo = append(b.todo, nil)
	}
	b.state([]uint32{uint32(b.prog.Start)}, true)
	for n := stateStart; n < len(b.todo); n++ {
		if len(b.todo) > maxStates {
			return false
		}
		at := b.todo[n]
		begin := syntax.EmptyOp(0)
		if n == stateStart {
			begin = syntax.EmptyBeginText
		}
		b.d.atEnd = append(b.d.atEnd, b.closure(at, begin|syntax.EmptyEndText))
		b.closure(at, begin)
		reached := append([]uint32(nil), b.set...)
		for _, c := range b.sample {
			// A match may also start here.
			next := []uint32{uint32(b.prog.Start)}
			for _, pc := range reached {
				if in := &b.prog.Inst[pc]; consumes(in) && in.MatchRune(c) {
					next = append(next, in.Out)
				}
			}
			b.d.next = append(b.d.next, b.state(next, false))
		}
	}
	b.d.atEnd = append([]bool{false, true}, b.d.atEnd...)
	b.d.next = append(make([]uint16, stateStart*b.d.classes), b.d.next...)
	return true
}

// state returns the number of the state at some instructions.
func (b *dfaBuilder) state(at []uint32, begin bool) uint16 {
	flags := syntax.EmptyOp(0)
	if begin {
		flags = syntax.EmptyBeginText
	}
	if b.closure(at, flags) && !begin {
		return stateFound
	}
	var key []byte
	b.mark++
	unique := at[:0:0]
	for _, pc := range at {
		if b.seen[pc] != b.mark {
			b.seen[pc] = b.mark
			unique = append(unique, pc)
			key = binary.AppendUvarint(key, uint64(pc))
		}
	}
	if n, ok := b.states[string(key)]; ok && !begin {
		return n
	}
	n := uint16(len(b.todo))
	if !begin {
		b.states[string(key)] = n
	}
	b.todo = append(b.todo, unique)
	return n
}

// closure sets b.set to the instructions that are reached without consuming a
// byte, and reports whether the match is among them.
func (b *dfaBuilder) closure(at []uint32, flags syntax.EmptyOp) (found bool) {
	b.mark++
	b.set, b.stack = b.set[:0], append(b.stack[:0], at...)
	for len(b.stack) > 0 {
		pc := b.stack[len(b.stack)-1]
		b.stack = b.stack[:len(b.stack)-1]
		if b.seen[pc] == b.mark {
			continue
		}
		b.seen[pc] = b.mark
		switch in := &b.prog.Inst[pc]; in.Op {
		case syntax.InstMatch:
			found = true
		case syntax.InstAlt, syntax.InstAltMatch:
			b.stack = append(b.stack, in.Arg, in.Out)
		case syntax.InstCapture, syntax.InstNop:
			b.stack = append(b.stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^flags == 0 {
				b.stack = append(b.stack, in.Out)
			}
		case syntax.InstFail:
		default:
			b.set = append(b.set, pc)
		}
	}
	return found
}

// kill makes states that are never left, without a match, the dead state.
func (b *dfaBuilder) kill() {
	d := &b.d
	for n := stateStart + 1; n < len(d.atEnd); n++ {
		dead := !d.atEnd[n]
		for _, to := range d.next[n*d.classes : (n+1)*d.classes] {
			dead = dead && int(to) == n
		}
		if !dead {
			continue
		}
		for i := range d.next {
			if int(d.next[i]) == n {
				d.next[i] = stateDead
			}
		}
	}
}
