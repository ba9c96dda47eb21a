// Package auditstore keeps what audits of mailboxes have found, in an SQLite
// file.
//
// A message is keyed by account, folder, UIDVALIDITY and UID (RFC 3501 section
// 2.3.1.1), so that a second audit reads only what is new. Of each it keeps what
// the audit report needs: date, sender, subject, verdict, unsubscribe links, and
// who tracks, how sure, with what evidence of the recipient. URLs, and with them
// the tokens that identify the reader, are not kept; nor is the message.
//
// What Save has returned from is in the file, whatever kills the process. Several
// processes may use one file at a time. Only the owner can read it.
package auditstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors that Open and the methods of a Store wrap.
var (
	ErrDamaged = errors.New("the audit store is damaged; move it away, or name another with --store, and the mailbox is read anew")
	ErrNewer   = errors.New("the audit store is of a newer pixelsweep; use that one, or name another with --store")
	ErrForeign = errors.New("not an audit store; name another file with --store")
)

// A Store is an open file. It is safe for concurrent use.
type Store struct {
	path string
	db   *sql.DB

	mu    sync.Mutex // of what Save remembers
	ids   ids
	sites map[string]string           // by host
	last  struct{ host, site string } // asked for
}

// DefaultPath returns audit.db in the user's data folder, as the XDG Base
// Directory Specification names it; on Windows and macOS it lies in the folder of
// the user's settings.
func DefaultPath() (string, error) {
	dir := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(dir) {
		var err error
		if dir, err = dataDir(); err != nil {
			return "", fmt.Errorf("no folder for the audit store (%w); name a file with --store", err)
		}
	}
	return filepath.Join(dir, "pixelsweep", "audit.db"), nil
}

// Open opens the store at path. Where there is none it makes one, with the folders
// above it; these and the file are readable by their owner alone. A file that is
// damaged, newer or something else is an error and stays as it is.
func Open(path string) (*Store, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := ready(full); err != nil {
		return nil, err
	}
	s := &Store{path: path, ids: newIDs(), sites: make(map[string]string)}
	if s.db, err = connect(full, true); err != nil {
		return nil, s.explain(err)
	}
	if err := s.verify(); err != nil {
		s.db.Close()
		return nil, err
	}
	return s, nil
}

// OpenExisting is as Open, but an error that wraps fs.ErrNotExist where there is
// no store.
func OpenExisting(path string) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no audit store: %w", path, fs.ErrNotExist)
	}
	return Open(path)
}

// Close closes the file.
func (s *Store) Close() error { return s.explain(s.db.Close()) }

// maxIdle is how many connections, of which each has its cache, are kept for later.
// There is no bound of those in use: who reads messages has one while the names are
// read over another, and so would wait for others who do the same.
const maxIdle = 4

// connect opens a file that exists. With the write-ahead log readers do not wait
// for writers; a transaction is in it whole or not at all.
func connect(path string, wal bool) (*sql.DB, error) {
	q := url.Values{"mode": {"rw"}, "_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(20000)", "synchronous(NORMAL)", "trusted_schema(OFF)", "cell_size_check(ON)",
	}}
	if wal {
		q["_pragma"] = append(q["_pragma"], "journal_mode(WAL)")
	}
	slash := filepath.ToSlash(path)
	if !strings.HasPrefix(slash, "/") { // C:/…
		slash = "/" + slash
	}
	u := url.URL{Scheme: "file", Path: slash, RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxIdleConns(maxIdle)
	return db, nil
}

// verify reads whose file it is and whether its pages hold together.
func (s *Store) verify() error {
	var app, version int
	if err := s.db.QueryRow("PRAGMA application_id").Scan(&app); err != nil {
		return s.explain(err)
	}
	if err := s.db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return s.explain(err)
	}
	switch {
	case app != applicationID:
		return fmt.Errorf("%s: %w", s.path, ErrForeign)
	case version > schemaVersion:
		return fmt.Errorf("%s: schema %d, known is %d: %w", s.path, version, schemaVersion, ErrNewer)
	case version < schemaVersion:
		return fmt.Errorf("%s: schema %d: %w", s.path, version, ErrDamaged)
	}
	var verdict string
	if err := s.db.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return s.explain(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%s: %s: %w", s.path, strings.Join(strings.Fields(verdict), " "), ErrDamaged)
	}
	return nil
}

// explain says which file an error is about, and what to do where that is known.
func (s *Store) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
		return fmt.Errorf("%s: %w (%s)", s.path, ErrDamaged, plain(e))
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%s: another process has been writing to the audit store for too long; try again", s.path)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s: no room left on the disk; what was saved before is kept", s.path)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s: the audit store and its folder must be writable (%s)", s.path, plain(e))
	}
	return fmt.Errorf("%s: %s", s.path, plain(e))
}

func plain(e *sqlite.Error) string { return strings.Join(strings.Fields(e.Error()), " ") }
