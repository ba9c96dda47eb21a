// Package trace hands what a scan has read to package rewrite: the parts, their
// text and the place of every reference. It exists so that rewriting needs not
// read a message a second time.
package trace

import "github.com/pixelsweep/pixelsweep/detector/internal/mime"

// Places of a reference that is in no part.
const (
	InHeader = -1 // in the header of the message
	Untraced = -2 // in a part that only the second view of the message has
)

// Ref is the place of one reference.
type Ref struct {
	Part       int // index in Scan.Parts, or InHeader or Untraced
	Start, End int // in the text of the part, or in the message for InHeader
	Nested     bool
	Call       bool // a call of a script, that has no URL of its own
	Vector     string
	Trigger    string
	URL        string // a view of the message
}

// Part is one part as it was read.
type Part struct {
	Index  int    // in Scan.Mime.Parts, -1 for a page, which is its own part
	Src    []byte // after transfer decoding
	Text   []byte // after charset conversion
	Origin *mime.Origin
	Media  string
	Refs   [2]int // the references of the part in Scan.Refs, half open
}

// Scan is what a scan has read. It is valid until the visit of
// detector.Inspect returns.
type Scan struct {
	Mime  *mime.Message // nil for a page
	Parts []Part
	Refs  []Ref // reference n of the report is at n-1
}
