package token

import (
	"bytes"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
)

// inflate unpacks the data of layer me, if it is packed, and keeps what it holds.
func (d *Decoder) inflate(data []byte, me int, s Steps, at Place, text bool) bool {
	if int(s.n) == MaxDepth || !startsPacked(data, len(data)) || text && !isZlib(data) {
		return false
	}
	out, e, ok := d.unpack(data)
	if !ok {
		return false
	}
	d.add(out, me, s.and(e), at, isText(out))
	return true
}

// startsPacked reports whether the first bytes of n are those of gzip (RFC 1952),
// of zlib (RFC 1950) or could begin a block of deflate (RFC 1951).
func startsPacked(b []byte, n int) bool {
	if len(b) < 4 {
		return false
	}
	switch b[0] >> 1 & 3 {
	case 0: // stored: a length and its complement
		if len(b) > 4 && b[1]^b[3] == 0xFF && b[2]^b[4] == 0xFF {
			return true
		}
	case 1:
		return true
	case 2: // brings its own codes, which pays off for long texts only
		if n >= minCodes {
			return true
		}
	}
	return b[0]&0x0F == 8 && binary.BigEndian.Uint16(b)%31 == 0 || b[0] == 0x1F && b[1] == 0x8B
}

// minCodes is the least size of a deflate with codes of its own.
const minCodes = 24

func isZlib(b []byte) bool {
	return len(b) > 6 && b[0]&0x0F == 8 && b[0]>>4 <= 7 && b[1]&0x20 == 0 && binary.BigEndian.Uint16(b)%31 == 0
}

func isGzip(b []byte) bool {
	return len(b) > 18 && b[0] == 0x1F && b[1] == 0x8B && b[2] == 8
}

// maxRatio is how many times its size a token may unpack to, between the two
// bounds. Text never reaches them.
const (
	maxRatio    = 24
	minUnpacked = 2 << 10
	maxUnpacked = 16 << 10
)

// unpack returns what data holds, in a room of its own.
//
// Text that breaks off is taken from zlib and gzip, whose heads are telling: long
// links get cut. A bare deflate has no head, so all of it must be right.
func (d *Decoder) unpack(data []byte) ([]byte, Encoding, bool) {
	limit := min(MaxBytes-d.used, maxUnpacked, max(minUnpacked, maxRatio*len(data)))
	out := d.room(limit)
	if out == nil {
		return nil, 0, false
	}
	if isGzip(data) {
		if body := gzipBody(data); body != nil {
			got, rest, ok := d.inf.inflate(out, body)
			if ok && len(rest) >= 8 && binary.LittleEndian.Uint32(rest) == crc32.ChecksumIEEE(got) || !ok && cut(got) {
				return got, Gzip, true
			}
		}
	}
	if isZlib(data) {
		got, rest, ok := d.inf.inflate(out, data[2:])
		if ok && len(rest) >= 4 && binary.BigEndian.Uint32(rest) == adler32.Checksum(got) || cut(got) {
			return got, Zlib, true
		}
	}
	got, rest, ok := d.inf.inflate(out, data)
	return got, Deflate, ok && len(rest) == 0 && len(got) >= 4
}

// cut reports whether got is enough text to believe that the rest was cut off.
func cut(got []byte) bool { return len(got) >= 8 && isText(got) }

// gzipBody skips the head of a gzip member.
func gzipBody(b []byte) []byte {
	flags, rest := b[3], b[10:]
	if flags&4 != 0 {
		if len(rest) < 2 || len(rest) < 2+int(binary.LittleEndian.Uint16(rest)) {
			return nil
		}
		rest = rest[2+int(binary.LittleEndian.Uint16(rest)):]
	}
	for _, flag := range [...]byte{8, 16} { // name, comment
		if flags&flag != 0 {
			i := bytes.IndexByte(rest, 0)
			if i < 0 {
				return nil
			}
			rest = rest[i+1:]
		}
	}
	if flags&2 != 0 {
		if len(rest) < 2 {
			return nil
		}
		rest = rest[2:]
	}
	return rest
}

// inflater reads deflate streams (RFC 1951) in memory. Unlike compress/flate it
// allocates nothing, never writes past its room, and gives up at the first
// thing that a compressor would not write, so that chance bytes cost little.
type inflater struct {
	all  []byte
	in   []byte // of all, what is not in acc
	acc  uint32
	bits uint
	lit  huffman
	dist huffman
}

// A huffman code, canonical: how many codes there are of each length, and the
// symbols in the order of their codes.
type huffman struct {
	count   [16]uint16
	symbols [288]uint16
}

// inflate appends what in holds to out, whose capacity is the limit. rest is
// what follows the stream. ok is false for a stream that is broken, cut off or
// too large; out then holds what was read.
func (f *inflater) inflate(out, in []byte) (got, rest []byte, ok bool) {
	f.all, f.in, f.acc, f.bits = in, in, 0, 0
	for {
		head, ok := f.take(3)
		if !ok {
			return out, nil, false
		}
		switch head >> 1 {
		case 0:
			out, ok = f.stored(out)
		case 1:
			out, ok = f.block(out, &fixedLiterals, &fixedDistances)
		case 2:
			if ok = f.codes(); ok {
				out, ok = f.block(out, &f.lit, &f.dist)
			}
		default:
			ok = false
		}
		if !ok {
			return out, nil, false
		}
		if head&1 != 0 {
			f.unread()
			return out, f.in, true
		}
	}
}

// take reads n bits, at most 16.
func (f *inflater) take(n uint) (uint32, bool) {
	for f.bits < n {
		if len(f.in) == 0 {
			return 0, false
		}
		f.acc |= uint32(f.in[0]) << f.bits
		f.in = f.in[1:]
		f.bits += 8
	}
	v := f.acc & (1<<n - 1)
	f.acc >>= n
	f.bits -= n
	return v, true
}

