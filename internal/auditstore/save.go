package auditstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Row is a message as an audit has read it.
type Row struct {
	UID         uint32
	Date        time.Time        // when it arrived (INTERNALDATE); zero takes the date of its header
	Unsubscribe string           // the value of List-Unsubscribe (RFC 2369), decoded
	Report      *detector.Report // nil for a message that cannot be read: it is known, and nothing is known of it
}

// Save stores messages of a folder and how far the folder is known, all of it or
// on an error nothing. A message that is stored already is replaced. When st has
// another UIDValidity than the folder had, the folder starts anew: what was stored
// of it goes.
func (s *Store) Save(ctx context.Context, account, folder string, st State, rows []Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(err)
	}
	defer tx.Rollback()
	w := &writer{ctx: ctx, tx: tx, store: s, ids: newIDs(), numbers: map[string]*sql.Stmt{}}
	if err := w.enter(account, folder, st, rows); err != nil {
		return s.explain(err)
	}
	if err := w.rows(rows); err != nil {
		return s.explain(err)
	}
	if err := tx.Commit(); err != nil {
		return s.explain(err)
	}
	s.ids.add(w.ids) // not before: a transaction that fails takes its numbers back
	return nil
}

// ids remembers the numbers of what stands once.
type ids struct {
	senders  map[Sender]int64
	trackers map[Tracker]int64
}

func newIDs() ids {
	return ids{make(map[Sender]int64), make(map[Tracker]int64)}
}

// maxIDs bounds what is remembered; what is not is looked up.
const maxIDs = 50_000

func (n *ids) add(more ids) {
	if len(n.senders)+len(more.senders) > maxIDs {
		clear(n.senders)
	}
	if len(n.trackers)+len(more.trackers) > maxIDs {
		clear(n.trackers)
	}
	maps.Copy(n.senders, more.senders)
	maps.Copy(n.trackers, more.trackers)
}

// A writer is one transaction.
type writer struct {
	ctx     context.Context
	tx      *sql.Tx
	store   *Store
	folder  int64
	ids     ids                  // new in this transaction
	numbers map[string]*sql.Stmt // by the table that they fill; they end with the transaction
	json    []byte
}

// group is how many messages one statement inserts.
const group = 32

const insertMessage = "INSERT OR REPLACE INTO message (folder, uid, date, identity, sender, subject, verdict, score, complete, unsubscribe, trackers) VALUES "

const oneMessage = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

func (w *writer) rows(rows []Row) error {
	var many *sql.Stmt
	for len(rows) >= group {
		if many == nil {
			text := insertMessage + oneMessage
			for range group - 1 {
				text += ", " + oneMessage
			}
			var err error
			if many, err = w.tx.PrepareContext(w.ctx, text); err != nil {
				return err
			}
			defer many.Close()
		}
		if err := w.insert(many, rows[:group]); err != nil {
			return err
		}
		rows = rows[group:]
	}
	if len(rows) == 0 {
		return nil
	}
	one, err := w.tx.PrepareContext(w.ctx, insertMessage+oneMessage)
	if err != nil {
		return err
	}
	defer one.Close()
	for i := range rows {
		if err := w.insert(one, rows[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// insert runs a statement for as many rows as it has room for.
func (w *writer) insert(stmt *sql.Stmt, rows []Row) error {
	args := make([]any, 0, 11*len(rows))
	for i := range rows {
		row := &rows[i]
		if row.UID == 0 {
			return fmt.Errorf("a message without UID cannot be stored")
		}
		m := w.store.distil(w.folder, row)
		sender, err := w.sender(m.Sender)
		if err != nil {
			return err
		}
		trackers, err := w.trackers(m.Sightings)
		if err != nil {
			return err
		}
		var date int64
		if !m.Date.IsZero() {
			date = m.Date.Unix()
		}
		args = append(args, w.folder, row.UID, date, m.identity[:], sender, m.Subject, string(m.Verdict), m.Score, m.Complete,
			m.Unsubscribe, trackers)
	}
	_, err := stmt.ExecContext(w.ctx, args...)
	return err
}

func (w *writer) sender(v Sender) (int64, error) {
	if id, ok := w.store.ids.senders[v]; ok {
		return id, nil
	}
	if id, ok := w.ids.senders[v]; ok {
		return id, nil
	}
	id, err := w.number("sender", "address, domain, name", "(?, ?, ?)", v.Address, v.Domain, v.Name)
	if err == nil {
		w.ids.senders[v] = id
	}
	return id, err
}

func (w *writer) tracker(v Tracker) (int64, error) {
	if id, ok := w.store.ids.trackers[v]; ok {
		return id, nil
	}
	if id, ok := w.ids.trackers[v]; ok {
		return id, nil
	}
	id, err := w.number("tracker", "kind, severity, service, operator, category, site, evidence, form", "(?, ?, ?, ?, ?, ?, ?, ?)",
		string(v.Kind), string(v.Severity), v.Service.Name, v.Service.Operator, v.Service.Category, v.Site, string(v.Evidence), v.Form)
	if err == nil {
		w.ids.trackers[v] = id
	}
	return id, err
}

// number returns the id of what stands once in a table.
func (w *writer) number(table, columns, marks string, values ...any) (id int64, err error) {
	stmt := w.numbers[table]
	if stmt == nil {
		// A conflict must change something, else it returns nothing.
		first, _, _ := strings.Cut(columns, ",")
		stmt, err = w.tx.PrepareContext(w.ctx, "INSERT INTO "+table+" ("+columns+") VALUES "+marks+
			" ON CONFLICT ("+columns+") DO UPDATE SET "+first+" = "+first+" RETURNING id")
		if err != nil {
			return 0, err
		}
		w.numbers[table] = stmt
	}
	err = stmt.QueryRowContext(w.ctx, values...).Scan(&id)
	return id, err
}

// trackers writes [[tracker, how many], …].
func (w *writer) trackers(list []Sighting) (string, error) {
	b := append(w.json[:0], '[')
	for i := range list {
		id, err := w.tracker(list[i].Tracker)
		if err != nil {
			return "", err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '['), id, 10)
		b = strconv.AppendInt(append(b, ','), int64(list[i].Count), 10)
		b = append(b, ']')
	}
	w.json = append(b, ']')
	return string(w.json), nil
}
