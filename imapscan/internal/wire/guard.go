package wire

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
)

// Bounds of what a server may send. go-imap reads lines and most literals whole
// and descends into lists without end.
const (
	maxResponse = 4 << 20 // bytes of a response, without the literals of bodies
	maxLists    = 400     // lists inside one another
	maxLiteral  = 1 << 30 // bytes of a body's literal
	maxRemarks  = 1000    // untagged status responses with nothing between them
)

// Guard reads from a server and fails where a response goes beyond the bounds,
// before go-imap sees what does. It follows the lines, strings and literals of
// the protocol (RFC 9051 section 9).
type Guard struct {
	r     io.Reader
	trace *Tracer
	bad   atomic.Pointer[LimitError]
	bye   atomic.Pointer[string] // what the server said when it ended the connection

	literal  int64 // bytes of a body's literal that are still to come
	response int   // bytes of this response, bodies aside
	line     []byte
	start    bool // at the start of a line that begins a response
	text     bool // the line is text: a status response, or a tagged one
	later    bool // the line goes on with a response after a literal
	mail     bool // the response is FETCH, whose strings are text of messages
	quoted   bool
	escaped  bool
	lists    int
	remarks  int
}

// NewGuard reads from r. t logs the lines, nil for no log.
func NewGuard(r io.Reader, t *Tracer) *Guard { return &Guard{r: r, trace: t, start: true} }

func (g *Guard) Read(p []byte) (int, error) {
	if err := g.Broken(); err != nil {
		return 0, err
	}
	n, err := g.r.Read(p)
	if bad := g.follow(p[:n]); bad != nil {
		g.bad.Store(bad)
		return 0, bad
	}
	return n, err
}

// Broken returns the bound that the server broke, nil for none.
func (g *Guard) Broken() error {
	if bad := g.bad.Load(); bad != nil {
		return bad
	}
	return nil
}

// Bye returns what the server said when it ended the connection, "" before.
func (g *Guard) Bye() string {
	if text := g.bye.Load(); text != nil {
		return *text
	}
	return ""
}

// LimitError says which bound a server broke.
type LimitError struct{ What string }

func (e *LimitError) Error() string { return "the server sends " + e.What }

func (g *Guard) follow(p []byte) *LimitError {
	for len(p) > 0 {
		if g.literal > 0 {
			n := min(g.literal, int64(len(p)))
			g.literal -= n
			p = p[n:]
			continue
		}
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			return g.part(p)
		}
		if err := g.part(p[:i+1]); err != nil {
			return err
		}
		if err := g.end(); err != nil {
			return err
		}
		p = p[i+1:]
	}
	return nil
}

// part takes bytes of one line.
func (g *Guard) part(p []byte) *LimitError {
	g.response += len(p)
	if g.response > maxResponse {
		return &LimitError{fmt.Sprintf("a response of more than %d bytes", maxResponse)}
	}
	seen := len(g.line)
	g.line = append(g.line, p...)
	if g.start {
		if len(g.line) < len("* PREAUTH ") && g.line[len(g.line)-1] != '\n' {
			return nil // too short to tell what it is
		}
		g.start, g.text, seen = false, isText(g.line), 0
	}
	if g.text {
		return nil
	}
	for _, c := range g.line[seen:] {
		switch {
		case g.escaped:
			g.escaped = false
		case g.quoted:
			g.escaped = c == '\\'
			if c == '\n' {
				return &LimitError{"a line break inside a string"}
			}
			g.quoted = c != '"'
		case c == '"':
			g.quoted = true
		case c == '(':
			if g.lists++; g.lists > maxLists {
				return &LimitError{fmt.Sprintf("more than %d lists inside one another", maxLists)}
			}
		case c == ')':
			g.lists--
		}
	}
	return nil
}

// end takes the end of a line, which goes on if a literal follows.
func (g *Guard) end() *LimitError {
	size, body, ok := announced(g.line)
	ok = ok && !g.text
	if g.trace != nil {
		g.log()
		g.later = ok
	}
	if g.text && len(g.line) > 6 && bytes.EqualFold(g.line[:6], []byte("* BYE ")) {
		text := strings.TrimSpace(string(g.line[6:min(len(g.line), 300)]))
		g.bye.Store(&text)
	}
	if !g.text || g.line[0] != '*' {
		g.remarks = 0
	} else if g.remarks++; g.remarks > maxRemarks { // they keep it from being silent
		return &LimitError{"no end of remarks before an answer"}
	}
	switch {
	case !ok:
		g.response, g.start, g.lists = 0, true, 0
	case size > maxLiteral:
		return &LimitError{fmt.Sprintf("a literal of more than %d bytes", maxLiteral)}
	case body:
		g.literal = size
	case int64(g.response)+size > maxResponse:
		return &LimitError{fmt.Sprintf("a literal of %d bytes", size)}
	default:
		g.literal = size
		g.response += int(size)
	}
	g.line = g.line[:0]
	if cap(g.line) > 64<<10 {
		g.line = nil
	}
	return nil
}

// log traces a line.
func (g *Guard) log() {
	if !g.later {
		g.mail = isFetch(g.line)
	}
	text := string(g.line)
	if g.mail {
		text = withoutMail(text)
	}
	g.trace.Line("S", text)
}

// announced returns the size of the literal that a line announces, and whether it
// is a body, which is read as it comes. The line is no text.
func announced(line []byte) (size int64, body, ok bool) {
	l := bytes.TrimRight(line, "\r\n")
	if len(l) == 0 || l[len(l)-1] != '}' {
		return 0, false, false
	}
	i := bytes.LastIndexByte(l, '{')
	if i < 0 || i+2 > len(l)-1 {
		return 0, false, false
	}
	for _, c := range l[i+1 : len(l)-1] {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		if size = size*10 + int64(c-'0'); size > maxLiteral {
			size = maxLiteral + 1
		}
	}
	before := bytes.TrimSuffix(l[:i], []byte("~")) // literal8
	return size, bytes.HasSuffix(before, []byte("] ")) || bytes.HasSuffix(before, []byte("> ")), true
}

// isText reports whether a response is a status or tagged, which ends in free
// text.
func isText(line []byte) bool {
	rest, untagged := bytes.CutPrefix(line, []byte("* "))
	if !untagged {
		return true
	}
	for _, s := range []string{"OK", "NO", "BAD", "BYE", "PREAUTH"} {
		if len(rest) > len(s) && bytes.EqualFold(rest[:len(s)], []byte(s)) && (rest[len(s)] <= ' ' || rest[len(s)] == '[') {
			return true
		}
	}
	return false
}

// isFetch reports whether a line begins a FETCH response (RFC 9051 section 7.5.2),
// also one that is not quite as it should be.
func isFetch(line []byte) bool {
	rest, untagged := bytes.CutPrefix(line, []byte("* "))
	if !untagged {
		return false
	}
	rest = bytes.TrimLeft(rest, " 0123456789")
	const name = "FETCH"
	return len(rest) > len(name) && bytes.EqualFold(rest[:len(name)], []byte(name)) && (rest[len(name)] <= ' ' || rest[len(name)] == '(')
}
