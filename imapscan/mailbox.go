package imapscan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// mailbox is a folder that is open on a session, for reading or for writing.
type mailbox struct {
	ses       *Session
	name      string
	writes    bool
	validity  uint32
	next      imap.UID // UIDNEXT when it was opened last, 0 where that is not told
	permanent []imap.Flag
	modseq    bool // the folder keeps mod-sequences (RFC 7162)
}

// openMailbox opens a folder with SELECT, or with EXAMINE where nothing is to be
// written.
func (s *Session) openMailbox(name string, writes bool) (*mailbox, error) {
	m := &mailbox{ses: s, name: name, writes: writes}
	return m, m.open()
}

func (m *mailbox) open() error {
	defer m.ses.Expect()()
	d, err := m.ses.Client.Select(m.name, &imap.SelectOptions{ReadOnly: !m.writes, CondStore: m.ses.Caps.Has(imap.CapCondStore)}).Wait()
	if err != nil {
		return m.ses.Err(err)
	}
	if m.validity != 0 && d.UIDValidity != m.validity {
		return ErrChanged
	}
	m.validity, m.next, m.permanent, m.modseq = d.UIDValidity, d.UIDNext, d.PermanentFlags, d.HighestModSeq > 0
	if m.validity == 0 {
		return own("the server tells no UIDVALIDITY, without which no message can be told for sure")
	}
	return nil
}

// check opens the folder again, so that its UIDVALIDITY is known to be the same
// just before something is removed. Unlike CLOSE, this expunges nothing (RFC 9051
// section 6.3.2).
func (m *mailbox) check() error { return m.open() }

// allows reports whether a flag can be set for good.
//
// QUIRK: go-imap's server names of the system flags only those that some message
// has, beside \*, which by RFC 9051 section 7.1 stands for keywords alone.
func (m *mailbox) allows(f imap.Flag) bool {
	return slices.ContainsFunc(m.permanent, func(p imap.Flag) bool {
		return strings.EqualFold(string(p), string(f)) || p == imap.FlagWildcard
	})
}

// writable reports why messages cannot be replaced here: the folder is read-only,
// or the user's rights (RFC 4314) do not suffice.
func (m *mailbox) writable() error {
	if !m.allows(imap.FlagDeleted) {
		return own("it is read-only: the server does not allow to mark messages as deleted")
	}
	if !m.ses.Caps.Has(imap.CapACL) {
		return nil
	}
	defer m.ses.Expect()()
	d, err := m.ses.Client.MyRights(m.name).Wait()
	if err != nil {
		if refused(err) {
			return nil // then the commands themselves tell
		}
		return m.ses.Err(err)
	}
	has := string(d.Rights)
	needs := "ite" // insert, delete messages, expunge
	if !strings.ContainsAny(has, "tekx") {
		needs = "id" // RFC 2086
	}
	for _, r := range needs {
		if !strings.ContainsRune(has, r) {
			return own("your rights there, %q, lack %q", has, r)
		}
	}
	return nil
}

// stored is a message as the server has it.
type stored struct {
	uid    imap.UID
	flags  []imap.Flag // without \Recent
	date   time.Time   // INTERNALDATE
	size   int64
	modseq uint64
	data   []byte // nil where it was not asked for
}

// has reports whether a flag is set.
func (m *stored) has(f imap.Flag) bool {
	return slices.ContainsFunc(m.flags, func(g imap.Flag) bool { return strings.EqualFold(string(f), string(g)) })
}

var (
	errGone = errors.New("the message is gone")
	// errContradiction is no answer that anything may be concluded from.
	errContradiction = own("the server contradicts itself about which messages there are; nothing was done")
	errTooLarge      = fmt.Errorf("larger than %d MB", wire.MaxBody>>20)
)

// fetch reads one message, whole is also its bytes. It fails with errGone only if
// the server says so in two ways.
func (m *mailbox) fetch(uid imap.UID, whole bool) (*stored, error) {
	var section *imap.FetchItemBodySection
	if whole {
		section = &imap.FetchItemBodySection{Peek: true}
	}
	list, err := m.fetchAll([]imap.UID{uid}, section)
	if err != nil {
		return nil, err
	}
	if len(list) == 1 {
		return list[0], nil
	}
	found, err := m.search(uid, uid)
	switch {
	case err != nil:
		return nil, err
	case len(found) > 0:
		return nil, errContradiction
	}
	return nil, errGone
}

// fetchAll reads messages, with one section unless it is nil. Those that the server
// does not tell are left out.
func (m *mailbox) fetchAll(uids []imap.UID, section *imap.FetchItemBodySection) (list []*stored, err error) {
	if len(uids) == 0 {
		return nil, nil
	}
	defer m.ses.Expect()()
	o := &imap.FetchOptions{UID: true, Flags: true, InternalDate: true, RFC822Size: true, ModSeq: m.modseq}
	if section != nil {
		o.BodySection = []*imap.FetchItemBodySection{section}
	}
	cmd := m.ses.Client.Fetch(imap.UIDSetNum(uids...), o)
	for f := cmd.Next(); f != nil; f = cmd.Next() {
		s, e := take(f, section != nil)
		if e != nil {
			if errors.Is(e, errTooLarge) || errors.Is(e, errIncomplete) {
				err = e
				continue
			}
			// The connection is broken, and go-imap's reader goes on by itself: until it
			// has ended, nothing of the command may be touched.
			m.ses.Client.Close()
			cmd.Close()
			return nil, m.ses.Err(e)
		}
		if s.uid != 0 {
			list = append(list, s)
		}
	}
	if e := cmd.Close(); e != nil {
		return nil, m.ses.Err(e)
	}
	return list, err
}

