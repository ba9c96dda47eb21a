package filter

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strings"
)

// maxLists and maxLineNumber are what a filter's place in the table can hold.
const (
	maxLists      = 1 << 8
	maxLineNumber = 1<<24 - 1
	maxRegexps    = 1<<16 - 1
)

// ErrTooLarge is returned by Compile for more than the table can hold: 256
// lists, 65,535 regular expressions or 4 GB.
var ErrTooLarge = errors.New("filter lists too large")

// Compile makes one table of the network filters of all lists, for [Load]. A
// filter with badfilter cancels its likes in all lists.
func Compile(lists ...*List) ([]byte, error) {
	if len(lists) > maxLists {
		return nil, ErrTooLarge
	}
	c := &compiler{lists: lists, counts: map[uint64]int{}}
	c.collect()
	c.choose()
	if c.regexps > maxRegexps {
		return nil, ErrTooLarge
	}
	return c.table()
}

// A compiler holds what is between lists and their table.
type compiler struct {
	lists   []*List
	entries []entry
	counts  map[uint64]int // of tokens, in filters that may use them
	regexps int
}

// An entry is a filter on its way into the table.
type entry struct {
	*Filter
	line   int
	list   uint8
	kind   uint8
	group  uint8
	index  uint8
	place  uint8  // of the token, or length of the host
	key    uint64 // hash that the index is asked with
	needle string // of an expression: the longest literal
}

// The indexes of a group, in the order of their filters in the table.
const (
	byHost = iota
	byToken
	bySite
	byType
	indexes
)

// collect gathers the filters that no badfilter cancels.
func (c *compiler) collect() {
	n := 0
	bad := map[string]map[string]bool{} // pattern → keys
	for _, l := range c.lists {
		n += len(l.Filters)
		for i := range l.Filters {
			if f := &l.Filters[i]; f.BadFilter {
				if bad[f.Pattern] == nil {
					bad[f.Pattern] = map[string]bool{}
				}
				bad[f.Pattern][f.key()] = true
			}
		}
	}
	c.entries = make([]entry, 0, n)
	for li, l := range c.lists {
		for i := range l.Filters {
			f := &l.Filters[i]
			if f.BadFilter || len(bad) > 0 && bad[f.Pattern] != nil && bad[f.Pattern][f.key()] {
				continue
			}
			c.entries = append(c.entries, entry{Filter: f, line: f.Line, list: uint8(li), group: groupOf(f)})
		}
	}
}

func groupOf(f *Filter) uint8 {
	switch {
	case f.RemoveParam && f.Exception:
		return groupParamAllow
	case f.RemoveParam:
		return groupParam
	case f.Exception:
		return groupAllow
	}
	return groupBlock
}

// choose finds the kind of each filter and the key that is asked the least.
func (c *compiler) choose() {
	var rest []int
	for i := range c.entries {
		e := &c.entries[i]
		if !e.classify() {
			rest = append(rest, i)
			safeTokens(e.tokenText(), e.tokenAnchor(), func(s span) {
				c.counts[tokenOf(strings.ToLower(e.tokenText()[s.start:s.end]))]++
			})
		}
		if e.kind == kindRegexp {
			c.regexps++
		}
	}
	for _, i := range rest {
		c.chooseKey(&c.entries[i])
	}
}

// classify sets the kind of the pattern, and the key when it is a host.
func (e *entry) classify() bool {
	switch {
	case e.Anchor&Regexp != 0:
		e.kind = kindRegexp
		pattern, anchor := literals(e.Pattern, e.MatchCase)
		e.needle = pattern
		e.place = uint8(anchor)
		return false
	case e.Pattern == "" && e.Anchor == 0:
		e.kind = kindAny
		return false
	case e.Anchor&AnchorHostname == 0:
		e.kind = kindPattern
		return false
	}
	n := hostLen(e.Pattern)
	if n == 0 {
		e.kind = kindPattern
		return false
	}
	e.kind, e.index, e.place = kindHostPath, byHost, uint8(n)
	if n == len(e.Pattern)-1 && e.Pattern[n] == '^' {
		e.kind = kindHost
	}
	e.key = hashHost(e.Pattern[:n])
	return true
}

// tokenText returns the pattern that tokens are taken from.
func (e *entry) tokenText() string {
	if e.kind == kindRegexp {
		return e.needle
	}
	return e.Pattern
}

func (e *entry) tokenAnchor() Anchor {
	if e.kind == kindRegexp {
		return Anchor(e.place)
	}
	return e.Anchor
}

// chooseKey picks the rarest token; without a good one, the sites that the
// filter names; without these, its types.
func (c *compiler) chooseKey(e *entry) {
	text := e.tokenText()
	best, cost := span{}, 0
	safeTokens(text, e.tokenAnchor(), func(s span) {
		token := strings.ToLower(text[s.start:s.end])
		n := 1 + c.counts[tokenOf(token)] + 100*commonTokens[token]
		if cost == 0 || n < cost {
			best, cost = s, n
		}
	})
	switch {
	case cost > 0 && (cost < 100*costly || !e.hasSites()):
		e.index, e.key = byToken, tokenOf(strings.ToLower(text[best.start:best.end]))
		e.place = noPlace
		if e.kind == kindPattern && best.start < noPlace {
			e.place = uint8(best.start)
		}
	case e.hasSites():
		e.index, e.place = bySite, noPlace
	default:
		e.index, e.place = byType, noPlace
	}
	if e.kind == kindRegexp {
		e.needle = longest(e.needle)
	}
}

// hasSites reports whether the filter is for named sites only.
func (f *Filter) hasSites() bool {
	return slices.ContainsFunc(f.Domains, func(d string) bool { return d[0] != '~' })
}

// table sorts the entries by index and bucket, and writes everything.
func (c *compiler) table() ([]byte, error) {
	var counts [groups][indexes]int
	for i := range c.entries {
		counts[c.entries[i].group][c.entries[i].index]++
	}
	w := &tableWriter{options: map[string]uint32{}}
	w.grow(c.entries)
	order := make([]uint64, len(c.entries))
	records := make([][recordSize]byte, len(c.entries))
	for i := range c.entries {
		e := &c.entries[i]
		records[i] = w.filter(e)
		bucket := uint64(0)
		if e.index <= byToken {
			bucket = e.key >> (64 - bucketBits(counts[e.group][e.index]))
		}
		order[i] = uint64(e.group)<<62 | uint64(e.index)<<60 | bucket<<32 | uint64(i)
	}
	slices.Sort(order)
	for _, o := range order {
		w.sections[secRecords] = append(w.sections[secRecords], records[uint32(o)][:]...)
		e := &c.entries[uint32(o)]
		w.sections[secLines] = binary.LittleEndian.AppendUint32(w.sections[secLines],
			uint32(e.list)<<24|uint32(min(e.line, maxLineNumber)))
	}
	for g := range groups {
		w.group(c, order, g, counts[g])
	}
	for _, l := range c.lists {
		w.sections[secLists] = append(append(w.sections[secLists], l.Name...), 0)
	}
	return w.bytes(len(order), len(c.lists))
}

// bucketBits returns how many bits of a hash say the bucket of n filters.
func bucketBits(n int) int { return max(1, bits.Len(uint(n))-1) }
