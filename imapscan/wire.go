package imapscan

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// wire is the connection below TLS and compression. It gives up a server that is
// silent while it owes an answer; the read deadlines that go-imap sets do not say
// that and are ignored.
type wire struct {
	net.Conn
	patience time.Duration

	owed   atomic.Int32 // answers that are waited for
	since  atomic.Int64 // when the server last spoke or began to owe, in ns
	silent atomic.Bool
}

// errSilent says that the server was waited for long enough.
var errSilent = errors.New("the server does not answer")

// expect says that n more answers are owed, or with -n that they are there.
func (w *wire) expect(n int32) {
	if w.owed.Add(n) == n {
		w.since.Store(time.Now().UnixNano())
	}
}

func (w *wire) Read(p []byte) (int, error) {
	for {
		w.Conn.SetReadDeadline(time.Now().Add(w.patience))
		n, err := w.Conn.Read(p)
		if n > 0 {
			w.since.Store(time.Now().UnixNano())
			return n, nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return 0, err
		}
		if w.owed.Load() > 0 && time.Since(time.Unix(0, w.since.Load())) >= w.patience {
			w.silent.Store(true)
			return 0, fmt.Errorf("%w for %s", errSilent, w.patience)
		}
	}
}

func (w *wire) SetReadDeadline(time.Time) error    { return nil }
func (w *wire) SetDeadline(t time.Time) error      { return w.Conn.SetWriteDeadline(t) }
func (w *wire) SetWriteDeadline(t time.Time) error { return w.Conn.SetWriteDeadline(t) }
