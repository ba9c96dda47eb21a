package imapscan

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// replacing plays a server with REPLACE before one without: it sends APPEND, and
// when that is done marks the original and expunges it, before the client hears of
// it.
type replacing struct {
	count    int
	tag, uid string
	held     []byte // the answer to the client
}

var uidReplace = regexp.MustCompile(`^(T\d+) UID REPLACE (\d+) `)

func (r *replacing) pass(p passed) (on, back []byte, cut bool) {
	switch {
	case p.literal:
	case !p.fromServer:
		if m := uidReplace.FindSubmatch(p.data); m != nil {
			r.count++
			r.tag, r.uid = string(m[1]), string(m[2])
			return append([]byte(r.tag+" APPEND "), p.data[len(m[0]):]...), nil, false
		}
	case bytes.Contains(p.data, []byte("UIDPLUS")):
		return bytes.ReplaceAll(p.data, []byte("UIDPLUS"), []byte("UIDPLUS REPLACE")), nil, false
	case r.tag != "" && tag(p.data) == r.tag && bytes.Contains(p.data, []byte(" OK [APPENDUID")):
		code, _, _ := bytes.Cut(p.data[len(r.tag):], []byte("]"))
		r.held = fmt.Appendf(nil, "*%s] Replacement Message ready\r\n%s OK done\r\n", code, r.tag)
		r.tag = ""
		return nil, []byte("P1 UID STORE " + r.uid + " +FLAGS.SILENT (\\Deleted)\r\n"), false
	case tag(p.data) == "P1":
		return nil, []byte("P2 UID EXPUNGE " + r.uid + "\r\n"), false
	case tag(p.data) == "P2":
		return r.held, nil, false
	}
	return p.data, nil, false
}

// TestReplace cleans where the server replaces messages by itself, and breaks the
// connection at some of the pieces.
func TestReplace(t *testing.T) {
	b := newFaultBench(t)
	folder := b.folder()
	r := &replacing{}
	var all []passed
	b.f.reset(func(p passed) ([]byte, []byte, bool) {
		all = append(all, p)
		return r.pass(p)
	})
	list, err := b.run(context.Background(), folder)
	b.f.reset(nil)
	if err != nil || r.count != 3 || len(list) != 3 {
		t.Fatalf("%d replaced; %v, %v", r.count, told(list), err)
	}
	for i, c := range list {
		if c.Err != nil || c.Copy != uint32(5+i) {
			t.Errorf("%d: %+v, %v", i, c.Copy, c.Err)
		}
	}
	for _, p := range all {
		if isCommand(p) && (commandOf(p.data) == "APPEND" || commandOf(p.data) == "UID EXPUNGE") {
			t.Errorf("%q was sent", p.data)
		}
	}
	b.finished(folder, "REPLACE", 1)
}

// TestReplaceCut ends the program while messages are replaced.
func TestReplaceCut(t *testing.T) {
	b := newFaultBench(t)
	folder := b.folder()
	n := 0
	r := &replacing{}
	b.f.reset(func(p passed) ([]byte, []byte, bool) { n++; return r.pass(p) })
	if _, err := b.run(context.Background(), folder); err != nil {
		t.Fatal(err)
	}
	b.f.reset(nil)
	b.finished(folder, "REPLACE", 1)
	every := make([]passed, n)
	for _, at := range points(every, 3, nil) {
		folder := b.folder()
		r := &replacing{}
		ctx, cancel := context.WithCancel(context.Background())
		b.f.reset(func(p passed) (on, back []byte, cut bool) {
			on, back, _ = r.pass(p)
			return on, back, p.n == at
		})
		b.f.onCut(cancel)
		b.run(ctx, folder)
		cancel()
		b.f.reset(nil)
		when := fmt.Sprintf("REPLACE, cut after piece %d", at)
		b.whole(folder, when)
		b.finished(folder, when, 1)
	}
}

// TestReplaceAltered has the server store another byte than was sent: that is said,
// and undo puts the original back.
func TestReplaceAltered(t *testing.T) {
	b := newFaultBench(t)
	one, _ := tracked(t, 1)
	b.put = [][]byte{one}
	folder := b.folder()
	r := &replacing{}
	b.f.reset(func(p passed) (on, back []byte, cut bool) {
		on, back, cut = r.pass(p)
		if p.literal && !p.fromServer {
			on = bytes.Replace(on, []byte("stays"), []byte("stray"), 1)
		}
		return on, back, cut
	})
	list, err := b.run(context.Background(), folder)
	b.f.reset(nil)
	if err != nil || len(list) != 1 || list[0].Err == nil || !strings.Contains(list[0].Err.Error(), "byte for byte; --undo --apply") {
		t.Fatalf("%v, %v", told(list), err)
	}
	c := cleaner(t, b.direct, b.dir, folder)
	if list, err := collect(c, c.Undo); err != nil || len(list) != 1 || list[0].Err != nil {
		t.Errorf("undo: %v, %v", told(list), err)
	}
	if got := bodies(mail(t, b.direct, folder)); !slices.Equal(got, texts(one)) {
		t.Error(summary(mail(t, b.direct, folder)))
	}
}
