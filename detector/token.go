package detector

import (
	"math"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector/internal/token"
)

// opaque returns the longest opaque token of a URL's path and query and where
// it stands, "" if there is none. A token is opaque if it is long, mixes
// digits and letters as no word does, and is not a size, date or version.
func opaque(path, query string) (longest, where string) {
	best := 0
	for path != "" {
		n := 0
		for n < len(path) && !pathSeparators[path[n]] {
			n++
		}
		if n >= minToken && n > best {
			piece := trimExtension(path[:n])
			if o := opacity(piece); o > best {
				best, longest, where = o, piece, "path"
			}
		}
		path = path[min(n+1, len(path)):]
	}
	key := ""
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if len(pair) < minToken || len(pair) <= best {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			value = pair
		}
		if o := opacity(value); o > best {
			best, longest, where, key = o, value, "query", name
			if !ok {
				key = ""
			}
		}
	}
	if key != "" {
		where = token.Place{Part: token.Query, Name: key}.Words()
	}
	return longest, where
}

var pathSeparators = [256]bool{'/': true, ';': true, ',': true, '=': true, '~': true}

// minToken is the least length of a token that could tell readers apart.
const minToken = 8

func trimExtension(s string) string {
	if i := strings.LastIndexByte(s, '.'); i > 0 && len(s)-i <= 6 {
		return s[:i]
	}
	return s
}

// opacity is the number of bytes of t that look drawn at random, 0 if t does
// not look opaque. What reads as words, a date or a version does not, and only what is left
// is weighed.
func opacity(t string) int {
	n := mixed(t)
	if n == 0 || isDate(t) || isVersion(t) || !isHexText(t) && (isWords(t) || entropy(t) < minEntropy) {
		return 0
	}
	return n
}

// mixed is the number of bytes of t if its letters, digits and cases change as
// often as in no word, else 0.
func mixed(t string) int {
	if len(t) < minToken {
		return 0
	}
	var counts [4]int
	changes, class := 0, byteClasses[t[0]]
	for i := range len(t) {
		c := byteClasses[t[i]]
		counts[c&3]++
		if c != class && c != otherBytes {
			changes++
		}
		class = c
	}
	digits, uppers, lowers, others := counts[digitBytes], counts[upperBytes], counts[lowerBytes], counts[otherBytes]
	letters := lowers + uppers
	switch {
	case others > len(t)/4 && strings.Count(t, "%") == 0:
		return 0
	case letters == 0:
		if digits >= 9 {
			return digits
		}
		return 0
	case isHexText(t) && digits >= 3 && len(t) >= 12:
		return len(t)
	case len(t) >= 10 && changes*4 >= len(t) && (digits > 0 || uppers > 1):
		return len(t)
	case len(t) >= 16 && digits > 0 && changes >= 4 && changes*8 >= len(t):
		return len(t)
	case len(t) >= 32 && uppers > 0 && lowers > 0 && digits > 0 && strings.Count(t, "-") < len(t)/8:
		return len(t)
	}
	return 0
}

const (
	otherBytes = iota
	digitBytes
	upperBytes
	lowerBytes
)

var byteClasses = func() (t [256]uint8) {
	for c := range t {
		switch b := byte(c); {
		case isDigit(b):
			t[c] = digitBytes
		case b >= 'a' && b <= 'z':
			t[c] = lowerBytes
		case b >= 'A' && b <= 'Z':
			t[c] = upperBytes
		}
	}
	return t
}()

// minEntropy is what a drawn token has at least, in bits a byte: ten different
// ones have 3.3, words of one's own language rarely less than 2.
const minEntropy = 2.2

// entropy is Shannon's, of the first bytes of t.
func entropy(t string) float64 {
	t = t[:min(len(t), len(shares)-1)]
	var counts [256]uint8
	for i := range len(t) {
		counts[t[i]]++
	}
	sum := 0.0
	for i := range len(t) {
		sum += shares[counts[t[i]]]
		counts[t[i]] = 0
	}
	return math.Log2(float64(len(t))) - sum/float64(len(t))
}

// shares holds n·log2(n).
var shares = func() (t [65]float64) {
	for n := 1; n < len(t); n++ {
		t[n] = float64(n) * math.Log2(float64(n))
	}
	return t
}()

// isDate reports whether t begins with a date of these decades and goes on with
// digits only: 20260304, 20260304123456.
func isDate(t string) bool {
	if len(t) < 8 || len(t) > 17 || t[:2] != "20" && t[:2] != "19" {
		return false
	}
	for i := range len(t) {
		if !isDigit(t[i]) {
			return false
		}
	}
	month, day := t[4:6], t[6:8]
	return month >= "01" && month <= "12" && day >= "01" && day <= "31"
}

