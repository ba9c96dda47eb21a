package filter

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unsafe"
)

// An Engine matches requests against the filters of a compiled table. It is
// immutable and safe for concurrent use.
type Engine struct {
	records []byte
	lines   []byte
	text    string
	options []byte
	lists   []string
	count   int

	groups    [groups]group
	important bool
	regexps   []lazyRegexp
	params    sync.Map // of a removeparam filter's id, its *param
}

// A group has the indexes of its filters.
type group struct {
	hosts, tokens, sites buckets
	siteIDs              []byte
	typeFrom             [17]uint32
	typeIDs              []byte
	empty                bool
}

// A lazyRegexp is compiled when a URL first holds the text it needs.
type lazyRegexp struct {
	once sync.Once
	dfa  *dfa           // nil when the expression is too large for one
	re   *regexp.Regexp // nil when the table is damaged
}

// ErrTable is returned by Load, wrapped with what is wrong, for bytes that are
// no table of this version or a damaged one. The lists must be compiled again.
var ErrTable = errors.New("no filter table that can be used")

// Load makes an engine of what Compile returned. The engine uses b as it lies:
// it must not change afterwards.
func Load(b []byte) (*Engine, error) {
	var sec [sections][]byte
	count, err := cut(b, &sec)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		records: sec[secRecords],
		lines:   sec[secLines],
		text:    unsafe.String(unsafe.SliceData(sec[secText]), len(sec[secText])),
		options: sec[secOptions],
		count:   count,
	}
	for name := range bytes.SplitSeq(bytes.TrimSuffix(sec[secLists], []byte{0}), []byte{0}) {
		e.lists = append(e.lists, string(name))
	}
	for g := range e.groups {
		e.groups[g] = newGroup(sec[secGroups+g*groupSections:])
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return e, nil
}

// cut reads the header, verifies the checksum and finds the sections.
func cut(b []byte, sec *[sections][]byte) (count int, err error) {
	bad := func(what string) (int, error) { return 0, fmt.Errorf("%w: %s", ErrTable, what) }
	switch {
	case len(b) < headerSize || string(b[:8]) != tableMagic:
		return bad("not a table")
	case u32(b, 8) != TableVersion:
		return bad(fmt.Sprintf("version %d, not %d", u32(b, 8), TableVersion))
	case u64(b, 16) != uint64(len(b)):
		return bad("truncated")
	case crc32.Checksum(b[16:], castagnoli) != u32(b, 12):
		return bad("wrong checksum")
	}
	for i := range sec {
		off, n := uint64(u32(b, uint32(32+8*i))), uint64(u32(b, uint32(36+8*i)))
		if off+n > uint64(len(b)) {
			return bad("section outside")
		}
		sec[i] = b[off : off+n : off+n]
	}
	count = int(u32(b, 24))
	if len(sec[secRecords]) != count*recordSize || len(sec[secLines]) != count*4 {
		return bad("wrong number of filters")
	}
	return count, nil
}

func newGroup(sec [][]byte) group {
	g := group{
		hosts:   newBuckets(sec[secHostBloom], sec[secHostStart]),
		tokens:  newBuckets(sec[secTokenBloom], sec[secTokenStart]),
		sites:   newBuckets(sec[secSiteBloom], sec[secSiteStart]),
		siteIDs: sec[secSiteIDs],
		typeIDs: sec[secTypeIDs],
	}
	if len(sec[secTypeFrom]) == 4*len(g.typeFrom) {
		for i := range g.typeFrom {
			g.typeFrom[i] = u32(sec[secTypeFrom], uint32(4*i))
		}
	}
	g.empty = len(g.hosts.bloom)+len(g.tokens.bloom)+len(g.sites.bloom)+len(g.typeIDs) == 0
	return g
}

