package auditreport

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

func collect(t testing.TB, m *mailbox, o *Options) *Audit {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	o.Now = now
	a, err := Collect(context.Background(), m.store, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func senderOf(t testing.TB, a *Audit, name string) *Sender {
	t.Helper()
	i := slices.IndexFunc(a.Senders, func(s Sender) bool { return s.Sender == name })
	if i < 0 {
		t.Fatalf("no sender %s", name)
	}
	return &a.Senders[i]
}

func TestCollect(t *testing.T) {
	a := collect(t, sample(t), nil)
	tot := a.Totals
	tot.Share = Share{}
	want := Totals{
		Counts: Counts{Messages: 150 + 150 + 60 + 45 + 50*3, Tracked: 150 + 70 + 60, Clean: 80 + 45 + 150}, Address: 70 + 60, ThirdParty: 70 + 60,
		Senders: 6, Tracking: 3,
	}
	if diff := cmp.Diff(want, tot); diff != "" {
		t.Error(diff)
	}
	var order []string
	for _, s := range a.Senders {
		order = append(order, s.Sender)
	}
	// Starter: 70 tracked, each with the address, to a third party. Stopper: 60.
	if want := []string{"starter.example", "stopper.example", "always.example", "bea@gmail.com", "carl@gmail.com", "never.example"}; !slices.Equal(order, want) {
		t.Errorf("order: %v", order)
	}
	s := senderOf(t, a, "starter.example")
	date := now.AddDate(-3, 0, 560)
	wantSender := Sender{
		Sender: "starter.example", Name: "Starter", Addresses: 1, Counts: Counts{Messages: 150, Tracked: 70, Clean: 80}, Points: 210, Habit: "mostly",
		Services: []NameCount{{"partner.example", 70}}, Forms: []NameCount{{"sha256", 70}},
		Changes:     []Change{{"starter.example", "started", date, Stretch{80, 0}, Stretch{70, 70}}},
		Unsubscribe: []string{"https://starter.example/unsubscribe", "mailto:leave@starter.example"},
	}
	got := *s
	if got.FirstTrack == nil || !got.FirstTrack.Date.Equal(date) || got.FirstTrack.Folder != "INBOX" || !strings.HasPrefix(got.FirstTrack.Subject, "Letter ") ||
		!got.LastTrack.Date.Equal(now.AddDate(-3, 0, 7*149)) {
		t.Errorf("first %+v, last %+v", got.FirstTrack, got.LastTrack)
	}
	got.Share, got.FirstTrack, got.LastTrack, got.LastMessage, got.Months = Share{}, nil, nil, nil, nil
	if diff := cmp.Diff(wantSender, got); diff != "" {
		t.Error(diff)
	}
	if s := senderOf(t, a, "stopper.example"); len(s.Changes) != 1 || s.Changes[0].What != "stopped" || s.Habit != "hardly" {
		t.Errorf("stopper: %+v", s)
	}
	if s := senderOf(t, a, "always.example"); len(s.Changes) != 0 || s.Habit != "mostly" || !reflect.DeepEqual(s.Services, []NameCount{{"Mailchimp", 150}}) {
		t.Errorf("always: %+v", s)
	}
	if len(a.Changes) != 2 || a.Changes[0].Sender != "starter.example" {
		t.Errorf("changes: %+v", a.Changes)
	}
	if len(a.Services) != 2 || a.Services[0].Name != "Mailchimp" || a.Services[0].Messages != 210 || a.Services[0].Senders != 2 || !a.Services[0].Known ||
		a.Services[1].Name != "partner.example" || a.Services[1].Address != 130 || a.Services[1].Known {
		t.Errorf("services: %+v", a.Services)
	}
	if len(a.Addresses) != 1 || a.Addresses[0].OnOpen != 130 || !reflect.DeepEqual(a.Addresses[0].Forms, []NameCount{{"sha256", 130}}) ||
		!slices.Equal(a.Addresses[0].Senders, []string{"starter.example", "stopper.example"}) {
		t.Errorf("addresses: %+v", a.Addresses)
	}
	n := 0
	for _, m := range a.Months {
		n += m.Messages
	}
	if n != a.Totals.Messages || a.Months[0].Month != "2023-11" {
		t.Errorf("%d messages in months of %s…", n, a.Months[0].Month)
	}
}

// TestCorpus checks the totals against the reports that the detector gives.
func TestCorpus(t *testing.T) {
	m := newMailbox(t)
	files := m.corpus()
	want := Counts{}
	address := 0
	for _, r := range m.rows {
		want.add(r.Report.Verdict)
		if slices.ContainsFunc(r.Report.Findings, func(f detector.Finding) bool {
			return f.Kind.Decides() && f.Recipient.Evidence == detector.Proven
		}) {
			address++
		}
	}
	rows := m.rows
	m.save("home", "INBOX")
	m.rows = rows[:20]
	m.save("home", "Archive")
	a := collect(t, m, nil)
	if a.Totals.Messages+a.Totals.Copies != files+20 || a.Totals.Copies < 20 || a.Totals.Address == 0 || a.Totals.Address > address {
		t.Errorf("%d files, totals %+v", files, a.Totals)
	}
	if a.Totals.Tracked < want.Tracked*9/10 || a.Totals.Tracked > want.Tracked {
		t.Errorf("%d tracked, the detector says %d", a.Totals.Tracked, want.Tracked)
	}
	forms := map[string]bool{}
	for _, r := range a.Addresses {
		for _, f := range r.Forms {
			forms[f.Name] = true
		}
	}
	for _, form := range []string{"plain", "base64", "md5", "sha256", "base64 of zlib"} {
		if !forms[form] {
			t.Errorf("no %s among %v", form, forms)
		}
	}
}

func TestOddMessages(t *testing.T) {
	m := newMailbox(t)
	m.letter(time.Time{}, "A <a@a.example>", plain)
	m.letter(now.AddDate(4, 0, 0), "A <a@a.example>", plain)
	m.rows[0].Report.Message.Date = ""
	m.rows = append(m.rows, auditstore.Row{UID: 99})
	m.rows = append(m.rows, auditstore.Row{UID: 100, Report: &detector.Report{Verdict: detector.Clean}})
	m.save("home", "INBOX")
	a := collect(t, m, nil)
	if a.Totals.Undated != 3 || a.Totals.Unread != 1 || len(a.Months) != 0 || a.First != nil || a.Totals.Messages != 3 {
		t.Errorf("%+v", a.Totals)
	}
	if s := senderOf(t, a, "(no address)"); s.Messages != 1 {
		t.Errorf("%+v", s)
	}
	// One account of two.
	m.letter(now, "B <b@b.example>", plain)
	m.save("work", "INBOX")
	if a := collect(t, m, &Options{Account: "work"}); len(a.Folders) != 1 || a.Totals.Messages != 1 || a.Senders[0].Sender != "b.example" {
		t.Errorf("%+v", a)
	}
	for _, format := range Formats() {
		write(t, m, format, nil)
		write(t, newMailbox(t), format, nil) // an empty store
	}
}

func TestUnsubscribe(t *testing.T) {
	for value, want := range map[string][]string{
		"<https://a.example/u?e=1>":                             {"https://a.example/u?e=1"},
		"<mailto:u@a.example?subject=x>, <https://a.example/u>": {"mailto:u@a.example?subject=x", "https://a.example/u"},
		"<http://a.example/u>":                                  {},
		"<javascript:alert(1)>, <data:text/html,x>":             {},
		"<https://a.example/\x1b[31m>":                          {},
		"<https:///x>, <mailto:>":                               {},
		"<https://a.example/ü>":                                 {},
		"https://a.example/u":                                   {},
		"<https://a.example/u":                                  {},
		"":                                                      {},
		"<https://a.example/1><https://a.example/2><https://a.example/3>": {"https://a.example/1", "https://a.example/2"},
	} {
		if got := unsubscribe(value, false); !slices.Equal(got, want) || got == nil {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
	if got := unsubscribe("<https://a.example/u?e=ann>, <mailto:token@a.example>", true); !slices.Equal(got, []string{"https://a.example/…", "mailto:…@a.example"}) {
		t.Errorf("redacted: %q", got)
	}
}

func write(t testing.TB, m *mailbox, format string, o *Options) string {
	t.Helper()
	if o == nil {
		o = &Options{}
	}
	o.Now = now
	var b bytes.Buffer
	if err := Write(context.Background(), &b, format, m.store, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJSON(t *testing.T) {
	m := sample(t)
	out := write(t, m, "json", nil)
	var got Audit
	dec := json.NewDecoder(strings.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(collect(t, m, nil), &got); diff != "" {
		t.Error(diff)
	}
	if got.Schema != "pixelsweep.audit/1" || strings.Contains(out, "null") {
		t.Errorf("schema %s, or null in it", got.Schema)
	}
	if red := write(t, m, "json", &Options{Redact: true}); strings.Contains(red, "/unsubscribe") || strings.Contains(red, "Letter") {
		t.Error("redacted, it holds links or subjects")
	}
}

func TestCSV(t *testing.T) {
	m := sample(t)
	for table, rows := range map[string]int{"senders": 7, "services": 3, "months": 36, "addresses": 2, "changes": 3} {
		got, err := csv.NewReader(strings.NewReader(write(t, m, "csv", &Options{Table: table}))).ReadAll()
		if err != nil || len(got) < rows || table != "months" && len(got) != rows {
			t.Errorf("%s: %d rows, %v", table, len(got), err)
		}
	}
	if err := Write(context.Background(), &bytes.Buffer{}, "csv", m.store, &Options{Table: "x"}); err == nil || !strings.Contains(err.Error(), "known are senders") {
		t.Error(err)
	}
	if err := Write(context.Background(), &bytes.Buffer{}, "xml", m.store, nil); err == nil || !strings.Contains(err.Error(), "known are text, json, csv, html") {
		t.Error(err)
	}
}
