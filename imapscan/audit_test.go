package imapscan

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/corpus"
	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// plainAccount reaches a test server without TLS, through address.
func plainAccount(address string) *Server {
	return &Server{
		Address: address, Security: Plain, AllowPlain: true, Credentials: plainLogin{dovecot.User, dovecot.Password}, Compress: CompressNever,
	}
}

// generated makes n small messages.
func generated(n int) [][]byte {
	g := corpus.NewGenerator(7, &corpus.GenerateOptions{BodyBytes: 3000, Files: 2000})
	list := make([][]byte, n)
	for i := range list {
		list[i] = g.Message(i).Data
	}
	return list
}

// say sends commands to a server by hand and returns all that it answers.
func say(t testing.TB, address string, commands ...string) string {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(60 * time.Second))
	commands = append([]string{fmt.Sprintf("LOGIN %s %q", dovecot.User, dovecot.Password)}, append(commands, "LOGOUT")...)
	in := bufio.NewReader(c)
	var all strings.Builder
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	for i, cmd := range commands {
		fmt.Fprintf(c, "x%d %s\r\n", i, cmd)
		for {
			l, err := in.ReadString('\n')
			if err != nil {
				t.Fatalf("%s: %v", cmd, err)
			}
			if tag := fmt.Sprintf("x%d ", i); strings.HasPrefix(l, tag) {
				if !strings.HasPrefix(l, tag+"OK") {
					t.Fatalf("%s: %s", cmd, l)
				}
				break
			}
			if i > 0 && i < len(commands)-1 {
				all.WriteString(l)
			}
		}
	}
	return all.String()
}

// TestNothingChanges compares every flag, \Seen, \Recent and MODSEQ of all folders
// before and after an audit; with PIXELSWEEP_E2E=all of 20,000 messages.
func TestNothingChanges(t *testing.T) {
	all := 300
	if os.Getenv("PIXELSWEEP_E2E") == "all" {
		all = 20_000
	}
	d := dovecot.ForTest(t, "")
	list := generated(all)
	for folder, m := range map[string][][]byte{"INBOX": list[:all/2], "Archive": list[all/2 : all/6*5], "Lists.news": list[all/6*5:]} {
		if err := d.Put(folder, true, m[:20]...); err != nil {
			t.Fatal(err)
		}
		if err := d.Put(folder, false, m[20:]...); err != nil {
			t.Fatal(err)
		}
	}
	say(t, d.Plain, `SELECT INBOX`, `STORE 3:5 +FLAGS.SILENT (\Flagged $Label1 \Answered)`, `STORE 7 -FLAGS.SILENT (\Seen)`, `UNSELECT`)
	look := func() string {
		var cmds []string
		for _, f := range []string{"INBOX", "Archive", "Lists/news"} {
			cmds = append(cmds, `STATUS "`+f+`" (MESSAGES RECENT UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ)`)
		}
		for _, f := range []string{"INBOX", "Archive", "Lists/news"} {
			cmds = append(cmds, `EXAMINE "`+f+`" (CONDSTORE)`, "UID FETCH 1:* (FLAGS MODSEQ)", "UNSELECT")
		}
		return say(t, d.Plain, cmds...)
	}
	before := look()
	if n := strings.Count(before, `\Recent`); n != all-all/2 { // INBOX was opened
		t.Fatalf("%d recent messages to begin with:\n%.2000s", n, before)
	}
	m := newMITM(t, d.Plain, nil)
	sc := scanner(t, plainAccount(m.address), nil)
	stats, err := sc.Audit(context.Background(), &Audit{}, func(_ string, r Result) error { return r.Err })
	if err != nil || stats.Messages != all {
		t.Fatalf("%+v, %v", stats, err)
	}
	if after := look(); after != before {
		t.Errorf("the mailbox changed:\n%s", firstDiff(before, after))
	}
	for _, l := range m.commands("") {
		_, cmd, _ := strings.Cut(l, " ")
		if !slices.ContainsFunc([]string{"EXAMINE ", "UID FETCH ", "UID SEARCH ", "LIST ", "STATUS ", "AUTHENTICATE ", "CAPABILITY", "LOGOUT"},
			func(p string) bool { return strings.HasPrefix(cmd, p) }) {
			t.Errorf("command %q", l)
		}
		if strings.Contains(l, "BODY[") || strings.Contains(l, "RFC822 ") || strings.Contains(l, "BINARY") {
			t.Errorf("a body is fetched without PEEK: %q", l)
		}
	}
}

