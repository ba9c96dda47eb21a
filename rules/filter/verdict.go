package filter

import (
	"strings"
)

// A Verdict is what an engine says of a request.
type Verdict struct {
	Blocked   bool
	Filter    Match // that blocks or would block; the zero Match if there is none
	Exception Match // that cancels Filter; the zero Match if there is none
}

// A Match is a filter of an engine, found by a request. Its text is read from
// the table when it is asked for.
type Match struct {
	e  *Engine
	id uint32
}

// Found reports whether there is a filter: the zero Match has none.
func (m Match) Found() bool { return m.e != nil }

// List returns the name of the filter's list.
func (m Match) List() string {
	if m.e == nil {
		return ""
	}
	return m.e.lists[m.e.lines[4*m.id+3]]
}

// Line returns the filter's line in its list, from 1.
func (m Match) Line() int {
	if m.e == nil {
		return 0
	}
	return int(u32(m.e.lines, 4*m.id) & maxLineNumber)
}

// Text returns the filter as it stands in its list.
func (m Match) Text() string {
	if m.e == nil {
		return ""
	}
	at := u32(m.e.records, m.id*recordSize)
	text := m.e.text
	from := strings.LastIndexByte(text[:at], '\n') + 1
	text = text[from:]
	if end := strings.IndexAny(text, "\n\x00"); end >= 0 {
		text = text[:end]
	}
	return strings.Clone(text)
}

// Exception reports whether the filter allows what others block.
func (m Match) Exception() bool { return m.flags()&flagException != 0 }

// Important reports whether no exception cancels the filter.
func (m Match) Important() bool { return m.flags()&flagImportant != 0 }

func (m Match) flags() byte {
	if m.e == nil {
		return 0
	}
	return m.e.records[m.id*recordSize+13]
}
