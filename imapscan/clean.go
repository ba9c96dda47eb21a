package imapscan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/rewrite"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// Cleaner puts the same messages without their beacons in the place of those that
// have some. Without Apply it changes nothing and says what it would do.
type Cleaner struct {
	Scanner *Scanner
	Policy  *rewrite.Options
	// Dir is the folder of the originals and of the journal; each account has its
	// own below.
	Dir   string
	Apply bool
	// ForceGmail changes messages at Gmail too; see [ErrGmail].
	ForceGmail bool
	// Store is told what was changed, so that an audit counts a message once, as what
	// it was when it came; nil for none.
	Store *auditstore.Store

	Include, Exclude []string // patterns of folders, see [Choose]
	Since, Before    time.Time
	Limit            int

	// Late is how long a copy may take to appear whose APPEND got no answer; default
	// 5 seconds.
	Late time.Duration
}

// Cleaned is what became of a message.
type Cleaned struct {
	Source  detector.Source // its UID is that of the original
	Subject string
	Copy    uint32 // UID of what stands in its place, 0 for nothing
	Would   bool   // there is something to do that Apply would do
	Resumed bool   // an earlier run began it
	Result  rewrite.Result
	Err     error // a [LeftError] where it is as it was
}

// Errors that say that an account cannot be cleaned.
var (
	ErrUIDPlus = errors.New("the server has no UIDPLUS (RFC 4315), without which other messages that are marked as deleted would go too; nothing was changed")
	ErrGmail   = errors.New("Gmail keeps one message under several labels and all of them in All Mail, and what is expunged may only be archived: a cleaned copy would stand beside its original and lose labels; nothing was changed")
)

// Clean scans folder after folder and cleans what needs it, after it has finished
// what an earlier run began. emit gets every message that is changed, would be, or
// should have been, and those in which the policy keeps what tracks. It fails when the account cannot be worked on any further, or
// when emit does.
func (c *Cleaner) Clean(ctx context.Context, emit func(Cleaned) error) error {
	return c.each(ctx, emit, (*cleanRun).folder)
}

