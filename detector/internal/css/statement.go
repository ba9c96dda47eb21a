package css

// Statement returns the declaration or rule of src that holds the offset at,
// with the semicolon that ends it.
func Statement(src []byte, at int) (start, end int) {
	l := lexer{src: src}
	for {
		switch t := l.next(); t {
		case eof:
			return start, len(src)
		case ';', '{', '}':
			if l.pos > at {
				if t == ';' {
					return start, l.pos
				}
				return start, l.pos - 1
			}
			start = l.pos
		}
	}
}

// Unescape resolves the escapes of a name, a string or a URL.
func Unescape(b []byte) string { return unescape(b) }
