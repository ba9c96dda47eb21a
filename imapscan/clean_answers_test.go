package imapscan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// isCommand reports whether a piece is a command of the client after the login.
func isCommand(p passed) bool {
	return !p.fromServer && !p.literal && len(p.data) > 1 && p.data[0] == 'T'
}

func tag(line []byte) string {
	t, _, _ := bytes.Cut(line, []byte(" "))
	return string(t)
}

// TestCleanAnswers has the server refuse each command, honestly or after it was
// done, or say goodbye. Nothing may be lost, and a run without faults finishes.
func TestCleanAnswers(t *testing.T) {
	b := newFaultBench(t)
	all := b.pieces()
	for way, answer := range []string{"NO", "BAD", "NO afterwards", "BYE", "NO for all"} {
		for _, at := range points(all, way, isCommand) {
			folder := b.folder()
			b.f.reset(answering(at, answer))
			list, err := b.run(context.Background(), folder)
			b.f.reset(nil)
			when := fmt.Sprintf("%s to piece %d %.40q", answer, at, all[at].data)
			b.whole(folder, when)
			for _, c := range list {
				if c.Err != nil && !strings.Contains(c.Err.Error(), "left as it was") && strings.Count(c.Err.Error(), "\n") > 0 {
					t.Errorf("%s: error of more than one line: %v", when, c.Err)
				}
			}
			if err != nil && strings.Contains(err.Error(), dovecot.Password) {
				t.Errorf("%s: the error shows the password: %v", when, err)
			}
			b.finished(folder, when, 2)
			if t.Failed() {
				return
			}
		}
	}
}

// answering answers a command instead of the server.
func answering(at int, answer string) func(passed) (on, back []byte, cut bool) {
	lie := ""
	name := ""
	return func(p passed) (on, back []byte, cut bool) {
		switch {
		case p.fromServer && !p.literal && lie != "" && tag(p.data) == lie:
			lie = ""
			return []byte(tag(p.data) + " NO [CANNOT] no\r\n"), nil, false
		case answer == "NO for all" && isCommand(p) && name != "" && commandOf(p.data) == name:
			return nil, []byte(tag(p.data) + " NO no\r\n"), false
		case p.n != at || !isCommand(p):
			return p.data, nil, false
		}
		switch answer {
		case "NO afterwards":
			lie = tag(p.data)
			return p.data, nil, false
		case "BYE":
			return nil, []byte("* BYE going down\r\n"), true
		case "BAD":
			return nil, []byte(tag(p.data) + " BAD what?\r\n"), false
		}
		name = commandOf(p.data)
		return nil, []byte(tag(p.data) + " NO [NOPERM] not allowed\r\n"), false
	}
}

// commandOf is the name of a command: "UID FETCH", "APPEND".
func commandOf(line []byte) string {
	f := strings.Fields(string(line))
	if len(f) > 2 && f[1] == "UID" {
		return f[1] + " " + f[2]
	}
	return f[1]
}