// isVersion reports whether t begins with the number of a version: v2.14.0.
func isVersion(t string) bool {
	t = strings.TrimPrefix(t, "v")
	for range 2 {
		number, rest, ok := strings.Cut(t, ".")
		if !ok || number == "" || len(number) > 3 || strings.Trim(number, "0123456789") != "" {
			return false
		}
		t = rest
	}
	return t != "" && isDigit(t[0])
}

// isWords reports whether most letters of t stand in what can be pronounced:
// stretches of four and more in one case or with a capital, whose vowels and
// consonants take turns. It stands for a dictionary of every language.
func isWords(t string) bool {
	letters, inWords := 0, 0
	for i := 0; i < len(t); {
		if !isLetter(t[i]) {
			i++
			continue
		}
		from := i
		for i++; i < len(t) && isLetter(t[i]) && !(t[i] < 'a' && t[i-1] >= 'a'); i++ {
			if t[i] >= 'a' && t[i-1] < 'a' && i-from > 1 {
				break
			}
		}
		letters += i - from
		if pronounced(t[from:i]) {
			inWords += i - from
		}
	}
	return letters*2 > len(t) && inWords*4 >= letters*3
}

// vowelBits has a bit for each vowel, by its place in the alphabet.
const vowelBits = 1<<1 | 1<<5 | 1<<9 | 1<<15 | 1<<21 | 1<<25

// pronounced reports whether a stretch of letters could be a word.
func pronounced(s string) bool {
	if len(s) < 4 {
		return false
	}
	vowels, run, before := 0, 0, false
	for i := range len(s) {
		vowel := vowelBits>>(s[i]&31)&1 != 0
		if vowel {
			vowels++
		}
		if run++; i > 0 && vowel != before {
			run = 1
		}
		if before = vowel; run > 4 || vowel && run > 3 {
			return false
		}
	}
	return vowels*6 >= len(s) && vowels*3 <= len(s)*2
}

func isHexText(t string) bool {
	for i := range len(t) {
		c := t[i]
		if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f' || c == '-') {
			return false
		}
	}
	return true
}

// shape is what an opaque token looks like.
type shape uint8

const (
	anyShape shape = iota
	randomUUID
	timeUUID
	otherUUID
	jwtShape
	ulidShape
	hexShape
	decimalShape
	base64Shape
)

var shapeNames = [...]string{
	"an opaque token", "a random UUID", "a UUID that holds the time", "a UUID", "a signed token (JWT)", "a ULID, which holds the time",
	"an opaque token in hexadecimal", "a long number", "an opaque token in base64url",
}

func (s shape) String() string { return shapeNames[s] }

// shapeOf names the shape of a token that is opaque: UUID (RFC 9562), JWT (RFC
// 7519), ULID, hexadecimal, decimal, base64url.
func shapeOf(t string) shape {
	switch {
	case isUUID(t):
		switch t[14] {
		case '1', '6', '7':
			return timeUUID
		case '4':
			return randomUUID
		}
		return otherUUID
	case strings.HasPrefix(t, "eyJ") && strings.Count(t, ".") == 2:
		return jwtShape
	case isULID(t):
		return ulidShape
	}
	digits, other := 0, 0
	for i := range len(t) {
		switch c := t[i]; {
		case isDigit(c):
			digits++
		case c == '-' || c == '_' || wordByte(c):
		default:
			other++
		}
	}
	switch {
	case digits == len(t):
		return decimalShape
	case isHexText(t) && strings.IndexByte(t, '-') < 0:
		return hexShape
	case other == 0 && len(t) >= 16:
		return base64Shape
	}
	return anyShape
}

func isUUID(t string) bool {
	return len(t) == 36 && t[8] == '-' && t[13] == '-' && t[18] == '-' && t[23] == '-' && isHexText(t)
}

// isULID reports whether t is 26 digits of Crockford's base32, of which the
// first ten count milliseconds: 01 begins those from 2016 to 2039.
func isULID(t string) bool {
	if len(t) != 26 || t[:2] != "01" {
		return false
	}
	upper := false
	for i := range len(t) {
		c := t[i]
		if !isDigit(c) && !('A' <= c && c <= 'Z') || strings.IndexByte("ILOU", c) >= 0 {
			return false
		}
		upper = upper || !isDigit(c)
	}
	return upper
}
