package auditstore

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
)

// Sender is who a message says that it is from.
type Sender struct {
	Address string // in lower case; "" where From holds none
	Domain  string
	Name    string // as written beside it
}

// Tracker is who learns something from a message, and what of the reader.
type Tracker struct {
	Kind     detector.Kind
	Severity detector.Severity
	Service  detector.Service // zero where nobody knows whose it is
	Site     string           // registrable domain of its URL
	Evidence detector.Evidence
	Form     string // how the reader's address is written, where that is proven: "plain", "base64", "md5 of sha256", …
}

// Sighting is a tracker in a message.
type Sighting struct {
	Tracker
	Count int
}

// Message is what is kept of a message.
type Message struct {
	Account, Folder string
	UID             uint32
	Date            time.Time // UTC; zero where none is known
	Sender          Sender
	Subject         string
	Verdict         detector.Verdict // "" for a message that cannot be read
	Score           int
	Complete        bool   // it was read whole
	Unsubscribe     string // the value of List-Unsubscribe
	Sightings       []Sighting

	identity [16]byte
	at       int  // of the sighting counted last
	Copy     bool // a message with the same Message-ID, headers and size came before
}

// Messages returns all messages, oldest first, those without a date before them.
// Of several with the same Message-ID, headers and size all but the first are
// marked as copies. account limits it to one; "" is all.
func (s *Store) Messages(ctx context.Context, account string) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		if err := s.messages(ctx, account, yield); err != nil {
			yield(nil, s.explain(err))
		}
	}
}

func (s *Store) messages(ctx context.Context, account string, yield func(*Message, error) bool) error {
	rows, err := s.db.QueryContext(ctx, `
		SELECT folder, uid, date, identity, sender, subject, verdict, score, complete, unsubscribe, trackers
		FROM message WHERE ?1 = '' OR folder IN (SELECT id FROM folder WHERE account = ?1)
		ORDER BY date, folder, uid`, account)
	if err != nil {
		return err
	}
	defer rows.Close()
	names := &names{store: s}
	seen := make(map[string]bool)
	for rows.Next() {
		var m Message
		var folder, date, sender int64
		var identity, trackers sql.RawBytes
		if err := rows.Scan(&folder, &m.UID, &date, &identity, &sender, &m.Subject, &m.Verdict, &m.Score, &m.Complete,
			&m.Unsubscribe, &trackers); err != nil {
			return err
		}
		if date != 0 {
			m.Date = time.Unix(date, 0).UTC()
		}
		if m.Copy = seen[string(identity)]; !m.Copy {
			seen[string(identity)] = true
		}
		if err := names.fill(ctx, &m, folder, sender, trackers); err != nil {
			return err
		}
		if !yield(&m, nil) {
			return nil
		}
	}
	return rows.Err()
}

// Folders returns the folders of all accounts, in order.
func (s *Store) Folders(ctx context.Context) ([]Folder, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT account, name, uidvalidity, uidnext, modseq, (SELECT count(*) FROM message WHERE folder = folder.id)
		FROM folder ORDER BY account, name`)
	if err != nil {
		return nil, s.explain(err)
	}
	defer rows.Close()
	var list []Folder
	for rows.Next() {
		var f Folder
		var modseq int64
		if err := rows.Scan(&f.Account, &f.Name, &f.UIDValidity, &f.UIDNext, &modseq, &f.Messages); err != nil {
			return nil, s.explain(err)
		}
		f.HighestModSeq = uint64(modseq)
		list = append(list, f)
	}
	return list, s.explain(rows.Err())
}

// Folder is a folder that is stored.
type Folder struct {
	Account, Name string
	State
	Messages int
}
