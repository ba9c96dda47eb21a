package wire

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// Conn is the connection below TLS and compression. It gives up a server that is
// silent while it owes an answer; the read deadlines that go-imap sets do not say
// that and are ignored.
type Conn struct {
	net.Conn
	Patience time.Duration // how long it may be silent

	owed   atomic.Int32 // answers that are waited for
	since  atomic.Int64 // when the server last spoke or began to owe, in ns
	silent atomic.Bool
}

// ErrSilent says that the server was waited for long enough.
var ErrSilent = errors.New("the server does not answer")

// Expect says that n more answers are owed, or with -n that they are there.
func (w *Conn) Expect(n int32) {
	if w.owed.Add(n) == n {
		w.since.Store(time.Now().UnixNano())
	}
}

// Silent returns an [ErrSilent] once the server was given up, nil before.
func (w *Conn) Silent() error {
	if !w.silent.Load() {
		return nil
	}
	return fmt.Errorf("%w for %s", ErrSilent, w.Patience)
}

func (w *Conn) Read(p []byte) (int, error) {
	for {
		w.Conn.SetReadDeadline(time.Now().Add(w.Patience))
		n, err := w.Conn.Read(p)
		if n > 0 {
			w.since.Store(time.Now().UnixNano())
			return n, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		if w.owed.Load() > 0 && time.Since(time.Unix(0, w.since.Load())) >= w.Patience {
			w.silent.Store(true)
			return 0, w.Silent()
		}
	}
}

func (w *Conn) SetReadDeadline(time.Time) error    { return nil }
func (w *Conn) SetDeadline(t time.Time) error      { return w.Conn.SetWriteDeadline(t) }
func (w *Conn) SetWriteDeadline(t time.Time) error { return w.Conn.SetWriteDeadline(t) }
