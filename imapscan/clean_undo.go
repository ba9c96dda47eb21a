package imapscan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/emersion/go-imap/v2"
)

// Undo puts the originals of what Clean changed back, newest first and as safely:
// where the cleaned message is still there and has the same bytes. Its flags of
// now stay. Without Apply it says what it would do.
func (c *Cleaner) Undo(ctx context.Context, emit func(Cleaned) error) error {
	return c.each(ctx, emit, (*cleanRun).undoFolder)
}

// undoFolder puts back the originals of a folder.
func (r *cleanRun) undoFolder(name string) error {
	if !slices.ContainsFunc(r.ledger.swaps, func(s *swap) bool { return s.Folder == name }) {
		return nil
	}
	r.told = map[imap.UID]bool{}
	err := r.with(name, func(ctx context.Context, m *mailbox) error {
		if ok, err := r.begin(ctx, m); !ok {
			return err
		}
		for _, s := range slices.Backward(slices.Clone(r.ledger.swaps)) {
			switch {
			case r.ctx.Err() != nil:
				return context.Canceled
			case s.Folder != name || s.Step != done || s.Undoes != "" || r.ledger.undone(s) || r.told[r.ledger.now(s)]:
				continue
			}
			uid := r.ledger.now(s)
			r.at = &Cleaned{Source: r.source(name, m.validity, uid)}
			if err := r.undo(ctx, m, s, r.at); err != nil {
				return err
			}
			r.told[uid] = true
			r.link.fails.Store(0)
		}
		return nil
	})
	r.at = nil
	return r.after(name, err)
}

func (r *cleanRun) undo(ctx context.Context, m *mailbox, s *swap, c *Cleaned) error {
	fail := func(err error) error {
		c.Err = &LeftError{err}
		return r.tell(*c)
	}
	if s.UIDValidity != m.validity {
		return fail(fmt.Errorf("the folder was made anew since; the original is kept in %s", r.ledger.place(s)))
	}
	was, err := m.fetch(r.ledger.now(s), true)
	switch {
	case errors.Is(err, errGone):
		return fail(fmt.Errorf("it was moved or removed since; the original is kept in %s", r.ledger.place(s)))
	case broken(err):
		return err
	case err != nil:
		return fail(err)
	}
	if c.Subject = r.subject(was.data); sum(was.data) != s.After {
		return fail(fmt.Errorf("it is not what was written; the original is kept in %s", r.ledger.place(s)))
	}
	data, err := r.ledger.original(s)
	if err != nil {
		return fail(err)
	}
	c.Source.Bytes = int64(len(was.data))
	if c.Would = !r.Apply; c.Would {
		return r.tell(*c)
	}
	return r.change(ctx, m, was, data, r.note(s.ID), c)
}

// undone reports whether the original of s was put back.
func (l *ledger) undone(s *swap) bool {
	return slices.ContainsFunc(l.swaps, func(o *swap) bool { return o.Undoes == s.ID && o.Step == done })
}

// now is the UID of the copy of s, which has another one when it was cleaned again
// and that was undone.
func (l *ledger) now(s *swap) imap.UID {
	uid := s.Copy
	for _, o := range l.swaps {
		if u := l.byID[o.Undoes]; u != nil && o.Step == done && u.Folder == s.Folder && u.UIDValidity == s.UIDValidity && u.UID == uid {
			uid = o.Copy
		}
	}
	return uid
}
