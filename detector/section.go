package detector

import (
	"errors"

	"github.com/pixelsweep/pixelsweep/detector/internal/mime"
)

// Section is a part of a message that was read by itself, as an IMAP server
// gives it (RFC 9051 section 6.4.5.1): what BODY[1.2.MIME] and BODY[1.2] hold.
type Section struct {
	Path string // of the part: "1.2"
	// Data is the part's header, the blank line, and the body as it is
	// transferred. Of a part that is the whole body of a nested message, the
	// header is that message's.
	Data []byte
	Cut  bool // the rest of the body was not read
}

// ErrWhole says that the header and some parts do not tell what the whole
// message would, which must be read instead: its structure is ambiguous, or what
// was cut off matters.
var ErrWhole = errors.New("the message must be read whole")

// ScanSections judges a message of which only the header and some parts were
// read, in the order of the message: all of which [Needs] says so. What it finds
// is what Scan finds in the whole message. Offsets and lines in HEADER count in
// the header as it is given, which may leave out fields such as Received;
// references have no RawOffset. src.Bytes is the size of the whole message.
func (d *Detector) ScanSections(src Source, header []byte, sections []Section) (*Report, error) {
	src.Type = TypeMessage
	list := make([]mime.Section, len(sections))
	size := len(header)
	for i, s := range sections {
		list[i] = mime.Section(s)
		size += len(s.Data)
	}
	whole := true
	rep, err := d.scan(src, size, func(s *scan) {
		var m *mime.Message
		if m, whole = s.mime.Join(header, list, s.mimeLimits()); whole {
			s.parts(m)
		}
	}, nil)
	if err == nil && !whole {
		return nil, ErrWhole
	}
	return rep, err
}

// Need is how much of a part has to be read to find all its references.
type Need uint8

// The needs.
const (
	NeedNothing Need = iota // such as a picture
	NeedHead                // the first HeadBytes bytes; the file may be a document
	NeedAll
)

// HeadBytes is how much NeedHead asks for, before transfer decoding.
const HeadBytes = mime.HeadBytes

// Needs says how much of a part has to be read, by its declared media type and
// its file name. Multiparts and messages need what their parts need.
func Needs(mediaType, filename string) Need { return Need(mime.Needs(mediaType, filename)) }
