package filter

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"
)

// A Request is what filters are matched against: a URL, its type and where it
// stands. It may be used again with Set, which then allocates nothing. A Request
// must not be shared between goroutines; engines may be.
type Request struct {
	url    string
	low    string // the URL in lower case, same length
	typ    Type
	party  Party // each party option that holds
	source *Source

	hostLo, hostHi int
	suffixes       []suffix
	tokens         []urlToken

	buf   []byte   // holds low
	words []uint64 // for each byte of the URL, whether it is part of a token
	seen  []uint32
}

// A suffix is a host of the request, or one of its parents.
type suffix struct {
	hash uint64
	at   int
}

// A urlToken is a token of the URL.
type urlToken struct {
	hash uint64
	at   int
}

// NewRequest returns the request for a URL, which should be serialised as
// browsers do it: absolute, its host in lower case and Punycode. A nil source
// is an empty one.
func NewRequest(url string, t Type, src *Source) *Request {
	var r Request
	r.Set(url, t, src)
	return &r
}

var emptySource Source

// Set makes r the request for another URL, reusing its memory.
func (r *Request) Set(url string, t Type, src *Source) {
	if src == nil {
		src = &emptySource
	}
	r.url, r.typ, r.source = url, t, src
	r.scan()
	r.hostLo, r.hostHi = hostSpan(r.low)
	if r.hostHi > r.hostLo && r.low[r.hostHi-1] == '.' {
		// QUIRK: a fully qualified name; the dot leads to the same host.
		r.hostHi--
	}
	host := r.low[r.hostLo:r.hostHi]
	r.suffixes = r.suffixes[:0]
	if !isASCII(host) {
		r.unicode(host)
		return
	}
	r.hashHost(host)
	r.setParty(host)
}

// unicode goes on with the host in Punycode, the rest as it is.
func (r *Request) unicode(host string) {
	ascii, ok := hostName(host)
	if !ok || !isASCII(ascii) {
		r.setParty(host)
		return
	}
	r.Set(r.url[:r.hostLo]+ascii+r.url[r.hostHi:], r.typ, r.source)
}

func (r *Request) hashHost(host string) {
	h := uint64(fnvOffset)
	for i := len(host) - 1; i >= 0; i-- {
		if host[i] == '.' {
			r.suffixes = append(r.suffixes, suffix{mix(h), r.hostLo + i + 1})
		}
		h = hashHostByte(h, host[i])
	}
	if host != "" {
		r.suffixes = append(r.suffixes, suffix{mix(h), r.hostLo})
	}
}

// setParty compares hosts as uBlock Origin does: without a source, a request is
// third party.
func (r *Request) setParty(host string) {
	switch {
	case r.source.site != "" && within(host, r.source.site):
		r.party = FirstParty
	default:
		r.party = ThirdParty
	}
	if host == r.source.host {
		r.party |= StrictFirst
	} else {
		r.party |= StrictThird
	}
}

// scan writes the URL in lower case and finds its tokens.
func (r *Request) scan() {
	n := len(r.url)
	if cap(r.buf) < n+16 {
		r.buf = make([]byte, 2*n+512)
		r.words = make([]uint64, (2*n+512)/64+1)
		r.tokens = make([]urlToken, (2*n+512)/2+1)
	}
	words := r.words[:n/64+1]
	lowerAll(r.url, r.buf[:n+16], words)
	r.tokens = r.tokens[:cutTokens(r.buf[:n+16], words, r.tokens[:cap(r.tokens)])]
	r.low = unsafe.String(unsafe.SliceData(r.buf), n)
}

