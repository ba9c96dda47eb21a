package detector

import "strings"

// tokens judges the parts of a URL that could identify one reader.

// opaque returns the longest opaque token of a URL's path and query and where
// it stands, "" if there is none. A token is opaque if it is long, mixes
// digits and letters as no word does, and is not a size, date or version.
func opaque(path, query string) (token, where string) {
	best := 0
	for path != "" {
		n := 0
		for n < len(path) && !pathSeparators[path[n]] {
			n++
		}
		if n >= minToken {
			piece := trimExtension(path[:n])
			if o := opacity(piece); o > best {
				best, token, where = o, piece, "path"
			}
		}
		path = path[min(n+1, len(path)):]
	}
	key := ""
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		if len(pair) < minToken {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			value = pair
		}
		if o := opacity(value); o > best {
			best, token, where, key = o, value, "query", name
			if !ok {
				key = ""
			}
		}
	}
	if key != "" {
		where = "parameter " + key
	}
	return token, where
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
// not look opaque.
func opacity(t string) int {
	if len(t) < minToken {
		return 0
	}
	var digits, uppers, lowers, others, changes, vowels int
	class := byte(0)
	for i := range len(t) {
		var c byte
		switch b := t[i]; {
		case b >= '0' && b <= '9':
			digits++
			c = 'd'
		case b >= 'a' && b <= 'z':
			lowers++
			c = 'l'
			if strings.IndexByte("aeiou", b) >= 0 {
				vowels++
			}
		case b >= 'A' && b <= 'Z':
			uppers++
			c = 'u'
		default:
			others++
			c = 'o'
		}
		if c != class && class != 0 && c != 'o' {
			changes++
		}
		class = c
	}
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
