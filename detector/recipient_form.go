package detector

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// form is a text that, standing in a URL or in what it carries, tells who reads.
type form struct {
	text     string
	what     string
	evidence Evidence // NoEvidence for what is only worth a note
	fold     bool     // compared in lower case
	alone    bool     // does not stand inside a longer word
	inside   bool     // stands behind something else in the same token
	whole    bool     // is all of a parameter or segment
	start    uint32   // of text, in any case
}

// bitmap has a bit for the hash of the first four bytes of each form. A URL is
// compared with the forms only where its own have that bit: one pass for all.
type bitmap [64]uint64

func (m *bitmap) set(start uint32) {
	h := hash4(start)
	m[h>>6] |= 1 << (h & 63)
}

func (m *bitmap) has(start uint32) bool {
	h := hash4(start)
	return m[h>>6]&(1<<(h&63)) != 0
}

// setAll sets the bits of forms, none of which is shorter than four bytes.
func (m *bitmap) setAll(list []form) {
	for i := range list {
		list[i].start = binary.LittleEndian.Uint32(bytesOf(list[i].text)) | anyCase
		m.set(list[i].start)
	}
}

func (m *bitmap) or(o *bitmap) {
	for i := range m {
		m[i] |= o[i]
	}
}

// anyCase makes four letters lower case.
const anyCase = 0x20202020

// hash4 hashes four bytes, in any case, to twelve bits.
func hash4(w uint32) uint32 { return (w | anyCase) * 0x9E3779B1 >> 20 }

// A hit is what a text says about the reader, and where.
type hit struct {
	evidence Evidence
	what     string
	at       int
}

// rank orders hits: a note is more than nothing.
func (h *hit) rank() int {
	switch {
	case h.evidence == Proven:
		return 3
	case h.evidence == Likely:
		return 2
	case h.what != "":
		return 1
	}
	return 0
}

// find looks for the reader in a text. Of several hits it is the one that
// proves most, then the first.
func (r *reader) find(text []byte) (best hit) {
	if len(r.people) > 0 {
		for at := 0; at < len(text); at++ {
			n := bytes.IndexByte(text[at:], '@')
			if n < 0 {
				break
			}
			at += n
			if p := r.at(text, at); p != nil {
				return hit{Proven, "the recipient's address", at}
			}
		}
	}
	for at := 0; at+4 <= len(text); at++ {
		start := binary.LittleEndian.Uint32(text[at:])
		if !r.starts.has(start) {
			continue
		}
		for _, p := range r.people {
			best.better(p.forms, text, at, start|anyCase)
		}
		best.better(r.traits, text, at, start|anyCase)
	}
	return best
}

// better takes over a form that stands at an offset and proves more.
func (h *hit) better(list []form, text []byte, at int, start uint32) {
	for i := range list {
		f := &list[i]
		if f.start != start {
			continue
		}
		if got := (hit{f.evidence, f.what, at}); got.rank() > h.rank() && f.standsAt(text, at) {
			*h = got
		}
	}
}

// standsAt reports whether f stands in a text at an offset.
func (f *form) standsAt(text []byte, at int) bool {
	end := at + len(f.text)
	if len(text) < end {
		return false
	}
	part := view(text[at:end])
	if f.fold && !strings.EqualFold(part, f.text) || !f.fold && part != f.text {
		return false
	}
	if f.alone && (at > 0 && wordByte(text[at-1]) && (at < 3 || text[at-3] != '%') || end < len(text) && wordByte(text[end])) {
		return false
	}
	if f.inside && (at == 0 || strings.IndexByte("-+_.:=", text[at-1]) < 0) {
		return false
	}
	if f.whole && (at == 0 || strings.IndexByte("=/", text[at-1]) < 0 || end < len(text) && strings.IndexByte("/&#?", text[end]) < 0) {
		return false
	}
	return true
}

func wordByte(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' }
