package auditreport

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

var now = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// A mailbox is a store that grows.
type mailbox struct {
	t     testing.TB
	store *auditstore.Store
	det   *detector.Detector
	rows  []auditstore.Row
	uid   uint32
}

func newMailbox(t testing.TB) *mailbox {
	t.Helper()
	s, err := auditstore.Open(filepath.Join(t.TempDir(), "audit.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &mailbox{t: t, store: s, det: detector.New(&detector.Options{NoReferences: true})}
}

// scan adds a message.
func (m *mailbox) scan(date time.Time, unsubscribe string, message []byte) {
	m.t.Helper()
	r, err := m.det.Scan(detector.Source{Type: detector.TypeMessage}, message)
	if err != nil {
		m.t.Fatal(err)
	}
	m.uid++
	m.rows = append(m.rows, auditstore.Row{UID: m.uid, Date: date, Unsubscribe: unsubscribe, Report: r})
}

// letter adds a message of a sender with an HTML body.
func (m *mailbox) letter(date time.Time, from, body string) {
	m.t.Helper()
	m.scan(date, "<https://"+domain(from)+"/unsubscribe>, <http://"+domain(from)+"/u>, <mailto:leave@"+domain(from)+">", fmt.Appendf(nil,
		"From: %s\r\nTo: <ann.reed@reader.example>\r\nSubject: Letter %d\r\nDate: %s\r\nMessage-ID: <%d@%s>\r\nMIME-Version: 1.0\r\n"+
			"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Dear reader, the tulips are out.</p>%s</body></html>\r\n",
		from, m.uid, date.Format(time.RFC1123Z), m.uid, domain(from), body))
}

func domain(from string) string {
	at, end := 0, len(from)
	for i, c := range from {
		if c == '@' {
			at = i + 1
		} else if c == '>' {
			end = i
		}
	}
	return from[at:end]
}

// Bodies: a pixel of a service, one that hands the reader's address to a third
// party as a digest, and none.
const (
	mailchimp = `<img src="https://shop.us1.list-manage.com/track/open.php?u=0a1b2c3d4e5f60718293a4b5c&id=0a1b2c3d4e&e=0f1e2d3c4b" width="1" height="1">`
	partner   = `<img src="https://s.partner.example/sync?h=5e48de9a1b7b681e7c11ef8a86f58d599c97d20c7e24a8f8a9a57b967be21409" width="1" height="1">`
	plain     = `<p>No pictures today.</p>`
)

// save puts what was added into a folder.
func (m *mailbox) save(account, folder string) {
	m.t.Helper()
	st := auditstore.State{UIDValidity: 1, UIDNext: m.uid + 1}
	if err := m.store.Save(context.Background(), account, folder, st, m.rows); err != nil {
		m.t.Fatal(err)
	}
	m.rows = nil
}

// corpus adds all messages of corpus/testdata.
func (m *mailbox) corpus() (files int) {
	m.t.Helper()
	names, err := filepath.Glob("../../corpus/testdata/*/*.eml")
	if err != nil || len(names) == 0 {
		m.t.Fatal("no messages in corpus/testdata: ", err)
	}
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			m.t.Fatal(err)
		}
		m.scan(now.AddDate(0, 0, -len(names)+i), "", text)
	}
	return len(names)
}

// sample is a mailbox of three years: a sender that always tracks, one that
// started, one that stopped, one that never does, and a friend at a mail provider.
func sample(t testing.TB) *mailbox {
	m := newMailbox(t)
	start := now.AddDate(-3, 0, 0)
	for week := range 150 {
		date := start.AddDate(0, 0, 7*week)
		m.letter(date, "Always <news@mail.always.example>", mailchimp)
		if week < 80 {
			m.letter(date, "Starter <a@starter.example>", plain)
		} else {
			m.letter(date, "Starter <a@starter.example>", partner)
		}
		if week < 60 {
			m.letter(date, "Stopper <b@stopper.example>", mailchimp+partner)
		} else if week%2 == 0 {
			m.letter(date, "Stopper <b@stopper.example>", plain)
		}
		if week%3 == 0 {
			m.letter(date, "Never <c@never.example>", plain)
			m.letter(date, "Bea <bea@gmail.com>", plain)
			m.letter(date, "Carl <carl@gmail.com>", plain)
		}
	}
	m.save("home", "INBOX")
	return m
}
