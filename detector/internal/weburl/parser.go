package weburl

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A parser writes one serialised URL and remembers where its parts begin.
type parser struct {
	scheme  string
	special bool
	out     []byte

	authority         bool
	hostAt, hostEnd   int
	pathAt, pathEnd   int
	queryAt, queryEnd int
	fragmentAt        int
}

func (p *parser) grow(n int) { p.out = make([]byte, 0, n+8) }

// start writes the scheme.
func (p *parser) start() {
	p.out = append(append(p.out, p.scheme...), ':')
}

// url returns what was written.
func (p *parser) url() URL {
	full := view(p.out)
	u := URL{
		Full:   full,
		Scheme: full[:len(p.scheme)],
		Host:   full[p.hostAt:p.hostEnd],
		Path:   full[p.pathAt:p.pathEnd],
		Query:  full[p.queryAt:p.queryEnd],
	}
	if p.fragmentAt > 0 {
		u.Fragment = full[p.fragmentAt:]
	}
	return u
}

// absolute reads authority, path, query and fragment.
func (p *parser) absolute(s string) (URL, bool) {
	end := p.delimiter(s)
	p.start()
	p.out = append(p.out, "//"...)
	p.authority = true
	if !p.writeAuthority(s[:end]) {
		return URL{}, false
	}
	return p.tail(s[end:])
}

// delimiter returns where the authority at the beginning of s ends.
func (p *parser) delimiter(s string) int {
	set := "/?#"
	if p.special {
		set = `/\?#`
	}
	if i := strings.IndexAny(s, set); i >= 0 {
		return i
	}
	return len(s)
}

func (p *parser) writeAuthority(s string) bool {
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		if i+1 == len(s) {
			return false
		}
		p.writeUser(s[:i])
		s = s[i+1:]
	}
	host, port, found := cutPort(s)
	if host == "" && (p.special || found) {
		return false
	}
	if !p.writeHost(host) {
		return false
	}
	return !found || p.writePort(port)
}

func (p *parser) writeUser(s string) {
	user, password, _ := strings.Cut(s, ":")
	if user == "" && password == "" {
		return
	}
	p.out = escape(p.out, user, inUser)
	if password != "" {
		p.out = append(p.out, ':')
		p.out = escape(p.out, password, inUser)
	}
	p.out = append(p.out, '@')
}

// cutPort splits s at its first colon outside brackets.
func cutPort(s string) (host, port string, found bool) {
	inside := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '[':
			inside = true
		case ']':
			inside = false
		case ':':
			if !inside {
				return s[:i], s[i+1:], true
			}
		}
	}
	return s, "", false
}

// writePort writes a port unless it is empty or the default.
func (p *parser) writePort(s string) bool {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		if n = n*10 + int(s[i]-'0'); n > 65535 {
			return false
		}
	}
	if s != "" && n != defaultPort(p.scheme) {
		p.out = append(p.out, ':')
		p.out = strconv.AppendInt(p.out, int64(n), 10)
	}
	return true
}

func (p *parser) writeHost(s string) bool {
	var ok bool
	p.hostAt = len(p.out)
	p.out, ok = appendHost(p.out, s, p.special)
	p.hostEnd = len(p.out)
	return ok
}

