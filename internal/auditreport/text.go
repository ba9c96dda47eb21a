package auditreport

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// textReport writes for people at a terminal.
type textReport struct {
	w    *bufio.Writer
	opts *Options
}

func writeText(w io.Writer, a *Audit, o *Options) error {
	t := &textReport{bufio.NewWriter(w), o}
	t.head(a)
	if a.Totals.Messages > 0 {
		t.services(a)
		t.offenders(a)
		t.addresses(a)
		t.changes(a)
		t.months(a)
	}
	return t.w.Flush()
}

// line prints one line, cut to the terminal.
func (t *textReport) line(format string, args ...any) {
	t.w.WriteString(report.Fit(fmt.Sprintf(format, args...), t.opts.Width))
	t.w.WriteByte('\n')
}

func (t *textReport) paint(code, s string) string {
	if !t.opts.Color {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *textReport) title(s string) {
	fmt.Fprintf(t.w, "\n%s\n", t.paint("1", s))
}

func (t *textReport) head(a *Audit) {
	n := &a.Totals
	s := fmt.Sprintf("%s of %s", count(n.Messages, "message"), count(n.Senders, "sender"))
	if a.First != nil {
		s += fmt.Sprintf(", %s to %s", day(*a.First), day(*a.Last))
	}
	t.line("%s", s)
	var names []string
	for _, f := range a.Folders {
		if len(names) == 0 || names[len(names)-1] != f.Account {
			names = append(names, f.Account)
		}
	}
	if len(names) > 0 {
		t.line("%s: %s", plural(len(names), "account"), strings.Join(names, ", "))
	}
	if n.Messages == 0 {
		t.line("%s", "the store holds no messages; run pixelsweep imap audit first")
		return
	}
	t.w.WriteByte('\n')
	for _, row := range []struct {
		name, color string
		n           int
	}{{"tracked", "31", n.Tracked}, {"suspicious", "33", n.Suspicious}, {"clean", "32", n.Clean}} {
		fmt.Fprintf(t.w, "  %-10s %9s  %6s  %s\n", row.name, number(row.n), percent(row.n, n.Messages),
			t.paint(row.color, bar(row.n, n.Messages, t.opts.Width-33)))
	}
	t.w.WriteByte('\n')
	for _, row := range []struct {
		n         int
		one, many string
	}{
		{n.Tracking, "of the senders tracks", "of the senders track"},
		{n.Address, "message gives away your address when it is opened", "messages give away your address when they are opened"},
		{n.ThirdParty, "of these to somebody else than the sender", "of these to somebody else than the sender"},
		{n.Links, "message records clicks by wrapped links", "messages record clicks by wrapped links"},
		{n.Receipts, "message asks for a read receipt", "messages ask for a read receipt"},
		{n.Copies, "copy in another folder is not counted again", "copies in other folders are not counted again"},
		{n.Incomplete, "message was not read whole", "messages were not read whole"},
		{n.Unread, "message could not be read, and is not counted", "messages could not be read, and are not counted"},
		{n.Undated, "message has no date that can be", "messages have no date that can be"},
	} {
		switch row.n {
		case 0:
		case 1:
			t.line("  %9s %s", number(1), row.one)
		default:
			t.line("  %9s %s", number(row.n), row.many)
		}
	}
}

func (t *textReport) services(a *Audit) {
	if len(a.Services) == 0 {
		return
	}
	t.title("Who tracks")
	most := a.Services[0].Messages
	for i := range t.top(len(a.Services)) {
		v := &a.Services[i]
		name := v.Name
		if v.Operator != "" && v.Operator != v.Name {
			name += " (" + v.Operator + ")"
		}
		if !v.Known {
			name += " (no known service)"
		}
		seen := period(v.First, v.Last)
		if seen != "" {
			seen = ", " + seen
		}
		t.line("  %s %7s  %s %s%s", pad(name, 34), number(v.Messages), pad(bar(v.Messages, most, 12), 12), count(v.Senders, "sender"), seen)
	}
	t.more(len(a.Services))
}

func (t *textReport) offenders(a *Audit) {
	if a.Totals.Tracking == 0 {
		return
	}
	t.title("Worst offenders")
	for i := range t.top(a.Totals.Tracking) {
		s := &a.Senders[i]
		t.line("%3d  %s: %s of %s tracked", i+1, who(s), number(s.Tracked), count(s.Messages, "message"))
		t.line("     by %s%s", list(s.Services, 5), trackedDates(s))
		if len(s.Forms) > 0 {
			t.line("     gives away your address as %s", list(s.Forms, 5))
		}
		for _, c := range s.Changes {
			t.line("     %s to track on %s", c.What, day(c.Date))
		}
		for _, link := range s.Unsubscribe {
			fmt.Fprintf(t.w, "     unsubscribe: %s\n", report.Clean(link)) // whole, to be of use
		}
	}
	t.more(a.Totals.Tracking)
}

func (t *textReport) addresses(a *Audit) {
	if len(a.Addresses) == 0 {
		return
	}
	t.title("Who received your address")
	for i := range t.top(len(a.Addresses)) {
		r := &a.Addresses[i]
		how := []string{}
		if r.OnOpen > 0 {
			how = append(how, number(r.OnOpen)+" by opening")
		}
		if r.OnClick > 0 {
			how = append(how, number(r.OnClick)+" by a click")
		}
		t.line("  %s %s; %s, of %s", pad(r.Name, 34), list(r.Forms, 4), strings.Join(how, ", "), count(len(r.Senders), "sender"))
	}
	t.more(len(a.Addresses))
}

func (t *textReport) changes(a *Audit) {
	if len(a.Changes) == 0 {
		return
	}
	t.title("Started and stopped")
	for i := range t.top(len(a.Changes)) {
		c := &a.Changes[i]
		color := map[string]string{"started": "31", "stopped": "32"}[c.What]
		rest := report.Fit(fmt.Sprintf("%s  %d of %d tracked before, %d of %d since", pad(c.Sender, 34),
			c.Before.Tracked, c.Before.Messages, c.After.Tracked, c.After.Messages), t.opts.Width-21)
		fmt.Fprintf(t.w, "  %s %s %s\n", day(c.Date), t.paint(color, c.What), rest)
	}
	t.more(len(a.Changes))
}

func (t *textReport) months(a *Audit) {
	months := recent(a.Months, 24)
	if len(months) == 0 {
		return
	}
	t.title("By month")
	most := 0
	for _, m := range months {
		most = max(most, m.Messages)
	}
	wide := t.opts.Width - 38
	for _, m := range months {
		on := cells(m.Tracked, most, wide)
		off := cells(m.Messages, most, wide) - on
		if m.Messages == 0 {
			t.line("  %s", m.Month)
			continue
		}
		fmt.Fprintf(t.w, "  %s %7s of %7s  %6s  %s%s\n", m.Month, number(m.Tracked), number(m.Messages), percent(m.Tracked, m.Messages),
			t.paint("31", strings.Repeat("█", on)), strings.Repeat("░", off))
	}
}

// top is how many rows of a table are shown.
func (t *textReport) top(n int) int { return min(n, t.opts.Top) }

// more says how many rows a table does not show.
func (t *textReport) more(n int) {
	if n > t.opts.Top {
		t.line("  … %s more; json and csv have all", number(n-t.opts.Top))
	}
}

func who(s *Sender) string {
	if s.Name == "" || strings.EqualFold(s.Name, s.Sender) {
		return s.Sender
	}
	return s.Name + " <" + s.Sender + ">"
}

func trackedDates(s *Sender) string {
	if s.FirstTrack == nil {
		return ""
	}
	return fmt.Sprintf("; first %s, last %s", day(s.FirstTrack.Date), day(s.LastTrack.Date))
}

// period says from when to when, "" where that is not known.
func period(first, last *time.Time) string {
	switch {
	case first == nil:
		return ""
	case day(*first) == day(*last):
		return day(*first)
	}
	return day(*first) + " to " + day(*last)
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

// list says the first n of names with their counts.
func list(names []NameCount, n int) string {
	var parts []string
	for i, c := range names {
		if i == n {
			parts = append(parts, fmt.Sprintf("%d others", len(names)-n))
			break
		}
		parts = append(parts, c.Name+" "+number(c.Messages))
	}
	return strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}

func count(n int, what string) string { return number(n) + " " + plural(n, what) }

// number writes n with a comma before each three digits.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func percent(k, n int) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(100*float64(k)/float64(n), 'f', 1, 64) + " %"
}

// cells is how many of width k of n fill; something is never nothing.
func cells(k, n, width int) int {
	if k == 0 || n == 0 || width <= 0 {
		return 0
	}
	return max(1, min(width, (k*width+n/2)/n))
}

func bar(k, n, width int) string { return strings.Repeat("█", cells(k, n, width)) }

// pad cuts or fills s to n columns.
func pad(s string, n int) string {
	s = report.Fit(s, n)
	return s + strings.Repeat(" ", max(0, n-report.Columns(s)))
}

// recent returns the last n months up to the last one with mail, those without mail
// too.
func recent(months []Month, n int) []Month {
	if len(months) == 0 {
		return nil
	}
	by := make(map[string]Month, len(months))
	for _, m := range months {
		by[m.Month] = m
	}
	last, err := time.Parse("2006-01", months[len(months)-1].Month)
	if err != nil {
		return nil
	}
	var out []Month
	for i := n - 1; i >= 0; i-- {
		key := last.AddDate(0, -i, 0).Format("2006-01")
		m, ok := by[key]
		if !ok {
			m = Month{Month: key}
		}
		if ok || len(out) > 0 {
			out = append(out, m)
		}
	}
	return out
}
