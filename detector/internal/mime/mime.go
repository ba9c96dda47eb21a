// Package mime splits a message into parts and keeps the byte range of each.
//
// The splitter is ours because a detector must see every part that some mail
// client shows, and a rewriter must know which bytes a part stands in. It
// forgives what clients forgive: garbage among the headers, parameters that
// break the grammar, boundaries that are missing, doubled or never closed.
// Where two clients may read the same bytes differently, [Message.Odd] is set,
// and [SecondView] reads the message again with go-message.
//
// Typical use, one [Reader] for each worker:
//
//	var r mime.Reader
//	m := r.Split(msg, mime.Limits{})
//	for i := range m.Parts {
//		p := &m.Parts[i]
//		if !p.CanTrack() {
//			continue
//		}
//		data, offsets, warn := r.Decode(p)
//		…
//	}
//
// Nothing here performs I/O. Everything returned is valid until the next call
// of [Reader.Split] on the same Reader.
package mime

import "strings"

// Range is a half-open range of bytes.
type Range struct{ Start, End int }

// Len returns the number of bytes in g.
func (g Range) Len() int { return g.End - g.Start }

func (g Range) shift(n int) Range { return Range{g.Start + n, g.End + n} }

// Of returns the bytes of src in the range.
func (g Range) Of(src []byte) []byte { return src[g.Start:g.End:g.End] }

// Limits bounds the work done for one message. A zero field takes its default.
type Limits struct {
	Nesting     int // containers inside one another, 64
	Parts       int // parts of a message, containers included, 2,000
	Headers     int // header fields of a message or part, 10,000
	HeaderBytes int // bytes of one header, 1 MB
	PartBytes   int // decoded bytes of one part, 16 MB
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, def int) {
		if *n <= 0 {
			*n = def
		}
	}
	set(&l.Nesting, 64)
	set(&l.Parts, 2000)
	set(&l.Headers, 10_000)
	set(&l.HeaderBytes, 1<<20)
	set(&l.PartBytes, 16<<20)
	return l
}

// Warning is something that could not be read as it was meant.
type Warning struct {
	Part  string // path of the part, empty for the message
	Text  string
	Limit bool // a limit was hit, so something was not read at all
}

// Part is one entity of a message: a leaf, a multipart or a message/rfc822.
// Containers come before what they contain.
type Part struct {
	// Path is the IMAP part path: "1", "1.2", "2.1" for the body of a message
	// nested in part 2. The multipart that is a message's whole body is "TEXT",
	// or "2.TEXT" inside part 2.
	Path string
	// Type is the media type a client acts on, in lower case. It differs from
	// Declared where the name or the first bytes say otherwise.
	Type     string
	Declared string // media type as declared, in lower case; empty when absent

	Charset     string // of text parts, in lower case
	Encoding    string // "7bit", "8bit", "binary", "quoted-printable", "base64", or as declared
	Disposition string // "inline", "attachment", … or empty

	Src    []byte // what the ranges count in: the message, or a decoded message inside it
	Header Range  // without the blank line
	Body   Range  // without the line break before the next boundary

	Parent  int  // index of the container in Message.Parts, -1 at the top
	Nested  bool // inside a message/rfc822
	Decoded bool // inside a message that was transfer-encoded: Src is not the message
	Alt     bool // seen only by clients that follow the second of two boundary parameters
	Sniffed bool // Type comes from the first bytes of the body

	// Base is what relative URLs in the part are relative to, as written:
	// Content-Base (RFC 2110), else Content-Location (RFC 2557).
	Base []byte

	contentType []byte // value of the field that Type was taken from, unfolded
	otherType   []byte // value of a second field, of which only a boundary counts
	disposition []byte
}

// Raw returns the body as it stands in the message, before decoding.
func (p *Part) Raw() []byte { return p.Body.Of(p.Src) }

// IsContainer reports whether the part holds other parts.
func (p *Part) IsContainer() bool {
	return strings.HasPrefix(p.Type, "multipart/") || p.isMessage()
}

func (p *Part) isMessage() bool { return isMessageType(p.Type) }

func isMessageType(t string) bool {
	return t == "message/rfc822" || t == "message/global" || t == "message/news"
}

// CanTrack reports whether a client may find references in the part itself.
// It is false for containers, whose parts are listed on their own.
func (p *Part) CanTrack() bool {
	switch p.Type {
	case "application/xhtml+xml", "image/svg+xml", "message/external-body", "application/xml",
		"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	}
	return strings.HasPrefix(p.Type, "text/")
}

// IsHTML reports whether clients read the part with an HTML parser.
func (p *Part) IsHTML() bool { return isHTMLType(p.Type) }

func isHTMLType(t string) bool {
	return t == "text/html" || t == "application/xhtml+xml" || t == "text/x-amp-html"
}

// Field returns the first field of the part's header with that name, unfolded
// but not decoded. For a message's only part this is the message's header.
func (p *Part) Field(name string) string { return fieldOf(p.Src, p.Header, name) }

// Fields lists the fields of the part's header in order.
func (p *Part) Fields() []Field { return fieldsOf(p.Src, p.Header, nil) }

// Param returns a parameter of Content-Type, decoded by RFC 2231.
func (p *Part) Param(name string) string { return paramText(p.contentType, name) }

// Filename returns the decoded file name, empty when the part has none.
func (p *Part) Filename() string {
	if s := paramText(p.disposition, "filename"); s != "" {
		return DecodeHeader(s)
	}
	return DecodeHeader(paramText(p.contentType, "name"))
}

// Message is a message that was split.
type Message struct {
	Src      []byte
	Header   Range // the fields, without what stands before them and the blank line
	Parts    []Part
	Warnings []Warning
	// Odd says that clients may disagree on the structure, so that a second
	// view is worth its time.
	Odd bool

	fields []Field
	marks  [4]uint64 // a bit for the mark of each field's name
}

// Field returns the first header field with that name, unfolded but not decoded.
func (m *Message) Field(name string) string {
	if n := mark(name); m.marks[n>>6]&(1<<(n&63)) == 0 {
		return ""
	}
	for _, f := range m.fields {
		if len(f.Name) == len(name) && f.Name[0]|0x20 == name[0]|0x20 && strings.EqualFold(f.Name, name) {
			return Unfold(f.Value.Of(m.Src))
		}
	}
	return ""
}

// mark hashes a name, in any case, to a byte: most names that are asked for
// are not there.
func mark(name string) uint8 {
	n := len(name)
	return uint8(n)*29 ^ (name[0]|0x20)*7 ^ (name[n-1]|0x20)*31 ^ (name[n/2] | 0x20)
}

// setFields takes the fields of the header.
func (m *Message) setFields(fields []Field) {
	m.fields, m.marks = fields, [4]uint64{}
	for _, f := range fields {
		n := mark(f.Name)
		m.marks[n>>6] |= 1 << (n & 63)
	}
}

// Fields lists the header fields in order.
func (m *Message) Fields() []Field { return m.fields }

// Complete reports whether no limit was hit.
func (m *Message) Complete() bool {
	for _, w := range m.Warnings {
		if w.Limit {
			return false
		}
	}
	return true
}