// relative resolves s against base, whose scheme is p's and not file.
func (p *parser) relative(s string, base *URL) (URL, bool) {
	if s != "" && (s[0] == '/' || p.special && s[0] == '\\') {
		switch {
		case p.special && len(s) > 1 && isSlash(s[1]):
			return p.absolute(strings.TrimLeft(s, `/\`))
		case strings.HasPrefix(s, "//"):
			return p.absolute(s[2:])
		}
		p.copyAuthority(base)
		return p.tail(s)
	}
	p.copyAuthority(base)
	return p.below(s, base)
}

// below resolves s, which does not begin with a slash, against base's path.
func (p *parser) below(s string, base *URL) (URL, bool) {
	p.startPath()
	p.out = append(p.out, base.Path...)
	switch {
	case s == "" || s[0] == '#':
		p.endPath()
		if base.hasQuery() {
			p.out = append(p.out, '?')
			p.queryAt = len(p.out)
			p.out = append(p.out, base.Query...)
			p.queryEnd = len(p.out)
		}
		p.writeFragment(s)
		return p.url(), true
	case s[0] != '?':
		p.pop()
		s = p.writePath(s)
	}
	p.endPath()
	p.writeQuery(s)
	return p.url(), true
}

func (p *parser) copyAuthority(base *URL) {
	p.start()
	authority, ok := base.authority()
	if !ok {
		return
	}
	p.authority = true
	p.out = append(p.out, "//"...)
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		p.out = append(p.out, authority[:i+1]...)
		authority = authority[i+1:]
	}
	p.hostAt = len(p.out)
	p.hostEnd = p.hostAt + len(base.Host)
	p.out = append(p.out, authority...)
}

// tail reads a path that is absolute, the query and the fragment.
func (p *parser) tail(s string) (URL, bool) {
	p.startPath()
	switch {
	case s != "" && (s[0] == '/' || p.special && s[0] == '\\'):
		s = p.writePath(s[1:])
	case p.special:
		s = p.writePath(s)
	}
	p.endPath()
	p.writeQuery(s)
	return p.url(), true
}

func (p *parser) startPath() { p.pathAt = len(p.out) }

// endPath notes the end of the path, and sets "/." before one that would else
// be read as an authority.
func (p *parser) endPath() {
	if !p.authority && strings.HasPrefix(view(p.out[p.pathAt:]), "//") {
		p.out = append(p.out, "/."...)
		copy(p.out[p.pathAt+2:], p.out[p.pathAt:])
		copy(p.out[p.pathAt:], "/.")
		p.pathAt += 2
	}
	p.pathEnd = len(p.out)
}

// writePath writes the segments of s, each with a slash before it, resolves
// those of dots, and returns what follows the path.
func (p *parser) writePath(s string) string {
	for {
		end := p.delimiter(s)
		segment := s[:end]
		more := end < len(s) && isSlash(s[end])
		switch dots(segment) {
		case 2:
			p.pop()
			fallthrough
		case 1:
			if !more {
				p.out = append(p.out, '/')
			}
		default:
			p.writeSegment(segment)
		}
		if !more {
			return s[end:]
		}
		s = s[end+1:]
	}
}

func (p *parser) writeSegment(s string) {
	first := len(p.out) == p.pathAt
	p.out = append(p.out, '/')
	if first && p.scheme == "file" && isDrive(s) {
		p.out = append(p.out, s[0], ':')
		return
	}
	p.out = escape(p.out, s, inPath)
}

// pop removes the last segment, but never the drive of a file.
func (p *parser) pop() {
	path := view(p.out[p.pathAt:])
	i := strings.LastIndexByte(path, '/')
	if i < 0 || i == 0 && p.scheme == "file" && isNormalDrive(path[1:]) {
		return
	}
	p.out = p.out[:p.pathAt+i]
}

// dots returns how many levels a segment of dots, plain or encoded, goes up,
// plus one: 1 for ".", 2 for "..", else 0.
func dots(s string) int {
	n := 0
	for s != "" {
		switch {
		case s[0] == '.':
			s = s[1:]
		case len(s) >= 3 && s[0] == '%' && s[1] == '2' && s[2]|0x20 == 'e':
			s = s[3:]
		default:
			return 0
		}
		if n++; n > 2 {
			return 0
		}
	}
	return n
}

// writeQuery reads the query and the fragment.
func (p *parser) writeQuery(s string) {
	if s == "" || s[0] != '?' {
		p.writeFragment(s)
		return
	}
	end := strings.IndexByte(s, '#')
	if end < 0 {
		end = len(s)
	}
	set := inAnyQuery
	if p.special {
		set = inQuery
	}
	p.out = append(p.out, '?')
	p.queryAt = len(p.out)
	p.out = escape(p.out, s[1:end], set)
	p.queryEnd = len(p.out)
	p.writeFragment(s[end:])
}

func (p *parser) writeFragment(s string) {
	if s == "" {
		return
	}
	p.out = append(p.out, '#')
	p.fragmentAt = len(p.out)
	p.out = escape(p.out, s[1:], inFragment)
}

// escape appends s to out and percent-encodes what may not stand in c.
func escape(out []byte, s string, c class) []byte {
	const hex = "0123456789ABCDEF"
	for s != "" {
		n := span(s, c)
		out = append(out, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		n = 1
		var buf [utf8.UTFMax]byte
		enc := buf[:1]
		if buf[0] = s[0]; s[0] >= utf8.RuneSelf {
			var r rune
			r, n = utf8.DecodeRuneInString(s)
			enc = utf8.AppendRune(buf[:0], r)
		}
		for _, b := range enc {
			out = append(out, '%', hex[b>>4], hex[b&15])
		}
		s = s[n:]
	}
	return out
}
