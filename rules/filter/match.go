package filter

import (
	"encoding/binary"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// A lazyRegexp is compiled when a URL first holds the text it needs.
type lazyRegexp struct {
	once sync.Once
	dfa  *dfa           // nil when the expression is too large for one
	re   *regexp.Regexp // nil when the table is damaged
}

// record returns the two halves of a filter's record.
func (e *Engine) record(id uint32) (lo, hi uint64) {
	rec := e.records[id*recordSize:][:recordSize]
	return binary.LittleEndian.Uint64(rec), binary.LittleEndian.Uint64(rec[8:])
}

// matches reports whether a filter has the flags and matches a request whose
// token stands at a place, or -1. What costs least is compared first: types and
// party, then a pattern of fixed length, then sites, then any other pattern.
func (e *Engine) matches(id uint32, lo, hi uint64, r *Request, at int, flags byte) bool {
	if Type(lo>>48)&r.typ == 0 || Party(hi>>36&15)&^r.party != 0 || flags&^byte(hi>>40) != 0 {
		return false
	}
	late := hi>>40&flagStar != 0 || hi>>32&15 == kindRegexp
	if !late && !e.matchPattern(id, lo, hi, r, at) {
		return false
	}
	if opts := uint32(hi); opts != 0 && !e.matchOptions((opts-1)*8, r) {
		return false
	}
	return !late || e.matchPattern(id, lo, hi, r, at)
}

// matchPattern compares the pattern of a filter, whose record is lo and hi.
func (e *Engine) matchPattern(id uint32, lo, hi uint64, r *Request, at int) bool {
	pattern := e.text[uint32(lo):][:lo>>32&0xffff]
	place, flags := int(hi>>48&0xff), byte(hi>>40)
	switch hi >> 32 & 15 {
	case kindHost, kindHostPath:
		return matchHost(pattern, place, flags, r)
	case kindPattern:
		return matchText(pattern, place, flags, r, at)
	case kindRegexp:
		return e.matchRegexp(id, int(hi>>48), pattern, r)
	}
	return true
}

// matchHost matches a pattern that starts with all of a host name.
func matchHost(p string, n int, flags byte, r *Request) bool {
	from := r.hostHi - n
	if from < r.hostLo || from > r.hostLo && r.low[from-1] != '.' || r.low[from:r.hostHi] != p[:n] {
		return false
	}
	if rest := p[n:]; rest != "^" || flags&flagEnd != 0 {
		return matchAt(rest, r.text(flags), r.hostHi, flags&flagEnd != 0)
	}
	return true
}

// text returns the URL as a pattern is compared with it.
func (r *Request) text(flags byte) string {
	if flags&flagMatchCase != 0 {
		return r.url
	}
	return r.low
}

// matchText matches a pattern that starts with no host. Where the place of a
// token is known in both, the pattern can only stand at one place.
func matchText(p string, place int, flags byte, r *Request, at int) bool {
	url, end := r.text(flags), flags&flagEnd != 0
	if at >= 0 && place != noPlace && place < len(p) {
		star := -1
		if flags&flagStar != 0 {
			star = strings.LastIndexByte(p[:place], '*')
		}
		if star < 0 {
			return matchPlaced(p, at-place, flags, r)
		}
		// Between two stars: the piece with the token stands at one place.
		piece, _, _ := strings.Cut(p[star+1:], "*")
		if from := at - (place - star - 1); from < 0 || !matchAt(piece, url, from, false) {
			return false
		}
	}
	switch {
	case flags&flagStart != 0:
		return matchAt(p, url, 0, end)
	case flags&flagHostname != 0:
		for i := range r.suffixes {
			if matchAt(p, url, r.suffixes[i].at, end) {
				return true
			}
		}
		return false
	}
	if flags&flagWild == 0 && !end {
		return strings.Contains(url, p)
	}
	return search(p, url, end)
}

// matchPlaced matches a pattern at the only place where it can stand.
func matchPlaced(p string, from int, flags byte, r *Request) bool {
	if from < 0 || flags&flagStart != 0 && from != 0 || flags&flagHostname != 0 && !r.label(from) {
		return false
	}
	url, end := r.text(flags), flags&flagEnd != 0
	if flags&flagWild == 0 && !end {
		return strings.HasPrefix(url[from:], p)
	}
	return matchAt(p, url, from, end)
}

// label reports whether a label of the host starts at a place.
func (r *Request) label(at int) bool {
	return at == r.hostLo && r.hostLo < r.hostHi || at > r.hostLo && at < r.hostHi && r.low[at-1] == '.'
}

// matchRegexp matches a regular expression, if the URL holds the text it needs.
func (e *Engine) matchRegexp(id uint32, number int, needle string, r *Request) bool {
	if needle != "" && !strings.Contains(r.low, needle) {
		return false
	}
	l := &e.regexps[number]
	l.once.Do(func() { l.compile(Match{e, id}.Text()) })
	if l.dfa != nil {
		if found, ok := l.dfa.match(r.url); ok {
			return found
		}
	}
	return l.re != nil && l.re.MatchString(r.url)
}

func (l *lazyRegexp) compile(text string) {
	f, reason := parseFilter(text, 0)
	if reason != "" || f.Anchor&Regexp == 0 {
		return
	}
	source := regexpSource(f.Pattern, f.MatchCase)
	l.re, _ = regexp.Compile(source)
	if re, err := syntax.Parse(source, syntax.Perl); err == nil {
		l.dfa = newDFA(re)
	}
}

// matchOptions matches the sites and hosts that a filter is for, and is not for.
func (e *Engine) matchOptions(at uint32, r *Request) bool {
	var n [4]uint32
	for i := range n {
		n[i] = u32(e.options, at+4*uint32(i))
	}
	at += 16
	if n[0] != 0 && !e.sourceIn(at, n[0], r) {
		return false
	}
	at += 8 * n[0]
	if n[1] != 0 && e.sourceIn(at, n[1], r) {
		return false
	}
	at += 8 * n[1]
	if n[2] != 0 && !e.hostIn(at, n[2], r) {
		return false
	}
	at += 8 * n[2]
	return n[3] == 0 || !e.hostIn(at, n[3], r)
}

func (e *Engine) sourceIn(at, n uint32, r *Request) bool {
	set := e.options[at : at+8*n]
	for _, h := range r.source.hashes {
		if contains(set, h) {
			return true
		}
	}
	return false
}

func (e *Engine) hostIn(at, n uint32, r *Request) bool {
	set := e.options[at : at+8*n]
	for i := range r.suffixes {
		if contains(set, r.suffixes[i].hash) {
			return true
		}
	}
	return false
}

// contains searches a sorted set of hashes.
func contains(set []byte, h uint64) bool {
	lo, hi := 0, len(set)/8
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		switch x := binary.LittleEndian.Uint64(set[8*mid:]); {
		case x == h:
			return true
		case x < h:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return false
}

// matchAt reports whether a URL holds a pattern at a place. In the pattern "*"
// is any text, and "^" one separator or the end of the URL. With end, the
// pattern must reach the end of the URL. The time is at most the product of
// both lengths.
func matchAt(p, url string, at int, end bool) bool {
	star, mark := -1, 0 // after the last "*", and the place it was tried at
	i, j := at, 0
	for {
		switch {
		case j == len(p):
			if !end || i == len(url) {
				return true
			}
		case p[j] == '*':
			star, mark = j+1, i
			j++
			continue
		case i < len(url):
			if p[j] == url[i] && p[j] != '^' || p[j] == '^' && isSeparator(url[i]) {
				i, j = i+1, j+1
				continue
			}
		case strings.Trim(p[j:], "^*") == "" && p[j] == '^':
			return true
		}
		if star < 0 || mark >= len(url) {
			return false
		}
		mark++
		if c := p[star:]; c != "" && c[0] != '^' {
			skip := strings.IndexByte(url[mark:], c[0])
			if skip < 0 {
				return false
			}
			mark += skip
		}
		i, j = mark, star
	}
}

// search reports whether a URL holds a pattern anywhere.
func search(p, url string, end bool) bool {
	n := 0
	for n < len(p) && p[n] != '*' && p[n] != '^' {
		n++
	}
	for at := 0; at <= len(url); at++ {
		skip := strings.Index(url[at:], p[:n])
		if skip < 0 {
			return false
		}
		if at += skip; matchAt(p, url, at, end) {
			return true
		}
	}
	return false
}