// lowerAll writes a URL in lower case, eight bytes at a time, and sets a bit in
// words for each that is part of a token. After the last byte stands a zero.
func lowerAll(url string, buf []byte, words []uint64) {
	src := unsafe.Slice(unsafe.StringData(url), len(url))
	at := 0
	for w := range words {
		word := uint64(0)
		if at+64 > len(src) {
			// The end: what is not a whole block is copied first.
			copy(buf[at:], src[at:])
			clear(buf[len(src):])
			for i := 0; at+i <= len(src); i += 8 {
				x, b := lowerTokens(binary.LittleEndian.Uint64(buf[at+i:]))
				binary.LittleEndian.PutUint64(buf[at+i:], x)
				word |= b << i
			}
			words[w] = word
			return
		}
		from, to := src[at:at+64], buf[at:at+64]
		for i := 0; i < 64; i += 8 {
			x, b := lowerTokens(binary.LittleEndian.Uint64(from[i : i+8]))
			binary.LittleEndian.PutUint64(to[i:i+8], x)
			word |= b << i
		}
		words[w] = word
		at += 64
	}
}

// cutTokens writes the tokens that words tell apart and returns their number.
func cutTokens(buf []byte, words []uint64, tokens []urlToken) (n int) {
	start := -1
	last := uint64(0) // whether the byte before is part of a token
	for w, word := range words {
		// Where the bits change, tokens start and end in turn.
		edges := word ^ (word<<1 | last)
		last = word >> 63
		for ; edges != 0; edges &= edges - 1 {
			at := w*64 + bits.TrailingZeros64(edges)
			if start < 0 {
				start = at
				continue
			}
			size := at - start
			head := binary.LittleEndian.Uint64(buf[start:]) & (^uint64(0) >> (64 - 8*min(size, 8)))
			tokens[n] = urlToken{hashToken(head, size), start}
			n++
			start = -1
		}
	}
	return n
}

// lowerTokens returns eight bytes in lower case, and a bit for each that is part
// of a token: a letter or a digit. All bytes are treated at once: adding
// to the low seven bits of each carries into the eighth when they reach a limit.
func lowerTokens(x uint64) (low, bits uint64) {
	const (
		ones = 0x0101010101010101
		high = 0x80 * ones
	)
	y := x &^ high
	upper := (y + (0x80-'A')*ones) &^ (y + (0x80-'Z'-1)*ones) &^ x & high
	x |= upper >> 2
	y = x &^ high
	letter := (y + (0x80-'a')*ones) &^ (y + (0x80-'z'-1)*ones)
	digit := (y + (0x80-'0')*ones) &^ (y + (0x80-'9'-1)*ones)
	token := (letter | digit) &^ x & high
	return x, token >> 7 * 0x0102040810204080 >> 56
}

// URL returns the URL of the request.
func (r *Request) URL() string { return r.url }

// ThirdParty reports whether the request goes to another site than its source.
func (r *Request) ThirdParty() bool { return r.party&ThirdParty != 0 }

// hostSpan returns where the host of a URL stands; both are equal when it has
// none.
func hostSpan(url string) (lo, hi int) {
	i := strings.IndexByte(url, ':')
	if i < 0 || i+3 > len(url) || url[i+1] != '/' || url[i+2] != '/' || !isSchemeName(url[:i]) {
		if !strings.HasPrefix(url, "//") {
			return 0, 0
		}
		i = -1
	}
	lo = i + 3
	hi = lo
	for hi < len(url) && isHostByte(url[hi]) {
		hi++
	}
	if hi == len(url) || url[hi] == '/' || url[hi] == '?' {
		return lo, hi
	}
	return authority(url, lo)
}

// authority finds the host between a user's name and a port.
func authority(url string, lo int) (int, int) {
	hi := len(url)
	if n := strings.IndexAny(url[lo:], `/?#\`); n >= 0 {
		hi = lo + n
	}
	lo += strings.LastIndexByte(url[lo:hi], '@') + 1
	if n := strings.LastIndexByte(url[lo:hi], ':'); n >= 0 && !strings.HasSuffix(url[lo:hi], "]") {
		hi = lo + n
	}
	return lo, hi
}

func isSchemeName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && (i == 0 || !isHostByte(c) && c != '+') {
			return false
		}
	}
	return s != ""
}
