package auditstore

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
)

// TestMove moves messages: each is there once, as it was found, and known under both
// UIDs; what is not stored is left out.
func TestMove(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "audit.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	row := func(uid uint32, v detector.Verdict) Row {
		return Row{UID: uid, Report: &detector.Report{Verdict: v, Message: &detector.Message{ID: fmt.Sprint(uid), Subject: fmt.Sprint("mail ", uid)}}}
	}
	for _, folder := range []string{"INBOX", "Other"} {
		rows := []Row{row(1, detector.Tracked), row(2, detector.Tracked), row(3, detector.Clean), row(9, detector.Clean)}
		if err := s.Save(t.Context(), "ann", folder, State{7, 10, 0}, rows); err != nil {
			t.Fatal(err)
		}
	}
	moves := []Move{
		{"INBOX", 7, 1, 12}, {"INBOX", 7, 12, 14}, // moved again
		{"INBOX", 7, 2, 9}, // which was read already
		{"INBOX", 8, 3, 15}, {"INBOX", 7, 40, 41}, {"Nowhere", 7, 1, 2},
	}
	for range 2 {
		if err := s.Move(t.Context(), "ann", moves); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Move(t.Context(), "bea", []Move{{"Other", 7, 1, 2}}); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for m, err := range s.Messages(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		got[fmt.Sprint(m.Folder, " ", m.UID)] = m.Subject + " " + string(m.Verdict)
	}
	want := map[string]string{
		"INBOX 14": "mail 1 tracked", "INBOX 9": "mail 2 tracked", "INBOX 3": "mail 3 clean",
		"Other 1": "mail 1 tracked", "Other 2": "mail 2 tracked", "Other 3": "mail 3 clean", "Other 9": "mail 9 clean",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	known, err := s.Known("ann", "INBOX", 7)
	if text := formatRanges(known); err != nil || text != "1:3,9,12,14" {
		t.Errorf("known %s, %v", text, err)
	}
	if st, err := s.Folder("ann", "INBOX"); err != nil || st != (State{7, 10, 0}) {
		t.Errorf("state %v, %v", st, err)
	}
}
