// Package diff compares copies of one mailing and says which bytes of which
// URLs identify the reader.
//
// One message alone shows tokens, and leaves open what they mean. Two copies of
// it show more: what is the same in both cannot tell their readers apart, and
// what differs can. So the strongest evidence about a token comes from laying
// copies side by side:
//
//	to ann, issue 1   https://news.example/o?c=17&e=5f2a9c
//	to bob, issue 1   https://news.example/o?c=17&e=88d1e0
//	to ann, issue 2   https://news.example/o?c=18&e=5f2a9c
//	                                         ──    ──────
//	                                        issue  reader
//
// The parameter e is the same in all that ann gets and differs between readers
// of one issue: it identifies the reader. The parameter c is the same for all
// readers of one issue: it identifies the issue, that is, nobody. A token that
// differs in every message is one of this copy: the sender can look up in a
// table who got it, and it identifies the reader as well, but who compares two
// messages cannot see that they went to the same one.
//
// Comparing takes three steps.
//
// Alignment. Copies differ in more than tokens: a greeting is longer, a block
// of offers is inserted. The references of the copies are aligned by where they
// stand (kind of part, vector), by the shape of their URL (host and path with
// runs of digits and random letters collapsed) and by the text between them,
// from the strictest key to the weakest: what is unique in both copies
// anchors the rest. References at one place of all copies make a [Slot]; those
// without a counterpart are listed as unaligned. Counts may differ.
//
// Readers and mailings. Who a copy was for is what [Copy.Reader] says, or else
// its To or Delivered-To field. Copies make one mailing if their subjects
// and numbers in them agree and they were sent within half a day, or within a
// week with the same campaign name; one reader gets a mailing once.
//
// Classes. The URLs of a slot are split into pieces (host labels, path segments,
// parameters), and each piece has a [Class] that follows from the copies in which
// it is the same. A piece that is made of several is split again at
// punctuation, or where one half tells issues and the other readers apart.
// The range of a piece has no byte that all copies share at its ends.
//
// The package performs no I/O, and knows nothing of what a token holds.
//
//	var copies []*diff.Copy
//	for _, report := range reports { // of the detector, with their references
//		copies = append(copies, diff.NewCopy(report))
//	}
//	g := diff.Compare(copies)
//	for _, s := range g.Slots {
//		if s.Loaded() && s.Identifies {
//			fmt.Println(s.Vector, s.How) // individual tracking, proven
//		}
//	}
//
// Which messages of a folder are copies of each other is found by a [Finder],
// from sketches that need little memory.
package diff

