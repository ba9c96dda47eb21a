package script

// slab hands out memory for many small things of one type, and takes it back
// all at once. The zero value is ready.
type slab[T any] struct {
	free   []T
	chunks [][]T
	used   int // of the chunks
}

// Sizes of a slab, in things.
const (
	firstChunk = 16
	lastChunk  = 256
	maxChunks  = 16 // what is more is left to the garbage collector
)

// take returns n things that are zero.
func (s *slab[T]) take(n int) []T {
	if n > len(s.free) {
		if n > firstChunk || s.used == maxChunks {
			return make([]T, n)
		}
		if s.used == len(s.chunks) {
			s.chunks = append(s.chunks, make([]T, min(firstChunk<<min(s.used, 8), lastChunk)))
		}
		s.free = s.chunks[s.used]
		s.used++
	}
	got := s.free[:n:n]
	s.free = s.free[n:]
	return got
}

// again takes back what was handed out.
func (s *slab[T]) again() {
	for _, c := range s.chunks[:s.used] {
		clear(c)
	}
	s.free, s.used = nil, 0
}

// leave hands out nothing from memory that is in use.
func (s *slab[T]) leave() {
	if s.used > 0 {
		*s = slab[T]{}
	}
}

// memory is what the values of scripts are kept in.
type memory struct {
	objects   slab[object]
	functions slab[function]
	scopes    slab[scope]
	vars      slab[variable]
	values    slab[Value]
	props     slab[prop]
}

// Done says that nothing that was found is needed any longer, so that its memory
// can be used again.
func (r *Reader) Done() {
	r.global = nil
	clear(r.stack[:min(r.deep+1, cap(r.stack))]) // one more for an assignment
	clear(r.fields[:r.widest])
	r.deep, r.widest = 0, 0
	m := &r.memory
	m.objects.again()
	m.functions.again()
	m.scopes.again()
	m.vars.again()
	m.values.again()
	m.props.again()
}

// Reset forgets the variables of the scripts before.
func (r *Reader) Reset() {
	r.global = nil
	m := &r.memory
	m.objects.leave()
	m.functions.leave()
	m.scopes.leave()
	m.vars.leave()
	m.values.leave()
	m.props.leave()
}

// pop takes what stands above base off the stack.
func (r *Reader) pop(base int) {
	r.deep = max(r.deep, len(r.stack))
	r.stack = r.stack[:base]
}

func (m *memory) object() *object { return &m.objects.take(1)[0] }

func (m *memory) list(elems []Value) Value {
	o := m.object()
	o.elems = elems
	return Value{kind: list, obj: o}
}

// element is an element that a script makes.
func (m *memory) element(tag string) Value {
	o := m.object()
	o.tag = tag
	return Value{kind: dict, obj: o}
}

func (m *memory) function(f *function) Value {
	o := m.object()
	o.fn = f
	return Value{kind: code, obj: o}
}

func (m *memory) scope(outer *scope) *scope {
	s := &m.scopes.take(1)[0]
	s.outer, s.memory = outer, m
	return s
}

// keep copies values that stand on the stack.
func (m *memory) keep(values []Value) []Value {
	kept := m.values.take(len(values))
	copy(kept, values)
	return kept
}
