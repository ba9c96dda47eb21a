package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Reply is what a server says of one message in answer to FETCH (RFC 9051 section
// 7.5.2). It is used again for the next one.
type Reply struct {
	UID       imap.UID
	Date      time.Time // zero where it is not told
	Size      int64     // bytes
	Structure []Node    // the first is the root; empty where it is not told or cannot be understood
	Buf       []byte    // what holds the body sections; whoever gets the answer may keep it

	text     []byte        // all of it, but not the literals of bodies
	literals []bodyLiteral // those, in Buf
	pieces   []Piece       // the body sections, without those that are NIL
	outline  bool          // size or structure are told
	bodies   bool          // body sections are told
}

// bodyLiteral is the literal of a body.
type bodyLiteral struct {
	at       int // in the text: behind its {n}
	from, to int // in Buf
	cut      bool
}

// Piece is a body section.
type Piece struct {
	From, To int  // in the answer's Buf
	Cut      bool // it is longer than MaxBody

	section []byte // of the answer's text: "HEADER.FIELDS.NOT", "1.2.MIME", ""
}

// MaxBody is how many bytes of one message's bodies are kept; the rest is skipped.
const MaxBody = 48 << 20

// maxHeld is how much memory is held for the next message.
const maxHeld = 1 << 20

func (a *Reply) reset() {
	if cap(a.text) > maxHeld {
		a.text = nil
	}
	if cap(a.Buf) > maxHeld {
		a.Buf = nil
	}
	*a = Reply{text: a.text[:0], literals: a.literals[:0], Buf: a.Buf[:0], pieces: a.pieces[:0], Structure: a.Structure[:0]}
}

// literal reads one, that of a body up to the bound.
func (a *Reply) literal(in *bufio.Reader, size int64, body bool) (err error) {
	if !body {
		a.text, err = readInto(a.text, in, size)
		return err
	}
	from := len(a.Buf)
	room := max(0, min(size, MaxBody-int64(from)))
	if a.Buf, err = readInto(a.Buf, in, room); err != nil {
		return err
	}
	a.literals = append(a.literals, bodyLiteral{at: len(a.text), from: from, to: len(a.Buf), cut: room < size})
	if room < size {
		_, err = io.CopyN(io.Discard, in, size-room)
	}
	return err
}

// readInto appends n bytes. What is announced need not come, so memory grows with
// what does.
func readInto(b []byte, in io.Reader, n int64) ([]byte, error) {
	for n > 0 {
		step := int(min(n, 1<<20))
		b = slices.Grow(b, step)
		k, err := io.ReadFull(in, b[len(b):len(b)+step])
		b = b[:len(b)+k]
		n -= int64(k)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return b, err
		}
	}
	return b, nil
}

// parse reads the items. It reports false for an answer of which it is not known
// what message it is about.
func (a *Reply) parse() bool {
	c := &cursor{b: a.text, i: bytes.IndexByte(a.text, '(') + 1}
	literals := a.literals
	for c.space(); !c.end(')'); c.space() {
		name, section, is := c.item()
		if len(name) == 0 {
			break
		}
		switch {
		case is:
			a.bodies = true
			literals = a.section(c, section, literals)
		case bytes.EqualFold(name, []byte("UID")):
			n, _ := strconv.ParseUint(string(c.atom()), 10, 32)
			a.UID = imap.UID(n)
		case bytes.EqualFold(name, []byte("RFC822.SIZE")):
			a.outline = true
			n, _ := strconv.ParseInt(string(c.atom()), 10, 64)
			a.Size = max(0, n) // QUIRK: some servers say -1
		case bytes.EqualFold(name, []byte("INTERNALDATE")):
			text, _ := c.string()
			a.Date, _ = time.Parse("_2-Jan-2006 15:04:05 -0700", string(text))
		case bytes.EqualFold(name, []byte("BODYSTRUCTURE")):
			a.outline = true
			at := c.i
			var ok bool
			if a.Structure, ok = readStructure(c, a.Structure[:0]); !ok {
				a.Structure = a.Structure[:0]
				c.i = at
				c.skip()
			}
		default:
			c.skip()
		}
	}
	return a.UID != 0
}

// section reads the value of a body section: the first of the literals, or what a
// server says in another way. It returns the literals that are left.
func (a *Reply) section(c *cursor, name []byte, literals []bodyLiteral) []bodyLiteral {
	at := c.i
	if c.literal() {
		c.marker()
		for len(literals) > 0 && literals[0].at < c.i {
			literals = literals[1:]
		}
		if len(literals) > 0 && literals[0].at == c.i {
			l := literals[0]
			a.pieces = append(a.pieces, Piece{section: name, From: l.from, To: l.to, Cut: l.cut})
			return literals[1:]
		}
		c.i = at // it was not taken for a body's
	}
	text, ok := c.string()
	if !ok {
		c.atom() // NIL
		return literals
	}
	from := len(a.Buf)
	a.Buf = append(a.Buf, text...)
	a.pieces = append(a.pieces, Piece{section: name, From: from, To: len(a.Buf)})
	return literals
}

// Find returns a body section by its name.
func (a *Reply) Find(section string) (Piece, bool) {
	for _, p := range a.pieces {
		if len(p.section) == len(section) && bytes.EqualFold(p.section, []byte(section)) {
			return p, true
		}
	}
	return Piece{}, false
}
