// Package weburl reads the URLs that stand in messages and pages the way
// browsers do, by the URL standard of the WHATWG: forgiving about case, spaces,
// line breaks, backslashes and slashes, strict about what can never be loaded.
//
// Parse yields the serialised URL as one string and its parts as slices of it. A
// URL that is serialised already costs no allocation and aliases its input.
// Nothing here performs I/O; everything is safe for concurrent use.
package weburl

import (
	"strings"
	"unsafe"
)

// A URL is a parsed URL. The parts are slices of Full wherever Full holds them.
//
// A URL whose Scheme is "" is relative and had no base to be resolved against;
// its Full is the cleaned text.
type URL struct {
	Full     string // the serialised URL
	Scheme   string // lower case, without the colon
	Host     string // ASCII, lower case, without port; IPv6 in brackets
	Path     string // "" for an opaque URL such as mailto: or data:
	Query    string // without '?'
	Fragment string // without '#'
}

// authority returns what stands between "//" and the path in u.Full, and
// whether there is an authority at all.
func (u *URL) authority() (string, bool) {
	rest := u.Full[len(u.Scheme)+1:]
	if !strings.HasPrefix(rest, "//") {
		return "", false
	}
	rest = rest[2:]
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest, true
}

// opaque reports whether the path of u has no structure, as in mailto:.
func (u *URL) opaque() bool {
	if isSpecial(u.Scheme) {
		return false
	}
	rest := u.Full[len(u.Scheme)+1:]
	return rest == "" || rest[0] != '/'
}

// withoutFragment returns u.Full up to its '#'.
func (u *URL) withoutFragment() string {
	full, _, _ := strings.Cut(u.Full, "#")
	return full
}

// hasQuery reports whether u has a query, which may be empty.
func (u *URL) hasQuery() bool { return strings.Contains(u.withoutFragment(), "?") }

// Parse reads raw as a URL, relative to base if that is not nil and has a
// scheme itself. It returns false for what the standard calls failure: no browser
// would request anything.
//
// Without a base, a relative URL is returned as such, and "//host/path" takes
// the scheme https. The result may alias raw and base.Full.
func Parse(raw string, base *URL) (URL, bool) {
	s := trim(raw)
	if u, ok := parsePlain(s); ok {
		return u, true
	}
	if strings.ContainsAny(s, "\t\n\r") {
		s = dropLineBreaks(s)
		if u, ok := parsePlain(s); ok {
			return u, true
		}
	}
	if base != nil && base.Scheme == "" {
		base = nil
	}
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return parseRelative(s, base)
	}
	if !isSpecial(scheme) && (rest == "" || rest[0] != '/') {
		return parseOpaque(s, scheme, rest), true
	}
	p := parser{scheme: scheme, special: isSpecial(scheme)}
	p.grow(len(s))
	switch {
	case scheme == "file":
		return p.file(rest, base)
	case p.special && base != nil && base.Scheme == scheme && !strings.HasPrefix(rest, "//"):
		return p.relative(rest, base)
	case p.special:
		return p.absolute(strings.TrimLeft(rest, `/\`))
	case strings.HasPrefix(rest, "//"):
		return p.absolute(rest[2:])
	}
	p.start()
	return p.tail(rest)
}

// IsRemote reports whether loading u asks another machine for something.
func IsRemote(u URL) bool {
	switch u.Scheme {
	case "http", "https", "ws", "wss", "ftp":
		return u.Host != ""
	}
	return false
}

func isSpecial(scheme string) bool {
	switch scheme {
	case "http", "https", "ws", "wss", "ftp", "file":
		return true
	}
	return false
}

// defaultPort returns the port that a special scheme implies.
func defaultPort(scheme string) int {
	switch scheme {
	case "http", "ws":
		return 80
	case "https", "wss":
		return 443
	case "ftp":
		return 21
	}
	return -1
}

// trim cuts control characters and spaces off both ends.
func trim(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func dropLineBreaks(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '\t' && c != '\n' && c != '\r' {
			out = append(out, c)
		}
	}
	return view(out)
}

// cutScheme splits a scheme off s and lowers its case.
func cutScheme(s string) (scheme, rest string, ok bool) {
	lower := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z':
		case 'A' <= c && c <= 'Z':
			lower = false
		case i > 0 && ('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'):
		case i > 0 && c == ':':
			if scheme = s[:i]; !lower {
				scheme = strings.ToLower(scheme)
			}
			return scheme, s[i+1:], true
		default:
			return "", s, false
		}
	}
	return "", s, false
}

// parseRelative reads s, which has no scheme.
func parseRelative(s string, base *URL) (URL, bool) {
	if base == nil {
		if len(s) >= 2 && isSlash(s[0]) && isSlash(s[1]) {
			p := parser{scheme: "https", special: true}
			p.grow(len(s) + len("https:"))
			return p.absolute(strings.TrimLeft(s, `/\`))
		}
		return relativeText(s), true
	}
	if base.opaque() {
		if s == "" || s[0] != '#' {
			return URL{}, false
		}
		return replaceFragment(base, s[1:]), true
	}
	p := parser{scheme: base.Scheme, special: isSpecial(base.Scheme)}
	p.grow(len(base.Full) + len(s))
	if base.Scheme == "file" {
		return p.file(s, base)
	}
	return p.relative(s, base)
}

// relativeText splits a relative URL that has no base, and leaves it as it is.
func relativeText(s string) URL {
	u := URL{Full: s}
	var rest string
	rest, u.Fragment, _ = strings.Cut(s, "#")
	u.Path, u.Query, _ = strings.Cut(rest, "?")
	return u
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

// replaceFragment returns an opaque base with another fragment.
func replaceFragment(base *URL, fragment string) URL {
	full := base.withoutFragment()
	out := append(make([]byte, 0, len(full)+len(fragment)+1), full...)
	out = append(out, '#')
	at := len(out)
	out = escape(out, fragment, inFragment)
	u := *base
	u.Full = view(out)
	u.Scheme = u.Full[:len(base.Scheme)]
	u.Fragment = u.Full[at:]
	if base.hasQuery() {
		u.Query = u.Full[at-1-len(base.Query) : at-1]
	}
	return u
}

// view returns b, which nobody writes to any more, as a string.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
