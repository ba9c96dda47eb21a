package token

import "math"

// The values of digits in each base; 255 is none.
var (
	digits   = values("0123456789abcdef", "0123456789ABCDEF")
	base32   = values("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "abcdefghijklmnopqrstuvwxyz234567")
	base58   = values("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
	base64   = values("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
	no       = byte(255)
	base58of = powersOf58()
)

func values(alphabets ...string) (t [256]byte) {
	for i := range t {
		t[i] = 255
	}
	for _, a := range alphabets {
		for i := range len(a) {
			t[a[i]] = byte(i)
		}
	}
	return t
}

// decode16 decodes hexadecimal digits, of which there is an even number.
func decode16(out, text []byte) []byte {
	for i := 0; i+1 < len(text); i += 2 {
		out = append(out, digits[text[i]]<<4|digits[text[i+1]])
	}
	return out
}

// decode32 decodes base32 (RFC 4648 section 6) without padding.
func decode32(out, text []byte) []byte {
	acc, bits := uint32(0), 0
	for _, c := range text {
		acc = acc<<5 | uint32(base32[c])
		if bits += 5; bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	return out
}

// decode64 decodes base64 (RFC 4648 sections 4 and 5) without padding.
func decode64(out, text []byte) []byte {
	for len(text) >= 4 {
		w := uint32(base64[text[0]])<<18 | uint32(base64[text[1]])<<12 | uint32(base64[text[2]])<<6 | uint32(base64[text[3]])
		out = append(out, byte(w>>16), byte(w>>8), byte(w))
		text = text[4:]
	}
	if len(text) >= 2 {
		w := uint32(base64[text[0]])<<18 | uint32(base64[text[1]])<<12
		out = append(out, byte(w>>16))
		if len(text) == 3 {
			w |= uint32(base64[text[2]]) << 6
			out = append(out, byte(w>>8))
		}
	}
	return out
}

// maxBase58 is the longest token that is decoded from base58, which takes
// quadratic time.
const maxBase58 = 2 << 10

// decode58 decodes base58 in the alphabet of Bitcoin.
func (d *Decoder) decode58(out, text []byte) []byte {
	num := d.limbs[:0] // of 32 bits, the least first
	for rest := text; len(rest) > 0; {
		n := min(len(rest), 5) // 58^5 < 2^32
		factor, carry := uint64(1), uint64(0)
		for _, c := range rest[:n] {
			factor *= 58
			carry = carry*58 + uint64(base58[c])
		}
		rest = rest[n:]
		for i := range num {
			carry += uint64(num[i]) * factor
			num[i] = uint32(carry)
			carry >>= 32
		}
		if carry > 0 {
			num = append(num, uint32(carry))
		}
	}
	d.limbs = num
	for _, c := range text {
		if c != '1' {
			break
		}
		out = append(out, 0)
	}
	leading := true
	for i := len(num) - 1; i >= 0; i-- {
		for shift := 24; shift >= 0; shift -= 8 {
			c := byte(num[i] >> shift)
			if leading = leading && c == 0; !leading {
				out = append(out, c)
			}
		}
	}
	return out
}

// first58 returns the first four bytes that decode58 would, without decoding
// the rest: the leading digits decide them.
func first58(text []byte) (first [4]byte) {
	n := min(len(text), 9) // 58^9 < 2^53
	v := 0.0
	for _, c := range text[:n] {
		v = v*58 + float64(base58[c])
	}
	v *= base58of[len(text)-n]
	for v >= 256 {
		v /= 256
	}
	for i := range first {
		first[i] = byte(v)
		v = (v - math.Floor(v)) * 256
	}
	return first
}

// powersOf58 returns powers of 58, each divided by a power of 256 so that it
// is less than that.
func powersOf58() (t [maxBase58]float64) {
	v := 1.0
	for i := range t {
		t[i] = v
		if v *= 58; v >= 256 {
			v /= 256
		}
	}
	return t
}
