package weburl

import "strings"

// A class is the set of places where a byte may stand unchanged.
type class uint8

const (
	inHost     class = 1 << iota // a lower-case domain, as serialised
	inPath                       // the path of a URL with a structured path
	inQuery                      // the query of a special URL
	inAnyQuery                   // the query of any other URL
	inFragment
	inOpaque // an opaque path or host
	inUser   // user name or password
)

// classes holds, for each byte, where it needs no percent-encoding.
var classes = makeClasses()

func makeClasses() (t [256]class) {
	encoded := []struct {
		in  class
		set string
	}{
		{inFragment, " \"<>`"},
		{inAnyQuery, " \"#<>"},
		{inQuery, " \"#<>'"},
		{inPath, " \"#<>?^`{}"},
		{inUser, " \"#<>?^`{}/:;=@[\\]|"},
		{inOpaque, ""},
	}
	for c := byte(0x20); c < 0x7f; c++ {
		for _, e := range encoded {
			if strings.IndexByte(e.set, c) < 0 {
				t[c] |= e.in
			}
		}
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' {
			t[c] |= inHost
		}
	}
	return t
}

// span returns how many bytes of s may stand in c unchanged.
func span(s string, c class) int {
	i := 0
	for i < len(s) && classes[s[i]]&c != 0 {
		i++
	}
	return i
}

// parsePlain reads an http or https URL that is serialised already: lower case,
// a path, no user, no port, nothing to encode. It returns false for every other one.
func parsePlain(s string) (URL, bool) {
	n := len("https")
	if !strings.HasPrefix(s, "https://") {
		if n = len("http"); !strings.HasPrefix(s, "http://") {
			return URL{}, false
		}
	}
	at := n + len("://")
	end := at + span(s[at:], inHost)
	if end == at || end == len(s) || s[end] != '/' || !plainHost(s[at:end]) {
		return URL{}, false
	}
	u := URL{Full: s, Scheme: s[:n], Host: s[at:end]}
	at = end
	end += span(s[at:], inPath)
	if u.Path = s[at:end]; !plainPath(u.Path) {
		return URL{}, false
	}
	if end < len(s) && s[end] == '?' {
		at = end + 1
		end = at + span(s[at:], inQuery)
		u.Query = s[at:end]
	}
	if end < len(s) && s[end] == '#' {
		at = end + 1
		end = at + span(s[at:], inFragment)
		u.Fragment = s[at:end]
	}
	return u, end == len(s)
}

// plainHost reports whether a host of lower-case bytes is surely a domain that
// no mapping changes: not Punycode, which must be checked, not a number.
func plainHost(s string) bool {
	last := s[len(s)-1]
	if '0' <= last && last <= '9' || last == '.' {
		return false
	}
	if i := strings.LastIndexByte(s, '.'); s[i+1] == '0' {
		return false // perhaps the hexadecimal number 0x…
	}
	return !strings.Contains(s, "xn--")
}

// plainPath reports whether a path surely has no dot segments.
func plainPath(s string) bool {
	return strings.IndexByte(s, '\\') < 0 && !strings.Contains(s, "/.") && !strings.Contains(s, "/%2")
}