// check makes sure that no lookup can leave the table, whatever it holds, and
// counts the regular expressions.
func (e *Engine) check() error {
	regexps := 0
	for at := 0; at < len(e.records); at += recordSize {
		r := e.records[at : at+recordSize]
		lo, hi := binary.LittleEndian.Uint64(r), binary.LittleEndian.Uint64(r[8:])
		kind := hi >> 32 & 15
		size := lo >> 32 & 0xffff
		switch place := hi >> 48; {
		case kind >= kinds || lo&0xffffffff+size > uint64(len(e.text)) || !e.checkOptions(uint32(hi)):
			return fmt.Errorf("%w: filter %d is damaged", ErrTable, at/recordSize)
		case kind == kindRegexp:
			if int(place) >= e.count {
				return fmt.Errorf("%w: filter %d is damaged", ErrTable, at/recordSize)
			}
			regexps = max(regexps, int(place)+1)
		case (kind == kindHost || kind == kindHostPath) && place&0xff > size:
			return fmt.Errorf("%w: filter %d is damaged", ErrTable, at/recordSize)
		}
		e.important = e.important || hi>>40&flagImportant != 0
	}
	e.regexps = make([]lazyRegexp, regexps)
	for i := range e.groups {
		if !e.checkGroup(&e.groups[i]) {
			return fmt.Errorf("%w: index %d is damaged", ErrTable, i)
		}
	}
	for at := 3; at < len(e.lines); at += 4 {
		if int(e.lines[at]) >= len(e.lists) {
			return fmt.Errorf("%w: filter of no list", ErrTable)
		}
	}
	return nil
}

func (e *Engine) checkOptions(at uint32) bool {
	if at == 0 {
		return true
	}
	off := uint64(at-1) * 8
	if off+16 > uint64(len(e.options)) {
		return false
	}
	n := uint64(0)
	for i := range uint64(4) {
		n += uint64(u32(e.options, uint32(off+4*i)))
	}
	return off+16+8*n <= uint64(len(e.options))
}

func (e *Engine) checkGroup(g *group) bool {
	ids := func(b []byte) bool {
		for at := 0; at < len(b); at += 4 {
			if len(b)%4 != 0 || u32(b, uint32(at)) >= uint32(e.count) {
				return false
			}
		}
		return true
	}
	last := uint32(0)
	for _, from := range g.typeFrom {
		if from < last {
			return false
		}
		last = from
	}
	return int(last) <= len(g.typeIDs)/4 && ids(g.typeIDs) && ids(g.siteIDs) &&
		g.hosts.valid(e.count) && g.tokens.valid(e.count) && g.sites.valid(len(g.siteIDs)/4)
}

// none says that no filter matches.
const none = ^uint32(0)

// A Verdict is what an engine says of a request.
type Verdict struct {
	Blocked   bool
	Filter    Match // that blocks or would block; the zero Match if there is none
	Exception Match // that cancels Filter; the zero Match if there is none
}

// Match returns the verdict on a request:
//
//  1. No filter blocks it: it is not blocked.
//  2. No exception matches: it is blocked.
//  3. The exception is important, as AdGuard writes it: it is not blocked.
//  4. A filter with the option important blocks it: it is blocked.
//  5. Otherwise the exception holds: it is not blocked.
//
// Filters cancelled by badfilter are not in the table. Where several filters
// match, any one of them is named; [Engine.All] returns all of them.
func (e *Engine) Match(r *Request) Verdict {
	block := e.first(&e.groups[groupBlock], r, 0)
	if block == none {
		return Verdict{}
	}
	v := Verdict{Blocked: true, Filter: Match{e, block}}
	allow := e.first(&e.groups[groupAllow], r, 0)
	if allow == none {
		return v
	}
	if e.important {
		if id := e.first(&e.groups[groupAllow], r, flagImportant); id != none {
			return Verdict{Filter: v.Filter, Exception: Match{e, id}}
		}
		if id := e.first(&e.groups[groupBlock], r, flagImportant); id != none {
			v.Filter = Match{e, id}
			return v
		}
	}
	return Verdict{Filter: v.Filter, Exception: Match{e, allow}}
}

// All returns every filter that matches a request: those that block, then the
// exceptions, then what removeparam says about the URL and its exceptions.
func (e *Engine) All(r *Request) []Match {
	var all []Match
	for g := range e.groups {
		r.seen = r.seen[:0]
		e.walk(&e.groups[g], r, 0, true)
		for _, id := range compactIDs(r) {
			all = append(all, Match{e, id})
		}
	}
	return all
}