// unread gives back the bytes of which no bit was used.
func (f *inflater) unread() {
	f.in = f.all[len(f.all)-len(f.in)-int(f.bits/8):]
	f.acc, f.bits = 0, 0
}

func (f *inflater) stored(out []byte) ([]byte, bool) {
	f.unread()
	if len(f.in) < 4 {
		return out, false
	}
	n := int(binary.LittleEndian.Uint16(f.in))
	if uint16(n) != ^binary.LittleEndian.Uint16(f.in[2:]) || len(f.in) < 4+n || cap(out)-len(out) < n {
		return out, false
	}
	out = append(out, f.in[4:4+n]...)
	f.in = f.in[4+n:]
	return out, true
}

// symbol reads one symbol of h.
func (f *inflater) symbol(h *huffman) (int, bool) {
	for f.bits <= 16 && len(f.in) > 0 {
		f.acc |= uint32(f.in[0]) << f.bits
		f.in = f.in[1:]
		f.bits += 8
	}
	acc, code, first, at := f.acc, 0, 0, 0
	for n := 1; n < len(h.count) && uint(n) <= f.bits; n++ {
		code |= int(acc & 1)
		acc >>= 1
		count := int(h.count[n])
		if code-count < first {
			f.acc = acc
			f.bits -= uint(n)
			return int(h.symbols[at+code-first]), true
		}
		at += count
		first = (first + count) << 1
		code <<= 1
	}
	return 0, false
}

// Lengths and distances: what each code begins with, and its extra bits (RFC
// 1951 section 3.2.5).
var (
	lengthBase = [...]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthBits = [...]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase   = [...]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distBits   = [...]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

func (f *inflater) block(out []byte, lit, dist *huffman) ([]byte, bool) {
	for {
		sym, ok := f.symbol(lit)
		switch {
		case !ok:
			return out, false
		case sym < 256:
			if len(out) == cap(out) {
				return out, false
			}
			out = append(out, byte(sym))
			continue
		case sym == 256:
			return out, true
		}
		if sym -= 257; sym >= len(lengthBase) {
			return out, false
		}
		extra, ok := f.take(uint(lengthBits[sym]))
		if !ok {
			return out, false
		}
		n := int(lengthBase[sym]) + int(extra)
		code, ok := f.symbol(dist)
		if !ok || code >= len(distBase) {
			return out, false
		}
		if extra, ok = f.take(uint(distBits[code])); !ok {
			return out, false
		}
		back := int(distBase[code]) + int(extra)
		if back > len(out) || cap(out)-len(out) < n {
			return out, false
		}
		for n > 0 {
			from := len(out) - back
			part := out[from:min(from+n, len(out))]
			out = append(out, part...)
			n -= len(part)
		}
	}
}

// codeOrder is the order in which the lengths of the code of codes stand.
var codeOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// codes reads the codes of a block that brings its own.
func (f *inflater) codes() bool {
	head, ok := f.take(14)
	if !ok {
		return false
	}
	nlit, ndist, ncode := int(head&31)+257, int(head>>5&31)+1, int(head>>10)+4
	if nlit > 286 || ndist > 30 {
		return false
	}
	var lengths [320]uint8
	for _, at := range codeOrder[:ncode] {
		n, ok := f.take(3)
		if !ok {
			return false
		}
		lengths[at] = uint8(n)
	}
	if !f.lit.build(lengths[:19]) {
		return false
	}
	clear(lengths[:19])
	for i := 0; i < nlit+ndist; {
		sym, ok := f.symbol(&f.lit)
		if !ok {
			return false
		}
		if sym < 16 {
			lengths[i] = uint8(sym)
			i++
			continue
		}
		value, base, bits := uint8(0), 3, uint(3)
		switch sym {
		case 16:
			if i == 0 {
				return false
			}
			value, bits = lengths[i-1], 2
		case 18:
			base, bits = 11, 7
		}
		extra, ok := f.take(bits)
		n := base + int(extra)
		if !ok || i+n > nlit+ndist {
			return false
		}
		for range n {
			lengths[i] = value
			i++
		}
	}
	if lengths[256] == 0 {
		return false
	}
	return f.lit.build(lengths[:nlit]) && f.dist.build(lengths[nlit:nlit+ndist])
}

// build makes a code from the lengths of its symbols' codes. It must be complete,
// or have one symbol at most.
func (h *huffman) build(lengths []uint8) bool {
	h.count = [16]uint16{}
	for _, n := range lengths {
		h.count[n]++
	}
	used := len(lengths) - int(h.count[0])
	left := 1
	for n := 1; n < len(h.count); n++ {
		if left = left<<1 - int(h.count[n]); left < 0 {
			return false
		}
	}
	if left > 0 && used > 1 {
		return false
	}
	var at [16]uint16
	for n := 1; n < len(at)-1; n++ {
		at[n+1] = at[n] + h.count[n]
	}
	for sym, n := range lengths {
		if n != 0 {
			h.symbols[at[n]] = uint16(sym)
			at[n]++
		}
	}
	return true
}

// The codes of blocks that bring none of their own (section 3.2.6).
var (
	fixedLiterals = huffman{count: [16]uint16{7: 24, 8: 152, 9: 112}, symbols: symbols([][2]int{
		{256, 280}, {0, 144}, {280, 288}, {144, 256},
	})}
	fixedDistances = huffman{count: [16]uint16{5: 32}, symbols: symbols([][2]int{{0, 32}})}
)

func symbols(ranges [][2]int) (t [288]uint16) {
	at := 0
	for _, r := range ranges {
		for sym := r[0]; sym < r[1]; sym++ {
			t[at] = uint16(sym)
			at++
		}
	}
	return t
}