func firstDiff(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range as {
		if i >= len(bs) || as[i] != bs[i] {
			return fmt.Sprintf("- %s\n+ %s", as[i], bs[min(i, len(bs)-1)])
		}
	}
	return "more at the end"
}

func store(t testing.TB) *auditstore.Store {
	t.Helper()
	st, err := auditstore.Open(filepath.Join(t.TempDir(), "audit.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

// run audits into a store and counts how often each message came.
func run(t testing.TB, sc *Scanner, st *auditstore.Store, seen map[string]int) (AuditStats, error) {
	t.Helper()
	return sc.Audit(context.Background(), &Audit{Store: st}, func(folder string, r Result) error {
		if r.Err != nil {
			t.Errorf("%s %d: %v", folder, r.UID, r.Err)
			return nil
		}
		seen[r.Report.Message.ID]++
		return nil
	})
}

// TestAgain audits twice: the second run reads only what is new, and a folder that
// was made anew is read anew.
func TestAgain(t *testing.T) {
	d := dovecot.ForTest(t, "")
	list := generated(60)
	if err := d.Put("INBOX", true, list[:40]...); err != nil {
		t.Fatal(err)
	}
	st := store(t)
	seen := map[string]int{}
	audit := func(want int) string {
		t.Helper()
		m := newMITM(t, d.Plain, nil)
		stats, err := run(t, scanner(t, plainAccount(m.address), nil), st, seen)
		if err != nil || stats.Messages != want {
			t.Errorf("%+v, %v, want %d messages", stats, err, want)
		}
		return strings.Join(m.commands("UID FETCH"), "\n")
	}
	audit(40)
	if cmds := audit(0); cmds != "" {
		t.Errorf("the second run fetches %s", cmds)
	}
	if err := d.Put("INBOX", false, list[40:]...); err != nil {
		t.Fatal(err)
	}
	if cmds := audit(20); strings.Contains(cmds, " 1:") {
		t.Errorf("what is known is fetched again: %s", cmds)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d messages of 60", len(seen))
	}
	dir, err := d.Maildir("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"dovecot*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range files {
			os.Remove(f)
		}
	}
	time.Sleep(1100 * time.Millisecond) // UIDVALIDITY counts seconds
	audit(60)
}

// TestInterrupted stops an audit in the middle and goes on with a new one.
func TestInterrupted(t *testing.T) {
	const all = (windowsOut + 3) * windowSize // more than can be on the way
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(all)...); err != nil {
		t.Fatal(err)
	}
	st := store(t)
	seen := map[string]int{}
	ctx, cancel := context.WithCancelCause(context.Background())
	stop := errors.New("enough")
	sc := scanner(t, plainAccount(d.Plain), &detector.Options{NoReferences: true})
	_, err := sc.Audit(ctx, &Audit{Store: st}, func(_ string, r Result) error {
		seen[r.Report.Message.ID]++
		if len(seen) == windowSize {
			cancel(stop)
		}
		return r.Err
	})
	if !errors.Is(err, stop) && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	first := len(seen)
	if first < windowSize || first == all {
		t.Fatalf("interrupted after %d messages", first)
	}
	stats, err := run(t, scanner(t, plainAccount(d.Plain), &detector.Options{NoReferences: true}), st, seen)
	if err != nil {
		t.Fatal(err)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	if len(seen) != all || first+stats.Messages != all {
		t.Errorf("%d messages of %d: %d, then %d", len(seen), all, first, stats.Messages)
	}
}

// TestCut cuts the connection after more and more bytes: no message is lost and
// none comes twice.
func TestCut(t *testing.T) {
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(120)...); err != nil {
		t.Fatal(err)
	}
	step := 30_011
	if testing.Short() {
		step *= 3
	}
	want := total(generated(120))
	for at := 300; at < want/2; at += step {
		m := newMITM(t, d.Plain, func(m *mitm) {
			m.cut = func(n int) int {
				if n <= 3 {
					return at
				}
				return 0
			}
		})
		sc := &Scanner{Server: plainAccount(m.address), Detector: detector.New(nil), Account: "a", Pause: time.Millisecond}
		seen := map[string]int{}
		stats, err := run(t, sc, nil, seen)
		sc.Close()
		if err != nil || stats.Messages != 120 || len(seen) != 120 {
			t.Errorf("cut after %d bytes: %+v, %d messages, %v", at, stats, len(seen), err)
		}
	}
}

// TestThrottled lets the server ask for patience before it answers.
func TestThrottled(t *testing.T) {
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(50)...); err != nil {
		t.Fatal(err)
	}
	for _, answer := range []string{
		"NO [THROTTLED] slow down", "NO [LIMIT] too much", "NO please try again later", "NO [UNAVAILABLE] busy",
	} {
		refused := 0
		m := newMITM(t, d.Plain, func(m *mitm) {
			m.answer = func(line string) string {
				tag, cmd, _ := strings.Cut(line, " ")
				if strings.HasPrefix(cmd, "UID FETCH") && refused < 4 {
					refused++
					return tag + " " + answer + "\r\n"
				}
				return ""
			}
		})
		var said []string
		sc := &Scanner{
			Server: plainAccount(m.address), Detector: detector.New(nil), Account: "a", Pause: time.Millisecond,
			Say: func(text string) { said = append(said, text) },
		}
		seen := map[string]int{}
		stats, err := run(t, sc, nil, seen)
		sc.Close()
		if err != nil || stats.Messages != 50 || stats.Errors != 0 {
			t.Errorf("%s: %+v, %v", answer, stats, err)
		}
		if len(said) == 0 || !strings.Contains(said[0], "patience") {
			t.Errorf("%s: the user is told %q", answer, said)
		}
	}
}

// TestRefused lets the server refuse one message: the others are read.
func TestRefused(t *testing.T) {
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(40)...); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"NO [SERVERBUG2] cannot parse", "BAD internal"} {
		m := newMITM(t, d.Plain, func(m *mitm) {
			m.answer = func(line string) string {
				f := strings.Fields(line)
				if len(f) < 4 || f[1] != "UID" || f[2] != "FETCH" || !holds(f[3], 13) {
					return ""
				}
				return f[0] + " " + kind + "\r\n"
			}
		})
		sc := &Scanner{Server: plainAccount(m.address), Detector: detector.New(nil), Account: "a", Pause: time.Millisecond}
		good, bad := 0, 0
		_, err := sc.Audit(context.Background(), &Audit{}, func(_ string, r Result) error {
			if r.Err != nil {
				bad++
				if r.UID != 13 || !strings.Contains(r.Err.Error(), "refuses") {
					t.Errorf("%s: %d: %v", kind, r.UID, r.Err)
				}
			} else {
				good++
			}
			return nil
		})
		sc.Close()
		if err != nil || good != 39 || bad != 1 {
			t.Errorf("%s: %d read, %d not, %v", kind, good, bad, err)
		}
	}
}