import (
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Class says what tells the values of a piece apart.
type Class string

// The classes.
const (
	Constant Class = "constant" // the same in all copies: identifies nobody
	Reader   Class = "reader"   // differs between readers
	Issue    Class = "issue"    // differs between mailings, not between their readers
	PerCopy  Class = "copy"     // differs, and not by reader or mailing alone
)

// rank orders classes by what they say about the reader.
func (c Class) rank() int {
	switch c {
	case Issue:
		return 1
	case PerCopy:
		return 2
	case Reader:
		return 3
	}
	return 0
}

// A Copy is one message, as much of it as comparing needs.
type Copy struct {
	Source     detector.Source
	Message    detector.Message // the zero value for a page
	Reader     string           // who it was for; "" means whom the headers name
	Delivered  string           // the address of a Delivered-To field, if any
	References []detector.Reference

	found map[int]Mark
}

// A Mark is what the detector found at a reference.
type Mark struct {
	Kind    detector.Kind
	Service string // "" if unknown
}

// NewCopy keeps what comparing needs of a report, which must have its references.
func NewCopy(r *detector.Report) *Copy {
	c := &Copy{Source: r.Source, References: r.References}
	if r.Message != nil {
		c.Message = *r.Message
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Kind == detector.RemoteContent {
			continue
		}
		if c.found == nil {
			c.found = map[int]Mark{}
		}
		m := Mark{Kind: f.Kind}
		if f.Service != nil {
			m.Service = f.Service.Name
		}
		c.found[f.Ref] = m
	}
	return c
}

// Size is about how many bytes of memory c takes.
func (c *Copy) Size() int {
	n := 512
	for i := range c.References {
		r := &c.References[i]
		n += 360 + len(r.URL) + len(r.Raw)
	}
	return n
}

// A Member is a copy in its group.
type Member struct {
	*Copy
	Reader  string // "" if unknown
	Mailing int    // counts from 1, by date
}

// A Group is the comparison of some copies.
type Group struct {
	Members   []Member
	Slots     []Slot
	Unaligned []Place
	Left      int // copies that were left out

	slots [][]int // by member and reference: the index of the slot, -1 for none
}

// A Place is a reference of a member.
type Place struct {
	Member int // its index
	*detector.Reference
}

// A Slot is the same place in two or more copies.
type Slot struct {
	Vector  string
	Trigger detector.Trigger
	Refs    []*detector.Reference // by member, nil where the copy lacks it
	Class   Class                 // that says most, of its pieces
	// Pieces are those of the URLs, in their order; none if all are the same.
	Pieces []Piece
	// Identifies says that the copies to different readers differ exactly
	// there, in what can be an identifier; How says where.
	Identifies bool
	How        string
	Mark       Mark // what the detector found there, in any copy
}

// Loaded reports whether a client loads the URL without being asked to.
func (s *Slot) Loaded() bool { return s.Trigger == detector.Open || s.Trigger == detector.Auto }

// A Piece is a part of the URLs of a slot.
type Piece struct {
	At    string // "host[1]", "path[2]", "query[e]", "query[e].2" for its second part
	Class Class
	// Values, Ranges and PartRanges are by member. Those of a constant piece
	// are left out, but for the one value.
	Values []string
	// Ranges say where in the URL the bytes stand that differ; PartRanges where
	// in the decoded part, if that can be told.
	Ranges     []Range
	PartRanges []Range
	// Identifies says that no two readers share a value, and that the values
	// can be identifiers: no words, small numbers or times of sending.
	Identifies bool
}

// A Range is bytes from Start to before End. That of nothing has Start -1.
type Range struct{ Start, End int }

var nowhere = Range{-1, -1}

// Valid reports whether r is a range at all.
func (r Range) Valid() bool { return r.Start >= 0 }

// Compare aligns copies and classifies what differs. The order of the copies
// makes no difference to the result, but for the order in which it lists them.
func Compare(copies []*Copy) *Group {
	g := &Group{Members: members(copies)}
	rows, unaligned := alignAll(copies)
	for _, p := range unaligned {
		g.Unaligned = append(g.Unaligned, Place{p.copy, &copies[p.copy].References[p.ref]})
	}
	c := newClassifier(g.Members)
	g.slots = make([][]int, len(copies))
	for i := range copies {
		g.slots[i] = make([]int, len(copies[i].References))
		for k := range g.slots[i] {
			g.slots[i][k] = -1
		}
	}
	for _, row := range rows {
		s := Slot{Refs: make([]*detector.Reference, len(copies))}
		for _, p := range row {
			r := &copies[p.copy].References[p.ref]
			s.Refs[p.copy] = r
			g.slots[p.copy][p.ref] = len(g.Slots)
			if m := copies[p.copy].found[r.Ref]; s.Mark.Kind == "" {
				s.Mark = m
			}
		}
		for _, r := range s.Refs {
			if r != nil {
				s.Vector, s.Trigger = r.Vector, r.Trigger
				break
			}
		}
		c.slot(&s)
		g.Slots = append(g.Slots, s)
	}
	return g
}

// Recipient is the recipient evidence that the comparison gives for a finding of
// a member's report: proven where copies to different readers differ exactly
// there. It is false where the comparison proves nothing.
func (g *Group) Recipient(member int, f *detector.Finding) (detector.Recipient, bool) {
	if member < 0 || member >= len(g.slots) || f.Ref < 1 || f.Ref > len(g.slots[member]) {
		return detector.Recipient{}, false
	}
	at := g.slots[member][f.Ref-1]
	if at < 0 || !g.Slots[at].Identifies || g.Slots[at].Refs[member].URL != f.URL {
		return detector.Recipient{}, false
	}
	return detector.Recipient{Evidence: detector.Proven, How: g.Slots[at].How}, true
}

// Readers counts the readers that are known.
func (g *Group) Readers() int {
	seen := map[string]bool{}
	for _, m := range g.Members {
		if m.Reader != "" {
			seen[m.Reader] = true
		}
	}
	return len(seen)
}

// Mailings counts the mailings.
func (g *Group) Mailings() int {
	n := 0
	for _, m := range g.Members {
		n = max(n, m.Mailing)
	}
	return n
}

// how says where copies to different readers differ.
func how(pieces []Piece) string {
	var at []string
	for i := range pieces {
		if pieces[i].Identifies {
			at = append(at, pieces[i].At)
		}
	}
	return strings.Join(at, ", ") + ": copies to different readers differ exactly there"
}
