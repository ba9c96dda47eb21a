package mime

import (
	"bytes"
	"strings"
)

// Section is a part that was read by itself.
type Section struct {
	Path string
	Data []byte // the part's header, the blank line, the body as far as it was read
	Cut  bool   // the rest of the body was not read
}

// Join makes a message of its header and some of its parts, as [Reader.Split]
// would of the whole. The parts are in the order of the message; those that are
// messages or multiparts are split further. Ranges of a part count in the Data
// of its section, those of the message in header.
//
// It reports false where header and sections do not tell what the whole would:
// clients may disagree on the structure, or what was cut off matters. What it
// returns is valid until the next call of Join or Split.
func (r *Reader) Join(header []byte, sections []Section, l Limits) (*Message, bool) {
	r.lim = l.withDefaults()
	r.arena.reset()
	m := &r.msg
	*m = Message{Src: header, Parts: m.Parts[:0], Warnings: m.Warnings[:0], fields: m.fields[:0]}
	start := skipLead(header)
	h := readHeader(header, start, eolOf(header[start:]), r.lim, true, m.fields[:0])
	m.Header = h.fields
	m.setFields(h.list)
	root := Part{Path: "TEXT", Src: header, Header: h.fields, Parent: -1, Decoded: true, Encoding: "7bit"}
	r.describe(&root, &h, &entity{src: header})
	if h.base.Len() > 0 {
		root.Base = unfold(h.base.Of(header), nil)
	}
	multipart := strings.HasPrefix(root.Type, "multipart/")
	whole := !h.garbage && !h.clipped && h.otherType.Len() == 0 && (multipart || len(sections) == 0)
	if multipart {
		first, second, odd := param(root.contentType, "boundary")
		whole = whole && len(first) > 0 && !odd && (second == nil || bytes.Equal(first, second))
	} else {
		root.Path = "1"
	}
	m.Parts = append(m.Parts, root)
	for _, s := range sections {
		from := len(m.Parts)
		r.todo = append(r.todo[:0], entity{
			src: s.Data, span: Range{0, len(s.Data)}, path: s.Path, depth: 1, encoded: 1, digest: root.Type == "multipart/digest",
		})
		for len(r.todo) > 0 && len(m.Parts) < r.lim.Parts {
			e := r.todo[len(r.todo)-1]
			r.todo = r.todo[:len(r.todo)-1]
			r.entity(&e)
		}
		for i := from; s.Cut && i < len(m.Parts); i++ {
			whole = whole && !m.Parts[i].CanTrack() && !m.Parts[i].IsContainer()
		}
	}
	return m, whole && !m.Odd && m.Complete()
}

// Need is how much of a part has to be read to find its references.
type Need uint8

// The needs.
const (
	NeedNothing Need = iota
	NeedHead         // the first HeadBytes, which tell whether the rest is a document
	NeedAll
)

// HeadBytes are enough of a body, in any transfer encoding, to tell what it is.
const HeadBytes = 1024

// Needs says how much of a part has to be read, by its declared type and file
// name. It is what [Reader.Split] does with a part, told beforehand.
func Needs(mediaType, filename string) Need {
	p := Part{Type: strings.ToLower(mediaType)}
	if p.CanTrack() || p.IsContainer() {
		return NeedAll
	}
	plain := p.Type == "application/octet-stream"
	if !plain && strings.IndexByte(p.Type, '/') > 0 && !strings.HasPrefix(p.Type, "application/x-") && p.Type != "application/html" {
		return NeedNothing
	}
	switch {
	case plain && isMessageName(filename), typeOfName(filename) != "":
		return NeedAll
	case plain && filename != "":
		return NeedNothing
	}
	return NeedHead
}
