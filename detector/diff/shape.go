package diff

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// The levels of alignment: by what two references are the same, the strictest
// first.
const (
	byContext = iota // shape, and the text before and after is as long
	byURL            // the same URL
	byLines          // shape, and as many lines before and after
	byBefore         // shape, and the text before is as long
	byAfter          // shape, and the text after is as long
	byShape          // kind of part, vector, shape of host and path, names of parameters
	byHost           // vector, shape of the host, number of path segments
	bySite           // vector and site
	levels
)

// keys are what a reference is compared by.
type keys [levels]uint64

// hasher is FNV-1a, the same in every run.
type hasher uint64

const newHash hasher = 14695981039346656037

func (h hasher) byte(c byte) hasher { return (h ^ hasher(c)) * 1099511628211 }

func (h hasher) string(s string) hasher {
	for i := range len(s) {
		h = h.byte(s[i])
	}
	return h.byte(0)
}

func (h hasher) int(n int) hasher {
	for range 8 {
		h = h.byte(byte(n))
		n >>= 8
	}
	return h
}

// keysOf gives the keys of each reference of a message.
func keysOf(refs []detector.Reference) []keys {
	list := make([]keys, len(refs))
	before, lines := gap(nil, refs, 0)
	for i := range refs {
		r := &refs[i]
		after, linesAfter := gap(&refs[i], refs, i+1)
		var (
			place = newHash.string(r.Vector).string(string(r.Trigger))
			shape = hasher(shapeKey(r))
			k     = &list[i]
		)
		k[byURL] = uint64(place.string(r.MediaType).string(r.URL))
		k[byContext] = uint64(shape.int(before).int(after))
		k[byLines] = uint64(shape.int(lines).byte(1).int(linesAfter))
		k[byBefore] = uint64(shape.byte(2).int(before))
		k[byAfter] = uint64(shape.byte(3).int(after))
		k[byShape] = uint64(shape)
		k[byHost] = uint64(place.string(collapse(r.Host)).int(strings.Count(r.URL, "/")))
		k[bySite] = uint64(place.byte(4).string(r.Site))
		before, lines = after, linesAfter
	}
	return list
}

// gap is how many bytes and lines stand between a reference and the next in
// its part, -1 at the ends of the part.
func gap(r *detector.Reference, refs []detector.Reference, next int) (size, lines int) {
	if r == nil || next >= len(refs) || refs[next].Part != r.Part {
		return -1, -1
	}
	n := &refs[next]
	written := len(r.Raw)
	if written == 0 {
		written = len(r.URL)
	}
	return n.Offset - r.Offset - written, n.Line - r.Line
}

// shapeKey is the key of a reference among those at any place: the kind of part,
// the vector, and the URL without what tells readers apart.
func shapeKey(r *detector.Reference) uint64 {
	h := newHash.string(r.MediaType).string(r.Vector).string(string(r.Trigger)).string(r.Condition)
	u := r.URL
	if i := strings.IndexByte(u, '#'); i >= 0 {
		u = u[:i]
	}
	u, query, _ := strings.Cut(u, "?")
	host, path := "", u
	if i := strings.Index(u, "://"); i >= 0 {
		host, path = u[i+3:], ""
		if k := strings.IndexByte(host, '/'); k >= 0 {
			host, path = host[:k], host[k:]
		}
	}
	h = h.string(collapse(host))
	for segment := range strings.SplitSeq(path, "/") {
		h = h.string(collapse(segment))
	}
	for query != "" {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		name, _, _ := strings.Cut(pair, "=")
		h = h.string(collapse(name))
	}
	return uint64(h)
}

// collapse writes * for what is not words in a host, path segment or name:
//
//	logo-2x.png     logo-*.png
//	u1234.ct        *.ct
//	dGhlIHF1aWNrIQ  *
func collapse(s string) string {
	stem, ext := s, ""
	if i := strings.LastIndexByte(s, '.'); i > 0 && len(s)-i <= 6 {
		stem, ext = s[:i], s[i:]
	}
	if random(stem) {
		return "*" + ext
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		n := i
		for n < len(s) && isWord(s[n]) {
			n++
		}
		switch run := s[i:n]; {
		case n == i:
			b.WriteByte(s[i])
			n++
		case random(run) || strings.ContainsAny(run, "0123456789"):
			b.WriteByte('*')
		default:
			b.WriteString(run)
		}
		i = n
	}
	return b.String()
}

func isWord(c byte) bool { return isDigit(c) || isLetter(c) }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

// random reports whether s reads as a token in hexadecimal, base32, base64 or
// the like: digits between letters, or capitals where no word has them.
func random(s string) bool {
	if len(s) < 6 {
		return false
	}
	digits, changes, humps, hex := 0, 0, 0, true
	var last byte
	for i := range len(s) {
		c, class := s[i], byte(0)
		switch {
		case isDigit(c):
			digits++
			class = 'd'
		case c >= 'a' && c <= 'z':
			class = 'l'
			hex = hex && c <= 'f'
		case c >= 'A' && c <= 'Z':
			class = 'u'
			hex = hex && c <= 'F'
		case c == '-' || c == '_' || c == '=' || c == '%' || c == '+' || c == '~':
			hex = false
			continue
		default:
			return false
		}
		if last != 0 && class != last {
			if class == 'd' || last == 'd' {
				changes++
			} else if class == 'u' {
				humps++
			}
		}
		last = class
	}
	return digits > 0 && changes >= 2 || humps >= 2 && len(s) >= 8 || hex && len(s) >= 8
}
