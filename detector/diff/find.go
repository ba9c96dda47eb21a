package diff

import (
	"cmp"
	"slices"
	"time"

	"github.com/pixelsweep/pixelsweep/detector/internal/weburl"
)

// A Sketch is what a [Finder] remembers of a copy: about a kilobyte, however
// long the message.
type Sketch struct {
	site   uint64
	words  []uint32 // of the subject, hashed and sorted
	date   int64    // in seconds, 0 if unknown
	id     uint64   // of the message and its reader, 0 if unknown
	shapes []uint32 // the smallest hashes of the references' shapes
	refs   int
}

const (
	maxShapes = 64
	maxTokens = 32
)

// Sketch makes the sketch of c.
func (c *Copy) Sketch() Sketch {
	s := Sketch{refs: len(c.References), site: uint64(newHash.string(weburl.Site(c.Message.FromDomain)))}
	if t := c.date(); !t.IsZero() {
		s.date = t.Unix()
	}
	if c.Message.ID != "" {
		h := newHash.string(c.Message.ID).string(c.Reader).string(c.Delivered)
		for _, to := range c.Message.To {
			h = h.string(to)
		}
		s.id = uint64(h)
	}
	subject := readSubject(c.Message.Subject)
	for _, w := range subject.words {
		s.words = append(s.words, uint32(newHash.string(w)))
	}
	s.words = smallest(s.words, maxTokens)
	for i := range c.References {
		k := shapeKey(&c.References[i])
		s.shapes = append(s.shapes, uint32(k^k>>32))
	}
	s.shapes = smallest(s.shapes, maxShapes)
	return s
}

// smallest sorts a set and keeps its n smallest members: a sample that is the
// same for equal sets, and alike for sets that are (Broder 1997).
func smallest(set []uint32, n int) []uint32 {
	slices.Sort(set)
	set = slices.Compact(set)
	return slices.Clone(set[:min(n, len(set))])
}

// similarity estimates how much of all shapes two copies share, from 0 to 1.
func similarity(a, b []uint32) float64 {
	both, all := 0, 0
	for i, k := 0, 0; all < maxShapes && (i < len(a) || k < len(b)); all++ {
		switch {
		case k == len(b) || i < len(a) && a[i] < b[k]:
			i++
		case i == len(a) || b[k] < a[i]:
			k++
		default:
			both, i, k = both+1, i+1, k+1
		}
	}
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

// FinderOptions direct a [Finder]. A nil *FinderOptions means the zero value.
type FinderOptions struct {
	// Window is how far apart two issues in a row may be; 0 means 35 days.
	Window time.Duration
}

// A Finder finds which messages are copies of each other, or issues of the same
// newsletter: from one site, with nearly the same subject or built nearly in the
// same way, and not too long after each other.
type Finder struct {
	window   int64
	sketches []Sketch
}

// NewFinder returns a finder. A nil *FinderOptions means the zero value.
func NewFinder(o *FinderOptions) *Finder {
	f := &Finder{window: int64((35 * 24 * time.Hour).Seconds())}
	if o != nil && o.Window > 0 {
		f.window = int64(o.Window.Seconds())
	}
	return f
}

// Add takes one message more. Groups calls it by its number, from 0.
func (f *Finder) Add(s Sketch) { f.sketches = append(f.sketches, s) }

// maxOpen is how many groups of one sender a message is compared with.
const maxOpen = 64

// cluster is a group that is growing.
type cluster struct {
	first, last *Sketch
	list        []int
}

// Groups lists the groups with two or more members, each by date. A message
// that is there twice, with one ID and to one reader, counts once; those
// without references have nothing to compare.
func (f *Finder) Groups() [][]int {
	order := make([]int, 0, len(f.sketches))
	for i := range f.sketches {
		if f.sketches[i].refs > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(f.sketches[x].date, f.sketches[y].date) })
	open := map[uint64][]*cluster{}
	seen := map[uint64]bool{}
	var all []*cluster
	for _, i := range order {
		s := &f.sketches[i]
		if s.id != 0 {
			if seen[s.id] {
				continue
			}
			seen[s.id] = true
		}
		var (
			best  *cluster
			score float64
		)
		for _, c := range open[s.site] {
			if n := max(f.match(c.last, s), f.match(c.first, s)); n > score {
				best, score = c, n
			}
		}
		if best == nil {
			best = &cluster{first: s}
			all = append(all, best)
			list := open[s.site]
			if len(list) == maxOpen {
				list = slices.Delete(list, 0, 1)
			}
			open[s.site] = append(list, best)
		}
		best.last, best.list = s, append(best.list, i)
	}
	var groups [][]int
	for _, c := range all {
		if len(c.list) > 1 {
			groups = append(groups, c.list)
		}
	}
	slices.SortFunc(groups, func(a, b []int) int { return slices.Min(a) - slices.Min(b) })
	return groups
}

// match says how well two messages of one sender match, 0 if they do not.
func (f *Finder) match(a, b *Sketch) float64 {
	if a.date != 0 && b.date != 0 && max(a.date-b.date, b.date-a.date) > f.window {
		return 0
	}
	n := similarity(a.shapes, b.shapes)
	subjects := alike(a.words, b.words)
	switch {
	case subjects && len(a.words) > 0 && n >= 0.3:
		return 1 + n
	case subjects && n >= 0.6:
		return 0.5 + n
	case n >= 0.8 && min(len(a.shapes), len(b.shapes)) >= 4:
		return n
	}
	return 0
}
