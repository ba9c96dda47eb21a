package diff

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// How far apart two copies of one mailing are sent: usually, and where the
// campaign that their links name is the same.
const (
	mailingWindow  = 12 * time.Hour
	campaignWindow = 7 * 24 * time.Hour
)

// facts are what decides which mailing a copy belongs to.
type facts struct {
	subject  subject
	date     time.Time // zero if unknown
	campaign string
}

// members says who each copy was for, and of which mailing it is.
func members(copies []*Copy) []Member {
	list := make([]Member, len(copies))
	about := make([]facts, len(copies))
	order := make([]int, len(copies))
	for i, c := range copies {
		list[i] = Member{Copy: c}
		about[i] = facts{subject: readSubject(c.Message.Subject), date: c.date(), campaign: c.campaign()}
		order[i] = i
	}
	readers(list)
	slices.SortStableFunc(order, func(x, y int) int {
		a, b := &about[x], &about[y]
		switch {
		case a.date.IsZero() != b.date.IsZero():
			if a.date.IsZero() {
				return 1
			}
			return -1
		case !a.date.Equal(b.date):
			return a.date.Compare(b.date)
		}
		return cmp.Or(strings.Compare(a.subject.text, b.subject.text),
			strings.Compare(list[x].Message.ID, list[y].Message.ID), strings.Compare(list[x].Reader, list[y].Reader))
	})
	var mailings [][]int
	for _, i := range order {
		best := -1
		for m, others := range mailings {
			if fits(list, about, others, i) && (best < 0 || about[others[0]].subject.text == about[i].subject.text) {
				best = m
			}
		}
		if best < 0 {
			best = len(mailings)
			mailings = append(mailings, nil)
		}
		mailings[best] = append(mailings[best], i)
		list[i].Mailing = best + 1
	}
	return list
}

// fits reports whether a copy can be of the mailing that the others are of: one
// reader gets a mailing once.
func fits(list []Member, about []facts, others []int, i int) bool {
	for _, o := range others {
		if list[o].Reader != "" && list[o].Reader == list[i].Reader {
			return false
		}
	}
	first := others[0]
	if id := list[i].Message.ID; id != "" && id == list[first].Message.ID {
		return true
	}
	a, b := &about[first], &about[i]
	if !slices.Equal(a.subject.numbers, b.subject.numbers) || !a.subject.like(&b.subject) {
		return false
	}
	window := mailingWindow
	if a.campaign != "" && b.campaign != "" {
		if a.campaign != b.campaign {
			return false
		}
		window = campaignWindow
	}
	if a.date.IsZero() || b.date.IsZero() {
		return a.subject.text == b.subject.text
	}
	return b.date.Sub(a.date).Abs() <= window
}

// readers says who each copy was for: whom the caller names, or the one
// address of To, or whose mailbox it was delivered to. Copies to a list of people
// share To and differ in the mailbox.
func readers(list []Member) {
	boxes := map[string]string{}
	several := map[string]bool{}
	for i := range list {
		m := &list[i]
		switch {
		case m.Copy.Reader != "":
			m.Reader = address(m.Copy.Reader)
			continue
		case len(m.Message.To) == 1:
			m.Reader = address(m.Message.To[0])
		default:
			m.Reader = address(m.Delivered)
			continue
		}
		if box := address(m.Delivered); box != "" {
			if known, ok := boxes[m.Reader]; ok && known != box {
				several[m.Reader] = true
			}
			boxes[m.Reader] = box
		}
	}
	for i := range list {
		m := &list[i]
		if m.Copy.Reader == "" && several[m.Reader] && m.Delivered != "" {
			m.Reader = address(m.Delivered)
		}
	}
}

func address(s string) string { return strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>")) }

// date is when c was sent, zero if unknown.
func (c *Copy) date() time.Time {
	t, err := time.Parse(time.RFC3339, c.Message.Date)
	if err != nil {
		return time.Time{}
	}
	return t
}

// campaign is the name that most links give to the campaign, "" if they do not.
func (c *Copy) campaign() string {
	names := map[string]int{}
	best := ""
	for i := range c.References {
		_, after, ok := strings.Cut(c.References[i].URL, "utm_campaign=")
		if !ok {
			continue
		}
		name := after
		if n := strings.IndexAny(after, "&#"); n >= 0 {
			name = after[:n]
		}
		if name == "" {
			continue
		}
		names[name]++
		if n := names[name]; best == "" || n > names[best] || n == names[best] && name < best {
			best = name
		}
	}
	return best
}

// subject is the subject of a message, taken apart to be compared.
type subject struct {
	text    string   // in lower case
	words   []string // sorted, each once, without numbers
	numbers []string // in their order
}

// replyMarks stand before the subject of a message that was answered or forwarded.
var replyMarks = []string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "tr", "rv", "antw"}

func readSubject(text string) subject {
	s := subject{text: strings.Join(strings.Fields(strings.ToLower(text)), " ")}
	for {
		mark, rest, ok := strings.Cut(s.text, ":")
		if !ok || !slices.Contains(replyMarks, mark) {
			break
		}
		s.text = strings.TrimSpace(rest)
	}
	for _, w := range strings.FieldsFunc(s.text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }) {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			s.numbers = append(s.numbers, w)
		} else {
			s.words = append(s.words, w)
		}
	}
	slices.Sort(s.words)
	s.words = slices.Compact(s.words)
	return s
}

// like reports whether two subjects are nearly the same: but for numbers, and
// for a word such as the reader's name.
func (s *subject) like(o *subject) bool { return alike(s.words, o.words) }

// alike compares two sorted sets of words.
func alike[W cmp.Ordered](a, b []W) bool {
	both := common(a, b)
	onlyA, onlyB := len(a)-both, len(b)-both
	switch {
	case onlyA == 0 && onlyB == 0:
		return true
	case both == 0:
		return false
	}
	return onlyA <= 1 && onlyB <= 1 || 2*both >= both+onlyA+onlyB
}

// common counts what two sorted sets share.
func common[W cmp.Ordered](a, b []W) int {
	n := 0
	for i, k := 0, 0; i < len(a) && k < len(b); {
		switch {
		case a[i] == b[k]:
			n, i, k = n+1, i+1, k+1
		case a[i] < b[k]:
			i++
		default:
			k++
		}
	}
	return n
}
