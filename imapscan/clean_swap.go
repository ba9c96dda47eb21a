package imapscan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// A swap puts a copy with other bytes in the place of a message, in steps that
// each can be the last before the connection or the program ends:
//
//  1. the original goes to the backup, the swap to the journal
//  2. APPEND of the copy, with the flags and the INTERNALDATE of the original
//  3. the copy is fetched and compared; the original must be as it was
//  4. the journal says so; the original is marked as deleted and expunged, by its
//     UID alone (RFC 4315)
//
// A server with REPLACE does 2 and 4 at once; then the copy is compared afterwards.
//
// settle goes on from wherever a swap stands, by looking at what is there. Where
// the copy is not as it should be, or somebody changed the original meanwhile, or
// the server refuses, the copy is taken back. Nothing is removed but by the UID of
// a message whose bytes were just seen to be the ones that are meant, and never
// the last of the two, unless somebody else removed the original.
type swapper struct {
	box    *mailbox
	ledger *ledger
	// late is how long a copy whose APPEND got no answer may take to appear.
	late time.Duration
}

// Reasons why a copy is taken back.
const (
	changedMeanwhile = "somebody else changed it meanwhile; run again"
	removedMeanwhile = "somebody else removed it meanwhile"
)

// LeftError says why a message was left as it was.
type LeftError struct{ Why error }

func (e *LeftError) Error() string { return "left as it was: " + e.Why.Error() }
func (e *LeftError) Unwrap() error { return e.Why }

// swap puts data in the place of m, which was fetched whole from the folder. It
// returns the UID of the copy. note holds what the journal should know besides.
func (w *swapper) swap(ctx context.Context, m *stored, data []byte, note swap) (imap.UID, error) {
	s := &note
	s.Folder, s.UIDValidity, s.UID = w.box.name, w.box.validity, m.uid
	s.Flags, s.Date, s.Before, s.After = m.flags, m.date, sum(m.data), sum(data)
	s.MessageID, s.Mark = messageID(data), mark(data)
	if s.Replace = w.box.ses.Caps.Has("REPLACE"); s.Replace {
		// REPLACE does not ask whether the original is as it was, so this is asked last.
		if now, err := w.box.fetch(m.uid, false); errors.Is(err, errGone) {
			return 0, &LeftError{errors.New(removedMeanwhile)}
		} else if err != nil {
			return 0, err
		} else if !sameFlags(now.flags, m.flags) {
			return 0, &LeftError{errors.New(changedMeanwhile)}
		}
	}
	if err := w.fits(m, data); err != nil {
		return 0, &LeftError{err}
	}
	// A copy gets a UID above all that are there (RFC 9051 section 2.3.1.1). UIDNEXT
	// says the same, and where one of the two is wrong the lesser one is safe: what is
	// looked for has the bytes of the copy.
	last, err := w.box.last()
	if err != nil {
		return 0, err
	}
	if last < m.uid || last+1 == 0 {
		return 0, &LeftError{errContradiction}
	}
	if s.Next = last + 1; w.box.next > m.uid {
		s.Next = min(s.Next, w.box.next)
	}
	earlier := false
	// An earlier copy whose APPEND got no answer may have come late.
	for _, o := range w.ledger.swaps {
		if o.Step == returned && o.Copy == 0 && o.Folder == s.Folder && o.UIDValidity == s.UIDValidity && o.UID == s.UID {
			s.Next, earlier = min(s.Next, o.Next), true
		}
	}
	if s.Backup, err = w.ledger.backup(s.Folder, s.UIDValidity, m); err != nil {
		return 0, &ledgerError{fmt.Errorf("backup: %w", err)}
	}
	if err := w.ledger.begin(s); err != nil {
		return 0, err
	}
	if earlier {
		if c, err := w.find(s, 0); err != nil || c != nil {
			if err != nil {
				return 0, err
			}
			return s.Copy, w.settle(ctx, s, answer{hint: c.uid})
		}
	}
	var hint imap.UID
	if s.Replace {
		err = w.box.replace(m.uid, data, s.Flags, s.Date)
	} else {
		hint, err = w.box.append(data, s.Flags, s.Date)
	}
	switch {
	case refused(err):
		// After a refusal go-imap may have closed the connection; and what was
		// refused must not be there.
		return 0, &refusal{s, err}
	case err != nil:
		return 0, err
	}
	err = w.settle(ctx, s, answer{took: true, hint: hint})
	return s.Copy, err
}

// answer is what the server said to an APPEND; nothing where that is not known.
type answer struct {
	took    bool
	hint    imap.UID // where the copy may be
	refused error
}

// refusal says that the server did not take a copy. The connection is to be made
// anew, and the swap settled.
type refusal struct {
	swap *swap
	err  error
}

