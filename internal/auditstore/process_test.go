package auditstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("AUDITSTORE_CHILD"); path != "" {
		if err := child(path, os.Getenv("AUDITSTORE_FOLDER")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	batch   = 100
	batches = 60
)

// child saves batch after batch and says which are saved.
func child(path, folder string) error {
	s, err := Open(path)
	if err != nil {
		return err
	}
	known, err := s.Known("ann", folder, 1)
	if err != nil {
		return err
	}
	first := uint32(1)
	if len(known) > 0 {
		first = known[len(known)-1].Last + 1
	}
	for uid := first; uid < batches*batch; uid += batch {
		var rows []Row
		for i := range uint32(batch) {
			rows = append(rows, row(uid+i, 5))
		}
		if err := s.Save(context.Background(), "ann", folder, State{UIDValidity: 1, UIDNext: uid + batch}, rows); err != nil {
			return err
		}
		fmt.Println(uid + batch)
	}
	return nil
}

func start(t *testing.T, path, folder string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "AUDITSTORE_CHILD="+path, "AUDITSTORE_FOLDER="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// TestKilled kills a process that saves, again and again, until one has saved all.
// What it said was saved is there, and no part of anything else.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	path := filepath.Join(t.TempDir(), "audit.db")
	kills := 0
	for done := false; !done; {
		cmd, out := start(t, path, "INBOX")
		// The first are killed while they start, the others in the middle of saving,
		// after they have got on.
		wait := time.Hour
		if kills < 6 {
			wait = time.Duration(3+12*kills) * time.Millisecond
		}
		stop := time.AfterFunc(wait, func() { cmd.Process.Kill() })
		said := uint64(0)
		for lines := 0; out.Scan(); lines++ {
			said, _ = strconv.ParseUint(out.Text(), 10, 32)
			if lines == 0 {
				stop.Reset(time.Duration(1+kills%7) * 3 * time.Millisecond)
			}
		}
		done = cmd.Wait() == nil
		stop.Stop()
		if kills++; kills > 200 {
			t.Fatal("never done")
		}
		s, err := OpenExisting(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // killed before there was a store
		}
		if err != nil {
			t.Fatal(err)
		}
		st, err := s.Folder("ann", "INBOX")
		if err != nil || uint64(st.UIDNext) < said {
			t.Fatalf("UIDNEXT %d, %v; %d was saved", st.UIDNext, err, said)
		}
		n := 0
		for _, m := range messages(t, s) {
			if n++; len(m.Sightings) != 2 || m.UID != uint32(n) {
				t.Fatalf("message %d: %+v", n, m)
			}
		}
		if n != max(int(st.UIDNext), 1)-1 {
			t.Fatalf("%d messages of %d", n, st.UIDNext-1)
		}
		if known, err := s.Known("ann", "INBOX", 1); err != nil || n > 0 && !slices.Equal(known, []Range{{1, uint32(n)}}) {
			t.Fatalf("known: %v, %v", known, err)
		}
		s.Close()
	}
	if kills < 5 {
		t.Errorf("killed %d times only", kills-1)
	}
	t.Logf("killed %d times", kills-1)
}

// TestTwoProcesses lets two processes make and fill one store at the same time.
func TestTwoProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "audit.db")
	one, out1 := start(t, path, "INBOX")
	two, out2 := start(t, path, "Archive")
	for out1.Scan() || out2.Scan() {
	}
	for out2.Scan() {
	}
	if err := one.Wait(); err != nil {
		t.Error(err)
	}
	if err := two.Wait(); err != nil {
		t.Error(err)
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	copies := 0
	list := messages(t, s)
	for _, m := range list {
		if m.Copy {
			copies++
		}
	}
	if len(list) != 2*batches*batch || copies != batches*batch {
		t.Errorf("%d messages, %d copies", len(list), copies)
	}
}
