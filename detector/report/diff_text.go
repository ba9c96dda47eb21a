package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/diff"
)

// diffText writes for people.
type diffText struct {
	text
	all bool
	n   int
}

// meaning says what the class of a piece means.
func meaning(p *diff.Piece) string {
	switch {
	case p.Class == diff.Issue:
		return "identifies the mailing, nobody in it"
	case p.Class == diff.Reader && p.Identifies:
		return "identifies the reader"
	case p.Class == diff.Reader:
		return "differs between readers, but is no identifier of one"
	case p.Identifies:
		return "identifies this copy, and so its reader"
	}
	return "differs: reader and mailing cannot be told apart"
}

var classColors = map[diff.Class]string{diff.Reader: "1;31", diff.PerCopy: "1;35", diff.Issue: "1;33"}

func (t *diffText) Group(g *diff.Group) error {
	t.n++
	head := fmt.Sprintf("GROUP %d", t.n)
	title := ""
	if len(g.Members) > 0 {
		m := g.Members[0].Message
		title = strings.TrimSpace(clean(m.From) + "  " + clean(m.Subject))
	}
	t.printf("%s  %s\n", t.paint("1", head), fit(title, t.opts.Width-len(head)-2))
	t.members(g)
	shown := 0
	for _, kind := range []struct {
		title string
		is    func(*diff.Slot) bool
	}{
		{"loaded when the message is opened", (*diff.Slot).Loaded},
		{"loaded in other ways", func(s *diff.Slot) bool { return !s.Loaded() && s.Trigger != detector.Click }},
		{"links", func(s *diff.Slot) bool { return s.Trigger == detector.Click }},
	} {
		shown += t.slots(g, kind.title, kind.is)
	}
	if shown == 0 && len(g.Unaligned) == 0 {
		t.printf("  nothing differs: nobody is identified\n")
	}
	t.alone(g)
	t.printf("\n")
	return t.err
}

// members lists the copies, and what was compared.
func (t *diffText) members(g *diff.Group) {
	for i, m := range g.Members {
		who := "unknown reader"
		if m.Reader != "" {
			who = m.Reader
		}
		place := clean(m.Source.Path)
		if m.Source.Index > 0 {
			place = fmt.Sprintf("%s (message %d)", place, m.Source.Index)
		}
		line := fmt.Sprintf("%2d  %s  to %s  mailing %d", i+1, place, clean(who), m.Mailing)
		if m.Message.Date != "" {
			line += "  " + clean(m.Message.Date)
		}
		t.printf("  %s\n", fit(line, t.opts.Width-2))
	}
	if g.Left > 0 {
		t.printf("  %d more copies left out\n", g.Left)
	}
	same := 0
	for i := range g.Slots {
		if g.Slots[i].Class == diff.Constant {
			same++
		}
	}
	who := "readers unknown"
	if n := g.Readers(); n > 0 {
		who = count(n, "reader")
	}
	t.lines(2, fmt.Sprintf("%s, %s; %s aligned, %d of them the same in all copies, %d unaligned",
		who, count(g.Mailings(), "mailing"), count(len(g.Slots), "reference"), same, len(g.Unaligned)))
}

// slots writes those of one kind, what identifies the reader first, and returns
// how many there are. Links that differ in the same way are written once.
func (t *diffText) slots(g *diff.Group, title string, is func(*diff.Slot) bool) int {
	var list []*diff.Slot
	for i := range g.Slots {
		if s := &g.Slots[i]; is(s) && (s.Class != diff.Constant || t.all) {
			list = append(list, s)
		}
	}
	if len(list) == 0 {
		return 0
	}
	slices.SortStableFunc(list, func(a, b *diff.Slot) int { return cmp.Compare(weight(b), weight(a)) })
	t.printf("  %s\n", t.paint("4", title))
	alike := map[string]int{}
	for _, s := range list {
		alike[likeness(s)]++
	}
	for _, s := range list {
		key := likeness(s)
		n := alike[key]
		if s.Trigger == detector.Click && !t.all {
			if n == 0 {
				continue
			}
			alike[key] = 0
		} else {
			n = 1
		}
		t.slot(s)
		if n > 1 {
			verb := "differ"
			if n == 2 {
				verb = "differs"
			}
			t.printf("%*sand %s that %s in the same way\n", indent, "", count(n-1, "link"), verb)
		}
	}
	return len(list)
}

// weight orders slots by how much they tell.
func weight(s *diff.Slot) int {
	w := map[diff.Class]int{diff.Reader: 3, diff.PerCopy: 2, diff.Issue: 1}[s.Class]
	if s.Identifies {
		w += 4
	}
	return w
}

// likeness is the same for links of one host that differ in the same way.
func likeness(s *diff.Slot) string {
	var b strings.Builder
	for _, r := range s.Refs {
		if r != nil {
			b.WriteString(r.Host)
			break
		}
	}
	for i := range s.Pieces {
		if p := &s.Pieces[i]; p.Class != diff.Constant {
			fmt.Fprintf(&b, "\x00%s\x00%s\x00%v", p.At, p.Class, p.Identifies)
		}
	}
	return b.String()
}

// maxURLs is how many URLs of a slot are written.
const maxURLs = 6

