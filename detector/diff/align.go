package diff

import (
	"slices"
	"sort"
)

// pair says that the reference a of one list is the reference b of the other.
type pair struct{ a, b int }

// What bounds the work of one alignment.
const (
	maxTable  = 1 << 20 // cells of one table
	maxTables = 1 << 23 // cells of all of them
	maxDepth  = 12      // how often what lies between anchors is searched for anchors
)

// segment is what of two lists is still to be aligned with each other.
type segment struct {
	a0, a1, b0, b1 int
	level, depth   int
}

func (s segment) empty() bool { return s.a0 >= s.a1 || s.b0 >= s.b1 }

// align pairs two lists, so that the pairs grow on both sides. Which list comes
// first makes no difference. It takes time of O(n log n), and what the tables
// are allowed.
//
// It works like a patience diff, on each level of the keys: keys that stand once
// in both lists, and in the same order, are anchors; what lies between two of
// them is aligned in the same way, by weaker keys where these give no more.
func align(a, b []keys) []pair {
	swap := slices.CompareFunc(a, b, compareKeys) > 0
	if swap {
		a, b = b, a
	}
	l := aligner{a: a, b: b, cells: maxTables}
	l.push(segment{a1: len(a), b1: len(b)})
	for len(l.todo) > 0 {
		s := l.todo[len(l.todo)-1]
		l.todo = l.todo[:len(l.todo)-1]
		l.segment(s)
	}
	slices.SortFunc(l.pairs, func(x, y pair) int { return x.a - y.a })
	if swap {
		for i, p := range l.pairs {
			l.pairs[i] = pair{p.b, p.a}
		}
	}
	return l.pairs
}

func compareKeys(x, y keys) int { return slices.Compare(x[:], y[:]) }

type aligner struct {
	a, b  []keys
	pairs []pair
	todo  []segment
	cells int // that tables may still use
	once  map[uint64]occurrence
}

type occurrence struct{ a, b, inA, inB int }

func (l *aligner) push(s segment) {
	if !s.empty() && s.level < levels {
		l.todo = append(l.todo, s)
	}
}

func (l *aligner) same(i, k, level int) bool { return l.a[i][level] == l.b[k][level] }

// segment pairs what it can on the level of s and leaves the rest to do.
func (l *aligner) segment(s segment) {
	for !s.empty() && l.same(s.a0, s.b0, s.level) {
		l.pairs = append(l.pairs, pair{s.a0, s.b0})
		s.a0, s.b0 = s.a0+1, s.b0+1
	}
	for !s.empty() && l.same(s.a1-1, s.b1-1, s.level) {
		s.a1, s.b1 = s.a1-1, s.b1-1
		l.pairs = append(l.pairs, pair{s.a1, s.b1})
	}
	if s.empty() {
		return
	}
	if s.depth < maxDepth {
		if anchors := l.anchors(s); len(anchors) > 0 {
			l.between(s, anchors, segment{level: s.level, depth: s.depth + 1})
			return
		}
	}
	next := segment{level: s.level + 1}
	if n := (s.a1 - s.a0 + 1) * (s.b1 - s.b0 + 1); n <= maxTable && n <= l.cells {
		l.cells -= n
		l.between(s, l.table(s), next)
		return
	}
	l.between(s, l.inTurn(s), next)
}

// between takes the pairs over and leaves what lies between them to do, on the
// level of next.
func (l *aligner) between(s segment, pairs []pair, next segment) {
	a, b := s.a0, s.b0
	for _, p := range append(pairs, pair{s.a1, s.b1}) {
		next.a0, next.a1, next.b0, next.b1 = a, p.a, b, p.b
		l.push(next)
		a, b = p.a+1, p.b+1
	}
	l.pairs = append(l.pairs, pairs...)
}

// anchors pairs the keys that stand once in both lists.
func (l *aligner) anchors(s segment) []pair {
	if l.once == nil {
		l.once = map[uint64]occurrence{}
	}
	clear(l.once)
	for i := s.a0; i < s.a1; i++ {
		o := l.once[l.a[i][s.level]]
		o.a, o.inA = i, o.inA+1
		l.once[l.a[i][s.level]] = o
	}
	for i := s.b0; i < s.b1; i++ {
		if o, ok := l.once[l.b[i][s.level]]; ok {
			o.b, o.inB = i, o.inB+1
			l.once[l.b[i][s.level]] = o
		}
	}
	var pairs []pair
	for i := s.a0; i < s.a1; i++ {
		if o := l.once[l.a[i][s.level]]; o.inA == 1 && o.inB == 1 {
			pairs = append(pairs, pair{i, o.b})
		}
	}
	return growing(pairs)
}

