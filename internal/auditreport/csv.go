package auditreport

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector/report"
)

// writeCSV writes one table with its names in the first row.
func writeCSV(w io.Writer, a *Audit, table string) error {
	out := csv.NewWriter(w)
	for _, row := range rows(a, table) {
		for i := range row {
			row[i] = report.Cell(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func rows(a *Audit, table string) (list [][]string) {
	add := func(cells ...string) { list = append(list, cells) }
	switch table {
	case "services":
		add("service", "operator", "category", "known", "messages", "address", "senders", "kinds", "first", "last")
		for _, s := range a.Services {
			add(s.Name, s.Operator, s.Category, strconv.FormatBool(s.Known), itoa(s.Messages), itoa(s.Address), itoa(s.Senders), joined(s.Kinds),
				date(s.First), date(s.Last))
		}
	case "months":
		add("month", "messages", "tracked", "suspicious", "clean", "services")
		for _, m := range a.Months {
			add(m.Month, itoa(m.Messages), itoa(m.Tracked), itoa(m.Suspicious), itoa(m.Clean), joined(m.Services))
		}
	case "addresses":
		add("receiver", "known", "sites", "forms", "messages", "on_open", "on_click", "senders", "first", "last")
		for _, r := range a.Addresses {
			add(r.Name, strconv.FormatBool(r.Known), strings.Join(r.Sites, "; "), joined(r.Forms), itoa(r.Messages), itoa(r.OnOpen), itoa(r.OnClick),
				strings.Join(r.Senders, "; "), date(r.First), date(r.Last))
		}
	case "changes":
		add("date", "sender", "what", "before_messages", "before_tracked", "after_messages", "after_tracked")
		for _, c := range a.Changes {
			add(date(&c.Date), c.Sender, c.What, itoa(c.Before.Messages), itoa(c.Before.Tracked), itoa(c.After.Messages), itoa(c.After.Tracked))
		}
	default:
		add("sender", "name", "addresses", "messages", "tracked", "suspicious", "clean", "share", "points", "habit", "links", "receipts",
			"services", "address_forms", "first_tracked", "last_tracked", "last_message", "unsubscribe")
		for _, s := range a.Senders {
			first, last := "", ""
			if s.FirstTrack != nil {
				first, last = date(&s.FirstTrack.Date), date(&s.LastTrack.Date)
			}
			add(s.Sender, s.Name, itoa(s.Addresses), itoa(s.Messages), itoa(s.Tracked), itoa(s.Suspicious), itoa(s.Clean),
				strconv.FormatFloat(s.Share.Of, 'f', -1, 64), itoa(s.Points), s.Habit, itoa(s.Links), itoa(s.Receipts), joined(s.Services),
				joined(s.Forms), first, last, date(s.LastMessage), strings.Join(s.Unsubscribe, " "))
		}
	}
	return list
}

func itoa(n int) string { return strconv.Itoa(n) }

func date(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339)
}

// joined writes names with their counts: Mailchimp 12; Litmus 3.
func joined(list []NameCount) string {
	var b strings.Builder
	for i, c := range list {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(c.Name + " " + itoa(c.Messages))
	}
	return b.String()
}
