package wire

import "bytes"

// cursor reads the values of a response (RFC 9051 section 9) that is in memory. It
// never fails: where something else stands than is asked for, it reads nothing, and
// at the end it stays there.
type cursor struct {
	b []byte
	i int
}

// peek returns the next byte, 0 at the end.
func (c *cursor) peek() byte {
	if c.i < len(c.b) {
		return c.b[c.i]
	}
	return 0
}

func (c *cursor) space() {
	for c.peek() == ' ' {
		c.i++
	}
}

// open takes the byte.
func (c *cursor) open(with byte) bool {
	if c.peek() != with || c.i == len(c.b) {
		return false
	}
	c.i++
	return true
}

// end takes the byte, or is at the end.
func (c *cursor) end(with byte) bool { return c.i >= len(c.b) || c.open(with) }

// atom takes what stands before the next space, parenthesis, quote or literal.
func (c *cursor) atom() []byte {
	from := c.i
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case ' ', '(', ')', '"', '{', '\r', '\n':
			return c.b[from:c.i]
		}
		c.i++
	}
	return c.b[from:c.i]
}

// string takes a quoted string or a literal. It reports false for everything else.
func (c *cursor) string() ([]byte, bool) {
	switch {
	case c.peek() == '"':
		return c.quoted(), true
	case c.literal():
		n := min(c.marker(), len(c.b)-c.i)
		c.i += n
		return c.b[c.i-n : c.i], true
	}
	return nil, false
}

// literal reports whether a literal comes, of which it takes the ~ that says that
// there may be NUL in it (literal8).
func (c *cursor) literal() bool {
	if rest := c.b[c.i:]; len(rest) > 1 && rest[0] == '~' && rest[1] == '{' {
		c.i++
	}
	return c.peek() == '{'
}

func (c *cursor) quoted() []byte {
	c.i++
	from, escaped := c.i, false
	for ; c.i < len(c.b); c.i++ {
		switch c.b[c.i] {
		case '\\':
			escaped = true
			c.i++
		case '"':
			text := c.b[from:c.i]
			c.i++
			if escaped {
				text = unescape(text)
			}
			return text
		}
	}
	c.i = len(c.b)
	return c.b[min(from, len(c.b)):]
}

func unescape(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		out = append(out, b[i])
	}
	return out
}

// marker takes the {n} before a literal with the line break behind it, and returns
// n.
func (c *cursor) marker() int {
	n := 0
	for c.i++; c.i < len(c.b); c.i++ {
		switch d := c.b[c.i]; {
		case d >= '0' && d <= '9' && n < 1<<40:
			n = n*10 + int(d-'0')
		case d == '\n':
			c.i++
			return n
		}
	}
	return n
}

// item takes the name of an item of FETCH. Of BODY[1.2.MIME]<0> the section is
// 1.2.MIME; of BODY[HEADER.FIELDS (From To)] it is HEADER.FIELDS.
func (c *cursor) item() (name, section []byte, is bool) {
	from := c.i
	for c.i < len(c.b) && bytes.IndexByte([]byte(" ()[\"{\r\n"), c.b[c.i]) < 0 {
		c.i++
	}
	name = c.b[from:c.i]
	if c.open('[') {
		is = true
		from := c.i
		for c.i < len(c.b) && c.b[c.i] != ']' {
			if c.b[c.i] == '"' {
				c.quoted()
				continue
			}
			c.i++
		}
		section = c.b[from:c.i]
		if n := bytes.IndexAny(section, " ("); n >= 0 {
			section = section[:n]
		}
		c.open(']')
		if c.peek() == '<' {
			c.atom()
		}
	}
	c.space()
	return name, section, is
}

// skip takes one value, whatever it is.
func (c *cursor) skip() {
	depth := 0
	for c.i < len(c.b) {
		switch c.b[c.i] {
		case '(':
			depth++
			c.i++
		case ')':
			if depth == 0 {
				return
			}
			depth--
			c.i++
		case '"', '{', '~':
			if _, ok := c.string(); !ok {
				c.atom()
			}
		case ' ', '\r', '\n':
			c.i++
			continue
		default:
			c.atom()
		}
		if depth == 0 {
			return
		}
	}
}
