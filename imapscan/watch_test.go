package imapscan

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// watching is a watch that is under way.
type watching struct {
	t      testing.TB
	d      *dovecot.Server
	f      *faulty
	direct *Server
	stop   func() error // interrupts it and returns how it ended

	mu   sync.Mutex
	got  []string // what was told, as verdict and UID
	said []string
}

// watch starts to watch folders of a server through a faulty connection.
func watch(t testing.TB, w *Watcher, pass func(passed) (on, back []byte, cut bool), folders ...string) *watching {
	t.Helper()
	d := dovecot.ForTest(t, "")
	x := &watching{t: t, d: d, f: newFaulty(t, d.Plain)}
	x.direct = &Server{Address: d.Plain, Security: Plain, AllowPlain: true, Credentials: plainLogin{dovecot.User, dovecot.Password}, Compress: CompressNever}
	x.f.reset(pass)
	if err := d.Put("INBOX", true, plain(0)); err != nil {
		t.Fatal(err)
	}
	if err := d.Put("Other", true, plain(0)); err != nil {
		t.Fatal(err)
	}
	s := *x.direct
	s.Address, s.Patience = x.f.address, 5*time.Second
	w.Scanner = &Scanner{Server: &s, Detector: detector.New(nil), Account: "test", Connections: 1, Pause: 10 * time.Millisecond, Say: func(text string) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.said = append(x.said, text)
	}}
	t.Cleanup(w.Scanner.Close)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- w.Watch(ctx, folders, func(folder string, r Result) error {
			x.mu.Lock()
			defer x.mu.Unlock()
			text := fmt.Sprint(folder, " ", r.UID, " ", r.Err)
			if r.Report != nil {
				text = fmt.Sprint(folder, " ", r.UID, " ", r.Report.Verdict)
			}
			x.got = append(x.got, text)
			return nil
		})
	}()
	x.stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(10 * time.Second):
			return fmt.Errorf("it does not end")
		}
	})
	t.Cleanup(func() { x.stop() })
	return x
}

