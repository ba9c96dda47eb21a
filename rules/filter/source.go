package filter

import (
	"net/netip"
	"strings"
	"unsafe"

	"golang.org/x/net/publicsuffix"
)

// A Source is the site that requests come from: of a message, the domain of its
// sender. It is computed once and shared by all requests of a message.
type Source struct {
	text   string
	host   string
	site   string
	hashes []uint64 // of the host and its parents, then of the entities
	buf    []byte   // holds host, unless it is a part of text
}

// NewSource returns the source for a URL or a host name. Requests whose source
// has no host, such as "" or "about:blank", are third party.
func NewSource(s string) *Source {
	var src Source
	src.Set(s)
	return &src
}

// Set makes s the source of another URL or host, reusing its memory.
func (s *Source) Set(text string) {
	if text == s.text && text != "" {
		return
	}
	s.text, s.hashes = text, s.hashes[:0]
	s.host = strings.TrimSuffix(s.hostOf(text), ".")
	s.site = ""
	if s.host == "" {
		return
	}
	s.hashes = appendSuffixes(s.hashes, s.host, fnvOffset)
	suffix := ""
	if isAddress(s.host) {
		s.site = s.host
		return
	}
	suffix, _ = publicsuffix.PublicSuffix(s.host)
	s.site = s.host
	if n := len(s.host) - len(suffix) - 1; n > 0 {
		// An entity, google.*, is hashed as it is written.
		h := hashHostByte(hashHostByte(fnvOffset, '*'), '.')
		s.hashes = appendSuffixes(s.hashes, s.host[:n], h)
		s.site = s.host[strings.LastIndexByte(s.host[:n], '.')+1:]
	}
}

// Host returns the host name, in lower case; it may be empty.
func (s *Source) Host() string { return s.host }

// Site returns the registrable domain, or the host when there is none.
func (s *Source) Site() string { return s.site }

// hostOf returns the host of a URL, or the text itself when it is a host.
func (s *Source) hostOf(text string) string {
	lo, hi := hostSpan(text)
	host := text[lo:hi]
	if lo == hi && !strings.ContainsAny(text, "/:?#@ ") {
		host = text
	}
	for i := range len(host) {
		switch c := host[i]; {
		case c >= 0x80:
			host, _ = hostName(host)
			return host
		case 'A' <= c && c <= 'Z':
			s.buf = append(s.buf[:0], host...)
			for i, c := range s.buf {
				s.buf[i] = lower(c)
			}
			host = unsafe.String(unsafe.SliceData(s.buf), len(s.buf))
		}
	}
	return host
}

// appendSuffixes appends the hash of a host and of each of its parents, from
// the last label on. The hash goes on from h.
func appendSuffixes(hashes []uint64, host string, h uint64) []uint64 {
	for i := len(host) - 1; i >= 0; i-- {
		if host[i] == '.' {
			hashes = append(hashes, mix(h))
		}
		h = hashHostByte(h, host[i])
	}
	return append(hashes, mix(h))
}

// isAddress reports whether a host is an IP address.
func isAddress(host string) bool {
	if c := host[len(host)-1]; c != ']' && (c < '0' || c > '9') {
		return false
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// within reports whether a host is a domain or lies below it.
func within(host, domain string) bool {
	n := len(host) - len(domain)
	return n >= 0 && host[n:] == domain && (n == 0 || host[n-1] == '.')
}
