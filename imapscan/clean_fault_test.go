package imapscan

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// faultBench cleans fresh folders of a real server through a faulty connection.
type faultBench struct {
	t        testing.TB
	d        *dovecot.Server
	f        *faulty
	direct   *Server
	dir      string
	put      [][]byte
	want     []string // of put, after cleaning
	cleanOf  map[string]string
	folders  int
	patience time.Duration
}

func newFaultBench(t testing.TB) *faultBench {
	d := dovecot.ForTest(t, "mail_fsync = never\n")
	b := &faultBench{t: t, d: d, f: newFaulty(t, d.Plain), cleanOf: map[string]string{}, patience: 2 * time.Second}
	b.direct = &Server{
		Address: d.Plain, Security: Plain, AllowPlain: true, Credentials: plainLogin{dovecot.User, dovecot.Password}, Compress: CompressNever,
	}
	one, oneClean := tracked(t, 1)
	two, twoClean := tracked(t, 2)
	b.put = [][]byte{one, plain(1), two, two}
	for i, c := range [][]byte{oneClean, plain(1), twoClean, twoClean} {
		b.cleanOf[string(b.put[i])] = string(c)
		b.want = append(b.want, string(c))
	}
	slices.Sort(b.want)
	return b
}

// folder makes a folder with the messages, and a place for backup and journal.
func (b *faultBench) folder() string {
	b.folders++
	name := fmt.Sprintf("F%d", b.folders)
	if err := b.d.Put(name, true, b.put...); err != nil {
		b.t.Fatal(err)
	}
	b.dir = b.t.TempDir()
	if dir, err := os.MkdirTemp("/dev/shm", "pixelsweep"); err == nil { // to sync costs nothing there
		b.t.Cleanup(func() { os.RemoveAll(dir) })
		b.dir = dir
	}
	return name
}

// run cleans through the faulty connection.
func (b *faultBench) run(ctx context.Context, folder string) ([]Cleaned, error) {
	s := *b.direct
	s.Address, s.Patience = b.f.address, b.patience
	c := cleaner(b.t, &s, b.dir, folder)
	c.Scanner.Say = func(string) {}
	return collect(c, func(_ context.Context, emit func(Cleaned) error) error { return c.Clean(ctx, emit) })
}

// whole checks that of each message the original or the cleaned one is there.
func (b *faultBench) whole(folder, when string) {
	b.t.Helper()
	got := map[string]int{}
	list := mail(b.t, b.direct, folder)
	for _, m := range list {
		got[string(m.data)]++
	}
	for i, o := range b.put {
		copies := 0
		for _, p := range b.put {
			if bytes.Equal(o, p) {
				copies++
			}
		}
		n := got[string(o)]
		if c := b.cleanOf[string(o)]; c != string(o) {
			n += got[c]
		}
		if n < copies {
			b.t.Errorf("%s: message %d is lost: %d of %d there", when, i, n, copies)
		}
	}
	// One copy at most is under way.
	if len(list) > len(b.put)+1 {
		b.t.Errorf("%s: %d messages, of %d", when, len(list), len(b.put))
	}
}

// finished cleans again, without faults, and checks that each message is there
// once and cleaned, and that nothing is left to do.
func (b *faultBench) finished(folder, when string, runs int) {
	b.t.Helper()
	for range runs {
		if _, err := clean(b.t, cleaner(b.t, b.direct, b.dir, folder)); err != nil {
			b.t.Errorf("%s: run again: %v", when, err)
		}
	}
	list := mail(b.t, b.direct, folder)
	if got := bodies(list); !slices.Equal(got, b.want) {
		b.t.Errorf("%s: after another run there are %d messages: %s", when, len(got), summary(list))
	}
	for _, m := range list {
		if !m.has(`\Seen`) || m.has(`\Deleted`) {
			b.t.Errorf("%s: flags %v", when, m.flags)
		}
	}
	l, err := openLedger(b.dir, "test", false)
	if err != nil {
		b.t.Fatal(err)
	}
	defer l.close()
	if open := l.pending(""); len(open) > 0 {
		b.t.Errorf("%s: still open: %+v", when, open[0])
	}
	if dir, err := b.d.Maildir(folder); err == nil {
		os.RemoveAll(dir)
	}
}