func (e *refusal) Error() string { return "the server does not take the copy: " + e.err.Error() }
func (e *refusal) Unwrap() error { return e.err }

// fits reports why a copy could not be as the original is.
func (w *swapper) fits(m *stored, data []byte) error {
	switch {
	case m.has(imap.FlagDeleted):
		return errors.New("it is marked as deleted")
	case slices.Contains(data, 0):
		return errors.New("it holds NUL bytes, which IMAP does not take")
	}
	if limit, ok := w.box.ses.Caps.AppendLimit(); ok && limit != nil && int64(len(data)) > int64(*limit) {
		return fmt.Errorf("it is larger than the server takes (%d bytes)", *limit)
	}
	for _, f := range m.flags {
		if strings.Trim(string(f), "\\") == "" || strings.ContainsFunc(string(f[1:]), func(r rune) bool {
			return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r)
		}) {
			return fmt.Errorf("its keyword %q cannot be sent back", f)
		}
	}
	return nil
}

// settle brings a swap to an end: the copy stands alone, which gives nil, or the
// original does, which gives a [LeftError]. Any other error leaves the swap open, for
// the next run or session.
func (w *swapper) settle(ctx context.Context, s *swap, a answer) error {
	if w.box.validity != s.UIDValidity {
		s.Reason = "the folder was made anew meanwhile"
		if err := w.ledger.reach(s, given); err != nil {
			return err
		}
		return own("UID %d: the folder was made anew since its copy was sent; look whether both are there; the original is kept in %s", s.UID, w.ledger.place(s))
	}
	fresh := s.Step == begun
	if s.Step == begun {
		if err := w.proceed(ctx, s, a); err != nil {
			return err
		}
	}
	if s.Step == removing {
		if err := w.remove(s, fresh); err != nil {
			return err
		}
	}
	if s.Step == returning {
		if err := w.takeBack(s); err != nil {
			return err
		}
	}
	switch {
	case s.Step == returned && a.refused != nil:
		return &LeftError{a.refused}
	case s.Step == returned:
		return &LeftError{errors.New(s.Reason)}
	}
	return nil
}

// proceed goes from begun to removing where all is well, else to returning or, if
// there is no copy, to returned.
func (w *swapper) proceed(ctx context.Context, s *swap, a answer) error {
	c, err := w.find(s, a.hint)
	if err != nil {
		return err
	}
	if c == nil && a.refused == nil {
		if err := w.wait(ctx); err != nil {
			return err
		}
		if c, err = w.find(s, a.hint); err != nil {
			return err
		}
	}
	if s.Replace {
		if ended, err := w.replaced(s, c); ended || err != nil {
			return err
		}
	}
	switch {
	case c == nil && a.took:
		return fmt.Errorf("UID %d: %w: it took the copy, and the copy is not there", s.UID, errContradiction)
	case c == nil && a.refused != nil:
		s.Reason = a.refused.Error()
		return w.ledger.reach(s, returned)
	case c == nil:
		s.Reason = "the copy did not arrive; run again"
		return w.ledger.reach(s, returned)
	}
	s.Copy = c.uid
	wrong := s.differs(c)
	o, err := w.box.fetch(s.UID, false)
	switch {
	case errors.Is(err, errGone):
		s.Gone, s.Reason = true, removedMeanwhile
	case err != nil:
		return err
	case !sameFlags(o.flags, s.Flags) || !o.date.Equal(s.Date):
		s.Reason = changedMeanwhile
	case a.refused != nil:
		s.Reason = a.refused.Error()
	case wrong != "":
		s.Reason = wrong
	default:
		return w.ledger.reach(s, removing)
	}
	return w.ledger.reach(s, returning)
}

// differs says how a copy is not as it should be, "" for not at all.
func (s *swap) differs(c *stored) string {
	switch {
	case sum(c.data) != s.After:
		return "the server does not store the copy byte for byte"
	case !sameFlags(c.flags, s.Flags):
		return fmt.Sprintf("the server does not give the copy the same flags: %q, not %q", c.flags, s.Flags)
	case !c.date.Equal(s.Date):
		return fmt.Sprintf("the server does not give the copy the same date: %s, not %s", c.date.Format(time.RFC3339), s.Date.Format(time.RFC3339))
	}
	return ""
}

// replaced ends a swap by REPLACE, whose copy is c or nil, where the original is
// gone. It reports false where that is there: nothing was replaced, or the server
// kept both.
func (w *swapper) replaced(s *swap, c *stored) (bool, error) {
	_, err := w.box.fetch(s.UID, false)
	switch {
	case err == nil:
		return false, nil
	case !errors.Is(err, errGone):
		return false, err
	case c == nil:
		if err := w.ledger.reach(s, given); err != nil {
			return true, err
		}
		return true, own("UID %d: it is gone, and no copy is there: somebody else removed one of them, or the server lost it; the original is kept in %s", s.UID, w.ledger.place(s))
	}
	s.Copy = c.uid
	wrong := s.differs(c)
	s.After = sum(c.data) // for undo
	if err := w.ledger.reach(s, done); err != nil || wrong == "" {
		return true, err
	}
	return true, own("UID %d: it was replaced, but %s; --undo --apply puts the original back", s.UID, wrong)
}

