package imapscan

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector/rewrite"
)

// message cleans one message, or says what would be done. An error is one of the
// connection, of emit, of the journal or of the quota.
func (r *cleanRun) message(ctx context.Context, m *mailbox, uid imap.UID, c *Cleaned) error {
	old, err := m.fetch(uid, true)
	switch {
	case errors.Is(err, errGone):
		return nil
	case broken(err):
		return err
	case err != nil:
		c.Err = &LeftError{err}
		return r.tell(*c)
	}
	if old.has(imap.FlagDeleted) {
		return nil // it goes anyway
	}
	c.Source.Bytes = int64(len(old.data))
	if c.Result, err = rewriteMessage(old.data, r.Policy); err != nil {
		c.Err = &LeftError{err}
		return r.tell(*c)
	}
	if c.Result.Changed && !r.Apply {
		if err := r.swapper(m).fits(old, c.Result.Data); err != nil {
			c.Err = &LeftError{err}
			return r.tell(*c)
		}
		c.Would = true
	}
	switch {
	case c.Result.Changed && r.Apply:
		return r.change(ctx, m, old, c.Result.Data, r.note(""), c)
	case c.Would || len(c.Result.Kept)+len(c.Result.Left)+len(c.Result.Warnings) > 0:
		return r.tell(*c)
	}
	return nil
}

// note is what the journal should know of a swap besides.
func (r *cleanRun) note(undoes string) swap {
	return swap{Account: r.Scanner.Account, Server: r.host(), Undoes: undoes}
}

// host names the server, whatever the port.
func (r *cleanRun) host() string {
	host, _, err := net.SplitHostPort(r.Scanner.Server.Address)
	if err != nil {
		return r.Scanner.Server.Address
	}
	return host
}

// change swaps a message and tells what became of it.
func (r *cleanRun) change(ctx context.Context, m *mailbox, old *stored, data []byte, note swap, c *Cleaned) error {
	copied, err := r.swapper(m).swap(ctx, old, data, note)
	var no *refusal
	if errors.As(err, &no) {
		if err := r.anew(ctx, m); err != nil {
			return err
		}
		err = r.swapper(m).settle(ctx, no.swap, answer{refused: no})
	}
	var fault *ledgerError
	if broken(err) || errors.As(err, &fault) {
		return err
	}
	if c.Err = err; err == nil {
		c.Copy = uint32(copied)
	}
	if err := r.tell(*c); err != nil {
		return err
	}
	if overQuota(err) {
		return own("%w; a copy needs room beside its original: free some, then run again", err)
	}
	if len(r.ledger.pending(m.name)) > 0 {
		return own("a message and its copy are both there; nothing else is changed before that is settled; run again, or look at the folder")
	}
	return nil
}

// anew opens a folder over a new connection. After a refused APPEND go-imap closes
// its own.
func (r *cleanRun) anew(ctx context.Context, m *mailbox) error {
	r.link.mu.Lock()
	r.link.drop()
	r.link.mu.Unlock()
	ses, err := r.link.ready(ctx, nil)
	if err != nil {
		return err
	}
	m.ses = ses
	return m.open()
}

// rewriteMessage keeps a defect that one message shows from losing the others.
func rewriteMessage(data []byte, o *rewrite.Options) (res rewrite.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be rewritten, a defect of pixelsweep: %v", p)
		}
	}()
	return rewrite.Message(data, o)
}
