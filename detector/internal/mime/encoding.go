package mime

import (
	"encoding/binary"
	"math/bits"
)

const junk = 0xFF

// base64Codes maps a byte to its six bits, or to junk.
var base64Codes = func() (t [256]byte) {
	for i := range t {
		t[i] = junk
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		t[c] = byte(i)
	}
	return t
}()

// base64Words maps the byte at each place of a group of four to its bits in
// the 24-bit word, or to a word with the top bit set.
var base64Words = func() (t [4][256]uint32) {
	for place := range t {
		for c, code := range base64Codes {
			t[place][c] = 1 << 31
			if code != junk {
				t[place][c] = uint32(code) << (18 - 6*place)
			}
		}
	}
	return t
}()

// hexCodes maps a hexadecimal digit of either case to its value, or to junk.
var hexCodes = func() (t [256]byte) {
	for i := range t {
		t[i] = junk
	}
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = byte(10 + i)
	}
	return t
}()

// decodeBase64 appends what src decodes to, and returns how much of src it
// read. It stops before a group of four once dst holds limit bytes. Bytes
// outside the alphabet are skipped; padding ends a group, not the data, since
// some clients read on and a part may be two encoded parts joined.
func decodeBase64(dst, src []byte, limit int) (out []byte, read int) {
	dst = grow(dst, min(len(src)/4*3+3, limit-len(dst)+6))
	i, o := 0, len(dst)
	dst = dst[:cap(dst)]
	var acc uint32
	n := 0
	for i < len(src) {
		if n == 0 {
			for i+4 <= len(src) && o+3 <= len(dst) && o < limit {
				w := base64Words[0][src[i]] | base64Words[1][src[i+1]] |
					base64Words[2][src[i+2]] | base64Words[3][src[i+3]]
				if w&(1<<31) != 0 {
					break
				}
				d := dst[o : o+3 : o+3]
				d[0], d[1], d[2] = byte(w>>16), byte(w>>8), byte(w)
				o, i = o+3, i+4
			}
			if i == len(src) || o >= limit {
				break
			}
		}
		c := src[i]
		i++
		if code := base64Codes[c]; code != junk {
			acc = acc<<6 | uint32(code)
			if n++; n == 4 {
				o = flushBase64(dst, o, acc, n)
				acc, n = 0, 0
			}
		} else if c == '=' && n > 0 {
			o = flushBase64(dst, o, acc, n)
			acc, n = 0, 0
		}
	}
	return dst[:flushBase64(dst, o, acc, n)], i
}

// flushBase64 writes the whole bytes among n codes.
func flushBase64(dst []byte, o int, acc uint32, n int) int {
	acc <<= 6 * (4 - n)
	for k := 1; k < n; k++ {
		dst[o] = byte(acc >> 16)
		acc <<= 8
		o++
	}
	return o
}

func grow(dst []byte, n int) []byte {
	if n <= 0 || cap(dst)-len(dst) >= n {
		return dst
	}
	out := make([]byte, len(dst), len(dst)+n)
	copy(out, dst)
	return out
}

// decodeQP appends what src decodes to until dst holds limit bytes, and
// returns how much of src it read. An equals sign that starts neither an
// escape nor a soft line break stands for itself (RFC 2045 section 6.7, note 1).
func decodeQP(dst, src []byte, limit int) (out []byte, read int) {
	dst = grow(dst, min(len(src), limit-len(dst)))
	i, o := 0, len(dst)
	dst = dst[:cap(dst)]
	limit = min(limit, len(dst)) // dst has room for all of src
	for i < len(src) && o < limit {
		// Runs without an equals sign are short; eight bytes are copied at a time.
		for i+8 <= len(src) && o+8 <= limit {
			w := binary.LittleEndian.Uint64(src[i:])
			binary.LittleEndian.PutUint64(dst[o:], w)
			if eq := zeroByte(w ^ 0x3D3D3D3D3D3D3D3D); eq != 0 {
				n := bits.TrailingZeros64(eq) / 8
				i, o = i+n, o+n
				break
			}
			i, o = i+8, o+8
		}
		for i < len(src) && o < limit && src[i] != '=' {
			dst[o] = src[i]
			i, o = i+1, o+1
		}
		for i < len(src) && o < limit && src[i] == '=' {
			c, n := escapeQP(src[i:])
			if n < 0 {
				i -= n
				continue
			}
			dst[o] = c
			i, o = i+n, o+1
		}
	}
	return dst[:o], i
}

// zeroByte marks the bytes of w that are zero; of the marks only the lowest is
// sure.
func zeroByte(w uint64) uint64 { return (w - 0x0101010101010101) & ^w & 0x8080808080808080 }

// escapeQP reads what an equals sign starts: a byte and the length of its
// source, or for a soft line break the negative length.
func escapeQP(src []byte) (c byte, n int) {
	if len(src) > 2 {
		hi, lo := hexCodes[src[1]], hexCodes[src[2]]
		if hi|lo < 16 {
			return hi<<4 | lo, 3
		}
	}
	k := 1
	for k < len(src) && (src[k] == ' ' || src[k] == '\t') {
		k++
	}
	switch {
	case k == len(src):
		return 0, -k
	case src[k] == '\n':
		return 0, -k - 1
	case src[k] == '\r' && k+1 < len(src) && src[k+1] == '\n':
		return 0, -k - 2
	case src[k] == '\r':
		return 0, -k - 1
	}
	return '=', 1
}

// qpAt returns the place in src of the k-th byte that it decodes to.
func qpAt(src []byte, k int) int {
	i := 0
	for i < len(src) {
		c, n := src[i], 1
		if c == '=' {
			_, n = escapeQP(src[i:])
		}
		if n > 0 {
			if k == 0 {
				return i
			}
			k--
		} else {
			n = -n
		}
		i += n
	}
	return i
}

// base64At returns the place in src of the character with the first bits of
// the k-th byte that it decodes to, and where its group starts, which holds left
// bytes before it.
func base64At(src []byte, k int) (at, start, left int) {
	var group [4]int
	n := 0
	for i, c := range src {
		if base64Codes[c] != junk {
			group[n] = i
			n++
		}
		if n == 4 || c == '=' && n > 0 {
			if k < n-1 {
				return group[k], group[0], k
			}
			k -= n - 1
			n = 0
		}
	}
	if k < n-1 {
		return group[k], group[0], k
	}
	return len(src), len(src), 0
}
