package detector

import "strings"

// tokens judges the parts of a URL that could identify one reader.

// opaque returns the longest opaque token of a URL's path and query and where
// it stands, "" if there is none. A token is opaque if it is long, mixes
// digits and letters as no word does, and is not a size, date or version.
func opaque(path, query string) (token, where string) {
	best := 0
	consider := func(t, at string) {
		if n := opacity(t); n > best {
			best, token, where = n, t, at
		}
	}
	for seg := range strings.SplitSeq(path, "/") {
		for piece := range strings.FieldsFuncSeq(seg, func(r rune) bool { return r == ';' || r == ',' || r == '=' || r == '~' }) {
			consider(trimExtension(piece), "path")
		}
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			consider(key, "query")
			continue
		}
		consider(value, "parameter "+key)
	}
	return token, where
}

func trimExtension(s string) string {
	if i := strings.LastIndexByte(s, '.'); i > 0 && len(s)-i <= 6 {
		return s[:i]
	}
	return s
}

// opacity is the number of bytes of t that look drawn at random, 0 if t does
// not look opaque.
func opacity(t string) int {
	if len(t) < 8 {
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
