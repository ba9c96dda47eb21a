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

// stored is a message as the file has it.
type stored struct {
	Message
	folder, sender int64
	trackers       []byte
}

// ahead is how many messages are read together; two such batches wait for who takes
// them while the next is read.
const ahead = 256

func (s *Store) messages(ctx context.Context, account string, yield func(*Message, error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches, failed := make(chan []stored, 2), make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- s.rows(ctx, account, batches)
	}()
	defer func() {
		cancel()
		for range batches { // until the reader has ended
		}
	}()
	names := &names{store: s}
	seen := make(map[[16]byte]bool)
	for list := range batches {
		for i := range list {
			m := &list[i]
			if m.Copy = seen[m.identity]; !m.Copy {
				seen[m.identity] = true
			}
			if err := names.fill(ctx, &m.Message, m.folder, m.sender, m.trackers); err != nil {
				return err
			}
			if !yield(&m.Message, nil) {
				return nil
			}
		}
	}
	return <-failed
}

// rows reads the messages and sends them in batches.
func (s *Store) rows(ctx context.Context, account string, to chan<- []stored) error {
	rows, err := s.db.QueryContext(ctx, `
		SELECT folder, uid, date, identity, sender, subject, verdict, score, complete, unsubscribe, trackers
		FROM message WHERE ?1 = '' OR folder IN (SELECT id FROM folder WHERE account = ?1)
		ORDER BY date, folder, uid`, account)
	if err != nil {
		return err
	}
	defer rows.Close()
	var list []stored
	send := func() error {
		select {
		case to <- list:
			list = nil
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for rows.Next() {
		if list == nil {
			list = make([]stored, 0, ahead)
		}
		list = append(list, stored{})
		m := &list[len(list)-1]
		var date int64
		var identity sql.RawBytes
		if err := rows.Scan(&m.folder, &m.UID, &date, &identity, &m.sender, &m.Subject, &m.Verdict, &m.Score, &m.Complete,
			&m.Unsubscribe, &m.trackers); err != nil {
			return err
		}
		copy(m.identity[:], identity)
		if date != 0 {
			m.Date = time.Unix(date, 0).UTC()
		}
		if len(list) == ahead {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(list) > 0 {
		return send()
	}
	return nil
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