// each finishes what an earlier run began, and then does what is to be done in
// folder after folder.
func (c *Cleaner) each(ctx context.Context, emit func(Cleaned) error, do func(*cleanRun, string) error) error {
	r, err := c.run(ctx, emit)
	if err != nil {
		return err
	}
	defer r.close()
	all, err := c.Scanner.Folders(ctx)
	if err != nil {
		return err
	}
	list, err := Choose(all, c.Include, c.Exclude)
	if err != nil {
		return err
	}
	if err := r.able(); err != nil {
		return err
	}
	r.store(r.ledger.moves()) // an earlier run may have ended before it could
	if err := r.resume(all); err != nil {
		return err
	}
	for _, f := range list {
		if err := do(r, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// cleanRun is one run of a Cleaner.
type cleanRun struct {
	*Cleaner
	ledger *ledger
	link   *link
	emit   func(Cleaned) error
	ctx    context.Context   // until the user interrupts
	at     *Cleaned          // what is being changed
	deaf   bool              // the store cannot be told
	told   map[imap.UID]bool // in this folder, what an earlier session was changing and need not be tried again
}

func (c *Cleaner) run(ctx context.Context, emit func(Cleaned) error) (*cleanRun, error) {
	l, err := openLedger(c.Dir, c.Scanner.Account, c.Apply)
	if err != nil {
		return nil, err
	}
	r := &cleanRun{Cleaner: c, ledger: l, link: &link{scanner: c.Scanner, slots: make(chan struct{}, 1)}, emit: emit, ctx: ctx}
	for _, s := range l.swaps {
		if s.Server != r.host() {
			r.close()
			return nil, &SetupError{fmt.Errorf("%s holds what was changed on another server, %s; name another folder for this one", l.dir, s.Server)}
		}
	}
	return r, nil
}

func (r *cleanRun) close() {
	r.link.close()
	r.ledger.close()
}

// able asks whether the server can do what is needed. A dry run only says so.
func (r *cleanRun) able() error {
	err := r.link.try(r.ctx, func(ses *Session) error {
		switch {
		case ses.Caps.Has("X-GM-EXT-1") && !r.ForceGmail:
			return &SetupError{ErrGmail}
		case !ses.Caps.Has(imap.CapUIDPlus) && !ses.Caps.Has(imap.CapIMAP4rev2):
			return &SetupError{ErrUIDPlus}
		}
		return nil
	})
	if !r.Apply && (errors.Is(err, ErrGmail) || errors.Is(err, ErrUIDPlus)) {
		r.Scanner.say("this account cannot be cleaned: %v", err)
		return nil
	}
	return err
}

// grace is how long the message at hand may still take after an interrupt.
const grace = 10 * time.Second

// with calls f with a folder that is open, anew after a break of the connection.
// An error of f that a new connection does not mend comes back.
func (r *cleanRun) with(folder string, f func(context.Context, *mailbox) error) error {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.ctx))
	defer cancel(nil)
	defer context.AfterFunc(r.ctx, func() { time.AfterFunc(grace, func() { cancel(context.Cause(r.ctx)) }) })()
	var ours error
	err := r.link.try(ctx, func(ses *Session) error {
		ours = nil
		m, err := ses.openMailbox(folder, r.Apply)
		if err == nil {
			err = f(ctx, m)
		}
		if err != nil && !broken(err) {
			ours = err
			return nil
		}
		if err != nil && r.ctx.Err() != nil {
			ours = context.Cause(r.ctx)
			return nil
		}
		return err
	})
	if err == nil {
		err = ours
	}
	return err
}

// tellError is an error of whom the results go to.
type tellError struct{ error }

func (r *cleanRun) tell(c Cleaned) error {
	if c.Copy != 0 {
		r.store([]auditstore.Move{{Folder: c.Source.Mailbox, UIDValidity: c.Source.UIDValidity, From: c.Source.UID, To: c.Copy}})
	}
	if err := r.emit(c); err != nil {
		return &tellError{err}
	}
	return nil
}

// store tells the store of messages that have another UID now. Where it cannot be
// told, that is said once: an audit reads the copies then.
func (r *cleanRun) store(list []auditstore.Move) {
	if r.Store == nil || !r.Apply || len(list) == 0 || r.deaf {
		return
	}
	if err := r.Store.Move(context.WithoutCancel(r.ctx), r.Scanner.Account, list); err != nil {
		r.deaf = true
		r.Scanner.say("the audit store cannot be told what was changed: %v", err)
	}
}

func (r *cleanRun) swapper(m *mailbox) *swapper {
	late := r.Late
	if late <= 0 {
		late = 5 * time.Second
	}
	return &swapper{box: m, ledger: r.ledger, late: late}
}

// resume finishes what earlier runs began, in whatever folder.
func (r *cleanRun) resume(all []Folder) error {
	var folders []string
	for _, s := range r.ledger.pending("") {
		if !slices.Contains(folders, s.Folder) {
			folders = append(folders, s.Folder)
		}
	}
	for _, name := range folders {
		var err error
		if slices.ContainsFunc(all, func(f Folder) bool { return f.Name == name }) {
			err = r.with(name, r.settle)
		} else {
			err = r.tell(Cleaned{Source: r.source(name, 0, 0), Resumed: true, Err: &FolderError{name, fmt.Errorf(
				"it is gone or hidden, and an earlier run was changing messages in it; their originals are kept in %s", r.ledger.dir)}})
		}
		if err := r.after(name, err); err != nil {
			return err
		}
	}
	return nil
}

// settle brings all swaps of a folder to an end that can be.
func (r *cleanRun) settle(ctx context.Context, m *mailbox) error {
	for _, s := range r.ledger.pending(m.name) {
		c := Cleaned{Source: r.source(m.name, s.UIDValidity, s.UID), Resumed: true}
		if data, err := r.ledger.original(s); err == nil {
			c.Subject = r.subject(data)
		}
		ours := r.at != nil && r.at.Source.UID == uint32(s.UID)
		if ours {
			c = *r.at
		}
		if !r.Apply {
			c.Would = true
		} else if c.Err = r.swapper(m).settle(ctx, s, answer{}); c.Err == nil {
			c.Copy = uint32(s.Copy)
		}
		if broken(c.Err) {
			return c.Err
		}
		r.link.fails.Store(0)
		if ours && s.Step == returned && s.Copy == 0 {
			continue // it is tried again
		}
		if ours {
			r.told[s.UID] = true
		}
		if err := r.tell(c); err != nil {
			return err
		}
	}
	return nil
}

// broken reports whether an error is one of the connection.
func broken(err error) bool {
	var left *LeftError
	var own *ownError
	var told *tellError
	var fault *ledgerError
	return err != nil && !errors.As(err, &fault) && !errors.As(err, &left) && !errors.As(err, &own) && !errors.As(err, &told) && !refused(err) &&
		!errors.Is(err, errTooLarge) && !errors.Is(err, errGone) && !errors.Is(err, context.Canceled)
}

func (r *cleanRun) source(folder string, validity uint32, uid imap.UID) detector.Source {
	return detector.Source{Account: r.Scanner.Account, Mailbox: folder, UIDValidity: validity, UID: uint32(uid), Type: detector.TypeMessage}
}

// subject reads the subject of a message, as a scan does.
func (r *cleanRun) subject(data []byte) string {
	rep, err := r.Scanner.Detector.Scan(detector.Source{}, data)
	if err != nil || rep.Message == nil {
		return ""
	}
	return rep.Message.Subject
}

// folder scans a folder and cleans what needs it.
func (r *cleanRun) folder(name string) error {
	subject := map[imap.UID]string{}
	var todo []imap.UID
	sel := Selection{Since: r.Since, Before: r.Before, Limit: r.Limit}
	state, err := r.Scanner.Folder(r.ctx, name, sel, nil, func(list []Result) error {
		for _, res := range list {
			if res.Err != nil {
				if err := r.tell(Cleaned{Source: r.source(name, 0, imap.UID(res.UID)), Err: res.Err}); err != nil {
					return err
				}
				continue
			}
			title := ""
			if m := res.Report.Message; m != nil {
				title = m.Subject
			}
			if r.Policy.Wants(res.Report) {
				todo = append(todo, imap.UID(res.UID))
				subject[imap.UID(res.UID)] = title
			} else if kept := r.Policy.Keeps(res.Report); len(kept) > 0 {
				c := Cleaned{Source: res.Report.Source, Subject: title, Result: rewrite.Result{Kept: kept}}
				if err := r.tell(c); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil && len(todo) > 0 {
		next := 0
		r.told = map[imap.UID]bool{}
		err = r.with(name, func(ctx context.Context, m *mailbox) error {
			if m.validity != state.UIDValidity {
				return ErrChanged
			}
			if ok, err := r.begin(ctx, m); !ok {
				return err
			}
			for ; next < len(todo); next++ {
				if r.ctx.Err() != nil {
					return context.Canceled
				}
				uid := todo[next]
				if r.told[uid] {
					continue
				}
				r.at = &Cleaned{Source: r.source(name, m.validity, uid), Subject: subject[uid]}
				if err := r.message(ctx, m, uid, r.at); err != nil {
					return err
				}
				r.at = nil
				r.link.fails.Store(0)
			}
			return nil
		})
		r.at = nil
	}
	return r.after(name, err)
}

// begin finishes what was begun in a folder, and reports whether more can be done
// there.
func (r *cleanRun) begin(ctx context.Context, m *mailbox) (bool, error) {
	if !r.Apply {
		return true, nil
	}
	if err := r.settle(ctx, m); err != nil {
		return false, err
	}
	err := m.writable()
	if err == nil || broken(err) {
		return err == nil, err
	}
	return false, r.tell(Cleaned{Source: r.source(m.name, m.validity, 0), Err: &FolderError{m.name, err}})
}

// after tells an error that only this folder has; others it returns.
func (r *cleanRun) after(name string, err error) error {
	var told *tellError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &told):
		return told.error
	case r.ctx.Err() != nil:
		return context.Cause(r.ctx)
	case !overQuota(err) && (refused(err) || errors.Is(err, ErrChanged)):
		return r.emit(Cleaned{Source: r.source(name, 0, 0), Err: &FolderError{name, err}})
	}
	return &FolderError{name, err}
}

// overQuota reports whether the mailbox is full, so that no copy fits in.
func overQuota(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && (e.Code == "OVERQUOTA" || strings.Contains(strings.ToLower(e.Text), "quota"))
}