// arrive adds messages to a folder as a delivery does.
func (x *watching) arrive(folder string, messages ...[]byte) {
	x.t.Helper()
	edit(x.t, x.direct, folder, func(m *mailbox) error {
		for _, b := range messages {
			if _, err := m.append(b, nil, time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// until waits for something to be told.
func (x *watching) until(what string, ok func() bool) {
	x.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		x.mu.Lock()
		now := ok()
		x.mu.Unlock()
		if now {
			return
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.t.Fatalf("%s did not come; got %q, said %q", what, x.got, x.said)
}

func (x *watching) untilGot(want ...string) {
	x.t.Helper()
	x.until(fmt.Sprint(want), func() bool { return len(x.got) >= len(want) })
	x.mu.Lock()
	defer x.mu.Unlock()
	got := slices.Clone(x.got)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		x.t.Errorf("got %q, want %q", got, want)
	}
}

// sees counts the commands that pass, which holds text.
func sees(text string, n *int, then func(passed) (on, back []byte, cut bool)) func(passed) (on, back []byte, cut bool) {
	return func(p passed) (on, back []byte, cut bool) {
		if !p.fromServer && !p.literal && bytes.Contains(p.data, []byte(text)) {
			*n++
		}
		if then != nil {
			return then(p)
		}
		return p.data, nil, false
	}
}

// ready waits until the server was asked to speak up n times.
func (x *watching) ready(idles *int, n int) {
	x.t.Helper()
	x.until("IDLE", func() bool {
		x.f.mu.Lock()
		defer x.f.mu.Unlock()
		return *idles >= n
	})
}

func TestWatch(t *testing.T) {
	idles := 0
	w := &Watcher{Keyword: "$Tracked", Mark: func(r *detector.Report) bool { return r.Verdict == detector.Tracked }}
	x := watch(t, w, sees(" IDLE\r\n", &idles, nil), "INBOX", "Other")
	x.ready(&idles, 2)
	one, _ := tracked(t, 1)
	x.arrive("INBOX", one, plain(1))
	x.arrive("Other", one)
	x.untilGot("INBOX 2 tracked", "INBOX 3 clean", "Other 2 tracked")
	x.ready(&idles, 4)
	x.arrive("INBOX", one)
	x.untilGot("INBOX 2 tracked", "INBOX 3 clean", "Other 2 tracked", "INBOX 4 tracked")
	marked := func() string {
		var out []string
		for _, m := range mail(t, x.direct, "INBOX") {
			out = append(out, fmt.Sprint(m.flags))
		}
		return strings.Join(out, " ")
	}
	want := `[\Seen] [$Tracked] [] [$Tracked]`
	x.until("the keyword", func() bool { return marked() == want })
	start := time.Now()
	if err := x.stop(); err != nil || time.Since(start) > 3*time.Second {
		t.Errorf("ended with %v after %s", err, time.Since(start))
	}
}

// TestWatchTouchesNothing checks that without a keyword folders are only examined.
func TestWatchTouchesNothing(t *testing.T) {
	idles, writes := 0, 0
	x := watch(t, &Watcher{}, sees(" IDLE\r\n", &idles, sees(" SELECT ", &writes, sees(" STORE ", &writes, nil))), "INBOX")
	x.ready(&idles, 1)
	one, _ := tracked(t, 1)
	x.arrive("INBOX", one)
	x.untilGot("INBOX 2 tracked")
	x.ready(&idles, 2)
	x.stop()
	if writes > 0 {
		t.Errorf("%d commands that write", writes)
	}
	if m := mail(t, x.direct, "INBOX"); len(m) != 2 || len(m[1].flags) != 0 {
		t.Errorf("flags %v", m[1].flags)
	}
}

// TestWatchRenews checks that IDLE begins anew.
func TestWatchRenews(t *testing.T) {
	idles := 0
	x := watch(t, &Watcher{Renew: 20 * time.Millisecond}, sees(" IDLE\r\n", &idles, nil), "INBOX")
	x.ready(&idles, 4)
	x.arrive("INBOX", plain(1))
	x.untilGot("INBOX 2 clean")
}

// TestWatchReconnects breaks the connection while messages arrive.
func TestWatchReconnects(t *testing.T) {
	idles := 0
	pass := sees(" IDLE\r\n", &idles, nil)
	x := watch(t, &Watcher{}, pass, "INBOX")
	x.ready(&idles, 1)
	var want []string
	for i := range 3 {
		x.f.mu.Lock()
		n := idles
		x.f.dead = true
		for _, c := range x.f.conns {
			c.Close()
		}
		x.f.mu.Unlock()
		x.arrive("INBOX", plain(i+1))
		want = append(want, fmt.Sprintf("INBOX %d clean", i+2))
		time.Sleep(50 * time.Millisecond)
		x.f.reset(pass)
		x.untilGot(want...)
		x.ready(&idles, n+1)
	}
}

// TestWatchPolls takes IDLE away from the server.
func TestWatchPolls(t *testing.T) {
	noops, idles := 0, 0
	none := func(p passed) (on, back []byte, cut bool) {
		if p.fromServer && !p.literal {
			p.data = bytes.ReplaceAll(p.data, []byte(" IDLE"), []byte(" NONE"))
		}
		return p.data, nil, false
	}
	x := watch(t, &Watcher{Poll: 20 * time.Millisecond}, sees(" NOOP\r\n", &noops, sees(" IDLE\r\n", &idles, none)), "INBOX")
	x.ready(&noops, 1)
	x.arrive("INBOX", plain(1))
	x.untilGot("INBOX 2 clean")
	if idles > 0 {
		t.Error("IDLE was sent")
	}
}

// TestWatchAnew has the folder be another one after a break: what it held before is
// not reported.
func TestWatchAnew(t *testing.T) {
	idles, shifted := 0, false
	other := shift(`UIDVALIDITY (\d+)`)
	pass := sees(" IDLE\r\n", &idles, func(p passed) (on, back []byte, cut bool) {
		if p.fromServer && !p.literal && shifted {
			p.data = other(p.data)
		}
		return p.data, nil, false
	})
	x := watch(t, &Watcher{}, pass, "INBOX")
	x.ready(&idles, 1)
	x.f.reset(pass)
	x.f.mu.Lock()
	shifted = true
	x.f.mu.Unlock()
	x.ready(&idles, 2)
	x.until("a word", func() bool { return strings.Contains(fmt.Sprint(x.said), "made anew") })
	x.arrive("INBOX", plain(1))
	x.untilGot("INBOX 2 clean")
}

// TestWatchKeywordRefused and a label where there are none.
func TestWatchKeywordRefused(t *testing.T) {
	fixed := putFor(`PERMANENTFLAGS \(([^)]*)\)`, `\Seen`)
	for _, c := range []struct {
		w    *Watcher
		says string
	}{
		{&Watcher{Keyword: "$Tracked"}, `the server does not keep the keyword "$Tracked" there`},
		{&Watcher{Label: "Tracked"}, "the server has no labels"},
	} {
		x := watch(t, c.w, func(p passed) (on, back []byte, cut bool) {
			if p.fromServer && !p.literal {
				p.data = fixed(p.data)
			}
			return p.data, nil, false
		}, "INBOX")
		time.Sleep(300 * time.Millisecond)
		if err := x.stop(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want %s", err, c.says)
		}
	}
}

// TestWatchLabel plays Gmail, where a copy to a folder is a label.
func TestWatchLabel(t *testing.T) {
	idles := 0
	gmail := putFor(`(UIDPLUS)`, "UIDPLUS X-GM-EXT-1")
	w := &Watcher{Label: "Tracked", Mark: func(*detector.Report) bool { return true }}
	x := watch(t, w, sees(" IDLE\r\n", &idles, func(p passed) (on, back []byte, cut bool) {
		if p.fromServer && !p.literal {
			p.data = gmail(p.data)
		}
		return p.data, nil, false
	}), "INBOX")
	x.ready(&idles, 1)
	one, _ := tracked(t, 1)
	x.arrive("INBOX", one)
	x.untilGot("INBOX 2 tracked")
	x.ready(&idles, 2)
	x.stop()
	if got := bodies(mail(t, x.direct, "Tracked")); !slices.Equal(got, texts(one)) {
		t.Errorf("got %q", got)
	}
	if m := mail(t, x.direct, "INBOX"); len(m) != 2 || slices.Contains(m[1].flags, imap.Flag("Tracked")) {
		t.Error("the folder itself was changed")
	}
}
