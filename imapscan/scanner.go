package imapscan

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Scanner reads folders of one account over a few connections and scans what it
// reads at the same time. Fields must not change while it works. Close ends it.
type Scanner struct {
	Server   *Server
	Detector *detector.Detector
	Account  string // as reports name it

	Connections int // default 2
	Workers     int // scanning; default one per CPU
	// Say takes what the user should know while it goes on: a connection that
	// broke, a server that asks for patience; never while results are emitted. Nil
	// for nobody.
	Say func(text string)
	// Pause is the shortest wait before a new try; default 1 second. It doubles
	// with each failure, up to a minute.
	Pause time.Duration

	once    sync.Once
	links   []*link
	jobs    chan func()
	buffers sync.Pool
	reached atomic.Bool // the server was there once
	telling sync.Mutex  // one of Say and emit at a time
}

// Result is a message that was read, or why it could not be.
type Result struct {
	UID         uint32
	Date        time.Time // INTERNALDATE
	Unsubscribe string    // the value of List-Unsubscribe, decoded
	Report      *detector.Report
	Err         error
}

// Depths of the work. A connection has up to inFlight commands on the way, for up
// to two windows of messages; a few windows are being read or wait for their turn.
const (
	inFlight   = 4
	windowSize = 500
	windowsOut = 6
	maxFails   = 8 // failures in a row, without any message read between them
)

func (s *Scanner) start() {
	n := s.Connections
	if n <= 0 {
		n = 2
	}
	workers := s.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	s.buffers.New = func() any { return new([]byte) }
	s.jobs = make(chan func(), workers)
	for range workers {
		go func() {
			for f := range s.jobs {
				f()
			}
		}()
	}
	for range n {
		s.links = append(s.links, &link{scanner: s, slots: make(chan struct{}, inFlight)})
	}
}

// first returns a link that is not given up. Where all are, they are tried again.
func (s *Scanner) first() *link {
	for _, l := range s.links {
		if !l.broken.Load() {
			return l
		}
	}
	for _, l := range s.links {
		l.broken.Store(false)
		l.fails.Store(0)
	}
	return s.links[0]
}

// Close ends the connections and the workers.
func (s *Scanner) Close() {
	s.once.Do(s.start)
	for _, l := range s.links {
		l.close()
	}
	close(s.jobs)
}

func (s *Scanner) say(format string, args ...any) {
	if s.Say != nil {
		s.telling.Lock()
		defer s.telling.Unlock()
		s.Say(fmt.Sprintf(format, args...))
	}
}

// Folders lists the account's folders.
func (s *Scanner) Folders(ctx context.Context) (list []Folder, err error) {
	s.once.Do(s.start)
	err = s.first().try(ctx, func(ses *Session) error {
		list, err = ses.Folders()
		return err
	})
	return list, err
}

// Selection says which messages of a folder are wanted.
type Selection struct {
	Since, Before time.Time // by the day of INTERNALDATE; zero for no bound
	Limit         int       // the newest so many; 0 for all
	Known         Ranges    // UIDs that need not be read
	UIDValidity   uint32    // for which Known holds
}

// State is the state of a folder when it was opened.
type State struct {
	UIDValidity   uint32
	UIDNext       uint32
	HighestModSeq uint64
	Messages      uint32
	Whole         bool // all messages were read or known
}

// ErrChanged says that a folder was made anew while it was read.
var ErrChanged = errors.New("the folder was replaced while it was read (its UIDVALIDITY changed); run again")

// Folder reads what sel wants of a folder and hands the results to emit, batch by
// batch in the order of their UIDs. Messages that are deleted meanwhile are left
// out. begin is told the state before.
func (s *Scanner) Folder(ctx context.Context, name string, sel Selection, begin func(State), emit func([]Result) error) (State, error) {
	s.once.Do(s.start)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := &folder{scanner: s, name: name, cancel: cancel}
	var uids []imap.UID
	l := s.first()
	err := l.try(ctx, func(ses *Session) error {
		data, err := l.examine(ses, f)
		if err != nil {
			return err
		}
		f.state = State{
			UIDValidity: data.UIDValidity, UIDNext: uint32(data.UIDNext), HighestModSeq: data.HighestModSeq, Messages: data.NumMessages,
		}
		uids, err = ses.wanted(data, sel)
		return err
	})
	if err != nil {
		return f.state, err
	}
	f.validity = f.state.UIDValidity
	if begin != nil {
		begin(f.state)
	}
	err = f.run(ctx, uids, emit)
	f.state.Whole = err == nil && sel.Since.IsZero() && sel.Before.IsZero() && sel.Limit == 0 && f.failed == 0
	return f.state, err
}

// buffer gives memory for a message; done takes it back.
func (s *Scanner) buffer() []byte { return *s.buffers.Get().(*[]byte) }

func (s *Scanner) done(b []byte) {
	if cap(b) <= 1<<20 {
		s.buffers.Put(&b)
	}
}

// scan judges a message. It reports false where the message must be read whole.
func (s *Scanner) scan(f *folder, r *raw) (res Result, ok bool) {
	res = Result{UID: uint32(r.uid), Date: r.date, Unsubscribe: unsubscribe(r.head)}
	defer func() {
		// A defect that one message shows must not lose the others.
		if p := recover(); p != nil {
			res.Err, ok = fmt.Errorf("cannot be scanned, a defect of pixelsweep: %v", p), true
		}
	}()
	src := detector.Source{
		Account: s.Account, Mailbox: f.name, UIDValidity: f.validity, UID: uint32(r.uid), Bytes: r.size, Type: detector.TypeMessage,
	}
	var err error
	if r.whole {
		res.Report, err = s.Detector.Scan(src, r.buf)
		if r.cut && res.Report != nil {
			res.Report.Complete = false
			res.Report.Warnings = append(res.Report.Warnings, detector.Warning{Text: "message is larger than the limit; its rest is not read"})
		}
	} else {
		res.Report, err = s.Detector.ScanSections(src, r.head, r.sections)
		if errors.Is(err, detector.ErrWhole) {
			return res, false
		}
	}
	switch {
	case err != nil && res.Report == nil:
		res.Err = err
	case err != nil:
		res.Report.Warnings = append(res.Report.Warnings, detector.Warning{Text: "empty message"})
	}
	return res, true
}
