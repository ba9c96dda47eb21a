package imapscan

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// tracked is a message with a pixel, and what a rewrite makes of it.
func tracked(t testing.TB, n int) (msg, want []byte) {
	t.Helper()
	msg = fmt.Appendf(nil, "From: Offers <offers@news.example>\r\nTo: ann@home.example\r\nSubject: Offer %d\r\nMessage-ID: <%d@news.example>\r\n"+
		"Date: Tue, 24 Nov 2026 22:49:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+
		"<p>Offer %d</p>%s<img src=\"https://t.news.example/open/%d/a1b2c3d4e5f6?u=ann%%40home.example\" width=1 height=1>\r\n",
		n, n, n, strings.Repeat("<p>text that stays</p>\r\n", 20), n)
	res, err := rewrite.Message(msg, nil)
	if err != nil || !res.Changed || len(res.Left) > 0 {
		t.Fatalf("the test message is not rewritten: %v, %v", res.Left, err)
	}
	return msg, res.Data
}

// plain is a message that nothing is done about.
func plain(n int) []byte {
	return fmt.Appendf(nil, "From: bea@home.example\r\nTo: ann@home.example\r\nSubject: Hi %d\r\nMessage-ID: <hi%d@home.example>\r\n\r\nHi.\r\n", n, n)
}

// cleaner works on some folders of a server; what it tells is logged.
func cleaner(t testing.TB, s *Server, dir string, folders ...string) *Cleaner {
	t.Helper()
	sc := &Scanner{
		Server: s, Detector: detector.New(nil), Account: "test", Connections: 1, Pause: time.Millisecond, Say: func(text string) { t.Log(text) },
	}
	return &Cleaner{Scanner: sc, Policy: &rewrite.Options{}, Dir: dir, Apply: true, Include: folders, Late: 20 * time.Millisecond}
}

// clean runs a cleaner and collects what it tells.
func clean(t testing.TB, c *Cleaner) ([]Cleaned, error) {
	t.Helper()
	return collect(c, c.Clean)
}

func collect(c *Cleaner, f func(context.Context, func(Cleaned) error) error) (list []Cleaned, err error) {
	defer c.Scanner.Close()
	err = f(context.Background(), func(m Cleaned) error {
		list = append(list, m)
		return nil
	})
	return list, err
}

