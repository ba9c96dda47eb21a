package filter

// Hashes are part of the compiled form: another way to hash needs another
// TableVersion.

const (
	fnvOffset = 0xcbf29ce484222325
	fnvPrime  = 0x100000001b3
	golden    = 0x9e3779b97f4a7c15
)

// hashHost hashes a host name from its end to its start, so that one pass over
// a name yields the hash of each of its suffixes.
func hashHost(s string) uint64 {
	h := uint64(fnvOffset)
	for i := len(s) - 1; i >= 0; i-- {
		h = hashHostByte(h, s[i])
	}
	return mix(h)
}

func hashHostByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * fnvPrime }

// mix spreads a running hash over all bits; the indexes use its top bits.
func mix(h uint64) uint64 {
	h ^= h >> 32
	return h * golden
}

// hashToken hashes a token by its length and its first eight bytes: a token is
// found with one load, and long ones that differ later share their filters. The
// first byte is the lowest of head; bytes past the token are zero.
func hashToken(head uint64, n int) uint64 {
	h := (head ^ uint64(n)<<56 ^ uint64(n)) * golden
	return h ^ h>>32
}

// tokenOf hashes a token that stands in a string.
func tokenOf(s string) uint64 {
	var head uint64
	for i := min(len(s), 8) - 1; i >= 0; i-- {
		head = head<<8 | uint64(s[i])
	}
	return hashToken(head, len(s))
}

// The classes of URL bytes. A token is a run of letters and digits; a separator,
// "^" in a pattern, is what is neither of these nor one of "%_-.".
const (
	classToken = 1 << iota
	classSeparator
	classHost // may stand in a host name
)

var classes = byteClasses()

func byteClasses() (t [256]uint8) {
	for i := range t {
		c := byte(i)
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z' && c < 0x80, '0' <= c && c <= '9':
			t[i] = classToken | classHost
		case c == '%':
		case c == '_', c == '-', c == '.':
			t[i] = classHost
		case c >= 0x80:
			t[i] = classHost | classSeparator
		default:
			t[i] = classSeparator
		}
	}
	return t
}

func isToken(c byte) bool     { return classes[c]&classToken != 0 }
func isSeparator(c byte) bool { return classes[c]&classSeparator != 0 }
func isHostByte(c byte) bool  { return classes[c]&classHost != 0 }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}
