package rules

import (
	"slices"
	"strings"
)

// An index maps keys, by their hash alone, to the rules that may match. Two
// keys with one hash share their rules: the index returns too much, never too
// little, since each candidate is matched in full.
//
// Example: the host usr.us14.list-manage.com is hashed from its end, and the
// table asked at each label: com, list-manage.com, us14.list-manage.com, … and
// for the same with runs of digits as "#": us#.list-manage.com, …
type index struct {
	slots []slot   // open addressing; a power of two of them
	refs  []uint16 // the rules of all keys, key by key
}

type slot struct {
	hash  uint32
	first uint16
	n     uint16 // 0: the slot is empty
}

// builder collects the keys of an index, each with a rule that has it: the hash
// in the upper bits, the rule in the lowest sixteen. So they sort as numbers do.
type builder []uint64

func (b *builder) add(h uint32, rule int) { *b = append(*b, uint64(h)<<16|uint64(rule)) }

// index builds the index; each key has its rules in their order.
func (b builder) index() index {
	slices.Sort(b)
	b = slices.Compact(b)
	size := 16
	for size < 2*len(b) {
		size *= 2
	}
	x := index{slots: make([]slot, size), refs: make([]uint16, len(b))}
	var last *slot
	for i, r := range b {
		x.refs[i] = uint16(r)
		if h := uint32(r >> 16); last == nil || last.hash != h {
			last = x.free(h)
			*last = slot{hash: h, first: uint16(i)}
		}
		last.n++
	}
	return x
}

// free returns the slot where the rules of a new hash go.
func (x *index) free(h uint32) *slot {
	mask := uint32(len(x.slots) - 1)
	i := h & mask
	for x.slots[i].n != 0 {
		i = (i + 1) & mask
	}
	return &x.slots[i]
}

// lookup returns the rules of the keys with hash h, in their order.
func (x *index) lookup(h uint32) []uint16 {
	mask := uint32(len(x.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		switch {
		case s.n == 0:
			return nil
		case s.hash == h:
			return x.refs[s.first : s.first+s.n]
		}
	}
}

// FNV-1a, fed from the end of a host, so that each label's hash is at hand on
// the way.
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

func hashByte(h uint32, b byte) uint32 { return (h ^ uint32(b)) * hashPrime }

func hashText(s string) uint32 {
	h := uint32(hashStart)
	for i := len(s) - 1; i >= 0; i-- {
		h = hashByte(h, s[i])
	}
	return h
}

// tailHash hashes a host from its end, as it is and with runs of digits as "#".
type tailHash struct {
	plain, collapsed uint32
	digit            bool // the byte before this one was a digit
}

func newTailHash() tailHash { return tailHash{plain: hashStart, collapsed: hashStart} }

func (h *tailHash) add(c byte) {
	h.plain = hashByte(h.plain, c)
	switch {
	case !isDigit(c):
		h.collapsed, h.digit = hashByte(h.collapsed, c), false
	case !h.digit:
		h.collapsed, h.digit = hashByte(h.collapsed, '#'), true
	}
}

// lookupTail returns the rules of both hashes.
func (x *index) lookupTail(h *tailHash) (plain, collapsed []uint16) {
	plain = x.lookup(h.plain)
	if h.collapsed != h.plain {
		collapsed = x.lookup(h.collapsed)
	}
	return plain, collapsed
}

// hostKey returns the text that stands for a host pattern in the index: its
// last labels without a star. With "#" in it, digits are collapsed as the host's
// will be. ok is false for patterns that fix no last label, such as "link.**".
func hostKey(pat string) (key string, ok bool) {
	if strings.HasSuffix(pat, ".**") {
		return "", false
	}
	key = strings.TrimPrefix(pat, "=")
	if i := strings.LastIndexAny(key, "*}"); i >= 0 {
		dot := strings.IndexByte(key[i:], '.')
		if dot < 0 {
			return "", false
		}
		key = key[i+dot+1:]
	}
	if strings.IndexByte(key, '#') >= 0 {
		key = collapseDigits(key)
	}
	return key, key != ""
}

// collapseDigits writes runs of digits as "#".
func collapseDigits(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case !isDigit(s[i]):
			b.WriteByte(s[i])
		case i == 0 || !isDigit(s[i-1]):
			b.WriteByte('#')
		}
	}
	return b.String()
}

// Segments longer than maxSegment are no keys, nor are those past the first
// maxSegments of a path, other than the last.
const (
	maxSegment  = 40
	maxSegments = 12
)

// pathKey returns the segment that stands for a path pattern in the index: its
// longest without a run. The root stands for itself.
func pathKey(pat string) (key string, ok bool) {
	if pat == "/" {
		return "", true
	}
	pat = strings.TrimPrefix(pat, "/")
	for seg := range strings.SplitSeq(pat, "/") {
		if literalLen(seg) == len(seg) && len(seg) <= maxSegment && len(seg) > len(key) {
			key = seg
		}
	}
	return key, key != ""
}
