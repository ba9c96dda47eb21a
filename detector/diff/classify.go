package diff

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector"
)

// classifier says what tells values apart, from who the copies were for and of
// which mailings they are.
type classifier struct {
	members  []Member
	reader   []int // by member, -1 if unknown
	mailing  []int
	readers  int
	mailings int

	// what a piece is compared with: the first copy of the same mailing or reader
	ofMailing, ofReader []int
}

func newClassifier(list []Member) *classifier {
	c := &classifier{members: list}
	known := map[string]int{}
	for i := range list {
		r := -1
		if name := list[i].Reader; name != "" {
			n, ok := known[name]
			if !ok {
				n = len(known)
				known[name] = n
			}
			r = n
		}
		c.reader = append(c.reader, r)
		c.mailing = append(c.mailing, list[i].Mailing-1)
		c.mailings = max(c.mailings, list[i].Mailing)
	}
	c.readers = len(known)
	c.ofMailing, c.ofReader = make([]int, c.mailings), make([]int, c.readers)
	return c
}

// value is a piece as it stands in one copy.
type value struct {
	member int
	ok     bool // the URL has the piece
	text   string
	start  int // in the URL
}

func (v value) equal(o value) bool { return v.ok == o.ok && v.text == o.text }

// outcome is what a comparison of values tells.
type outcome struct {
	class   Class
	readers bool // copies of one mailing to different readers differ
	unique  bool // no two readers share a value
}

// classify compares the values of a piece.
func (c *classifier) classify(values []value) outcome {
	same := true
	for i := range values {
		same = same && values[i].equal(values[0])
	}
	if same {
		return outcome{class: Constant}
	}
	var (
		mailingPairs, readerPairs bool // there is something to compare
		byReader, byMailing       bool // readers of one mailing differ; mailings to one reader differ
	)
	for i := range c.ofMailing {
		c.ofMailing[i] = -1
	}
	for i := range c.ofReader {
		c.ofReader[i] = -1
	}
	for i := range values {
		v := &values[i]
		r, m := c.reader[v.member], c.mailing[v.member]
		if r < 0 {
			continue
		}
		if first := c.ofMailing[m]; first < 0 {
			c.ofMailing[m] = i
		} else {
			mailingPairs = true
			byReader = byReader || !v.equal(values[first])
		}
		if first := c.ofReader[r]; first < 0 {
			c.ofReader[r] = i
		} else {
			readerPairs = true
			byMailing = byMailing || !v.equal(values[first])
		}
	}
	o := outcome{class: PerCopy, readers: byReader}
	switch {
	case byReader && !byMailing:
		o.class = Reader
	case !byReader && byMailing:
		o.class = Issue
	case !byReader && !byMailing && readerPairs && !mailingPairs:
		o.class, o.readers = Reader, true // constant for each reader, and not the same for all
	case !byReader && !byMailing && mailingPairs && !readerPairs:
		o.class = Issue
	}
	o.unique = o.readers && c.unique(values)
	return o
}

// unique reports whether no two readers share a value.
func (c *classifier) unique(values []value) bool {
	owner := map[string]int{}
	for i := range values {
		v := &values[i]
		if !v.ok {
			return false
		}
		r := c.reader[v.member]
		if r < 0 {
			continue
		}
		if o, ok := owner[v.text]; ok && o != r {
			return false
		}
		owner[v.text] = r
	}
	return true
}

// slot fills in what the URLs of a slot tell.
func (c *classifier) slot(s *Slot) {
	s.Class = Constant
	var first *detector.Reference
	same := true
	for _, r := range s.Refs {
		switch {
		case r == nil:
		case first == nil:
			first = r
		default:
			same = same && r.URL == first.URL
		}
	}
	if same {
		return
	}
	for _, values := range gather(s.Refs) {
		s.Pieces = append(s.Pieces, c.piece(s, values)...)
	}
	for i := range s.Pieces {
		p := &s.Pieces[i]
		if p.Class.rank() > s.Class.rank() {
			s.Class = p.Class
		}
		s.Identifies = s.Identifies || p.Identifies
	}
	if s.Identifies {
		s.How = how(s.Pieces)
	}
}