// mail reads a folder: each message with its bytes, flags and date.
func mail(t testing.TB, s *Server, folder string) []*stored {
	t.Helper()
	ses, err := Dial(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ses.Logout()
	m, err := ses.openMailbox(folder, false)
	if err != nil {
		t.Fatal(err)
	}
	uids, err := m.search(1, 0)
	if err != nil {
		t.Fatal(err)
	}
	list, err := m.fetchAll(uids, &imap.FetchItemBodySection{Peek: true})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// bodies are the messages of a folder in their order by bytes.
func bodies(list []*stored) []string {
	var out []string
	for _, m := range list {
		out = append(out, string(m.data))
	}
	slices.Sort(out)
	return out
}

func texts(list ...[]byte) []string {
	var out []string
	for _, b := range list {
		out = append(out, string(b))
	}
	slices.Sort(out)
	return out
}

// edit changes a folder as another client would.
func edit(t testing.TB, s *Server, folder string, f func(*mailbox) error) {
	t.Helper()
	ses, err := Dial(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ses.Logout()
	m, err := ses.openMailbox(folder, true)
	if err == nil {
		err = f(m)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestClean cleans a mailbox of a real server, finds nothing to do afterwards and
// puts everything back.
func TestClean(t *testing.T) {
	d := dovecot.ForTest(t, "")
	one, oneClean := tracked(t, 1)
	two, twoClean := tracked(t, 2)
	if err := d.Put("INBOX", true, one, plain(1), two); err != nil {
		t.Fatal(err)
	}
	s := account(t, d)
	edit(t, s, "INBOX", func(m *mailbox) error {
		for _, f := range []imap.Flag{"$Label1", imap.FlagFlagged, "Later"} {
			if err := m.flag(1, imap.StoreFlagsAdd, f, 0); err != nil {
				return err
			}
		}
		// Marked as deleted by another client, and to stay.
		return m.flag(2, imap.StoreFlagsAdd, imap.FlagDeleted, 0)
	})
	before := mail(t, s, "INBOX")
	dir := t.TempDir()

	dry := cleaner(t, s, dir)
	dry.Apply = false
	list, err := clean(t, dry)
	if err != nil || len(list) != 2 || !list[0].Would || list[0].Subject != "Offer 1" || len(list[0].Result.Edits) == 0 {
		t.Fatalf("dry run: %+v, %v", list, err)
	}
	if got := bodies(mail(t, s, "INBOX")); !slices.Equal(got, bodies(before)) {
		t.Error("a dry run changed messages")
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("a dry run wrote %v", left)
	}

	list, err = clean(t, cleaner(t, s, dir))
	if err != nil || len(list) != 2 || list[0].Copy != 4 || list[1].Copy != 5 || list[0].Err != nil || list[1].Err != nil {
		t.Fatalf("apply: %+v, %v", list, err)
	}
	after := mail(t, s, "INBOX")
	if got := bodies(after); !slices.Equal(got, texts(oneClean, plain(1), twoClean)) {
		t.Errorf("got %q", got)
	}
	for i, was := range []*stored{before[0], before[2]} {
		now := after[i+1]
		if !sameFlags(was.flags, now.flags) || !was.date.Equal(now.date) {
			t.Errorf("got %v %v, want %v %v", now.flags, now.date, was.flags, was.date)
		}
	}
	if !after[0].has(imap.FlagDeleted) || after[0].uid != 2 {
		t.Errorf("another client's message: %+v", after[0])
	}
	kept, err := filepath.Glob(filepath.Join(dir, "test", "mail", "INBOX", "cur", "*"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("backup: %q, %v", kept, err)
	}
	for i, want := range [][]byte{one, two} {
		got, err := os.ReadFile(kept[i])
		info, _ := os.Stat(kept[i])
		if err != nil || !bytes.Equal(got, want) || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, mode %v", kept[i], err, info.Mode())
		}
	}

	if list, err = clean(t, cleaner(t, s, dir)); err != nil || len(list) != 0 {
		t.Errorf("again: %+v, %v", list, err)
	}

	undo := cleaner(t, s, dir)
	undone, err := collect(undo, undo.Undo)
	if err != nil || len(undone) != 2 {
		t.Fatalf("undo: %+v, %v", undone, err)
	}
	back := mail(t, s, "INBOX")
	if got := bodies(back); !slices.Equal(got, bodies(before)) {
		t.Errorf("after undo: %q", got)
	}
	if !sameFlags(back[2].flags, before[0].flags) || !back[2].date.Equal(before[0].date) {
		t.Errorf("after undo: %+v, before %+v", back[2], before[0])
	}
	undo = cleaner(t, s, dir)
	undone, err = collect(undo, undo.Undo)
	if err != nil || len(undone) != 0 {
		t.Errorf("undo again: %+v, %v", undone, err)
	}
}

// TestCleanTrace checks that a trace shows commands, and nothing of messages or of
// the password.
func TestCleanTrace(t *testing.T) {
	d := dovecot.ForTest(t, "")
	one, _ := tracked(t, 1)
	one = bytes.Replace(one, []byte("<p>Offer"), []byte("<p>\r\nT2 private words\r\n* private too\r\n</p><p>Offer"), 1)
	if err := d.Put("INBOX", true, one); err != nil {
		t.Fatal(err)
	}
	s := account(t, d)
	var trace bytes.Buffer
	s.Trace = &trace
	if list, err := clean(t, cleaner(t, s, t.TempDir())); err != nil || len(list) != 1 || list[0].Copy == 0 {
		t.Fatalf("%v, %v", told(list), err)
	}
	text := trace.String()
	for _, want := range []string{" APPEND ", " UID EXPUNGE 1", " UID STORE 1 "} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, no := range []string{"private", "<p>", "Offer 1", dovecot.Password} {
		if strings.Contains(text, no) {
			t.Errorf("%q is shown", no)
		}
	}
}
