package auditstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pixelsweep/pixelsweep/detector"
)

var day = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// row makes a message with a tracking pixel and n wrapped links.
func row(uid uint32, links int) Row {
	r := &detector.Report{
		Schema: detector.ReportSchema, Verdict: detector.Tracked, Score: 90, Complete: true,
		Source: detector.Source{Type: detector.TypeMessage, Bytes: 4000 + int64(uid)},
		Message: &detector.Message{
			ID: fmt.Sprintf("%d@shop.example", uid), From: `"Shop, Ltd" <News@shop.example>`, FromDomain: "shop.example",
			To: []string{"ann@reader.example"}, Subject: fmt.Sprintf("Offer %d", uid), Date: "2026-02-01T08:00:00Z",
		},
		Findings: []detector.Finding{{
			URL: "https://open.list-manage.com/track/open.php?u=1&e=2", Kind: detector.Pixel, Severity: detector.SeverityHigh, Score: 90,
			Service:   &detector.Service{Name: "Mailchimp", Operator: "Intuit", Category: "esp"},
			Recipient: detector.Recipient{Evidence: detector.Proven, How: "parameter e: sha256 of the recipient's address"},
			Carries:   []detector.Carried{{At: "query:e", Decoded: "secret"}},
		}},
	}
	for i := range links {
		r.Findings = append(r.Findings, detector.Finding{
			URL: fmt.Sprintf("https://go.shop.example/c/%d-%d", uid, i), Kind: detector.ClickTracker, Severity: detector.SeverityLow,
			Recipient: detector.Recipient{Evidence: detector.Likely, How: "path: an opaque token"},
		})
	}
	return Row{UID: uid, Date: day.Add(time.Duration(uid) * time.Hour), Unsubscribe: "<https://shop.example/u>", Report: r}
}

func open(t testing.TB) (*Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made", "audit.db")
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, path
}

func save(t testing.TB, s *Store, folder string, st State, rows ...Row) {
	t.Helper()
	if err := s.Save(context.Background(), "ann", folder, st, rows); err != nil {
		t.Fatal(err)
	}
}

