package template

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// maxVariants is how many readings a text has at most.
const maxVariants = 32

// maxDepth is how deep blocks inside an element are read.
const maxDepth = 16

// A block has branches of which one is sent, or none.
type block struct {
	start, end int // with its tags
	branches   []branch
	readings   int // that its branches need
}

// A branch is what stands between two tags of a block, with the blocks in it.
type branch struct {
	from, to int
	sets     []set
	readings int
}

// A set holds the blocks that stand side by side in one element. Those that write the
// same attribute are rivals: an HTML reader takes the first only, so that each needs
// readings of its own. So does what follows them outside of blocks (plain).
type set struct {
	blocks   []*block
	rival    []bool
	plain    bool
	readings int
}

func (s *set) end() int { return s.blocks[len(s.blocks)-1].end }

// findBlocks finds the blocks whose tags stand inside an element: read together, the
// second src of an element would not count. Between elements all branches can be
// read at once.
func (d *Doc) findBlocks() {
	type open struct {
		*block
		from, at int // of the branch that is open, in the text and in found
		first    int // of the blocks in it, in found
		inside   bool
		bounds   [][2]int // of the branches, in found
	}
	var stack []open
	var found []*block // in order; those in a block that stands inside go into it
	for i := range d.Tags {
		t := &d.Tags[i]
		inside := t.Around == InTag || t.Around == InValue
		if t.role == opens {
			stack = append(stack, open{block: &block{start: t.Start}, from: t.End, at: len(found), first: len(found), inside: inside})
		}
		if t.role != parts && t.role != ends || len(stack) == 0 {
			continue
		}
		top := &stack[len(stack)-1]
		top.branches = append(top.branches, branch{from: top.from, to: t.Start})
		top.bounds = append(top.bounds, [2]int{top.at, len(found)})
		top.from, top.at = t.End, len(found)
		if t.role == parts {
			top.inside = top.inside || inside
			continue
		}
		stack = stack[:len(stack)-1]
		if !top.inside {
			continue
		}
		b := top.block
		b.end = t.End
		for i := range b.branches {
			br := &b.branches[i]
			br.sets = d.sets(found[top.bounds[i][0]:top.bounds[i][1]], br.from, br.to)
			br.readings = most(br.sets)
			b.readings += br.readings
		}
		found = found[:top.first]
		if len(stack) < maxDepth {
			found = append(found, b)
		} else {
			d.Missed = true
		}
	}
	d.blocks = d.sets(found, 0, len(d.Text))
	d.Missed = d.Missed || most(d.blocks) > maxVariants
}

// most is how many readings side by side sets need.
func most(sets []set) int {
	n := 1
	for i := range sets {
		n = max(n, sets[i].readings)
	}
	return n
}

// sets sorts the blocks of [from, to) by the elements that they stand in.
func (d *Doc) sets(blocks []*block, from, to int) []set {
	var sets []set
	var bounds [][2]int // of the elements, as far as they are in [from, to)
	end := -1           // of the element of the last set
	for _, b := range blocks {
		i, _ := slices.BinarySearchFunc(d.Elements, b.end, func(e Element, at int) int { return cmp.Compare(e.End, at) })
		if len(sets) == 0 || b.start >= end {
			sets = append(sets, set{})
			start := b.start
			if end = b.end; i < len(d.Elements) && d.Elements[i].Start < b.end {
				start, end = min(start, d.Elements[i].Start), d.Elements[i].End
			}
			bounds = append(bounds, [2]int{max(start, from), min(end, to)})
		}
		s := &sets[len(sets)-1]
		s.blocks = append(s.blocks, b)
	}
	for i := range sets {
		d.rivals(&sets[i], bounds[i][0], bounds[i][1])
	}
	return sets
}

// rivals finds which blocks of a set write the same attribute as another, or as what
// stands behind them in [from, to).
func (d *Doc) rivals(s *set, from, to int) {
	s.rival = make([]bool, len(s.blocks))
	first := map[string]int{}
	after := func(a Attr, at int) int { return cmp.Compare(a.To, at) }
	for i, b := range s.blocks {
		// The attributes that begin in the block, and the one that it stands in.
		at, _ := slices.BinarySearchFunc(d.attrs, b.start, after)
		for ; at < len(d.attrs) && d.attrs[at].Start < b.end; at++ {
			a := d.attrs[at]
			name := strings.ToLower(string(d.Text[a.Start:a.End]))
			if a.To == a.From || a.Start < b.start && !loading[name] {
				continue
			}
			if have, ok := first[name]; !ok && (a.Start >= b.start || len(s.blocks) > 1) {
				first[name] = i
			} else if ok && have != i {
				s.rival[have], s.rival[i] = true, true
			}
		}
	}
	next := 0
	at, _ := slices.BinarySearchFunc(d.attrs, from, after)
	for ; at < len(d.attrs) && d.attrs[at].Start < to; at++ {
		a := d.attrs[at]
		for next < len(s.blocks) && s.blocks[next].end <= a.Start {
			next++
		}
		if a.To == a.From || a.Start < from || next < len(s.blocks) && s.blocks[next].start <= a.Start {
			continue // inside of a block
		}
		have, ok := first[strings.ToLower(string(d.Text[a.Start:a.End]))]
		if ok && s.blocks[have].end <= a.Start {
			s.rival[have], s.plain = true, true
		}
	}
	n := 0
	for i, b := range s.blocks {
		if s.rival[i] {
			n += b.readings
		}
	}
	if s.plain {
		n++
	}
	for i, b := range s.blocks {
		if !s.rival[i] {
			n = max(n, b.readings)
		}
	}
	s.readings = max(n, 1)
}

// hide blanks what one reading of the blocks leaves out.
func hide(read []byte, sets []set, variant int) {
	for i := range sets {
		s := &sets[i]
		variant := min(variant, s.readings-1)
		last := 0 // reading of the rivals
		for j, b := range s.blocks {
			if s.rival[j] {
				last += b.readings
			}
		}
		rest, taken := min(variant, last-1), false
		if s.plain && variant >= last {
			rest = last // none of them
		}
		for j, b := range s.blocks {
			switch {
			case !s.rival[j]:
				b.hide(read, min(variant, b.readings-1))
			case taken:
				b.hide(read, 0)
			case rest < b.readings:
				b.hide(read, rest)
				taken = true
			default:
				rest -= b.readings
				blank(read[b.start:b.end])
			}
		}
	}
}

// hide blanks all but what one reading of the block shows.
func (b *block) hide(read []byte, variant int) {
	for i := range b.branches {
		br := &b.branches[i]
		if variant >= 0 && variant < br.readings {
			hide(read, br.sets, variant)
		} else {
			blank(read[br.from:br.to])
		}
		variant -= br.readings
	}
}

// velocity are the directives of Velocity that choose or repeat (Velocity User Guide,
// "Directives").
var velocity = regexp.MustCompile(`#\{?(?:if|elseif|else|end|foreach)\b`)

// Velocity reports whether directives of Velocity stand inside an element. They are
// not read, so that an HTML reader takes what they hold for one.
func (d *Doc) Velocity() bool {
	for i := range d.Elements {
		if e := &d.Elements[i]; velocity.Match(d.Text[e.Start:e.End]) {
			return true
		}
	}
	return false
}