// lies are changes of what the server says, for all of a run.
var lies = map[string]func(line []byte) []byte{
	"UID of FETCH":    shift(`FETCH \(UID (\d+)`),
	"UID of APPEND":   shift(`APPENDUID \d+ (\d+)`),
	"UID of SEARCH":   shift(`SEARCH (\d+)`),
	"UID of ESEARCH":  shift(`ESEARCH .*ALL (\d+)`),
	"all UIDs":        chain(shift(`FETCH \(UID (\d+)`), shift(`APPENDUID \d+ (\d+)`), shift(`SEARCH (\d+)`)),
	"UIDVALIDITY":     shift(`UIDVALIDITY (\d+)`),
	"APPEND validity": shift(`APPENDUID (\d+)`),
	"UIDNEXT":         shift(`UIDNEXT (\d+)`),
	"UIDNEXT far":     putFor(`UIDNEXT (\d+)`, "4294967295"),
	"no UIDNEXT":      putFor(`(UIDNEXT) \d+`, "UNKNOWN"),
	"no APPENDUID":    putFor(`(APPENDUID) `, "X-NONE "),
	"flags of copies": putFor(`UID [5-9] .*FLAGS \((\\Seen)`, `\Flagged`),
	"date of copies":  putFor(`UID [5-9] .*INTERNALDATE "(..)`, "03"),
	"size":            putFor(`RFC822.SIZE (\d+)`, "7"),
	"no messages":     putFor(`(\d+) EXISTS`, "0"),
	"read-only":       putFor(`PERMANENTFLAGS \(([^)]*)\)`, ""),
	"no UIDPLUS":      putFor(`(UIDPLUS)`, "NONE"),
	"Gmail":           putFor(`(UIDPLUS)`, "UIDPLUS X-GM-EXT-1"),
	"a long line":     putFor(`^(\* \d+ FETCH )`, "* OK "+strings.Repeat("x", 10<<20)+"\r\n* 1 FETCH "),
	"an endless list": putFor(`^(\* \d+ FETCH )`, "* 1 FETCH (FLAGS "+strings.Repeat("(", 10000)),
	"a huge literal":  putFor(`BODY\[\] \{(\d+)\}`, "99999999999"),
	"a large literal": putFor(`BODY\[\] \{(\d+)\}`, "900000000"),
}

func putFor(expr, by string) func([]byte) []byte {
	re := regexp.MustCompile(expr)
	return func(line []byte) []byte {
		if m := re.FindSubmatchIndex(line); m != nil {
			return append(append(append([]byte(nil), line[:m[2]]...), by...), line[m[3]:]...)
		}
		return line
	}
}

// shift makes a number one more.
func shift(expr string) func([]byte) []byte {
	re := regexp.MustCompile(expr)
	return func(line []byte) []byte {
		if m := re.FindSubmatchIndex(line); m != nil {
			n, _ := strconv.Atoi(string(line[m[2]:m[3]]))
			return append(append(append([]byte(nil), line[:m[2]]...), strconv.Itoa(n+1)...), line[m[3]:]...)
		}
		return line
	}
}

func chain(list ...func([]byte) []byte) func([]byte) []byte {
	return func(line []byte) []byte {
		for _, f := range list {
			line = f(line)
		}
		return line
	}
}

// TestCleanLies has the server say what is not so: always, or from some command on.
func TestCleanLies(t *testing.T) {
	b := newFaultBench(t)
	b.patience = 300 * time.Millisecond
	all := b.pieces()
	last := 0
	for i, p := range all {
		if isCommand(p) {
			last = i
		}
	}
	for name, lie := range lies {
		t.Run(name, func(t *testing.T) {
			b.t = t
			starts := []int{0, last / 2, last * 2 / 3}
			if testing.Short() {
				starts = starts[:1]
			}
			for _, from := range starts {
				folder := b.folder()
				lied := 0
				b.f.reset(func(p passed) (on, back []byte, cut bool) {
					if !p.fromServer || p.literal || p.n < from {
						return p.data, nil, false
					}
					on = lie(p.data)
					if !bytes.Equal(on, p.data) {
						lied++
					}
					return on, nil, false
				})
				list, err := b.run(context.Background(), folder)
				b.f.reset(nil)
				when := fmt.Sprintf("from piece %d", from)
				if from == 0 {
					t.Logf("%d lies: %v, %v", lied, err, told(list))
				}
				b.whole(folder, when)
				b.finished(folder, when, 2)
			}
		})
	}
}

// told lists the errors in what a run told.
func told(list []Cleaned) (out []string) {
	for _, c := range list {
		if c.Err != nil {
			out = append(out, c.Err.Error())
		}
	}
	return out
}

