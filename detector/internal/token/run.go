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

// maxLower is the longest run without capitals that is looked at: the digests
// and addresses that base16 and base32 are used for are shorter by far.
const maxLower = 8 << 10

// run decodes one stretch, if it looks like something encoded.
func (d *Decoder) run(run []byte, class uint8, parent int, s Steps, at Place) {
	if class&upper == 0 && len(run) > maxLower {
		return
	}
	if class&special == 0 || class&upper != 0 {
		if d.based(run, class, parent, s, at, false) || d.turned(run, parent, s, at) {
			return
		}
	}
	if class&special == 0 || len(run) < minPiece {
		return
	}
	if isUUID(run) {
		d.uuid(run, parent, s, at)
		return
	}
	d.pieces(run, parent, s, at)
}

// pieces looks at the parts of a run, of which perhaps one is encoded:
// 0a1b…_300x200, 42-aHR0c. Where there are many it is the alphabet that has the
// separators, and only digests are looked for.
func (d *Decoder) pieces(run []byte, parent int, s Steps, at Place) {
	marks := 0
	for _, c := range run {
		if classes[c]&special != 0 {
			marks++
		}
	}
	for i := 0; i < len(run); {
		class, from := uint8(0), i
		for i < len(run) && classes[run[i]]&special == 0 {
			class |= classes[run[i]]
			i++
		}
		piece := run[from:i]
		switch {
		case len(piece) < minPiece:
		case marks <= maxMarks:
			d.based(piece, class, parent, s, at, true)
		case isSum(len(piece)/2) && fits(Base16, piece, class):
			d.try(piece, Base16, parent, s, at, true)
		}
		i++
	}
}

// maxMarks is how many separators a run may have whose parts are looked at.
const maxMarks = 3

// minPiece is the least length of a part of a run that is looked at alone.
const minPiece = 16

// based decodes run from the base that it is in and reports whether that gave
// text, or bytes that surely mean something. A piece of a run must give text.
func (d *Decoder) based(run []byte, class uint8, parent int, s Steps, at Place, piece bool) bool {
	for b := Base16; b <= Base64; b++ {
		if fits(b, run, class) && d.try(run, b, parent, s, at, piece) {
			return true
		}
	}
	return false
}

// fits reports whether run may be in a base, from its length and alphabet.
func fits(b Encoding, run []byte, class uint8) bool {
	switch b {
	case Base16:
		return class&(beyond16|special) == 0 && len(run)%2 == 0 && len(run) >= 12
	case Base32: // in upper or lower case, and of a length that whole bytes have
		return class&(beyond32|special) == 0 && class&(lower|upper) != lower|upper && len(run) >= 10 && lengths32>>(len(run)%8)&1 != 0
	case Base58:
		return class&(beyond58|special|lower|upper) == lower|upper && len(run) <= maxBase58
	case Base64: // text and packed bytes give letters of both cases, words do not
		return class&upper != 0 && class&(lower|digit) != 0 && len(run)%4 != 1
	}
	return false
}

// lengths32 has a bit for each remainder of eight that the length of base32 may
// leave.
const lengths32 = 1<<0 | 1<<2 | 1<<4 | 1<<5 | 1<<7

func (d *Decoder) decode(b Encoding, out, text []byte) []byte {
	switch b {
	case Base16:
		return decode16(out, text)
	case Base32:
		return decode32(out, text)
	case Base58:
		return d.decode58(out, text)
	}
	return decode64(out, text)
}

// try decodes run and keeps the result if it may mean something. It reports
// whether it surely does.
func (d *Decoder) try(run []byte, b Encoding, parent int, s Steps, at Place, piece bool) bool {
	if b == Base58 {
		if first := first58(run); run[0] != '1' && !startsText(first[:]) && !startsPacked(first[:], len(run)) || d.slow == maxSlow {
			return false
		}
		d.slow++
	}
	out := d.room(len(run))
	if out == nil {
		return true
	}
	out = d.decode(b, out, run)
	steps := s.and(b)
	text := isText(out)
	if text && len(out) >= 5 {
		d.add(out, parent, steps, at, true)
		return true
	}
	if startsPacked(out, len(out)) {
		m := d.mark()
		me := d.keep(out, parent, steps, at, text)
		if d.inflate(out, me, steps, at, text) {
			return true
		}
		d.reset(m)
	}
	// A part of a run is a digest only if it can be nothing else.
	sum := isSum(len(out)) && (!piece || b == Base16)
	if sum || b == Base64 && !piece && hasWord(out) {
		if out = d.room(len(run)); out == nil {
			return true
		}
		out = d.decode(b, out, run)
		me := d.keep(out, parent, steps, at, text)
		d.runs(out, me, steps, at)
	}
	return sum && b == Base16
}

// hasWord reports whether bytes that are no text hold a stretch that could be
// encoded again.
func hasWord(b []byte) bool {
	n := 0
	for _, c := range b {
		if classes[c] == 0 {
			n = 0
		} else if n++; n == minPiece {
			return true
		}
	}
	return false
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
	for b := Base16; b <= Base64; b++ {
		if !fits(b, run, moved) {
			continue
		}
		if b != Base58 {
			first := d.decode(b, d.small[:0], d.head[:n])
			if !startsText(first) && !startsPacked(first, len(run)) && (b != Base16 || !isSum(len(run)/2)) {
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
