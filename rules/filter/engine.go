package filter

import (
	"encoding/binary"
	"slices"
	"sync"
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

// none says that no filter matches.
const none = ^uint32(0)

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