func (w *swapper) wait(ctx context.Context) error {
	select {
	case <-time.After(w.late):
		// Without this, messages that arrived need not be told (RFC 9051 section 6.1.2).
		return w.box.check()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// remove takes the original away, if the copy is there as it should be, and goes
// to done; where that cannot be, to returning. A fresh swap was not yet here: then
// we cannot be who removed the original, and the copy was just seen.
func (w *swapper) remove(s *swap, fresh bool) error {
	if err := w.box.check(); err != nil {
		return err
	}
	o, err := w.box.fetch(s.UID, false)
	switch {
	case errors.Is(err, errGone) && fresh:
		s.Gone, s.Reason = true, removedMeanwhile
		return w.ledger.reach(s, returning)
	case errors.Is(err, errGone):
		return w.ledger.reach(s, done)
	case err != nil:
		return err
	case !sameFlags(undeleted(o.flags), s.Flags):
		s.Reason = changedMeanwhile
		return w.ledger.reach(s, returning)
	}
	if !fresh {
		c, err := w.box.fetch(s.Copy, true)
		switch {
		case errors.Is(err, errGone):
			s.Reason = "somebody else removed the copy meanwhile; run again"
			return w.ledger.reach(s, returning)
		case err != nil:
			return err
		case sum(c.data) != s.After:
			return fmt.Errorf("UID %d: %w: the copy has other bytes than before", s.UID, errContradiction)
		}
	}
	if !o.has(imap.FlagDeleted) {
		err := w.box.flag(s.UID, imap.StoreFlagsAdd, imap.FlagDeleted, o.modseq)
		if err == nil {
			o, err = w.box.fetch(s.UID, false)
		}
		switch {
		case errors.Is(err, errGone):
			return w.ledger.reach(s, done)
		case refused(err):
			s.Reason = "the server does not mark it as deleted: " + err.Error()
			return w.ledger.reach(s, returning)
		case err != nil:
			return err
		case !o.has(imap.FlagDeleted):
			s.Reason = changedMeanwhile
			return w.ledger.reach(s, returning)
		}
	}
	if err := w.box.expunge(s.UID); refused(err) {
		s.Reason = "the server does not expunge it: " + err.Error()
		return w.ledger.reach(s, returning)
	} else if err != nil {
		return err
	}
	if _, err := w.box.fetch(s.UID, false); errors.Is(err, errGone) {
		return w.ledger.reach(s, done)
	} else if err != nil {
		return err
	}
	s.Reason = "the server says that it is expunged, and it is still there"
	return w.ledger.reach(s, returning)
}

// takeBack removes the copy and goes to returned; where the original is gone
// although only we removed it, the copy stays and it goes to done.
func (w *swapper) takeBack(s *swap) error {
	if err := w.box.check(); err != nil {
		return err
	}
	o, err := w.box.fetch(s.UID, false)
	switch {
	case errors.Is(err, errGone):
		if !s.Gone {
			return w.ledger.reach(s, done)
		}
	case err != nil:
		return err
	case o.has(imap.FlagDeleted):
		if err := w.box.flag(s.UID, imap.StoreFlagsDel, imap.FlagDeleted, 0); err != nil {
			return w.stays(s, err)
		}
	}
	c, err := w.box.fetch(s.Copy, true)
	switch {
	case errors.Is(err, errGone):
	case err != nil:
		return err
	case !s.isCopy(c):
		return fmt.Errorf("UID %d: %w: its copy %d has become another message", s.UID, errContradiction, s.Copy)
	default:
		err := w.box.flag(s.Copy, imap.StoreFlagsAdd, imap.FlagDeleted, 0)
		if err == nil {
			err = w.box.expunge(s.Copy)
		}
		if err == nil {
			_, err = w.box.fetch(s.Copy, false)
			if err == nil {
				err = &imap.Error{Type: imap.StatusResponseTypeNo, Text: "it is still there"}
			} else if errors.Is(err, errGone) {
				err = nil
			}
		}
		if err != nil {
			return w.stays(s, err)
		}
	}
	return w.ledger.reach(s, returned)
}

// stays says that both are there, where the server refuses to take the copy back.
func (w *swapper) stays(s *swap, err error) error {
	if !refused(err) {
		return err
	}
	return own("UID %d and its copy %d are both there: %s, and the copy cannot be taken back: %w; the next run tries again", s.UID, s.Copy, s.Reason, err)
}
