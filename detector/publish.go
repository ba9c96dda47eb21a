package detector

import "strings"

// publish gives the report its list of references, whose strings no longer
// point into the message.
func (s *scan) publish() {
	size := 0
	for i := range s.refs {
		r := &s.refs[i]
		size += len(r.URL) + len(r.Raw) + len(r.Condition)
	}
	var b strings.Builder
	b.Grow(size)
	own := func(text string) string {
		from := b.Len()
		b.WriteString(text)
		return b.String()[from:]
	}
	sizes := make([]float64, 0, 2*len(s.refs))
	offsets := make([]int, 0, len(s.refs))
	s.rep.References = make([]Reference, len(s.refs))
	for i := range s.refs {
		r := &s.refs[i]
		r.URL = own(r.URL)
		r.Raw, r.Condition = own(r.Raw), own(r.Condition)
		r.Host = within(r.URL, r.Host)
		r.Site = within(r.Host, r.Site)
		r.Hidden = r.box.Hidden
		if r.box.HasWidth {
			sizes = append(sizes, r.box.Width)
			r.Width = &sizes[len(sizes)-1]
		}
		if r.box.HasHeight {
			sizes = append(sizes, r.box.Height)
			r.Height = &sizes[len(sizes)-1]
		}
		if r.rawOffset >= 0 {
			offsets = append(offsets, r.rawOffset)
			r.RawOffset = &offsets[len(offsets)-1]
		}
		s.rep.References[i] = r.Reference
		s.rep.References[i].Request = r.request
	}
}

// within returns part as a slice of whole, or a copy where it is none.
func within(whole, part string) string {
	if i := strings.Index(whole, part); i >= 0 {
		return whole[i : i+len(part)]
	}
	return strings.Clone(part)
}
