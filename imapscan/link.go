package imapscan

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
)

// link is one of the connections of a Scanner: it is made when it is needed, and
// anew when it breaks.
type link struct {
	scanner *Scanner
	slots   chan struct{} // commands on the way
	fails   atomic.Int32  // in a row
	broken  atomic.Bool   // given up

	live atomic.Pointer[Session]

	mu      sync.Mutex // guards what follows; live is session
	session *Session
	opened  *folder
}

// kill ends the connection at once, whoever waits for it.
func (l *link) kill() {
	if s := l.live.Load(); s != nil {
		s.Close()
	}
}

// try runs f with a session, anew after a break of the connection or when the
// server asks for patience.
func (l *link) try(ctx context.Context, f func(*Session) error) error {
	defer context.AfterFunc(ctx, l.kill)()
	for {
		ses, err := l.ready(ctx, nil)
		if err != nil {
			return err
		}
		if err = f(ses); err == nil {
			l.fails.Store(0)
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if final(err) || refused(err) && !throttled(err) {
			return err
		}
		if err := l.again(ctx, ses, err); err != nil {
			return err
		}
	}
}

// final reports whether trying again cannot help.
func final(err error) bool {
	var setup *SetupError
	var limit *LimitError
	return errors.As(err, &setup) || errors.As(err, &limit) || errors.Is(err, ErrChanged)
}

// unreachable reports whether nothing that speaks as it should is at an address. A
// server that was there before may come back, one that never was will not.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// LoginError says that the server refused a password or token.
type LoginError struct {
	Mechanism string // of SASL
	Err       error
}

func (e *LoginError) Error() string { return "login with " + e.Mechanism + ": " + e.Err.Error() }
func (e *LoginError) Unwrap() error { return e.Err }

// ready returns a session that is connected and, unless f is nil, has f open.
func (l *link) ready(ctx context.Context, f *folder) (*Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		ses, err := l.prepare(ctx, f)
		switch {
		case err == nil:
			return ses, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case final(err), refused(err) && !throttled(err):
			return nil, err
		}
		if !throttled(err) {
			l.drop()
		}
		if err := l.wait(ctx, err); err != nil {
			return nil, err
		}
	}
}

func (l *link) prepare(ctx context.Context, f *folder) (*Session, error) {
	if l.session == nil {
		ses, err := Dial(ctx, l.scanner.Server, nil)
		if err != nil && !l.scanner.reached.Load() && wrongPort(err) {
			return nil, &SetupError{err}
		}
		if err != nil && !l.scanner.reached.Load() && unreachable(err) {
			return nil, &SetupError{fmt.Errorf("cannot connect to %s: %w; look at the name of the server, its port and --security", l.scanner.Server.Address, err)}
		}
		var no *LoginError
		if f, ok := l.scanner.Server.Credentials.(interface{ Forget() }); ok && errors.As(err, &no) && l.scanner.reached.Load() {
			// It was good before: a token may have run out, or been taken back.
			f.Forget()
			ses, err = Dial(ctx, l.scanner.Server, nil)
		}
		if err != nil {
			return nil, err
		}
		l.scanner.reached.Store(true)
		l.session = ses
		l.live.Store(ses)
		if ctx.Err() != nil {
			ses.Close()
		}
	}
	if f != nil {
		if _, err := l.open(l.session, f); err != nil {
			return nil, err
		}
	}
	return l.session, nil
}

// examine opens a folder on the link's session.
func (l *link) examine(ses *Session, f *folder) (*imap.SelectData, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opened = nil
	return l.open(ses, f)
}

func (l *link) open(ses *Session, f *folder) (*imap.SelectData, error) {
	if l.opened == f {
		return nil, nil
	}
	data, err := ses.Examine(f.name)
	if err != nil {
		return nil, err
	}
	if f.validity != 0 && data.UIDValidity != f.validity {
		return nil, ErrChanged
	}
	if ses == l.session {
		l.opened = f
	}
	return data, nil
}

// again drops a session that failed, unless the server only asks for patience,
// and waits.
func (l *link) again(ctx context.Context, ses *Session, err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !throttled(err) {
		if l.session != ses {
			return nil // somebody else saw it first
		}
		l.drop()
	}
	return l.wait(ctx, err)
}

// wait lets time pass before the next try, longer with each failure. It returns
// err when there were too many.
func (l *link) wait(ctx context.Context, err error) error {
	n := l.fails.Add(1)
	if n > maxFails {
		return fmt.Errorf("given up after %d tries: %w", n, err)
	}
	pause := l.scanner.Pause
	if pause <= 0 {
		pause = time.Second
	}
	pause = min(pause<<(n-1), time.Minute)
	pause += rand.N(pause/4 + 1)
	what := "connection lost"
	var limit *LimitError
	switch {
	case throttled(err):
		what = "the server asks for patience"
	case errors.As(err, &limit):
		pause = 0 // to wait would not mend it; fewer messages at a time may
	}
	l.scanner.say("%s: %v; trying again in %s", what, err, pause.Round(100*time.Millisecond))
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (l *link) drop() {
	if l.session == nil {
		return
	}
	l.session.Close()
	l.session, l.opened = nil, nil
	l.live.Store(nil)
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.session != nil {
		l.session.Logout()
	}
	l.drop()
}