func messages(t testing.TB, s *Store) (list []*Message) {
	t.Helper()
	for m, err := range s.Messages(context.Background(), "") {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

func TestSave(t *testing.T) {
	s, path := open(t)
	if st, err := s.Folder("ann", "INBOX"); err != nil || st != (State{}) {
		t.Errorf("a folder never saved: %+v, %v", st, err)
	}
	st := State{UIDValidity: 4e9, UIDNext: 4e9 + 1, HighestModSeq: 1<<63 + 5}
	unread := Row{UID: 4e9}
	save(t, s, "INBOX", st, row(1, 3), unread)
	s.Close()
	s, err := Open(path) // what was saved is in the file
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Folder("ann", "INBOX"); err != nil || got != st {
		t.Errorf("got %+v, %v; want %+v", got, err, st)
	}
	want := []*Message{
		{Account: "ann", Folder: "INBOX", UID: 4e9},
		{
			Account: "ann", Folder: "INBOX", UID: 1, Date: day.Add(time.Hour), Sender: Sender{"news@shop.example", "shop.example", "Shop, Ltd"},
			Subject: "Offer 1", Verdict: detector.Tracked, Score: 90, Complete: true, Unsubscribe: "<https://shop.example/u>",
			Sightings: []Sighting{
				{Tracker{
					detector.Pixel, detector.SeverityHigh, detector.Service{Name: "Mailchimp", Operator: "Intuit", Category: "esp"},
					"list-manage.com", detector.Proven, "sha256",
				}, 1},
				{Tracker{Kind: detector.ClickTracker, Severity: detector.SeverityLow, Site: "shop.example", Evidence: detector.Likely}, 3},
			},
		},
	}
	if diff := cmp.Diff(want, messages(t, s), cmpopts.IgnoreUnexported(Message{}), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	// Nothing of the URLs, or of what they carry, is in the file.
	s.Close()
	for _, name := range []string{path, path + "-wal"} {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, secret := range []string{"open.php", "secret", "/c/1-0"} {
			if err != nil || strings.Contains(string(text), secret) {
				t.Errorf("%s holds %q, %v", name, secret, err)
			}
		}
	}
}

func TestKnown(t *testing.T) {
	s, _ := open(t)
	var rows []Row
	for _, uid := range []uint32{7, 1, 2, 3, 9, 8, 100, 4294967295} {
		rows = append(rows, row(uid, 0))
	}
	st := State{UIDValidity: 5}
	save(t, s, "INBOX", st, rows...)
	save(t, s, "Other", st, row(4, 0))
	got, err := s.Known("ann", "INBOX", 5)
	if want := []Range{{1, 3}, {7, 9}, {100, 100}, {4294967295, 4294967295}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, k := range []struct {
		account, folder string
		uidvalidity     uint32
	}{{"ann", "INBOX", 6}, {"bob", "INBOX", 5}, {"ann", "inbox", 5}} {
		if got, err := s.Known(k.account, k.folder, k.uidvalidity); err != nil || len(got) > 0 {
			t.Errorf("%v: %v, %v", k, got, err)
		}
	}
}

func TestFolderStartsAnew(t *testing.T) {
	s, _ := open(t)
	save(t, s, "INBOX", State{UIDValidity: 5, UIDNext: 4}, row(1, 0), row(2, 0), row(3, 0))
	save(t, s, "Other", State{UIDValidity: 5, UIDNext: 2}, row(1, 0))
	save(t, s, "INBOX", State{UIDValidity: 6, UIDNext: 3}, row(2, 0))
	if got, _ := s.Known("ann", "INBOX", 6); !slices.Equal(got, []Range{{2, 2}}) {
		t.Errorf("INBOX: %v", got)
	}
	if got, _ := s.Known("ann", "INBOX", 5); len(got) > 0 {
		t.Errorf("INBOX as it was: %v", got)
	}
	if got, _ := s.Known("ann", "Other", 5); !slices.Equal(got, []Range{{1, 1}}) {
		t.Errorf("Other: %v", got)
	}
	folders, err := s.Folders(context.Background())
	want := []Folder{{"ann", "INBOX", State{6, 3, 0}, 1}, {"ann", "Other", State{5, 2, 0}, 1}}
	if err != nil || !slices.Equal(folders, want) {
		t.Errorf("got %v, %v; want %v", folders, err, want)
	}
}

// TestSaveFails checks that a transaction leaves nothing behind, nor numbers that
// are no longer given.
func TestSaveFails(t *testing.T) {
	s, _ := open(t)
	st := State{UIDValidity: 5}
	if err := s.Save(context.Background(), "ann", "INBOX", st, []Row{row(1, 2), {UID: 0}}); err == nil {
		t.Fatal("a message without UID is stored")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Save(ctx, "ann", "INBOX", st, []Row{row(1, 2)}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := messages(t, s); len(got) > 0 {
		t.Errorf("stored: %v", got)
	}
	save(t, s, "INBOX", st, row(1, 2))
	if got := messages(t, s); len(got) != 1 || len(got[0].Sightings) != 2 {
		t.Errorf("stored: %v", got)
	}
	again := row(1, 0)
	again.Report.Verdict = detector.Clean
	save(t, s, "INBOX", st, again)
	if got := messages(t, s); len(got) != 1 || got[0].Verdict != detector.Clean {
		t.Errorf("stored twice: %v", got)
	}
}

func TestCopies(t *testing.T) {
	s, _ := open(t)
	st := State{UIDValidity: 5}
	moved := row(1, 1)
	moved.UID = 40
	reused := row(1, 1) // the same Message-ID, another message
	reused.UID, reused.Report.Source.Bytes = 41, 9999
	renamed := row(1, 1)
	renamed.UID, renamed.Report.Message = 42, new(*renamed.Report.Message)
	renamed.Report.Message.Subject = "Another"
	bare := Row{UID: 43, Report: &detector.Report{Verdict: detector.Clean}} // nothing tells two of these apart
	save(t, s, "INBOX", st, row(1, 1), row(2, 1), Row{UID: 3}, Row{UID: 4}, bare)
	save(t, s, "Archive", st, Row{UID: 3}, moved, reused, renamed, bare)
	copies := map[string]bool{}
	for _, m := range messages(t, s) {
		if m.Copy {
			copies[fmt.Sprint(m.Folder, m.UID)] = true
		}
	}
	if len(copies) != 1 || !copies["Archive40"] {
		t.Errorf("copies: %v", copies)
	}
}

func TestOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes")
	}
	s, path := open(t)
	save(t, s, "INBOX", State{UIDValidity: 1}, row(1, 1))
	check := func() {
		t.Helper()
		for name, want := range map[string]fs.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", name, info.Mode(), err)
			}
		}
	}
	check()
	os.Chmod(path, 0o644)
	more, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer more.Close()
	check()
	left, err := os.ReadDir(filepath.Dir(path))
	for _, f := range left {
		if !strings.HasPrefix(f.Name(), "audit.db") {
			t.Errorf("left behind: %s, %v", f.Name(), err)
		}
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "what?.db", "100%41#x.db", "é;&_pragma=x.db"} {
		path := filepath.Join(t.TempDir(), name)
		s, err := Open(path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		save(t, s, "INBOX", State{UIDValidity: 1}, row(1, 0))
		s.Close()
		if s, err = Open(path); err != nil || len(messages(t, s)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}

// TestDamaged checks that a file which is not a sound store is an error that says
// what to do, and stays as it is.
func TestDamaged(t *testing.T) {
	sound := func(t *testing.T) string {
		s, path := open(t)
		for uid := uint32(1); uid < 3000; uid += 500 {
			var rows []Row
			for i := range uint32(500) {
				rows = append(rows, row(uid+i, 2))
			}
			save(t, s, "INBOX", State{UIDValidity: 1}, rows...)
		}
		s.Close()
		return path
	}
	whole, err := os.ReadFile(sound(t))
	if err != nil {
		t.Fatal(err)
	}
	noise := slices.Clone(whole)
	for i := 8192; i < len(noise); i += 4096 {
		copy(noise[i:], strings.Repeat("\xff\x00noise", 64))
	}
	for name, text := range map[string][]byte{
		"empty":     {},
		"text":      []byte(strings.Repeat("this is a letter to somebody\n", 500)),
		"cut":       whole[:len(whole)/2],
		"cut short": whole[:50],
		"noise":     noise,
		"zeros":     append(slices.Clone(whole[:100]), make([]byte, 40000)...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "audit.db")
			os.WriteFile(path, text, 0o600)
			_, err := Open(path)
			if !errors.Is(err, ErrDamaged) || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), "move it away") ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v", err)
			}
			if got, _ := os.ReadFile(path); !slices.Equal(got, text) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("log alone", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "audit.db")
		os.WriteFile(path+"-wal", []byte("x"), 0o600)
		if _, err := Open(path); !errors.Is(err, ErrDamaged) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("while open", func(t *testing.T) {
		path := sound(t)
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		os.WriteFile(path, noise, 0o600)
		for _, err := range s.Messages(context.Background(), "") {
			if err != nil {
				if !errors.Is(err, ErrDamaged) {
					t.Errorf("got %v", err)
				}
				return
			}
		}
		t.Error("noise is read")
	})
}

func TestOtherFiles(t *testing.T) {
	_, path := open(t)
	for _, tt := range []struct {
		name, sql string
		want      error
		says      string
	}{
		{"newer", "PRAGMA user_version = 2", ErrNewer, "schema 2, known is 1"},
		{"foreign", "PRAGMA application_id = 5", ErrForeign, "name another file with --store"},
	} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(tt.sql); err != nil {
			t.Fatal(err)
		}
		db.Close()
		if _, err := Open(path); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if _, err := Open(t.TempDir()); !errors.Is(err, ErrForeign) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := OpenExisting(filepath.Join(t.TempDir(), "none", "audit.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("none: %v", err)
	}
}

func TestDefaultPath(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders of Linux")
	}
	t.Setenv("HOME", "/home/ann")
	for dir, want := range map[string]string{
		"": "/home/ann/.local/share/pixelsweep/audit.db", "relative": "/home/ann/.local/share/pixelsweep/audit.db",
		"/data": "/data/pixelsweep/audit.db",
	} {
		t.Setenv("XDG_DATA_HOME", dir)
		if got, err := DefaultPath(); got != want || err != nil {
			t.Errorf("%q: %s, %v", dir, got, err)
		}
	}
}
