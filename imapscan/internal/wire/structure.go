package wire

import (
	"bytes"
	"mime"
	"strconv"
	"strings"
)

// Node is a part of a message in a body structure (RFC 9051 section 7.5.2), with
// what decides whether the part is read.
type Node struct {
	Media     string // "text/html", in lower case; "" of a multipart
	Encoding  string // in lower case
	Filename  string
	Size      int64 // bytes, of a leaf
	Multipart bool

	Child, Next int32 // index of the first child, and of the next sibling; 0 for none
}

// maxSize is the largest part that is believed in.
const maxSize = 1 << 40

// structureReader reads one body structure.
type structureReader struct {
	*cursor
	nodes []Node
}

// readStructure reads a body structure and appends its nodes, the root first. It
// reports false where it is not one.
func readStructure(c *cursor, nodes []Node) ([]Node, bool) {
	r := structureReader{c, nodes}
	_, ok := r.body(0)
	return r.nodes, ok
}

// body reads a structure in its parentheses.
func (r *structureReader) body(depth int) (at int32, ok bool) {
	if depth > maxLists || !r.open('(') {
		return 0, false
	}
	at = int32(len(r.nodes))
	r.nodes = append(r.nodes, Node{})
	r.space()
	if r.peek() == '(' {
		ok = r.multipart(at, depth)
	} else {
		ok = r.part(at, depth)
	}
	if !ok {
		return 0, false
	}
	for r.space(); r.peek() != ')'; r.space() { // what may be added in time
		before := r.i
		if r.skip(); r.i == before {
			return 0, false
		}
	}
	return at, r.open(')')
}

func (r *structureReader) multipart(at int32, depth int) bool {
	r.nodes[at].Multipart = true
	last := int32(0)
	for r.peek() == '(' {
		child, ok := r.body(depth + 1)
		if !ok {
			return false
		}
		if last == 0 {
			r.nodes[at].Child = child
		} else {
			r.nodes[last].Next = child
		}
		last = child
		r.space()
	}
	_, ok := r.string() // the subtype
	return ok
}

func (r *structureReader) part(at int32, depth int) bool {
	main, ok := r.string()
	if !ok {
		return false
	}
	r.space()
	sub, ok := r.string()
	if !ok {
		return false
	}
	media := mediaName(main, sub)
	r.space()
	name, _, ok := r.params("name")
	if !ok {
		return false
	}
	r.nstring() // id
	r.nstring() // description
	encoding := strings.ToLower(string(r.nstring()))
	if encoding == "" {
		encoding = "7bit"
	}
	digits := r.atom()
	size, err := strconv.ParseUint(string(digits), 10, 64)
	if (err != nil || size > maxSize) && string(digits) != "-1" { // QUIRK: some servers do not know it
		return false
	}
	r.nodes[at].Media, r.nodes[at].Encoding, r.nodes[at].Size, r.nodes[at].Filename = media, encoding, int64(size), name
	r.space()
	if (media == "message/rfc822" || media == "message/global") && r.peek() != ')' {
		r.skip() // the envelope
		r.space()
		child, ok := r.body(depth + 1)
		if !ok {
			return false
		}
		r.nodes[at].Child = child
		r.space()
	}
	// Lines, which some servers leave out or do not know, and MD5.
	for c := r.peek(); c != '(' && c != ')'; c = r.peek() {
		before := r.i
		if r.nstring(); r.i == before {
			return false
		}
	}
	return r.peek() == ')' || r.disposition(at)
}

// disposition takes it. The list may also be one of languages, where the disposition
// is NIL.
func (r *structureReader) disposition(at int32) bool {
	r.open('(')
	r.space()
	r.nstring() // "attachment"
	if r.peek() == '(' {
		name, told, ok := r.params("filename")
		if !ok {
			return false
		}
		if told {
			r.nodes[at].Filename = name
		}
	}
	for r.space(); r.peek() != ')'; r.space() {
		before := r.i
		if r.nstring(); r.i == before {
			return false
		}
	}
	return r.open(')')
}

// nstring takes a string or NIL, and the space behind it.
func (r *structureReader) nstring() []byte {
	text, ok := r.string()
	if !ok {
		r.atom()
	}
	r.space()
	return text
}

// params takes a list of parameters, or NIL, and the space behind it. It returns what
// a part calls its file, and whether it does. A name that is not certain, as it is
// encoded (RFC 2231, or an encoded word of a charset that is not at hand), is "": then
// the beginning of the part is read, with its own header.
func (r *structureReader) params(want string) (value string, told, ok bool) {
	if !r.open('(') {
		r.nstring()
		return "", false, true
	}
	plain := false
	for r.space(); !r.open(')'); r.space() {
		key, isKey := r.string()
		r.space()
		text, isValue := r.string()
		if !isValue { // QUIRK: mail.ru says NIL
			isValue = bytes.EqualFold(r.atom(), []byte("NIL")) || r.peek() == ')'
		}
		if !isKey || !isValue {
			return "", false, false
		}
		if plain || len(key) < len(want) || !bytes.EqualFold(key[:len(want)], []byte(want)) {
			continue
		}
		switch rest := key[len(want):]; {
		case len(rest) == 0 && len(text) > 0:
			value, plain, told = decodeWords(string(text)), true, true
		case len(rest) > 0 && rest[0] == '*':
			told = true
		}
	}
	r.space()
	return value, told, true
}

// decodeWords decodes encoded words (RFC 2047), which senders write where they do
// not belong. It returns "" where some cannot be decoded.
func decodeWords(text string) string {
	if !strings.Contains(text, "=?") {
		return text
	}
	d, err := new(mime.WordDecoder).DecodeHeader(text)
	if err != nil || strings.Contains(d, "=?") {
		return ""
	}
	return d
}

// mediaName joins type and subtype in lower case. Most are of few.
func mediaName(main, sub []byte) string {
	for _, known := range []string{"text/html", "text/plain", "application/pdf", "image/png", "image/jpeg", "image/gif"} {
		if len(main)+1+len(sub) == len(known) && bytes.EqualFold(main, []byte(known[:len(main)])) &&
			known[len(main)] == '/' && bytes.EqualFold(sub, []byte(known[len(main)+1:])) {
			return known
		}
	}
	return strings.ToLower(string(main)) + "/" + strings.ToLower(string(sub))
}
