package imapscan

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// Watcher scans messages as they arrive. It has one connection for each folder, on
// which the server speaks up (IDLE, RFC 2177) or, where it cannot, is asked again
// and again; NOTIFY (RFC 5465), which would need one for all, go-imap does not
// have. What arrived is read by the Scanner.
//
// Without Keyword and Label folders are opened for reading only. With one of them,
// they alone are set, on messages that Mark chooses; but a folder that is opened
// for that loses its \Recent flags, as with any client.
type Watcher struct {
	Scanner *Scanner
	Keyword string // such as "$Tracked"; "" for none
	Label   string // of Gmail
	Mark    func(*detector.Report) bool

	Poll  time.Duration // between questions where there is no IDLE; default 1 minute
	Renew time.Duration // of IDLE, which servers end after 30 minutes; default 10 minutes

	mu sync.Mutex // the Scanner reads one folder at a time
}

// Watch scans what arrives in folders from now on, until ctx ends, which is no
// error. emit is called for one message after the other. A connection that breaks
// is made anew for as long as it takes, and what arrived meanwhile is read then.
func (w *Watcher) Watch(ctx context.Context, folders []string, emit func(folder string, r Result) error) error {
	w.Scanner.once.Do(w.Scanner.start)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, name := range folders {
		f := &watched{Watcher: w, name: name, emit: emit, news: make(chan struct{}, 1)}
		wg.Go(func() {
			if err := f.watch(ctx); err != nil {
				cancel(&FolderError{name, err})
			}
		})
	}
	wg.Wait()
	var failed *FolderError
	if err := context.Cause(ctx); errors.As(err, &failed) {
		return err
	}
	return nil
}

// watched is a folder that is watched.
type watched struct {
	*Watcher
	name     string
	emit     func(string, Result) error
	news     chan struct{} // the server says that something arrived
	validity uint32
	next     imap.UID   // the first that was not read
	marks    []imap.UID // messages that are still to be marked
	fails    int
}

// watch works until ctx ends or something is wrong that time does not mend.
func (f *watched) watch(ctx context.Context) error {
	for {
		err := f.session(ctx)
		var own *ownError
		var told *tellError
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &told):
			return told.error
		case final(err), errors.As(err, &own), refused(err) && !throttled(err):
			return err
		}
		pause := f.Scanner.Pause
		if pause <= 0 {
			pause = time.Second
		}
		pause = min(pause<<min(f.fails, 10), time.Minute)
		f.fails++
		f.Scanner.say("%s: %v; trying again in %s", f.name, err, pause.Round(100*time.Millisecond))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// session watches over one connection, until it breaks.
func (f *watched) session(ctx context.Context) error {
	ses, err := Dial(ctx, f.Scanner.Server, &imapclient.UnilateralDataHandler{
		Mailbox: func(d *imapclient.UnilateralDataMailbox) {
			if d.NumMessages != nil {
				f.wake()
			}
		},
	})
	if err != nil {
		return err
	}
	defer ses.Close()
	// An interrupt lets the server be told goodbye, if it listens.
	defer context.AfterFunc(ctx, func() { time.AfterFunc(3*time.Second, func() { ses.Close() }) })()
	m, err := f.open(ses)
	if err != nil {
		return err
	}
	for {
		if err := f.look(ctx, m); err != nil {
			return err
		}
		f.fails = 0
		if err := f.wait(ctx, ses); err != nil {
			return err
		}
		if ctx.Err() != nil {
			ses.Logout()
			return nil
		}
	}
}

func (f *watched) wake() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

// open opens the folder and, at first or where it was made anew, begins at its end.
func (f *watched) open(ses *Session) (*mailbox, error) {
	m, err := ses.openMailbox(f.name, f.Keyword != "" || f.Label != "")
	if err != nil {
		return nil, err
	}
	switch {
	case f.Keyword != "" && !m.allows(imap.Flag(f.Keyword)):
		return nil, own("the server does not keep the keyword %q there", f.Keyword)
	case f.Label != "" && !ses.Caps.Has("X-GM-EXT-1"):
		return nil, own("the server has no labels, which are Gmail's; use a keyword")
	}
	if f.validity == m.validity {
		return m, nil
	}
	if f.validity != 0 {
		f.Scanner.say("%s: the folder was made anew; what arrives from now on is read", f.name)
	}
	last, err := m.last()
	if err != nil {
		return nil, err
	}
	f.validity, f.next, f.marks = m.validity, last+1, nil
	return m, nil
}

