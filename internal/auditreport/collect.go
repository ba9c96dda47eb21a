package auditreport

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// Collect reads a store and makes the report of it. o may be nil.
func Collect(ctx context.Context, s *auditstore.Store, o *Options) (*Audit, error) {
	opts := o.withDefaults()
	c := &collector{
		opts: &opts, audit: &Audit{Schema: Schema, Generated: opts.Now, Folders: []Folder{}},
		senders: map[string]*sender{}, services: map[string]*service{}, months: map[string]*month{}, receivers: map[string]*receiver{},
	}
	folders, err := s.Folders(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range folders {
		if opts.Account == "" || f.Account == opts.Account {
			c.audit.Folders = append(c.audit.Folders, Folder{f.Account, f.Name, f.Messages})
		}
	}
	for m, err := range s.Messages(ctx, opts.Account) {
		if err != nil {
			return nil, err
		}
		c.add(m)
	}
	return c.finish(), nil
}

// A collector counts messages in the order of their dates.
type collector struct {
	opts      *Options
	audit     *Audit
	senders   map[string]*sender
	services  map[string]*service
	months    map[string]*month
	receivers map[string]*receiver
}

type sender struct {
	Sender
	addresses map[string]bool
	services  map[string]int
	forms     map[string]int
	months    map[string]*month
	dates     []time.Time // of messages with a date
	tracked   []bool
	unsub     string
}

type service struct {
	Service
	senders map[string]bool
	kinds   map[string]int
}

type receiver struct {
	Receiver
	senders map[string]bool
	sites   map[string]bool
	forms   map[string]int
}

type month struct {
	Counts
	services map[string]int
}

// add counts one message.
func (c *collector) add(m *auditstore.Message) {
	t := &c.audit.Totals
	switch {
	case m.Copy:
		t.Copies++
		return
	case m.Verdict == "":
		t.Unread++
		return
	}
	if m.Date.Year() < 1980 || m.Date.After(c.opts.Now.Add(48*time.Hour)) {
		m.Date = time.Time{}
		t.Undated++
	}
	if !m.Complete {
		t.Incomplete++
	}
	span(&c.audit.First, &c.audit.Last, m.Date)
	v := c.sender(m)
	f := factsOf(m, v.Sender.Sender)
	t.Counts.add(m.Verdict)
	v.Counts.add(m.Verdict)
	for _, n := range []struct {
		is            bool
		total, sender *int
	}{
		{f.links, &t.Links, &v.Links}, {f.receipt, &t.Receipts, &v.Receipts}, {m.Verdict == detector.Tracked, nil, &v.Points},
		{f.address, &t.Address, &v.Points}, {f.third, &t.ThirdParty, &v.Points},
	} {
		if n.is && n.total != nil {
			*n.total++
		}
		if n.is {
			*n.sender++
		}
	}
	c.month(m, v, f)
	c.history(m, v)
	for name, uses := range f.services {
		v.services[name]++
		c.service(name, m, v, uses)
	}
	for name, got := range f.receivers {
		c.receiver(name, m, v, got)
	}
	for form := range f.forms {
		v.forms[form]++
	}
}

func (c *Counts) add(v detector.Verdict) {
	c.Messages++
	switch v {
	case detector.Tracked:
		c.Tracked++
	case detector.Suspicious:
		c.Suspicious++
	default:
		c.Clean++
	}
}

// span widens first…last by a date.
func span(first, last **time.Time, date time.Time) {
	if date.IsZero() {
		return
	}
	if *first == nil || date.Before(**first) {
		*first = &date
	}
	if *last == nil || date.After(**last) {
		*last = &date
	}
}

func (c *collector) sender(m *auditstore.Message) *sender {
	key := senderKey(m.Sender)
	v := c.senders[key]
	if v == nil {
		v = &sender{addresses: map[string]bool{}, services: map[string]int{}, forms: map[string]int{}, months: map[string]*month{}}
		v.Sender.Sender = key
		c.senders[key] = v
	}
	v.addresses[m.Sender.Address] = true
	if m.Sender.Name != "" {
		v.Name = report.Clean(m.Sender.Name) // the newest
	}
	if m.Unsubscribe != "" {
		v.unsub = m.Unsubscribe
	}
	span(&v.LastMessage, &v.LastMessage, m.Date)
	return v
}

func (c *collector) month(m *auditstore.Message, v *sender, f facts) {
	if m.Date.IsZero() {
		return
	}
	key := m.Date.Format("2006-01")
	for _, months := range []map[string]*month{c.months, v.months} {
		in := months[key]
		if in == nil {
			in = &month{services: map[string]int{}}
			months[key] = in
		}
		in.Counts.add(m.Verdict)
	}
	for name := range f.services {
		c.months[key].services[name]++
	}
}

// history notes when a sender tracked.
func (c *collector) history(m *auditstore.Message, v *sender) {
	if m.Date.IsZero() {
		return
	}
	tracked := m.Verdict == detector.Tracked
	v.dates, v.tracked = append(v.dates, m.Date), append(v.tracked, tracked)
	if !tracked {
		return
	}
	at := &Message{Date: m.Date, Account: m.Account, Folder: m.Folder, UID: m.UID, Subject: report.Clean(m.Subject)}
	if c.opts.Redact {
		at.Subject = ""
	}
	if v.FirstTrack == nil {
		v.FirstTrack = at
	}
	v.LastTrack = at
}

func (c *collector) service(name string, m *auditstore.Message, v *sender, u *uses) {
	s := c.services[name]
	if s == nil {
		s = &service{senders: map[string]bool{}, kinds: map[string]int{}}
		s.Name, s.Operator, s.Category, s.Known = name, u.service.Operator, u.service.Category, u.service.Name != ""
		c.services[name] = s
	}
	s.Messages++
	if u.address {
		s.Address++
	}
	s.senders[v.Sender.Sender] = true
	for k := range u.kinds {
		s.kinds[string(k)]++
	}
	span(&s.First, &s.Last, m.Date)
}

func (c *collector) receiver(name string, m *auditstore.Message, v *sender, g *gift) {
	r := c.receivers[name]
	if r == nil {
		r = &receiver{senders: map[string]bool{}, sites: map[string]bool{}, forms: map[string]int{}}
		r.Name, r.Known = name, g.known
		c.receivers[name] = r
	}
	r.Messages++
	if g.open {
		r.OnOpen++
	}
	if g.click {
		r.OnClick++
	}
	r.senders[v.Sender.Sender] = true
	maps.Copy(r.sites, g.sites)
	for form := range g.forms {
		r.forms[form]++
	}
	span(&r.First, &r.Last, m.Date)
}

// finish puts what was counted in order.
func (c *collector) finish() *Audit {
	a := c.audit
	a.Totals.Share = share(a.Totals.Tracked, a.Totals.Messages)
	a.Senders, a.Services, a.Addresses, a.Changes = []Sender{}, []Service{}, []Receiver{}, []Change{}
	for _, v := range c.senders {
		a.Senders = append(a.Senders, v.finish(c.opts.Redact))
	}
	slices.SortFunc(a.Senders, func(x, y Sender) int {
		return cmp.Or(y.Points-x.Points, y.Tracked-x.Tracked, y.Messages-x.Messages, strings.Compare(x.Sender, y.Sender))
	})
	a.Totals.Senders = len(a.Senders)
	for i := range a.Senders {
		if a.Senders[i].Tracked > 0 {
			a.Totals.Tracking++
		}
		a.Changes = append(a.Changes, a.Senders[i].Changes...)
	}
	slices.SortFunc(a.Changes, func(x, y Change) int { return cmp.Or(y.Date.Compare(x.Date), strings.Compare(x.Sender, y.Sender)) })
	for _, s := range c.services {
		s.Senders, s.Kinds = len(s.senders), counted(s.kinds)
		a.Services = append(a.Services, s.Service)
	}
	slices.SortFunc(a.Services, func(x, y Service) int { return cmp.Or(y.Messages-x.Messages, strings.Compare(x.Name, y.Name)) })
	for _, r := range c.receivers {
		r.Senders, r.Sites, r.Forms = slices.Sorted(maps.Keys(r.senders)), slices.Sorted(maps.Keys(r.sites)), counted(r.forms)
		a.Addresses = append(a.Addresses, r.Receiver)
	}
	slices.SortFunc(a.Addresses, func(x, y Receiver) int { return cmp.Or(y.Messages-x.Messages, strings.Compare(x.Name, y.Name)) })
	a.Months = ordered(c.months)
	return a
}

func (v *sender) finish(redact bool) Sender {
	s := v.Sender
	s.Addresses = len(v.addresses)
	s.Share = share(s.Tracked, s.Messages)
	s.Services, s.Forms, s.Months = counted(v.services), counted(v.forms), ordered(v.months)
	s.Unsubscribe = unsubscribe(v.unsub, redact)
	s.Changes = []Change{}
	starts := stretches(v.tracked)
	var before Stretch // the last that is mostly or hardly tracked
	known := ""
	for i, from := range starts {
		to := len(v.tracked)
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		now := Stretch{Messages: to - from}
		for _, t := range v.tracked[from:to] {
			if t {
				now.Tracked++
			}
		}
		s.Habit = habit(now)
		if s.Habit != "mostly" && s.Habit != "hardly" {
			continue
		}
		if known != "" && known != s.Habit {
			what := map[string]string{"mostly": "started", "hardly": "stopped"}[s.Habit]
			s.Changes = append(s.Changes, Change{s.Sender, what, v.dates[from], before, now})
		}
		known, before = s.Habit, now
	}
	return s
}

// counted lists the names of counts, the highest first.
func counted(m map[string]int) []NameCount {
	list := make([]NameCount, 0, len(m))
	for name, n := range m {
		list = append(list, NameCount{name, n})
	}
	slices.SortFunc(list, func(a, b NameCount) int { return cmp.Or(b.Messages-a.Messages, strings.Compare(a.Name, b.Name)) })
	return list
}

func ordered(months map[string]*month) []Month {
	list := make([]Month, 0, len(months))
	for _, key := range slices.Sorted(maps.Keys(months)) {
		m := Month{Month: key, Counts: months[key].Counts}
		if len(months[key].services) > 0 {
			m.Services = counted(months[key].services)
		}
		list = append(list, m)
	}
	return list
}