func (t *diffText) slot(s *diff.Slot) {
	var what string
	switch {
	case s.Identifies && s.Loaded():
		what = t.paint("1;31", "individual tracking") + ", proven"
	case s.Identifies:
		what = t.paint("31", "identifies the reader") + ", proven"
	case s.Class == diff.Reader, s.Class == diff.PerCopy:
		what = "differs, but nothing in it is an identifier"
	case s.Class == diff.Issue:
		what = "differs by mailing: nobody is identified"
	default:
		what = "the same in all copies: nobody is identified"
	}
	if s.Mark.Kind != "" {
		what += ": " + kindWords[s.Mark.Kind]
		if s.Mark.Service != "" {
			what += " of " + clean(s.Mark.Service)
		}
	}
	t.printf("    %s [%s]\n", what, clean(s.Vector))
	for i := range s.Pieces {
		p := &s.Pieces[i]
		if p.Class == diff.Constant {
			continue
		}
		name := clean(t.piece(p.At))
		t.printf("%*s%s %s\n", indent-2, "", t.paint(classColors[p.Class], name), meaning(p))
	}
	t.urls(s)
}

// piece shortens a name that may be a token itself.
func (t *diffText) piece(at string) string {
	if t.opts.FullURLs || len(at) <= 40 {
		return at
	}
	return at[:20] + "…" + at[len(at)-6:]
}

// urls writes each URL once, and whose it is.
func (t *diffText) urls(s *diff.Slot) {
	var order []string
	owners := map[string][]string{}
	marks := map[string][]mark{}
	for m, r := range s.Refs {
		if r == nil {
			continue
		}
		if owners[r.URL] == nil {
			order = append(order, r.URL)
			marks[r.URL] = marksOf(s, m)
		}
		owners[r.URL] = append(owners[r.URL], strconv.Itoa(m+1))
	}
	for i, u := range order {
		if i == maxURLs && !t.all {
			t.printf("%*sand %d other URLs\n", indent, "", len(order)-i)
			return
		}
		who := strings.Join(owners[u], ",")
		if len(order) == 1 {
			who = "all"
		}
		t.printf("%*s%s  %s\n", indent-2, "", fit(who, 12), t.marked(u, marks[u]))
	}
}

// mark is a stretch of a URL to be highlighted.
type mark struct {
	diff.Range
	class diff.Class
}

func marksOf(s *diff.Slot, m int) []mark {
	var list []mark
	for i := range s.Pieces {
		p := &s.Pieces[i]
		if p.Class != diff.Constant && p.Ranges[m].Valid() {
			list = append(list, mark{p.Ranges[m], p.Class})
		}
	}
	slices.SortFunc(list, func(a, b mark) int { return a.Start - b.Start })
	return list
}

// maxShown is how many bytes of a URL without its tokens are written.
const maxShown = 400

// marked writes a URL with what differs highlighted: in colour, or in «».
func (t *diffText) marked(url string, marks []mark) string {
	var b strings.Builder
	at := 0
	for _, m := range append(marks, mark{Range: diff.Range{Start: len(url), End: len(url)}}) {
		if b.Len() > maxShown && !t.opts.FullURLs {
			b.WriteString("…")
			break
		}
		if m.Start > at {
			b.WriteString(clean(t.stretch(url, at, m.Start)))
		}
		at = max(at, m.End)
		if m.class == "" {
			break
		}
		text := url[m.Start:m.End]
		if !t.opts.FullURLs {
			text = shorten(text)
		}
		if text = clean(text); t.opts.Color {
			b.WriteString(t.paint(classColors[m.class], text))
		} else {
			b.WriteString("«" + text + "»")
		}
	}
	return b.String()
}

// stretch writes what is the same in a URL, with its tokens shortened.
func (t *diffText) stretch(url string, from, to int) string {
	text := url[from:to]
	if t.opts.FullURLs {
		return text
	}
	if from == 0 && strings.Contains(text, ":") {
		text = shortURL(text)
	} else {
		host := strings.Index(url, "://") + 3
		end := len(url)
		if i := strings.IndexAny(url[min(host, len(url)):], "/?#"); host >= 3 && i >= 0 {
			end = host + i
		}
		if host < 3 || to > end { // beyond the host
			text = mapTokens("x:/"+text, shorten)[len("x:/"):]
		}
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown/2], "") + "…" + strings.ToValidUTF8(text[len(text)-20:], "")
	}
	return text
}

// maxAlone is how many unaligned references of a group are written.
const maxAlone = 10

func (t *diffText) alone(g *diff.Group) {
	if len(g.Unaligned) == 0 {
		return
	}
	t.printf("  %s\n", t.paint("4", "in one copy only"))
	for i, p := range g.Unaligned {
		if i == maxAlone && !t.all {
			t.printf("    and %d more\n", len(g.Unaligned)-i)
			break
		}
		t.link(4, fmt.Sprintf("%d  %s [%s] %s", p.Member+1, p.Trigger, clean(p.Vector), clean(t.url(p.URL))))
	}
}

func (t *diffText) Close(s *DiffSummary) error {
	t.lines(0, fmt.Sprintf("%s read, %s compared: %s loaded by opening and %s identify the reader", count(s.Messages, "message"),
		count(s.Groups, "group"), t.paint("1", count(s.Tracking, "reference")), count(s.Links, "link")))
	if s.Single > 0 {
		t.lines(0, count(s.Single, "message")+" without a copy to compare with")
	}
	if s.Skipped > 0 {
		t.lines(0, count(s.Skipped, "file")+" skipped: neither mail nor HTML")
	}
	if s.Errors > 0 {
		t.printf("%s not read at all\n", count(s.Errors, "item"))
	}
	return t.err
}