// named are the values of one piece.
type named struct {
	at     string
	kind   kind
	values []value
}

// gather takes the URLs of a slot apart and puts together what belongs together.
func gather(refs []*detector.Reference) []named {
	var list []named
	index := map[key]int{}
	for m, r := range refs {
		if r == nil {
			continue
		}
		for _, s := range split(r.URL) {
			i, ok := index[s.key]
			if !ok {
				i = len(list)
				index[s.key] = i
				list = append(list, named{at: s.String(), kind: s.kind})
			}
			list[i].values = append(list[i].values, value{m, true, r.URL[s.where.Start:s.where.End], s.where.Start})
		}
	}
	present := 0
	for _, r := range refs {
		if r != nil {
			present++
		}
	}
	for i := range list {
		if len(list[i].values) == present {
			continue
		}
		// Some URLs lack the piece.
		all := make([]value, 0, present)
		have := list[i].values
		for m, r := range refs {
			switch {
			case r == nil:
			case len(have) > 0 && have[0].member == m:
				all, have = append(all, have[0]), have[1:]
			default:
				all = append(all, value{member: m})
			}
		}
		list[i].values = all
	}
	return list
}

// piece classifies one piece, or the several that it is made of.
func (c *classifier) piece(s *Slot, n named) []Piece {
	o := c.classify(n.values)
	if o.class == PerCopy {
		for _, parts := range [][][]value{words(n.values), c.halves(n.values)} {
			if list := c.parts(s, n, parts); list != nil {
				return list
			}
		}
	}
	return []Piece{c.make(s, n.at, n, n.values, o)}
}

// parts classifies what a piece is made of; nil if that tells no more than the
// whole.
func (c *classifier) parts(s *Slot, n named, parts [][]value) []Piece {
	outcomes := make([]outcome, len(parts))
	more := false
	for i := range parts {
		outcomes[i] = c.classify(parts[i])
		more = more || outcomes[i].class == Reader || outcomes[i].class == Issue
	}
	if !more {
		return nil
	}
	var list []Piece
	for i := range parts {
		if outcomes[i].class != Constant {
			list = append(list, c.make(s, n.at+"."+strconv.Itoa(i+1), n, parts[i], outcomes[i]))
		}
	}
	return list
}

// make is the piece that the values make, of members of the slot.
func (c *classifier) make(s *Slot, at string, n named, values []value, o outcome) Piece {
	p := Piece{At: at, Class: o.class}
	if o.class == Constant {
		p.Values = []string{values[0].text}
		return p
	}
	size := len(s.Refs)
	p.Values, p.Ranges, p.PartRanges = make([]string, size), make([]Range, size), make([]Range, size)
	for i := range size {
		p.Ranges[i], p.PartRanges[i] = nowhere, nowhere
	}
	before, after := trim(values)
	for i := range values {
		v := &values[i]
		if !v.ok {
			continue
		}
		p.Values[v.member] = v.text
		r := Range{v.start + before, v.start + len(v.text) - after}
		p.Ranges[v.member] = r
		p.PartRanges[v.member] = inPart(s.Refs[v.member], r, Range{v.start, v.start + len(v.text)})
	}
	p.Identifies = o.unique && c.identifies(s, n.kind, values)
	return p
}

