package auditstore

import (
	"database/sql"
	"errors"
)

// State is how far a folder is known, as the server names it: the values of
// SELECT (RFC 3501 section 6.3.1, RFC 7162 section 3.1.2.1).
type State struct {
	UIDValidity   uint32
	UIDNext       uint32
	HighestModSeq uint64
}

// Folder returns what Save was given last for a folder; the zero State when it was
// never saved.
func (s *Store) Folder(account, name string) (State, error) {
	var st State
	var modseq int64
	err := s.db.QueryRow("SELECT uidvalidity, uidnext, modseq FROM folder WHERE account = ? AND name = ?", account, name).
		Scan(&st.UIDValidity, &st.UIDNext, &modseq)
	if errors.Is(err, sql.ErrNoRows) {
		return State{}, nil
	}
	st.HighestModSeq = uint64(modseq)
	return st, s.explain(err)
}

// Known returns the UIDs that are stored of a folder, in ascending ranges; none
// when uidvalidity is not the one they were stored with.
func (s *Store) Known(account, folder string, uidvalidity uint32) ([]Range, error) {
	var known string
	err := s.db.QueryRow("SELECT known FROM folder WHERE account = ? AND name = ? AND uidvalidity = ?", account, folder, uidvalidity).Scan(&known)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, s.explain(err)
	}
	list, err := parseRanges(known)
	return list, s.explain(err)
}

// enter writes the state of a folder and which messages are to be
// added. Messages stored with another UIDValidity are gone from it:
// their UIDs name nothing any more.
func (w *writer) enter(account, name string, st State, rows []Row) error {
	var validity uint32
	var text string
	err := w.tx.QueryRowContext(w.ctx, "SELECT id, uidvalidity, known FROM folder WHERE account = ? AND name = ?", account, name).
		Scan(&w.folder, &validity, &text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = w.tx.QueryRowContext(w.ctx, "INSERT INTO folder (account, name, uidvalidity, uidnext, modseq) VALUES (?, ?, 0, 0, 0) RETURNING id",
			account, name).Scan(&w.folder)
	case err == nil && validity != st.UIDValidity:
		text = ""
		_, err = w.tx.ExecContext(w.ctx, "DELETE FROM message WHERE folder = ?", w.folder)
	}
	if err != nil {
		return err
	}
	known, err := parseRanges(text)
	if err != nil {
		return err
	}
	for i := range rows {
		known = append(known, Range{rows[i].UID, rows[i].UID})
	}
	_, err = w.tx.ExecContext(w.ctx, "UPDATE folder SET uidvalidity = ?, uidnext = ?, modseq = ?, known = ? WHERE id = ?",
		st.UIDValidity, st.UIDNext, int64(st.HighestModSeq), formatRanges(joinRanges(known)), w.folder)
	return err
}
