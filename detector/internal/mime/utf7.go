package mime

import (
	"encoding/base64"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// utf7 decodes UTF-7 (RFC 2152). What is not well formed stays.
type utf7 struct {
	shifted bool   // between + and the end of its base64 run
	filled  bool   // the run holds something
	acc     uint32 // bits of the run that are no code unit yet
	bits    int
	high    rune // a first surrogate that waits for its second
}

var _ transform.Transformer = (*utf7)(nil)

// Reset makes u ready for another text.
func (u *utf7) Reset() { *u = utf7{} }

// Transform implements [transform.Transformer].
func (u *utf7) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	var buf [8]byte
	for nSrc < len(src) {
		next := *u
		out := next.step(buf[:0], src[nSrc])
		if nDst+len(out) > len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc++
		*u = next
	}
	return nDst, nSrc, nil
}

// step takes one byte and appends what it completes.
func (u *utf7) step(dst []byte, c byte) []byte {
	switch {
	case !u.shifted && c == '+':
		*u = utf7{shifted: true}
		return dst
	case !u.shifted:
		return append(dst, c)
	case base64Codes[c] != junk:
		return u.code(dst, base64Codes[c])
	}
	filled := u.filled
	*u = utf7{}
	if !filled {
		dst = append(dst, '+')
	}
	if c == '-' {
		return dst
	}
	return append(dst, c)
}

// code takes six bits of a run.
func (u *utf7) code(dst []byte, code byte) []byte {
	u.filled = true
	u.acc = u.acc<<6 | uint32(code)
	if u.bits += 6; u.bits < 16 {
		return dst
	}
	u.bits -= 16
	unit := rune(u.acc >> u.bits)
	u.acc &= 1<<u.bits - 1
	high := u.high
	u.high = 0
	switch {
	case high != 0 && unit >= 0xDC00 && unit < 0xE000:
		return utf8.AppendRune(dst, utf16.DecodeRune(high, unit))
	case unit >= 0xD800 && unit < 0xDC00:
		u.high = unit
		return dst
	}
	return utf8.AppendRune(dst, unit)
}

// encodeUTF7 writes text in UTF-7: ASCII as it is, all else in runs of base64.
func encodeUTF7(text []byte) []byte {
	var out []byte
	for len(text) > 0 {
		if c := text[0]; c < utf8.RuneSelf {
			if out = append(out, c); c == '+' {
				out = append(out, '-')
			}
			text = text[1:]
			continue
		}
		var units []byte
		for len(text) > 0 && text[0] >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(text)
			for _, u := range utf16.Encode([]rune{r}) {
				units = append(units, byte(u>>8), byte(u))
			}
			text = text[n:]
		}
		out = append(out, '+')
		out = base64.RawStdEncoding.AppendEncode(out, units)
		out = append(out, '-')
	}
	return out
}