func summary(list []*stored) string {
	var out []string
	for _, m := range list {
		out = append(out, fmt.Sprintf("%d: %s %s", m.uid, messageID(m.data), mark(m.data)))
	}
	return strings.Join(out, "; ")
}

// pieces lists what passes in a run without faults.
func (b *faultBench) pieces() (all []passed) {
	b.t.Helper()
	folder := b.folder()
	b.f.reset(func(p passed) (on, back []byte, cut bool) {
		all = append(all, p)
		return p.data, nil, false
	})
	if _, err := b.run(context.Background(), folder); err != nil {
		b.t.Fatal(err)
	}
	b.f.reset(nil)
	b.finished(folder, "without faults", 1)
	return all
}

// points are the pieces to fail at. Without PIXELSWEEP_E2E=all these are some of
// them, other ones for each way to fail.
func points(all []passed, way int, want func(passed) bool) (list []int) {
	every := 7
	switch {
	case os.Getenv("PIXELSWEEP_E2E") == "all":
		every = 1
	case testing.Short():
		every = 31
	}
	n := way
	for i, p := range all {
		if want != nil && !want(p) {
			continue
		}
		if n++; n%every == 0 {
			list = append(list, i)
		}
	}
	return list
}

// TestCleanCut ends the program at lines and in literals that pass, in both
// directions: before, after, and in the middle. Nothing may be lost; the next run
// finishes, and nothing is there twice.
func TestCleanCut(t *testing.T) {
	b := newFaultBench(t)
	all := b.pieces()
	for way, how := range []string{"before", "after", "middle"} {
		cuts := 0
		list := points(all, way, nil)
		for _, at := range list {
			folder := b.folder()
			ctx, cancel := context.WithCancel(context.Background())
			b.f.reset(cutAt(at, how))
			b.f.onCut(func() { cancel(); cuts++ })
			b.run(ctx, folder)
			cancel()
			b.f.reset(nil)
			when := fmt.Sprintf("cut %s piece %d", how, at)
			b.whole(folder, when)
			b.finished(folder, when, 1)
			if t.Failed() {
				return
			}
		}
		t.Logf("%s: cut at %d of %d pieces", how, cuts, len(all))
		if cuts < len(list)*9/10 {
			t.Errorf("only %d of %d were cut", cuts, len(list))
		}
	}
}

// cutAt cuts the connections at a piece.
func cutAt(at int, how string) func(passed) (on, back []byte, cut bool) {
	return func(p passed) (on, back []byte, cut bool) {
		switch {
		case p.n != at:
			return p.data, nil, false
		case how == "before":
			return nil, nil, true
		case how == "middle":
			return p.data[:len(p.data)/2], nil, true
		}
		return p.data, nil, true
	}
}

// TestCleanReconnect cuts the connections once at lines and literals; the same run
// makes new ones and finishes.
func TestCleanReconnect(t *testing.T) {
	b := newFaultBench(t)
	all := b.pieces()
	for way, how := range []string{"after", "middle"} {
		for _, at := range points(all, way, nil) {
			folder := b.folder()
			b.f.reset(cutAt(at, how))
			_, err := b.run(context.Background(), folder)
			b.f.reset(nil)
			when := fmt.Sprintf("cut %s piece %d", how, at)
			if err != nil {
				t.Errorf("%s: %v", when, err)
			}
			if got := bodies(mail(t, b.direct, folder)); !slices.Equal(got, b.want) {
				t.Errorf("%s: %s", when, summary(mail(t, b.direct, folder)))
			}
			b.finished(folder, when, 1)
			if t.Failed() {
				return
			}
		}
	}
}