// TestCleanMeanwhile has another client change, remove or move the original after
// the copy was sent: the message is left as that client wants it.
func TestCleanMeanwhile(t *testing.T) {
	b := newFaultBench(t)
	one, oneClean := tracked(t, 1)
	b.put = [][]byte{one}
	for _, c := range []struct {
		name  string
		after string // the command after whose answer the other client acts
		act   func(m *mailbox) error
		says  string
		then  []string
		flag  imap.Flag
	}{
		{"reads", "APPEND", func(m *mailbox) error { return m.flag(1, imap.StoreFlagsAdd, "$Later", 0) }, "changed", texts(one), "$Later"},
		{"removes", "APPEND", func(m *mailbox) error {
			return errors.Join(m.flag(1, imap.StoreFlagsAdd, imap.FlagDeleted, 0), m.expunge(1))
		}, "removed", nil, ""},
		{"removes late", "UID FETCH", func(m *mailbox) error {
			return errors.Join(m.flag(1, imap.StoreFlagsAdd, imap.FlagDeleted, 0), m.expunge(1))
		}, "removed", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.t = t
			folder := b.folder()
			armed, appended, fetches := "", false, 0
			b.f.reset(func(p passed) (on, back []byte, cut bool) {
				if isCommand(p) {
					name := commandOf(p.data)
					appended = appended || name == "APPEND"
					if appended && name == "UID FETCH" {
						fetches++
					}
					if name == c.after && armed == "" && appended && (name == "APPEND" || fetches == 3) {
						armed = tag(p.data)
					}
				}
				if p.fromServer && !p.literal && armed != "" && tag(p.data) == armed {
					armed = "done"
					edit(t, b.direct, folder, c.act)
				}
				return p.data, nil, false
			})
			list, err := b.run(context.Background(), folder)
			b.f.reset(nil)
			if err != nil || armed != "done" {
				t.Fatalf("%v, armed %q", err, armed)
			}
			if len(list) != 1 || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), c.says) {
				t.Errorf("told %+v", list)
			}
			now := mail(t, b.direct, folder)
			if got := bodies(now); fmt.Sprint(got) != fmt.Sprint(c.then) {
				t.Errorf("%s", summary(now))
			}
			if c.flag == "" {
				return
			}
			// The next run takes the flag along.
			if list, err := clean(t, cleaner(t, b.direct, b.dir, folder)); err != nil || len(list) != 1 || list[0].Err != nil {
				t.Errorf("again: %+v, %v", list, err)
			}
			now = mail(t, b.direct, folder)
			if len(now) != 1 || string(now[0].data) != string(oneClean) || !now[0].has(c.flag) {
				t.Errorf("again: %s", summary(now))
			}
		})
	}
}

// TestCleanAltered has the server give the copies back with another byte: they are
// taken back.
func TestCleanAltered(t *testing.T) {
	b := newFaultBench(t)
	folder := b.folder()
	next, altered := false, 0
	isCopy := regexp.MustCompile(`FETCH \(UID [5-9] .*BODY\[\] \{`)
	b.f.reset(func(p passed) (on, back []byte, cut bool) {
		if p.fromServer && p.literal && next {
			on = bytes.Replace(p.data, []byte("stays"), []byte("stray"), 1)
			altered++
			next = false
			return on, nil, false
		}
		if p.fromServer && !p.literal {
			next = isCopy.Match(p.data)
		}
		return p.data, nil, false
	})
	list, err := b.run(context.Background(), folder)
	b.f.reset(nil)
	if err != nil || altered == 0 || len(list) != 3 {
		t.Fatalf("%d altered; %+v, %v", altered, list, err)
	}
	for _, c := range list {
		if c.Err == nil || !strings.Contains(c.Err.Error(), "byte for byte") {
			t.Errorf("told %v", c.Err)
		}
	}
	if got := bodies(mail(t, b.direct, folder)); !slices.Equal(got, texts(b.put...)) {
		t.Error(summary(mail(t, b.direct, folder)))
	}
	b.finished(folder, "altered", 1)
}
