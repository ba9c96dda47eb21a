package weburl

import "strings"

// parseOpaque reads a URL such as mailto:, data: or cid:. s is the whole of it;
// where nothing is to be changed the result aliases it.
func parseOpaque(s, scheme, rest string) URL {
	if s[:len(scheme)] == scheme && plainOpaque(rest) {
		u := URL{Full: s, Scheme: scheme}
		var before string
		before, u.Fragment, _ = strings.Cut(rest, "#")
		_, u.Query, _ = strings.Cut(before, "?")
		return u
	}
	p := parser{scheme: scheme}
	p.grow(len(s))
	p.start()
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		end = len(rest)
	}
	path := rest[:end]
	if end < len(rest) && strings.HasSuffix(path, " ") {
		p.out = escape(p.out, path[:len(path)-1], inOpaque)
		p.out = append(p.out, "%20"...)
	} else {
		p.out = escape(p.out, path, inOpaque)
	}
	p.writeQuery(rest[end:])
	return p.url()
}

// plainOpaque reports whether what follows an opaque URL's scheme is
// serialised already.
func plainOpaque(s string) bool {
	s = s[opaqueSpan(s):]
	if s == "" {
		return true
	}
	if s[0] == '?' {
		s = s[1:]
		s = s[span(s, inAnyQuery):]
	}
	if s != "" && s[0] == '#' {
		s = s[1:]
		s = s[span(s, inFragment):]
	}
	return s == ""
}

// opaqueSpan returns the length of the opaque path that s begins with, or of the
// part of it that needs no change.
func opaqueSpan(s string) int {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		return span(s, inOpaque)
	}
	n := span(s[:end], inOpaque)
	if n == end && n > 0 && s[n-1] == ' ' {
		n--
	}
	return n
}
