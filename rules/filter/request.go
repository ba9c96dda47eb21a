package filter

import (
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

	buf  []byte // holds low
	seen []uint32
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
	url := r.url
	if cap(r.buf) < len(url)+8 {
		r.buf = make([]byte, 2*len(url)+256)
	}
	buf := r.buf[:len(url)+8]
	r.tokens = r.tokens[:0]
	start := -1
	for i := 0; i < len(url); i++ {
		c := lower(url[i])
		buf[i] = c
		if isToken(c) {
			if start < 0 {
				start = i
			}
		} else if start >= 0 {
			r.tokens = append(r.tokens, urlToken{tokenOf(unsafe.String(&buf[start], i-start)), start})
			start = -1
		}
	}
	if start >= 0 {
		r.tokens = append(r.tokens, urlToken{tokenOf(unsafe.String(&buf[start], len(url)-start)), start})
	}
	r.low = unsafe.String(unsafe.SliceData(buf), len(url))
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
	hi = len(url)
	port := -1
	for j := lo; j < len(url); j++ {
		switch url[j] {
		case '/', '?', '#', '\\':
			hi = j
			j = len(url)
		case '@':
			lo, port = j+1, -1
		case ':':
			port = j
		case ']':
			port = -1
		}
	}
	if port >= 0 && port < hi {
		hi = port
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
