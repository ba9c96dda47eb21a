package detector

import "github.com/pixelsweep/pixelsweep/detector/internal/mime"

// A Part is a decoded part of a message, or a document that stands alone, before
// it is read. It is valid until the scan ends.
type Part struct {
	Path  string // as in the report: "1.2", "" for a document that stands alone
	Media string // the media type, in lower case
	// Src is the part after transfer decoding: offsets, lines and columns of the
	// report are in it. Text is the same in UTF-8, and Src itself where that is.
	Src, Text []byte
	// Raw returns the offset in the message of the byte that stands at an offset
	// of Src, and false where there is none.
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

// mask returns what is to be read of a part.
func (s *scan) mask(path, media string, src, text []byte, raw *mime.Map) []byte {
	if s.template.Mask == nil {
		return text
	}
	p := Part{Path: path, Media: media, Src: src, Text: text, Raw: noOffset}
	switch {
	case raw != nil:
		p.Raw = raw.Raw
	case path == "":
		p.Raw = func(offset int) (int, bool) { return offset, offset >= 0 && offset <= len(src) }
	}
	if read := s.template.Mask(p); len(read) == len(text) {
		return read
	}
	return text
}

func noOffset(int) (int, bool) { return 0, false }
