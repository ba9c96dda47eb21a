package css

// Statements finds the statements of a sheet, or of declarations, by offsets in
// ascending order, in one pass.
type Statements struct {
	l          lexer
	start, end int // of the last one that was found
}

// NewStatements returns the statements of src.
func NewStatements(src []byte) *Statements { return &Statements{l: lexer{src: src}} }

// At returns the declaration or rule that holds the offset at, with the semicolon
// that ends it. at must not be less than in the call before.
func (s *Statements) At(at int) (start, end int) {
	if at < s.l.pos && at >= s.start {
		return s.start, s.end
	}
	for {
		s.start = s.l.pos
		t := s.l.next()
		for t != eof && t != ';' && t != '{' && t != '}' {
			t = s.l.next()
		}
		switch s.end = s.l.pos; {
		case t == eof:
			s.end = len(s.l.src)
			return s.start, s.end
		case t != ';':
			s.end--
		}
		if s.l.pos > at {
			return s.start, s.end
		}
	}
}

// Unescape resolves the escapes of a name, a string or a URL.
func Unescape(b []byte) string { return unescape(b) }