// inTurn pairs the first of a key in one list with its first in the other, and
// so on.
func (l *aligner) inTurn(s segment) []pair {
	places := map[uint64][]int{}
	for i := s.b0; i < s.b1; i++ {
		k := l.b[i][s.level]
		places[k] = append(places[k], i)
	}
	var pairs []pair
	for i := s.a0; i < s.a1; i++ {
		k := l.a[i][s.level]
		if p := places[k]; len(p) > 0 {
			pairs = append(pairs, pair{i, p[0]})
			places[k] = p[1:]
		}
	}
	return growing(pairs)
}

// growing keeps the longest run of pairs, sorted by a, that grows in b.
func growing(pairs []pair) []pair {
	var ends []int // the pair that ends the best run of each length
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n := sort.Search(len(ends), func(k int) bool { return pairs[ends[k]].b >= p.b })
		before[i] = -1
		if n > 0 {
			before[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	if len(ends) == 0 {
		return nil
	}
	run := make([]pair, len(ends))
	for i, k := len(ends)-1, ends[len(ends)-1]; i >= 0; i, k = i-1, before[k] {
		run[i] = pairs[k]
	}
	return run
}

// table finds the longest common subsequence.
func (l *aligner) table(s segment) []pair {
	n, m := s.a1-s.a0, s.b1-s.b0
	// longest[i*(m+1)+k] is that of what begins at i and at k.
	longest := make([]int32, (n+1)*(m+1))
	for i := n - 1; i >= 0; i-- {
		for k := m - 1; k >= 0; k-- {
			at := i*(m+1) + k
			if l.same(s.a0+i, s.b0+k, s.level) {
				longest[at] = longest[at+m+2] + 1
			} else {
				longest[at] = max(longest[at+m+1], longest[at+1])
			}
		}
	}
	var pairs []pair
	for i, k := 0, 0; i < n && k < m; {
		at := i*(m+1) + k
		switch {
		case l.same(s.a0+i, s.b0+k, s.level):
			pairs = append(pairs, pair{s.a0 + i, s.b0 + k})
			i, k = i+1, k+1
		case longest[at+m+1] >= longest[at+1]:
			i++
		default:
			k++
		}
	}
	return pairs
}

// member is a reference of a copy, by their indexes.
type member struct{ copy, ref int }

// maxRows is how many places are kept to align further copies with.
const maxRows = 100_000

// alignAll aligns any number of copies: one after the other, the longest first,
// with all places that were met before. It gives the places with two or more
// members, and the references that stand alone.
func alignAll(copies []*Copy) (rows [][]member, alone []member) {
	all := make([][]keys, len(copies))
	order := make([]int, len(copies))
	for i, c := range copies {
		all[i], order[i] = keysOf(c.References), i
	}
	slices.SortStableFunc(order, func(x, y int) int {
		if n := len(all[y]) - len(all[x]); n != 0 {
			return n
		}
		return slices.CompareFunc(all[x], all[y], compareKeys)
	})
	var known []keys
	for _, c := range order {
		if len(rows) == 0 {
			for i := range all[c] {
				rows, known = append(rows, []member{{c, i}}), append(known, all[c][i])
			}
			continue
		}
		rows, known, alone = merge(rows, known, alone, c, all[c])
	}
	aligned := rows[:0]
	for _, row := range rows {
		if len(row) > 1 {
			aligned = append(aligned, row)
		} else {
			alone = append(alone, row[0])
		}
	}
	slices.SortFunc(alone, func(x, y member) int {
		if x.copy != y.copy {
			return x.copy - y.copy
		}
		return x.ref - y.ref
	})
	return aligned, alone
}

// merge aligns a copy with the rows and adds rows for what is new in it.
func merge(rows [][]member, known []keys, alone []member, c int, list []keys) ([][]member, []keys, []member) {
	pairs := align(known, list)
	if len(pairs) == len(list) {
		for _, p := range pairs {
			rows[p.a] = append(rows[p.a], member{c, p.b})
		}
		return rows, known, alone
	}
	room := maxRows - len(rows)
	merged, keep := make([][]member, 0, len(rows)+len(list)-len(pairs)), make([]keys, 0, len(rows)+len(list)-len(pairs))
	a, b := 0, 0
	for _, p := range append(pairs, pair{len(rows), len(list)}) {
		for ; a < p.a; a++ {
			merged, keep = append(merged, rows[a]), append(keep, known[a])
		}
		for ; b < p.b; b++ {
			if room--; room < 0 {
				alone = append(alone, member{c, b})
				continue
			}
			merged, keep = append(merged, []member{{c, b}}), append(keep, list[b])
		}
		if a < len(rows) {
			merged, keep = append(merged, append(rows[a], member{c, b})), append(keep, known[a])
			a, b = a+1, b+1
		}
	}
	return merged, keep, alone
}
