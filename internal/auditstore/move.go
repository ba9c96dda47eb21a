package auditstore

import (
	"context"
	"database/sql"
	"errors"
)

// Move is a message of a folder that another message took the place of: the same
// one with other bytes.
type Move struct {
	Folder      string
	UIDValidity uint32
	From, To    uint32 // UIDs
}

// Move notes that messages have other UIDs now, in their order, all or on an error
// nothing. What was found in them when they came stays, and they are known under the
// new UID. Messages and folders that are not stored are left out; it may be told
// again.
func (s *Store) Move(ctx context.Context, account string, list []Move) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(err)
	}
	defer tx.Rollback()
	for _, m := range list {
		if err := move(ctx, tx, account, m); err != nil {
			return s.explain(err)
		}
	}
	return s.explain(tx.Commit())
}

func move(ctx context.Context, tx *sql.Tx, account string, m Move) error {
	var folder int64
	var text string
	err := tx.QueryRowContext(ctx, `
		SELECT id, known FROM folder WHERE account = ? AND name = ? AND uidvalidity = ?
		AND EXISTS (SELECT 1 FROM message WHERE folder = folder.id AND uid = ?)`, account, m.Folder, m.UIDValidity, m.From).Scan(&folder, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	known, err := parseRanges(text)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE OR REPLACE message SET uid = ? WHERE folder = ? AND uid = ?", m.To, folder, m.From); err != nil {
		return err
	}
	known = joinRanges(append(known, Range{m.To, m.To}))
	_, err = tx.ExecContext(ctx, "UPDATE folder SET known = ? WHERE id = ?", formatRanges(known), folder)
	return err
}