// look reads what is new, and marks what is to be.
func (f *watched) look(ctx context.Context, m *mailbox) error {
	last, err := m.last()
	if err != nil {
		return err
	}
	if last >= f.next {
		if err := f.read(ctx, last); err != nil {
			return err
		}
	}
	for len(f.marks) > 0 {
		if err := f.mark(m, f.marks[0]); err != nil {
			if !refused(err) {
				return err
			}
			f.Scanner.say("%s: message %d cannot be marked: %v", f.name, f.marks[0], err)
		}
		f.marks = f.marks[1:]
	}
	return nil
}

// read scans the messages from next on, of which last is known.
func (f *watched) read(ctx context.Context, last imap.UID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sel := Selection{UIDValidity: f.validity}
	if f.next > 1 {
		sel.Known = Ranges{auditstore.Range{First: 1, Last: uint32(f.next - 1)}}
	}
	changed := errors.New("the folder was made anew while it was read")
	begin := func(s State) {
		if s.UIDValidity != f.validity {
			cancel(changed) // else all of it would be read
		}
	}
	_, err := f.Scanner.Folder(ctx, f.name, sel, begin, func(list []Result) error {
		if errors.Is(context.Cause(ctx), changed) {
			return changed
		}
		for _, r := range list {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := f.emit(f.name, r); err != nil {
				return &tellError{err}
			}
			f.next = imap.UID(r.UID) + 1
			if r.Report != nil && f.Mark != nil && f.Mark(r.Report) && (f.Keyword != "" || f.Label != "") {
				f.marks = append(f.marks, imap.UID(r.UID))
			}
		}
		return nil
	})
	if err == nil {
		f.next = max(f.next, last+1)
	}
	return err
}

// mark sets the keyword or label on a message.
func (f *watched) mark(m *mailbox, uid imap.UID) error {
	if f.Keyword != "" {
		if err := m.flag(uid, imap.StoreFlagsAdd, imap.Flag(f.Keyword), 0); err != nil {
			return err
		}
	}
	if f.Label == "" {
		return nil
	}
	err := m.copyTo(uid, f.Label)
	var e *imap.Error
	if errors.As(err, &e) && e.Code == imap.ResponseCodeTryCreate {
		if err := m.create(f.Label); err != nil {
			return err
		}
		err = m.copyTo(uid, f.Label)
	}
	return err
}

// copyTo copies a message to a folder, which at Gmail adds a label to it and
// doubles nothing.
func (m *mailbox) copyTo(uid imap.UID, folder string) error {
	defer m.ses.Expect()()
	_, err := m.ses.Client.Copy(imap.UIDSetNum(uid), folder).Wait()
	return m.ses.Err(err)
}

func (m *mailbox) create(folder string) error {
	defer m.ses.Expect()()
	return m.ses.Err(m.ses.Client.Create(folder, nil).Wait())
}

// wait returns when something arrived, or it is time to look again, or ctx ends.
func (f *watched) wait(ctx context.Context, ses *Session) error {
	renew, poll := f.Renew, f.Poll
	if renew <= 0 {
		renew = 10 * time.Minute
	}
	if poll <= 0 {
		poll = time.Minute
	}
	idles := ses.Caps.Has(imap.CapIdle) || ses.Caps.Has(imap.CapIMAP4rev2)
	if !idles {
		select {
		case <-f.news:
		case <-time.After(poll):
		case <-ctx.Done():
			return nil
		}
		defer ses.Expect()()
		return ses.Err(ses.Client.Noop().Wait())
	}
	done := ses.Expect()
	idle, err := ses.Client.Idle()
	done()
	if err != nil {
		return ses.Err(err)
	}
	select {
	case <-f.news:
	case <-time.After(renew):
	case <-ctx.Done():
	case <-ses.Client.Closed():
	}
	defer ses.Expect()()
	closeErr := idle.Close()
	if err := idle.Wait(); err != nil {
		return ses.Err(err)
	}
	if closeErr != nil {
		return ses.Err(fmt.Errorf("end of IDLE: %w", closeErr))
	}
	return nil
}
