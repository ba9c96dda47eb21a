package token

// What a byte may be part of.
const (
	lower uint8 = 1 << iota
	upper
	digit
	special  // + / - _, which base64 has besides letters and digits
	beyond16 // no digit of base16
	beyond32
	beyond58
)

var classes = func() (t [256]uint8) {
	for c := range 256 {
		b := byte(c)
		switch {
		case 'a' <= b && b <= 'z':
			t[c] |= lower
		case 'A' <= b && b <= 'Z':
			t[c] |= upper
		case '0' <= b && b <= '9':
			t[c] |= digit
		case base64[b] != no:
			t[c] |= special
		default:
			continue
		}
		if digits[b] == no {
			t[c] |= beyond16
		}
		if base32[b] == no {
			t[c] |= beyond32
		}
		if base58[b] == no {
			t[c] |= beyond58
		}
	}
	return t
}()

// turnedClasses are the classes of bytes after ROT13.
var turnedClasses = func() (t [256]uint8) {
	for c := range t {
		t[c] = classes[rot13[c]]
	}
	return t
}()

// runs looks at each stretch of the base64 alphabet in text.
func (d *Decoder) runs(text []byte, parent int, s Steps, at Place) {
	if int(s.n) == MaxDepth {
		return
	}
	for i := 0; i < len(text); {
		class, from := uint8(0), i
		for i < len(text) {
			c := classes[text[i]]
			if c == 0 {
				break
			}
			class |= c
			i++
		}
		if i-from >= minRun {
			d.run(text[from:i], class, parent, s, at)
		}
		i++
	}
}

// run decodes one stretch, if it looks like something encoded.
func (d *Decoder) run(run []byte, class uint8, parent int, s Steps, at Place) {
	if d.based(run, class, parent, s, at, false) {
		return
	}
	if class&special == 0 || len(run) < minPiece {
		return
	}
	if isUUID(run) {
		d.uuid(run, parent, s, at)
		return
	}
	// Perhaps only a part of it is encoded: 0a1b…_300x200, 42-aHR0c…
	for i := 0; i < len(run); {
		class, from := uint8(0), i
		for i < len(run) && classes[run[i]]&special == 0 {
			class |= classes[run[i]]
			i++
		}
		if i-from >= minPiece {
			d.based(run[from:i], class, parent, s, at, true)
		}
		i++
	}
}

// minPiece is the least length of a part of a run that is looked at alone.
const minPiece = 16

// based decodes run from the base that it is in and reports whether that gave
// text, or bytes that surely mean something. A piece of a run must give text.
func (d *Decoder) based(run []byte, class uint8, parent int, s Steps, at Place, piece bool) bool {
	for _, b := range bases {
		if b.fits(run, class) && d.try(run, b, parent, s, at, piece) {
			return true
		}
	}
	return !piece && d.turned(run, parent, s, at)
}

type base struct {
	encoding Encoding
	fits     func(run []byte, class uint8) bool
	decode   func(out, text []byte) []byte
}

var bases = [...]base{
	{Base16, fits16, decode16},
	{Base32, fits32, decode32},
	{Base64, fits64, decode64},
	{Base58, fits58, decode58},
}

func fits16(run []byte, class uint8) bool {
	return class&(beyond16|special) == 0 && len(run)%2 == 0 && len(run) >= 12
}

// fits32: upper or lower case, and a length that whole bytes have.
func fits32(run []byte, class uint8) bool {
	if class&(beyond32|special) != 0 || class&lower != 0 && class&upper != 0 || len(run) < 10 {
		return false
	}
	switch len(run) % 8 {
	case 1, 3, 6:
		return false
	}
	return true
}

// fits64: text and compressed bytes give letters of both cases, words do not.
func fits64(run []byte, class uint8) bool {
	return class&upper != 0 && class&(lower|digit) != 0 && len(run)%4 != 1
}

func fits58(run []byte, class uint8) bool {
	return class&(beyond58|special) == 0 && class&upper != 0 && class&lower != 0 && len(run) <= maxBase58
}

// try decodes run and keeps the result if it may mean something. It reports
// whether it surely does.
func (d *Decoder) try(run []byte, b base, parent int, s Steps, at Place, piece bool) bool {
	if b.encoding == Base58 {
		if first := first58(run); !startsText(first[:]) && !startsPacked(first[:]) || d.slow == maxSlow {
			return false
		}
		d.slow++
	}
	out := d.room(len(run))
	if out == nil {
		return true
	}
	out = b.decode(out, run)
	steps := s.and(b.encoding)
	text := isText(out)
	if text && len(out) >= 5 {
		d.add(out, parent, steps, at, true)
		return true
	}
	if startsPacked(out) {
		m := d.mark()
		me := d.keep(out, parent, steps, at, text)
		if d.inflate(out, me, steps, at, text) {
			return true
		}
		d.reset(m)
	}
	sum := isSum(len(out))
	if sum || b.encoding == Base64 && !piece && len(out) >= 12 {
		if out = d.room(len(run)); out == nil {
			return true
		}
		out = b.decode(out, run)
		me := d.keep(out, parent, steps, at, text)
		d.runs(out, me, steps, at)
	}
	return sum && b.encoding == Base16
}

// maxSlow is how many tokens of a URL are decoded from base58.
const maxSlow = 8

// startsText reports whether bytes are plain ASCII, of which text begins.
func startsText(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// isSum reports whether n is the size of a digest: MD5, SHA-1, SHA-2 or SHA-3.
func isSum(n int) bool {
	switch n {
	case 16, 20, 28, 32, 48, 64:
		return true
	}
	return false
}

// turned tries run with its letters moved by 13.
func (d *Decoder) turned(run []byte, parent int, s Steps, at Place) bool {
	if int(s.n)+2 > MaxDepth || len(run) < 12 {
		return false
	}
	moved := uint8(0)
	for _, c := range run {
		moved |= turnedClasses[c]
	}
	n := min(len(d.head), len(run)) &^ 7
	for i := range n {
		d.head[i] = rot13[run[i]]
	}
	for _, b := range bases {
		if !b.fits(run, moved) {
			continue
		}
		if b.encoding != Base58 {
			first := b.decode(d.small[:0], d.head[:n])
			if !startsText(first) && !startsPacked(first) && (b.encoding != Base16 || !isSum(len(run)/2)) {
				continue
			}
		}
		out := d.room(len(run))
		if out == nil {
			return true
		}
		for _, c := range run {
			out = append(out, rot13[c])
		}
		m := d.mark()
		me := d.keep(out, parent, s.and(ROT13), at, false)
		if d.try(out, b, me, s.and(ROT13), at, true) || len(d.layers) > me+1 {
			return true
		}
		d.reset(m)
	}
	return false
}

// isUUID reports whether run is 8-4-4-4-12 hexadecimal digits.
func isUUID(run []byte) bool {
	if len(run) != 36 {
		return false
	}
	for i, c := range run {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if digits[c] > 15 {
			return false
		}
	}
	return true
}

// uuid keeps the bytes of a UUID: a digest may be written as one.
func (d *Decoder) uuid(run []byte, parent int, s Steps, at Place) {
	out := d.room(16)
	if out == nil {
		return
	}
	for i := 0; i < len(run); {
		if run[i] == '-' {
			i++
			continue
		}
		out = append(out, digits[run[i]]<<4|digits[run[i+1]])
		i += 2
	}
	d.add(out, parent, s.and(Base16), at, false)
}
