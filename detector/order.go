package detector

import "slices"

// inOrder sorts references by their place. They are large, so that each is moved
// once only.
func (s *scan) inOrder(refs []ref) {
	sorted := true
	for i := 1; i < len(refs) && sorted; i++ {
		sorted = refs[i-1].Offset <= refs[i].Offset
	}
	if sorted {
		return
	}
	s.order = s.order[:0]
	for i := range refs {
		s.order = append(s.order, uint64(refs[i].Offset)<<32|uint64(i))
	}
	slices.Sort(s.order)
	for i := range s.order {
		// Follow the circle of places that begins with i.
		from := int(uint32(s.order[i]))
		if from == i {
			continue
		}
		first, at := refs[i], i
		for from != i {
			refs[at] = refs[from]
			s.order[at] = uint64(at)
			at, from = from, int(uint32(s.order[from]))
		}
		refs[at] = first
		s.order[at] = uint64(at)
	}
}
