package mime

import (
	"bytes"
	"strconv"
	"strings"
)

// mediaType returns the media type of a Content-Type value as it is written,
// without comments and quotes, and reports whether the value has odd grammar.
func mediaType(v []byte) (t []byte, odd bool) {
	v = skipCFWS(v)
	for len(v) > 0 && (v[0] == '"' || v[0] == '\'' || v[0] == ';') {
		v, odd = skipCFWS(v[1:]), true
	}
	n := bytes.IndexAny(v, "; \t\",('")
	if n < 0 {
		n = len(v)
	}
	t, v = v[:n], skipCFWS(v[n:])
	// QUIRK: "text / html" is read by clients that take tokens one by one.
	if len(v) > 0 && v[0] == '/' || len(t) > 0 && t[len(t)-1] == '/' && len(v) > 0 && v[0] != ';' {
		return joinedType(t, v), true
	}
	return t, odd || bytes.IndexByte(t, '/') < 0 || len(v) > 0 && v[0] != ';'
}

func joinedType(t, rest []byte) []byte {
	rest = skipCFWS(bytes.TrimLeft(rest, "/"))
	n := bytes.IndexAny(rest, "; \t\",('")
	if n < 0 {
		n = len(rest)
	}
	out := append([]byte{}, bytes.TrimRight(t, "/")...)
	return append(append(out, '/'), rest[:n]...)
}

// skipCFWS skips blanks and comments (RFC 5322 section 3.2.2).
func skipCFWS(v []byte) []byte {
	for len(v) > 0 {
		switch {
		case isBlank(v[0]):
			v = v[1:]
		case v[0] == '(':
			v = skipComment(v)
		default:
			return v
		}
	}
	return v
}

func skipComment(v []byte) []byte {
	depth := 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return v[i+1:]
			}
		}
	}
	return nil
}

// params walks the parameters of a Content-Type or Content-Disposition value.
type params struct {
	rest        []byte
	name, value []byte // value without quotes, with its backslashes
	escaped     bool   // value was quoted and holds a backslash
	odd         bool   // an unclosed quote, a parameter without a value, …
}

func newParams(v []byte) params {
	n := bytes.IndexAny(v, ";")
	if n < 0 {
		// QUIRK: "text/html charset=utf-8", a missing semicolon.
		if n = bytes.IndexAny(v, " \t"); n < 0 {
			return params{}
		}
	}
	return params{rest: v[n:]}
}

func (p *params) next() bool {
	for len(p.rest) > 0 {
		v := skipCFWS(p.rest)
		for len(v) > 0 && (v[0] == ';' || v[0] == ',') {
			v = skipCFWS(v[1:])
		}
		if len(v) == 0 {
			p.rest = nil
			return false
		}
		n := bytes.IndexAny(v, "=; \t(\"")
		if n < 0 {
			p.rest, p.odd = nil, true
			return false
		}
		p.name = v[:n]
		v = skipCFWS(v[n:])
		if len(v) == 0 || v[0] != '=' {
			p.odd = true
			if n == 0 && len(v) > 0 {
				v = v[1:]
			}
			p.rest = v
			continue
		}
		p.take(skipCFWS(v[1:]))
		return true
	}
	return false
}

// take reads the value at the start of v.
func (p *params) take(v []byte) {
	p.escaped = false
	if len(v) > 0 && v[0] == '"' {
		for i := 1; i < len(v); i++ {
			if v[i] == '\\' {
				p.escaped = true
				i++
			} else if v[i] == '"' {
				p.value, p.rest = v[1:i], v[i+1:]
				return
			}
		}
		// QUIRK: an unclosed quote ends at the next semicolon.
		v, p.odd = v[1:], true
	}
	n := indexAny(v, "; \t")
	// An unquoted value holds no blanks, but some senders' boundaries do:
	// only "name=" after a blank starts another parameter. The search ends at
	// the first equals sign, so that many parameters take linear time.
	if n < len(v) && v[n] != ';' {
		tail := skipCFWS(v[n:])
		i := indexAny(tail, "=;")
		if i == 0 && !bytes.HasPrefix(tail, []byte("=")) || i > 0 && i < len(tail) && tail[i] == '=' || len(tail) == 0 {
			p.value, p.rest = v[:n], tail
			return
		}
		n = len(v) - len(tail) + indexAny(tail, ";")
	}
	p.value, p.rest = bytes.TrimRight(v[:n], " \t\""), v[n:]
}

// indexAny is bytes.IndexAny with the length of v for none.
func indexAny(v []byte, chars string) int {
	if n := bytes.IndexAny(v, chars); n >= 0 {
		return n
	}
	return len(v)
}

// bytes returns the value with its backslashes resolved. Most values need no copy.
func (p *params) bytes() []byte {
	if !p.escaped {
		return p.value
	}
	out := make([]byte, 0, len(p.value))
	for i := 0; i < len(p.value); i++ {
		if p.value[i] == '\\' && i+1 < len(p.value) {
			i++
		}
		out = append(out, p.value[i])
	}
	return out
}

// param returns the first two values of a parameter, and whether the value of
// the field is odd. RFC 2231 forms count where the plain one is absent.
func param(v []byte, name string) (first, second []byte, odd bool) {
	extended := false
	it := newParams(v)
	for it.next() {
		switch {
		case equalFold(it.name, name):
			if first == nil {
				first = it.bytes()
			} else if second == nil && !bytes.Equal(first, it.value) {
				second = it.bytes()
			}
		case len(it.name) > len(name) && it.name[len(name)] == '*' && equalFold(it.name[:len(name)], name):
			extended = true
		}
	}
	if first == nil && extended {
		first = extendedParam(v, name)
	}
	return first, second, it.odd
}

func paramText(v []byte, name string) string {
	if len(v) == 0 {
		return ""
	}
	first, _, _ := param(v, name)
	return string(first)
}

// maxSections bounds the sections of an RFC 2231 parameter.
const maxSections = 200

// extendedParam joins name*, name*0, name*1*, … (RFC 2231 sections 3 and 4).
func extendedParam(v []byte, name string) []byte {
	type section struct {
		text    string
		encoded bool
	}
	sections := map[int]section{}
	it := newParams(v)
	for it.next() {
		if len(it.name) <= len(name) || !equalFold(it.name[:len(name)], name) {
			continue
		}
		tail, encoded := strings.CutSuffix(string(it.name[len(name):]), "*")
		n, err := strconv.Atoi(strings.TrimPrefix(tail, "*"))
		if err != nil {
			n = 0
		}
		if _, dup := sections[n]; !dup && n >= 0 && n < maxSections {
			sections[n] = section{string(it.bytes()), encoded}
		}
	}
	var out []byte
	charset := ""
	for n := 0; n < maxSections; n++ {
		s, ok := sections[n]
		if !ok {
			continue
		}
		if !s.encoded {
			out = append(out, s.text...)
			continue
		}
		text := s.text
		if n == 0 {
			if cs, rest, ok := strings.Cut(text, "'"); ok {
				charset = cs
				_, text, _ = strings.Cut(rest, "'")
			}
		}
		out = appendPercent(out, text)
	}
	return decodeText(out, charset)
}

func appendPercent(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := hexCodes[s[i+1]], hexCodes[s[i+2]]; hi != junk && lo != junk {
				dst = append(dst, hi<<4|lo)
				i += 2
				continue
			}
		}
		dst = append(dst, s[i])
	}
	return dst
}
