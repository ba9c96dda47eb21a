package css

import "bytes"

// Key is the hash of what an element must have to be selected: an id, a class
// or a name. Two keys may have one hash; each rule found is matched in full.
type Key uint32

// AnyKey is the key of selectors that ask for nothing of that kind.
const AnyKey Key = 0

// KeyOf hashes a name of a kind: '#' an id, '.' a class, 0 an element in lower
// case.
func KeyOf(kind byte, name string) Key {
	h := (2166136261 ^ uint32(kind)) * 16777619
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return Key(h | 1)
}

// Key is the key of the elements that s selects.
func (s *Selector) Key() Key {
	c := &s.parts[len(s.parts)-1]
	switch {
	case c.id != "":
		return KeyOf('#', c.id)
	case len(c.classes) > 0:
		return KeyOf('.', c.classes[0])
	case c.tag != "":
		return KeyOf(0, c.tag)
	}
	return AnyKey
}

// simple reports whether a selector list is made of names, ids, classes,
// combinators and pseudo-classes, without anything that stands for a name.
func simple(list []byte) bool {
	for i, c := range list {
		if !plain[c] || c == ':' && i+1 < len(list) && list[i+1]|0x20 == 'r' { // :root stands for html
			return false
		}
	}
	return true
}

var plain = byteSet(" \t\r\n\f>+~,.#:-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

// subjectKey reads the key of a simple selector without compiling it. What it
// reads wrongly has a key that compiles to nothing.
func subjectKey(s []byte) Key {
	s = bytes.TrimSpace(s)
	s = s[bytes.LastIndexAny(s, " \t\r\n\f>+~")+1:]
	if i := bytes.IndexByte(s, ':'); i >= 0 {
		s = s[:i]
	}
	if i := bytes.IndexByte(s, '#'); i >= 0 {
		return KeyOf('#', upTo(s[i+1:]))
	}
	if i := bytes.IndexByte(s, '.'); i >= 0 {
		return KeyOf('.', upTo(s[i+1:]))
	}
	if len(s) == 0 {
		return AnyKey
	}
	return KeyOf(0, lowerView(s))
}

// upTo returns the name at the start of s.
func upTo(s []byte) string {
	for i, c := range s {
		if c == '.' || c == '#' {
			return view(s[:i])
		}
	}
	return view(s)
}

// keyIndex finds rules by key.
type keyIndex struct {
	heads   [256]int32 // 1 + the place of the first entry, 0 for none
	entries []keyEntry
}

type keyEntry struct {
	key        Key
	rule, next int32
}

func (x *keyIndex) reset() {
	if len(x.entries) > 0 {
		x.heads, x.entries = [256]int32{}, x.entries[:0]
	}
}

func (x *keyIndex) add(k Key, rule int32) {
	head := &x.heads[(k^k>>11)&255]
	x.entries = append(x.entries, keyEntry{k, rule, *head})
	*head = int32(len(x.entries))
}

func (x *keyIndex) each(k Key, visit func(rule int32)) {
	for i := x.heads[(k^k>>11)&255]; i > 0; i = x.entries[i-1].next {
		if e := &x.entries[i-1]; e.key == k {
			visit(e.rule)
		}
	}
}

// StyleMayHide reports whether a style attribute could hide its element. It may
// say yes too often, never too seldom.
func StyleMayHide(style []byte) bool {
	for i, c := range style {
		if !hidingByte[c|0x20] {
			continue
		}
		rest := style[i:]
		switch c | 0x20 {
		case 'n': // display:none
			if startsFold(rest, "none") {
				return true
			}
		case 'h': // visibility, overflow, mso-hide
			if startsFold(rest, "hid") {
				return true
			}
		case 'c': // collapse, clip, clip-path
			if startsFold(rest, "collapse") || startsFold(rest, "clip") {
				return true
			}
		case 'o': // opacity
			if startsFold(rest, "opac") {
				return true
			}
		case 's': // transform:scale(0)
			if startsFold(rest, "scale") {
				return true
			}
		case 'z':
			if startsFold(rest, "zoom") {
				return true
			}
		case 'x', 'i': // max-…:0, text-indent:-9999px
			if startsFold(rest, "x-width") || startsFold(rest, "x-height") || startsFold(rest, "indent") {
				return true
			}
		case 'p', '\\' | 0x20, '&' | 0x20: // position; escapes and entities
			if c != 'p' && c != 'P' || startsFold(rest, "position") {
				return true
			}
		}
	}
	return false
}

var hidingByte = byteSet("nhcoszxip\\|&")

func startsFold(b []byte, s string) bool { return len(b) >= len(s) && equalFold(b[:len(s)], s) }
