package script

// scope holds variables: by an index where there are many.
type scope struct {
	vars   []variable
	index  map[string]int32
	outer  *scope
	memory *memory
}

type variable struct {
	name  string
	value Value
}

// maxListed is how many variables are looked for one after the other.
const maxListed = 8

// own is the variable of s that has a name, nil for none. It is valid until the
// next one is set.
func (s *scope) own(name string) *Value {
	if s.index != nil {
		if i, ok := s.index[name]; ok {
			return &s.vars[i].value
		}
		return nil
	}
	for i := range s.vars {
		// Most names differ in their first byte.
		if n := s.vars[i].name; len(n) == len(name) && (n == "" || n[0] == name[0] && n == name) {
			return &s.vars[i].value
		}
	}
	return nil
}

// lookup finds the scope that has a variable; nil for none.
func (s *scope) lookup(name string) (*Value, *scope) {
	for ; s != nil; s = s.outer {
		if v := s.own(name); v != nil {
			return v, s
		}
	}
	return nil, nil
}

func (s *scope) set(name string, v Value) {
	if len(s.vars) >= maxNames {
		return
	}
	if own := s.own(name); own != nil {
		*own = v
		return
	}
	if len(s.vars) == cap(s.vars) && len(s.vars) < maxListed {
		more := s.memory.vars.take(max(2*len(s.vars), 2))
		s.vars = more[:copy(more, s.vars)]
	}
	s.vars = append(s.vars, variable{name, v})
	switch {
	case s.index != nil:
		s.index[name] = int32(len(s.vars) - 1)
	case len(s.vars) > maxListed:
		s.index = make(map[string]int32, 2*maxListed)
		for i := range s.vars {
			s.index[s.vars[i].name] = int32(i)
		}
	}
}