// TestRefusedAmongOthers has the server refuse some messages while it gives others,
// which are being scanned.
func TestRefusedAmongOthers(t *testing.T) {
	const all = 600
	d := dovecot.ForTest(t, "")
	if err := d.Put("INBOX", true, generated(all)...); err != nil {
		t.Fatal(err)
	}
	f := newFaulty(t, d.Plain)
	f.reset(func(p passed) (on, back []byte, cut bool) {
		if tag, rest, fetch := bytes.Cut(p.data, []byte(" UID FETCH ")); fetch && !p.fromServer && bytes.Contains(rest, []byte("BODY.PEEK[")) {
			set, _, _ := strings.Cut(string(rest), " ")
			for n := 7; n < all; n += 40 {
				if holds(set, n) {
					return append(tag, " STATUS nowhere (MESSAGES)\r\n"...), nil, false // which is refused
				}
			}
		}
		return p.data, nil, false
	})
	sc := scanner(t, plainAccount(f.address), nil)
	sc.Workers = 8
	_, err := sc.Audit(t.Context(), &Audit{}, func(_ string, r Result) error {
		refused := r.Err != nil && strings.Contains(r.Err.Error(), "refuses")
		if refused != (r.UID%40 == 7) || !refused && r.Err != nil {
			t.Errorf("%d: %v", r.UID, r.Err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// holds reports whether a set as it is written holds a number.
func holds(set string, n int) bool {
	for _, r := range strings.Split(set, ",") {
		var a, b int
		if k, _ := fmt.Sscanf(r, "%d:%d", &a, &b); k < 2 {
			b = a
		}
		if a <= n && n <= b {
			return true
		}
	}
	return false
}
