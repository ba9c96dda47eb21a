package rules

import "strings"

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

// newIndex builds an index from the rules of each hash.
func newIndex(keys map[uint32][]uint16, order []uint32) index {
	size := 16
	for size < 3*len(keys) {
		size *= 2
	}
	x := index{slots: make([]slot, size)}
	for _, h := range order {
		i := h & uint32(size-1)
		for x.slots[i].n != 0 {
			i = (i + 1) & uint32(size-1)
		}
		x.slots[i] = slot{h, uint16(len(x.refs)), uint16(len(keys[h]))}
		x.refs = append(x.refs, keys[h]...)
	}
	return x
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

// builder collects the keys of an index.
type builder struct {
	keys  map[uint32][]uint16
	order []uint32
}

func (b *builder) add(h uint32, rule int) {
	if b.keys == nil {
		b.keys = make(map[uint32][]uint16)
	}
	refs, ok := b.keys[h]
	if !ok {
		b.order = append(b.order, h)
	}
	if n := len(refs); n == 0 || refs[n-1] != uint16(rule) {
		b.keys[h] = append(refs, uint16(rule))
	}
}

func (b *builder) index() index { return newIndex(b.keys, b.order) }

// FNV-1a, fed from the end of a host, so that each label's hash is at hand on
// the way.
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

func hashByte(h uint32, b byte) uint32 { return (h ^ uint32(b)) * hashPrime }

func hashBackward(s string) uint32 {
	h := uint32(hashStart)
	for i := len(s) - 1; i >= 0; i-- {
		h = hashByte(h, s[i])
	}
	return h
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

// maxSegment is the longest path segment that can be a key.
const maxSegment = 40

// pathKey returns the segment that stands for a path pattern in the index: the
// first one, or, where that has a run in it, the last one. Their hashes differ
// by a byte, so that no first segment is found among the last ones.
func pathKey(pat string) (h uint32, ok bool) {
	if seg := firstSegment(pat); literalLen(seg) == len(seg) && len(seg) <= maxSegment {
		return firstHash(seg), true
	}
	if seg := lastSegment(pat); literalLen(seg) == len(seg) && seg != "" && len(seg) <= maxSegment {
		return lastHash(seg), true
	}
	return 0, false
}

func firstHash(seg string) uint32 { return hashByte(hashBackward(seg), '^') }
func lastHash(seg string) uint32  { return hashByte(hashBackward(seg), '$') }

func firstSegment(path string) string {
	path = strings.TrimPrefix(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i]
	}
	return path
}

func lastSegment(path string) string {
	return path[strings.LastIndexByte(path, '/')+1:]
}
