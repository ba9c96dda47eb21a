package imapscan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// Audit says what is read of an account.
type Audit struct {
	Include, Exclude []string  // patterns of folders, see [Choose]
	Since, Before    time.Time // by the day of arrival; zero for no bound
	Limit            int       // the newest so many messages of each folder; 0 for all

	// Store keeps what was read, so that the next run reads only what is new; nil
	// reads all.
	Store *auditstore.Store
}

// AuditStats count what an audit met.
type AuditStats struct {
	Folders   int // that were looked at
	Unchanged int // of them, those that hold nothing new
	Messages  int // that were read
	Errors    int // messages and folders that could not be read
}

// FolderError says that a folder could not be read, or not all of it.
type FolderError struct {
	Folder string
	Err    error
}

func (e *FolderError) Error() string { return fmt.Sprintf("folder %q: %v", e.Folder, e.Err) }
func (e *FolderError) Unwrap() error { return e.Err }

// Audit reads folder after folder and hands every result to emit, a message that
// could not be read too, and folders that could not as [FolderError]. What emit
// gets is stored before. It fails when the account cannot be read any further,
// or when emit does.
func (s *Scanner) Audit(ctx context.Context, a *Audit, emit func(folder string, r Result) error) (AuditStats, error) {
	var stats AuditStats
	all, err := s.Folders(ctx)
	if err != nil {
		return stats, err
	}
	list, err := Choose(all, a.Include, a.Exclude)
	if err != nil {
		return stats, err
	}
	for _, f := range list {
		stats.Folders++
		err := s.auditFolder(ctx, a, f, &stats, emit)
		var own *emitError
		switch {
		case err == nil:
			continue
		case errors.As(err, &own):
			return stats, own.error
		case ctx.Err() != nil:
			return stats, context.Cause(ctx)
		case !refused(err) && !errors.Is(err, ErrChanged):
			return stats, &FolderError{f.Name, err}
		}
		stats.Errors++
		if err := emit(f.Name, Result{Err: &FolderError{f.Name, err}}); err != nil {
			return stats, err
		}
	}
	return stats, nil
}

// emitError is an error of whom the results go to, or of the store.
type emitError struct{ error }

func (a *Audit) everything() bool { return a.Since.IsZero() && a.Before.IsZero() && a.Limit == 0 }

func (s *Scanner) auditFolder(ctx context.Context, a *Audit, f Folder, stats *AuditStats, emit func(string, Result) error) error {
	sel := Selection{Since: a.Since, Before: a.Before, Limit: a.Limit}
	if a.Store != nil {
		st, err := a.Store.Folder(s.Account, f.Name)
		if err != nil {
			return &emitError{err}
		}
		if a.everything() && st.UIDNext != 0 && st == (auditstore.State{UIDValidity: f.UIDValidity, UIDNext: f.UIDNext, HighestModSeq: f.HighestModSeq}) {
			stats.Unchanged++
			return nil
		}
		ranges, err := a.Store.Known(s.Account, f.Name, st.UIDValidity)
		if err != nil {
			return &emitError{err}
		}
		sel.Known, sel.UIDValidity = ranges, st.UIDValidity
	}
	begin := func(st State) { f.UIDValidity = st.UIDValidity }
	save := func(st auditstore.State, rows []auditstore.Row) error {
		if a.Store == nil {
			return nil
		}
		// Half a transaction is never stored, so an interrupt need not break one off.
		if err := a.Store.Save(context.WithoutCancel(ctx), s.Account, f.Name, st, rows); err != nil {
			return &emitError{err}
		}
		return nil
	}
	state, err := s.Folder(ctx, f.Name, sel, begin, func(list []Result) error {
		rows := make([]auditstore.Row, 0, len(list))
		for _, r := range list {
			stats.Messages++
			if r.Err != nil {
				stats.Errors++
				continue
			}
			rows = append(rows, auditstore.Row{UID: r.UID, Date: r.Date, Unsubscribe: r.Unsubscribe, Report: r.Report})
		}
		if err := save(auditstore.State{UIDValidity: f.UIDValidity}, rows); err != nil {
			return err
		}
		for _, r := range list {
			if err := emit(f.Name, r); err != nil {
				return &emitError{err}
			}
		}
		return nil
	})
	if err != nil || !state.Whole {
		return err
	}
	// Only now is the folder known up to its UIDNEXT.
	return save(auditstore.State{UIDValidity: state.UIDValidity, UIDNext: state.UIDNext, HighestModSeq: state.HighestModSeq}, nil)
}
