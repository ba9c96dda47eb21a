package detector

import "github.com/pixelsweep/pixelsweep/detector/internal/trace"

// A Part is a decoded part of a message, or a document that stands alone, before
// it is read. It is valid until the scan ends.
type Part struct {
	Path  string // as in the report: "1.2", "" for a document that stands alone
	Media string // the media type, in lower case
	// Text is the part as it is read: after transfer decoding, and what is not ASCII at
	// heart, such as UTF-16, in UTF-8. Offsets, lines and columns of the report are
	// in it.
	Text []byte
	// Raw returns the offset in the message of the byte that stands at an offset
	// of Text, and false where there is none.
	Raw func(offset int) (int, bool)
}

// Template directs how what is not a message yet is scanned: markup with the tags
// of a template language in it.
type Template struct {
	// Mask returns what is read in place of a part's Text: as many bytes, so that
	// every offset stays. Other lengths are ignored. A reference that holds bytes
	// which Mask changed has the text as written in Raw.
	Mask func(Part) []byte
	// Done is called with the report while the parts are still valid.
	Done func(*Report)
}

// ScanTemplate scans as [Detector.Scan] does, or as [Detector.ScanHTML] if html is
// set, with the parts masked. Its errors are the same.
func (d *Detector) ScanTemplate(src Source, data []byte, html bool, t Template) (*Report, error) {
	read := func(s *scan) { s.html(data) }
	if !html {
		src.Type = TypeMessage
		read = func(s *scan) { s.message(data) }
	}
	return d.scan(src, len(data), func(s *scan) { s.template = t; read(s) }, nil)
}

// mask returns what is to be read of a part, whose place may change to the converted
// text.
func (s *scan) mask(at *place) []byte {
	if s.template.Mask == nil {
		return at.text
	}
	if at.origin != nil {
		at.src, at.origin, at.raw = at.text, nil, nil
	}
	p := Part{Path: at.part, Media: at.media, Text: at.text, Raw: noOffset}
	switch {
	case at.raw != nil:
		p.Raw = at.raw.Raw
	case at.part == "" && at.index != trace.Untraced:
		p.Raw = func(offset int) (int, bool) { return offset, offset >= 0 && offset <= len(at.text) }
	}
	if read := s.template.Mask(p); len(read) == len(at.text) {
		return read
	}
	return at.text
}

func noOffset(int) (int, bool) { return 0, false }
