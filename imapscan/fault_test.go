package imapscan

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"regexp"
	"strconv"
	"sync"
	"testing"
)

// passed is a line or a literal that passes between client and server.
type passed struct {
	fromServer bool
	literal    bool
	n          int // of all pieces of this run, from 0
	data       []byte
}

// faulty stands between client and server, without TLS, and lets each piece pass
// as it is, changed, or not at all.
type faulty struct {
	address string
	target  string
	t       testing.TB

	mu    sync.Mutex
	n     int
	conns []net.Conn
	dead  bool
	// pass returns what goes on instead of the piece, what goes back to who sent it,
	// and whether all connections end then. Nil lets all pass.
	pass func(p passed) (on, back []byte, cut bool)
	end  func()
}

func newFaulty(t testing.TB, target string) *faulty {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{address: l.Addr().String(), target: target, t: t}
	t.Cleanup(func() { l.Close(); f.reset(nil) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f.serve(c)
		}
	}()
	return f
}

// reset begins a new run.
func (f *faulty) reset(pass func(passed) (on, back []byte, cut bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		c.Close()
	}
	f.n, f.conns, f.dead, f.pass, f.end = 0, nil, false, pass, nil
}

// onCut calls end at the first cut, after which nobody gets a connection any more.
func (f *faulty) onCut(end func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end = end
}

func (f *faulty) serve(c net.Conn) {
	s, err := net.Dial("tcp", f.target)
	if err != nil {
		c.Close()
		return
	}
	f.mu.Lock()
	f.conns = append(f.conns, c, s)
	dead := f.dead
	f.mu.Unlock()
	if dead {
		c.Close()
		s.Close()
		return
	}
	go f.pump(c, s, false)
	f.pump(s, c, true)
}

var announces = regexp.MustCompile(`\{(\d+)\+?\}\r\n$`)

func (f *faulty) pump(from, to net.Conn, fromServer bool) {
	defer from.Close()
	defer to.Close()
	in := bufio.NewReader(from)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil || !f.one(passed{fromServer: fromServer, data: line}, from, to) {
			return
		}
		if m := announces.FindSubmatch(line); m != nil {
			size, _ := strconv.Atoi(string(m[1]))
			literal := make([]byte, 0, min(size, 1<<20))
			b := bytes.NewBuffer(literal)
			if !fromServer && !bytes.Contains(line, []byte("+}")) {
				// The server is asked first, and may refuse: then no literal comes.
				if next, err := in.Peek(1); err != nil || len(next) == 0 {
					return
				}
			}
			if _, err := io.CopyN(b, in, int64(size)); err != nil {
				return
			}
			if !f.one(passed{fromServer: fromServer, literal: true, data: b.Bytes()}, from, to) {
				return
			}
		}
	}
}

// one lets a piece pass.
func (f *faulty) one(p passed, from, to net.Conn) bool {
	f.mu.Lock()
	p.n = f.n
	f.n++
	on, back, cut := p.data, []byte(nil), false
	if f.pass != nil && !f.dead {
		on, back, cut = f.pass(p)
	}
	end := f.end
	if cut {
		f.dead = end != nil
	}
	f.mu.Unlock()
	if len(on) > 0 {
		to.Write(on)
	}
	if len(back) > 0 {
		from.Write(back)
	}
	if !cut {
		return true
	}
	if end != nil {
		end()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.conns {
		if t, ok := c.(*net.TCPConn); ok && len(on) > 0 {
			t.CloseWrite() // so that what was passed on arrives
		}
		defer c.Close()
	}
	return false
}