// compactIDs returns the filters that a walk has seen, each once.
func compactIDs(r *Request) []uint32 {
	slices.Sort(r.seen)
	return slices.Compact(r.seen)
}

// first returns the first filter of a group that has the flags and matches.
func (e *Engine) first(g *group, r *Request, flags byte) uint32 {
	if g.empty {
		return none
	}
	return e.walk(g, r, flags, false)
}

// walk asks the indexes of a group for the filters that may match, and tries
// each. It returns the first that matches, or notes all of them in r.seen.
func (e *Engine) walk(g *group, r *Request, flags byte, all bool) uint32 {
	for i := range r.suffixes {
		if h := r.suffixes[i].hash; g.hosts.has(h) {
			from, to := g.hosts.find(h)
			if id := e.tryBucket(r, from, to, h, -1, flags, all); id != none {
				return id
			}
		}
	}
	for i := range r.tokens {
		if h := r.tokens[i].hash; g.tokens.has(h) {
			from, to := g.tokens.find(h)
			if id := e.tryBucket(r, from, to, h, r.tokens[i].at, flags, all); id != none {
				return id
			}
		}
	}
	for _, h := range r.source.hashes {
		if g.sites.has(h) {
			from, to := g.sites.find(h)
			if id := e.tryList(r, g.siteIDs[4*from:4*to], flags, all); id != none {
				return id
			}
		}
	}
	bit := r.typ.bit()
	return e.tryList(r, g.typeIDs[4*g.typeFrom[bit]:4*g.typeFrom[bit+1]], flags, all)
}

// tryBucket tries a range of filters, those with the mark of a hash; at is the
// place of the token that found them, or -1.
func (e *Engine) tryBucket(r *Request, from, to uint32, hash uint64, at int, flags byte, all bool) uint32 {
	for id := from; id < to; id++ {
		lo, hi := e.record(id)
		if byte(hi>>56) != mark(hash) && hi>>32&15 != kindRegexp {
			continue
		}
		if e.matches(id, lo, hi, r, at, flags) {
			if !all {
				return id
			}
			r.seen = append(r.seen, id)
		}
	}
	return none
}

func (e *Engine) tryList(r *Request, ids []byte, flags byte, all bool) uint32 {
	for ; len(ids) >= 4; ids = ids[4:] {
		id := binary.LittleEndian.Uint32(ids)
		if lo, hi := e.record(id); e.matches(id, lo, hi, r, -1, flags) {
			if !all {
				return id
			}
			r.seen = append(r.seen, id)
		}
	}
	return none
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

// A Match is a filter of an engine, found by a request. Its text is read from
// the table when it is asked for.
type Match struct {
	e  *Engine
	id uint32
}

// Found reports whether there is a filter: the zero Match has none.
func (m Match) Found() bool { return m.e != nil }

// List returns the name of the filter's list.
func (m Match) List() string {
	if m.e == nil {
		return ""
	}
	return m.e.lists[m.e.lines[4*m.id+3]]
}

// Line returns the filter's line in its list, from 1.
func (m Match) Line() int {
	if m.e == nil {
		return 0
	}
	return int(u32(m.e.lines, 4*m.id) & maxLineNumber)
}

// Text returns the filter as it stands in its list.
func (m Match) Text() string {
	if m.e == nil {
		return ""
	}
	at := u32(m.e.records, m.id*recordSize)
	text := m.e.text
	from := strings.LastIndexByte(text[:at], '\n') + 1
	text = text[from:]
	if end := strings.IndexAny(text, "\n\x00"); end >= 0 {
		text = text[:end]
	}
	return strings.Clone(text)
}

// Exception reports whether the filter allows what others block.
func (m Match) Exception() bool { return m.flags()&flagException != 0 }

// Important reports whether no exception cancels the filter.
func (m Match) Important() bool { return m.flags()&flagImportant != 0 }

func (m Match) flags() byte {
	if m.e == nil {
		return 0
	}
	return m.e.records[m.id*recordSize+13]
}