// trim says how many bytes at the beginning and at the end all values share,
// without cutting a character or a percent-encoded byte in two. Where a URL
// lacks the piece, all of it differs.
func trim(values []value) (before, after int) {
	for i := range values {
		if !values[i].ok {
			return 0, 0
		}
	}
	first := values[0].text
	before, after = len(first), len(first)
	shortest := len(first)
	for i := range values {
		v := &values[i]
		before = min(before, prefix(first, v.text))
		after = min(after, suffix(first, v.text))
		shortest = min(shortest, len(v.text))
	}
	for before > 0 && before < len(first) && !utf8.RuneStart(first[before]) {
		before--
	}
	for k := 1; k <= 2; k++ {
		if before >= k && first[before-k] == '%' {
			before -= k
			break
		}
	}
	after = min(after, shortest-before)
	for after > 0 && !utf8.RuneStart(first[len(first)-after]) {
		after--
	}
	// A suffix must not begin inside an escape of any of the values.
	for i := range values {
		v := &values[i]
		for k := 1; k <= 2; k++ {
			if at := len(v.text) - after - k; after > 0 && at >= 0 && v.text[at] == '%' {
				after = max(after-(3-k), 0)
				break
			}
		}
	}
	return before, after
}

func prefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func suffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}

// inPart is where a range of a URL stands in the decoded part, nowhere if that
// cannot be told: the URL may be written in another way than it is read.
func inPart(r *detector.Reference, at, piece Range) Range {
	if r.Raw == "" {
		return Range{r.Offset + at.Start, r.Offset + at.End}
	}
	if !ascii(r.Raw) {
		return nowhere
	}
	value := r.URL[piece.Start:piece.End]
	if len(value) < 3 {
		return nowhere
	}
	i := strings.Index(r.Raw, value)
	if i < 0 || strings.Contains(r.Raw[i+1:], value) {
		return nowhere
	}
	i += r.Offset - piece.Start
	return Range{i + at.Start, i + at.End}
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// identifies reports whether values that no two readers share can be
// identifiers. Words, small numbers and times of sending are not: a language, a
// segment or a greeting differs between readers too, and the picture for a
// segment has another name.
func (c *classifier) identifies(s *Slot, k kind, values []value) bool {
	if k == schemePiece || k == portPiece {
		return false
	}
	owners := map[int]bool{}
	for i := range values {
		v := &values[i]
		r := c.reader[v.member]
		if r < 0 {
			continue
		}
		owners[r] = true
		if len(c.members[v.member].Reader) > 5 && strings.Contains(strings.ToLower(v.text), c.members[v.member].Reader) {
			continue
		}
		if !isToken(v.text) || c.isTime(v) {
			return false
		}
	}
	if k == pathPiece && isFile(s) && len(owners) < 3 {
		return false
	}
	return len(owners) > 1
}

// isToken reports whether t could be an identifier.
func isToken(t string) bool {
	digits, letters := 0, 0
	for i := range len(t) {
		switch {
		case isDigit(t[i]):
			digits++
		case isLetter(t[i]):
			letters++
		}
	}
	switch {
	case digits > 0 && letters == 0:
		return digits >= 5
	case digits > 0:
		return len(t) >= 6
	}
	return len(t) >= 8 && random(t) || len(t) >= 20 && !strings.ContainsAny(t, "-_. ")
}

// isTime reports whether a value is a time near that of sending, in seconds or
// milliseconds: what tells copies apart in it is the clock.
func (c *classifier) isTime(v *value) bool {
	if len(v.text) != 10 && len(v.text) != 13 {
		return false
	}
	n, err := strconv.ParseInt(v.text, 10, 64)
	date := c.members[v.member].date()
	if err != nil || date.IsZero() {
		return false
	}
	if len(v.text) == 13 {
		n /= 1000
	}
	return time.Unix(n, 0).Sub(date).Abs() <= 7*24*time.Hour
}

// isFile reports whether a slot is a picture to be seen with the name of a plain
// file: those for two segments of readers have two names.
func isFile(s *Slot) bool {
	for _, r := range s.Refs {
		if r == nil {
			continue
		}
		if strings.Contains(r.URL, "?") || r.Hidden != "" || r.Width != nil && *r.Width <= 2 || r.Height != nil && *r.Height <= 2 {
			return false
		}
		ext := strings.ToLower(r.URL[strings.LastIndexByte(r.URL, '.')+1:])
		switch ext {
		case "gif", "png", "jpg", "jpeg", "svg", "webp", "avif", "css", "woff", "woff2", "ttf":
		default:
			return false
		}
	}
	return true
}