func take(f *imapclient.FetchMessageData, whole bool) (*stored, error) {
	s := &stored{size: -1}
	body := false
	for it := f.Next(); it != nil; it = f.Next() {
		switch it := it.(type) {
		case imapclient.FetchItemDataUID:
			s.uid = it.UID
		case imapclient.FetchItemDataFlags:
			s.flags = slices.DeleteFunc(it.Flags, func(f imap.Flag) bool { return strings.EqualFold(string(f), `\Recent`) })
		case imapclient.FetchItemDataInternalDate:
			s.date = it.Time
		case imapclient.FetchItemDataRFC822Size:
			s.size = it.Size
		case imapclient.FetchItemDataModSeq:
			s.modseq = it.ModSeq
		case imapclient.FetchItemDataBodySection:
			if it.Literal == nil {
				continue
			}
			if it.Literal.Size() > wire.MaxBody {
				return nil, errors.Join(errTooLarge, skip(it.Literal))
			}
			// What is announced need not come, so memory grows with what does.
			var b bytes.Buffer
			if _, err := b.ReadFrom(it.Literal); err != nil {
				return nil, err
			}
			if int64(b.Len()) != it.Literal.Size() {
				return nil, io.ErrUnexpectedEOF
			}
			s.data, body = b.Bytes(), true
		}
	}
	if s.uid != 0 && (whole && !body || s.size < 0 || s.date.IsZero()) {
		return nil, fmt.Errorf("%w: of message %d", errIncomplete, s.uid)
	}
	return s, nil
}

func skip(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// search asks which UIDs from first to last there are; last 0 is no bound.
func (m *mailbox) search(first, last imap.UID) ([]imap.UID, error) {
	defer m.ses.Expect()()
	var set imap.UIDSet
	set.AddRange(first, last)
	found, err := m.ses.Client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{set}}, nil).Wait()
	if err != nil {
		return nil, m.ses.Err(err)
	}
	all, ok := found.All.(imap.UIDSet)
	if !ok {
		return nil, nil
	}
	var uids []imap.UID
	for _, r := range all {
		if r.Start == 0 || r.Stop < r.Start || uint64(r.Stop-r.Start) > maxUIDs {
			return nil, errContradiction
		}
		for u := uint64(r.Start); u <= uint64(r.Stop); u++ {
			switch {
			case imap.UID(u) < first && last == 0:
				// n:* holds the last message even where its UID is less (RFC 9051 section 9).
			case imap.UID(u) < first || last != 0 && imap.UID(u) > last:
				return nil, errContradiction
			default:
				uids = append(uids, imap.UID(u))
			}
		}
	}
	return uids, nil
}

// last returns the highest UID of the folder, 0 where it is empty.
func (m *mailbox) last() (imap.UID, error) {
	defer m.ses.Expect()()
	found, err := m.ses.Client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(0)}}, nil).Wait() // 0 is *
	if err != nil {
		return 0, m.ses.Err(err)
	}
	all, _ := found.All.(imap.UIDSet)
	var last imap.UID
	for _, r := range all {
		last = max(last, r.Stop)
	}
	return last, nil
}

// append adds a message. uid is where the server says that it is, 0 where it does
// not. After an error the session may be unusable.
func (m *mailbox) append(data []byte, flags []imap.Flag, date time.Time) (uid imap.UID, err error) {
	defer m.ses.Expect()()
	cmd := m.ses.Client.Append(m.name, int64(len(data)), &imap.AppendOptions{Flags: flags, Time: date})
	_, writeErr := cmd.Write(data)
	closeErr := cmd.Close()
	d, err := cmd.Wait()
	switch {
	case err != nil: // what the server says goes before what follows from it
		return 0, m.ses.Err(err)
	case writeErr != nil:
		return 0, m.ses.Err(writeErr)
	case closeErr != nil:
		return 0, m.ses.Err(closeErr)
	case d.UIDValidity != m.validity:
		return 0, nil
	}
	return d.UID, nil
}

// flag adds or removes a flag of one message. With unchanged, the server does so
// only if nobody changed the message since that mod-sequence; it need not say so.
func (m *mailbox) flag(uid imap.UID, op imap.StoreFlagsOp, f imap.Flag, unchanged uint64) error {
	defer m.ses.Expect()()
	var o *imap.StoreOptions
	if unchanged > 0 {
		o = &imap.StoreOptions{UnchangedSince: unchanged}
	}
	return m.ses.Err(m.ses.Client.Store(imap.UIDSetNum(uid), &imap.StoreFlags{Op: op, Silent: true, Flags: []imap.Flag{f}}, o).Close())
}

// expunge removes one message that is marked as deleted, and no other (RFC 4315).
func (m *mailbox) expunge(uid imap.UID) error {
	defer m.ses.Expect()()
	return m.ses.Err(m.ses.Client.UIDExpunge(imap.UIDSetNum(uid)).Close())
}

// ownError is an error that a new connection does not mend.
type ownError struct{ error }

func (e *ownError) Unwrap() error { return e.error }

func own(format string, args ...any) error { return &ownError{fmt.Errorf(format, args...)} }
