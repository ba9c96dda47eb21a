package auditstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// names are what messages name by numbers. What has a number keeps it, so they
// are read again only when a number turns up that was given since.
type names struct {
	store    *Store
	folders  map[int64]Folder
	senders  map[int64]Sender
	trackers map[int64]Tracker

	list [][2]int64 // room
}

// fill puts in for the numbers what they stand for.
func (n *names) fill(ctx context.Context, m *Message, folder, sender int64, trackers []byte) error {
	n.list = n.list[:0]
	if err := json.Unmarshal(trackers, &n.list); err != nil {
		return fmt.Errorf("message %d: trackers: %w", m.UID, ErrDamaged)
	}
	if !n.put(m, folder, sender) {
		if err := n.load(ctx); err != nil {
			return err
		}
		if !n.put(m, folder, sender) {
			return fmt.Errorf("message %d names what is not there: %w", m.UID, ErrDamaged)
		}
	}
	return nil
}

func (n *names) put(m *Message, folder, sender int64) bool {
	f, ok := n.folders[folder]
	m.Account, m.Folder = f.Account, f.Name
	if !ok {
		return false
	}
	if m.Sender, ok = n.senders[sender]; !ok {
		return false
	}
	m.Sightings = m.Sightings[:0]
	for _, pair := range n.list {
		t, ok := n.trackers[pair[0]]
		if !ok {
			return false
		}
		m.Sightings = append(m.Sightings, Sighting{t, int(pair[1])})
	}
	return true
}

// load reads all of them.
func (n *names) load(ctx context.Context) error {
	n.folders, n.senders, n.trackers = make(map[int64]Folder), make(map[int64]Sender), make(map[int64]Tracker)
	var id int64
	err := n.each(ctx, "SELECT id, account, name FROM folder", func(rows *sql.Rows) error {
		var f Folder
		err := rows.Scan(&id, &f.Account, &f.Name)
		n.folders[id] = f
		return err
	})
	if err != nil {
		return err
	}
	err = n.each(ctx, "SELECT id, address, domain, name FROM sender", func(rows *sql.Rows) error {
		var v Sender
		err := rows.Scan(&id, &v.Address, &v.Domain, &v.Name)
		n.senders[id] = v
		return err
	})
	if err != nil {
		return err
	}
	return n.each(ctx, "SELECT id, kind, severity, service, operator, category, site, evidence, form FROM tracker", func(rows *sql.Rows) error {
		var t Tracker
		err := rows.Scan(&id, &t.Kind, &t.Severity, &t.Service.Name, &t.Service.Operator, &t.Service.Category, &t.Site, &t.Evidence, &t.Form)
		n.trackers[id] = t
		return err
	})
}

func (n *names) each(ctx context.Context, query string, scan func(*sql.Rows) error) error {
	rows, err := n.store.db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
