package auditstore

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
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
	w := &writer{ctx: ctx, tx: tx, store: s, ids: newIDs()}
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
	ctx    context.Context
	tx     *sql.Tx
	store  *Store
	folder int64
	ids    ids // of what this transaction names
	json   []byte
}

// group is how many rows one statement inserts.
const group = 32

// grouped runs an INSERT for rows of values, of which each makes one row, as many at
// a time as group says. took takes what the statement returns, nil where that is
// nothing. after stands behind the rows.
func (w *writer) grouped(insert, row, after string, rows [][]any, took func(*sql.Rows) error) error {
	var stmt *sql.Stmt
	size := 0
	defer func() {
		if stmt != nil {
			stmt.Close()
		}
	}()
	for len(rows) > 0 {
		n := group
		if len(rows) < group {
			n = 1
		}
		if n != size {
			if stmt != nil {
				stmt.Close()
			}
			var err error
			stmt, err = w.tx.PrepareContext(w.ctx, insert+" VALUES "+row+strings.Repeat(", "+row, n-1)+after)
			if err != nil {
				return err
			}
			size = n
		}
		args := slices.Concat(rows[:n]...)
		rows = rows[n:]
		if took == nil {
			if _, err := stmt.ExecContext(w.ctx, args...); err != nil {
				return err
			}
			continue
		}
		if err := query(w.ctx, stmt, args, took); err != nil {
			return err
		}
	}
	return nil
}

func query(ctx context.Context, stmt *sql.Stmt, args []any, took func(*sql.Rows) error) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := took(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (w *writer) rows(rows []Row) error {
	messages := make([]*Message, len(rows))
	for i := range rows {
		if rows[i].UID == 0 {
			return fmt.Errorf("a message without UID cannot be stored")
		}
		messages[i] = w.store.distil(w.folder, &rows[i])
	}
	if err := w.learn(messages); err != nil {
		return err
	}
	values := make([][]any, len(messages))
	for i, m := range messages {
		var date int64
		if !m.Date.IsZero() {
			date = m.Date.Unix()
		}
		values[i] = []any{w.folder, m.UID, date, m.identity[:], w.ids.senders[m.Sender], m.Subject, string(m.Verdict), m.Score, m.Complete,
			m.Unsubscribe, w.trackers(m.Sightings)}
	}
	return w.grouped("INSERT OR REPLACE INTO message (folder, uid, date, identity, sender, subject, verdict, score, complete, unsubscribe, trackers)",
		"(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "", values, nil)
}

// learn gets the numbers of all senders and trackers that messages name.
func (w *writer) learn(messages []*Message) error {
	var senders, trackers [][]any
	for _, m := range messages {
		if _, ok := w.ids.senders[m.Sender]; !ok {
			id, known := w.store.ids.senders[m.Sender]
			w.ids.senders[m.Sender] = id
			if v := m.Sender; !known {
				senders = append(senders, []any{v.Address, v.Domain, v.Name})
			}
		}
		for i := range m.Sightings {
			t := m.Sightings[i].Tracker
			if _, ok := w.ids.trackers[t]; ok {
				continue
			}
			id, known := w.store.ids.trackers[t]
			w.ids.trackers[t] = id
			if !known {
				trackers = append(trackers, []any{string(t.Kind), string(t.Severity), t.Service.Name, t.Service.Operator, t.Service.Category, t.Site,
					string(t.Evidence), t.Form})
			}
		}
	}
	// A conflict must change something, else it returns nothing.
	err := w.grouped("INSERT INTO sender (address, domain, name)", "(?, ?, ?)",
		" ON CONFLICT (address, domain, name) DO UPDATE SET address = address RETURNING id, address, domain, name", senders,
		func(rows *sql.Rows) error {
			var id int64
			var v Sender
			err := rows.Scan(&id, &v.Address, &v.Domain, &v.Name)
			w.ids.senders[v] = id
			return err
		})
	if err != nil {
		return err
	}
	const columns = "kind, severity, service, operator, category, site, evidence, form"
	return w.grouped("INSERT INTO tracker ("+columns+")", "(?, ?, ?, ?, ?, ?, ?, ?)",
		" ON CONFLICT ("+columns+") DO UPDATE SET kind = kind RETURNING id, "+columns, trackers, func(rows *sql.Rows) error {
			var id int64
			var t Tracker
			err := rows.Scan(&id, &t.Kind, &t.Severity, &t.Service.Name, &t.Service.Operator, &t.Service.Category, &t.Site, &t.Evidence, &t.Form)
			w.ids.trackers[t] = id
			return err
		})
}

// trackers writes [[tracker, how many], …].
func (w *writer) trackers(list []Sighting) string {
	b := append(w.json[:0], '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(append(b, '['), w.ids.trackers[list[i].Tracker], 10)
		b = strconv.AppendInt(append(b, ','), int64(list[i].Count), 10)
		b = append(b, ']')
	}
	w.json = append(b, ']')
	return string(w.json)
}
