package auditstore

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pixelsweep/pixelsweep/detector"
)

// TestOddTexts stores what senders may write into a header: NUL, what is no UTF-8,
// more than is kept. All messages come back, each with the sender it was stored with.
func TestOddTexts(t *testing.T) {
	s, path := open(t)
	long := strings.Repeat("é", 100_000)
	var rows []Row
	for i, text := range []string{
		"a", "a\x00", "a\x00b", "\x00", "a\xff", "a\xfe", "\xf0\x9f\x98", "\ufeffa", "A", "a'); DROP TABLE sender; --", long, long + "x", "\x00" + long, "",
	} {
		r := row(uint32(i+1), 2)
		r.Unsubscribe = text
		r.Report.Message.From = fmt.Sprintf("%s <%s@shop.example>", text, text)
		r.Report.Message.Subject = text
		r.Report.Findings[0].Service.Name = text
		r.Report.Findings[1].URL = "https://" + text + "/x"
		rows = append(rows, r)
		other := row(uint32(i+101), 0)
		other.Report.Message.From, other.Report.Message.FromDomain = text, text
		rows = append(rows, other)
	}
	save(t, s, "IN\x00BOX\xff", State{UIDValidity: 1}, rows...)
	want := messages(t, s)
	if len(want) != len(rows) {
		t.Fatalf("%d of %d messages", len(want), len(rows))
	}
	s.Close()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	save(t, s, "IN\x00BOX\xff", State{UIDValidity: 1}, rows...) // all names are there already
	for i, m := range messages(t, s) {
		if m.Sender != want[i].Sender || m.Subject != want[i].Subject || len(m.Sightings) != len(want[i].Sightings) {
			t.Errorf("%d: %+v became %+v", m.UID, want[i], m)
		}
		for _, text := range []string{m.Sender.Address, m.Sender.Domain, m.Sender.Name, m.Subject, m.Unsubscribe} {
			if len(text) > maxUnsubscribe || !utf8.ValidString(text) {
				t.Errorf("%d: %d bytes, %.40q", m.UID, len(text), text)
			}
		}
	}
	var n int
	if err := s.db.QueryRow("SELECT count(*) FROM (SELECT DISTINCT address, domain, name FROM sender)").Scan(&n); err != nil {
		t.Fatal(err)
	}
	senders := map[Sender]bool{}
	for _, m := range want {
		senders[m.Sender] = true
	}
	if n != len(senders) {
		t.Errorf("%d senders, want %d", n, len(senders))
	}
}

// TestManySenders saves more new senders at a time than are remembered, and again.
func TestManySenders(t *testing.T) {
	s, _ := open(t)
	n := maxIDs + 100
	if testing.Short() {
		n = 5000
	}
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{UID: uint32(i + 1), Report: &detector.Report{Message: &detector.Message{From: fmt.Sprintf("a%d@shop.example", i), FromDomain: "shop.example"}}}
	}
	save(t, s, "INBOX", State{UIDValidity: 1}, rows...)
	save(t, s, "INBOX", State{UIDValidity: 1}, rows[n-500:]...)
	list := messages(t, s)
	for _, m := range list {
		if want := fmt.Sprintf("a%d@shop.example", m.UID-1); m.Sender.Address != want {
			t.Fatalf("%d is from %s", m.UID, m.Sender.Address)
		}
	}
	if len(list) != n {
		t.Errorf("%d messages of %d", len(list), n)
	}
}

// TestMessagesEnd ends the iteration early, by a panic and by a context; then the
// store can be written to and closed.
func TestMessagesEnd(t *testing.T) {
	s, _ := open(t)
	var rows []Row
	for i := range uint32(4 * ahead) {
		rows = append(rows, row(i+1, 1))
	}
	save(t, s, "INBOX", State{UIDValidity: 1}, rows...)
	ends := map[string]func(stop context.CancelFunc) bool{
		"break": func(context.CancelFunc) bool { return false },
		"panic": func(context.CancelFunc) bool { panic("enough") },
		"context": func(stop context.CancelFunc) bool {
			stop()
			return true
		},
	}
	for name, end := range ends {
		for _, at := range []int{1, ahead, ahead + 1, 3 * ahead} {
			func() {
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				defer func() {
					if p := recover(); p != nil && p != "enough" {
						panic(p)
					}
				}()
				n := 0
				for _, err := range s.Messages(ctx, "") {
					if n++; err != nil {
						if name != "context" || ctx.Err() == nil {
							t.Errorf("%s: %v", name, err)
						}
						break
					}
					if n == at && !end(stop) {
						break
					}
				}
			}()
			if open := s.db.Stats().InUse; open != 0 {
				t.Fatalf("%s at %d: %d statements are still open", name, at, open)
			}
		}
	}
	save(t, s, "INBOX", State{UIDValidity: 1}, rows[0])
}

// TestReadersAndWriter reads the store many times at once while it is written to, and
// writes from within.
func TestReadersAndWriter(t *testing.T) {
	s, _ := open(t)
	const had = 5 * ahead
	var rows []Row
	for i := range uint32(had) {
		rows = append(rows, row(i+1, 1))
	}
	save(t, s, "INBOX", State{UIDValidity: 1}, rows...)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for reader := range 2 * maxIdle {
		wg.Go(func() {
			n := 0
			for m, err := range s.Messages(ctx, "") {
				if err != nil {
					t.Error(err)
					return
				}
				if n++; m.Sender.Domain == "" || len(m.Sightings) == 0 {
					t.Errorf("%+v", m)
				}
				if n == had/2 {
					own := row(uint32(had+1000+reader), 1)
					if err := s.Save(ctx, "ann", "INBOX", State{UIDValidity: 1}, []Row{own}); err != nil {
						t.Error(err)
					}
				}
			}
			if n < had {
				t.Errorf("%d messages of %d", n, had)
			}
		})
	}
	for i := range uint32(100) {
		r := row(had+i+1, 1)
		r.Report.Message.From, r.Report.Message.FromDomain = fmt.Sprintf("x@new%d.example", i), fmt.Sprintf("new%d.example", i)
		save(t, s, "INBOX", State{UIDValidity: 1}, r)
	}
	wg.Wait()
}
