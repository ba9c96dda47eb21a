package imapscan

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/internal/auditstore"
	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

// cleanSchema names the format of the journal: JSON lines, one for each step. The
// first line of a swap holds all about it, later ones what changed since.
const cleanSchema = "pixelsweep.clean-journal/1"

// step is how far a swap of a message for its copy is.
type step string

const (
	begun     step = "begun"     // the copy may be in the folder
	removing  step = "removing"  // the copy is there as it should be; the original may be gone
	returning step = "returning" // the copy is being taken back
	done      step = "done"      // the copy stands in the place of the original
	returned  step = "returned"  // all is as before
	given     step = "given up"  // cannot be finished: the folder was made anew
)

// swap is a message that is replaced by a copy with other bytes.
type swap struct {
	Schema string    `json:"schema"`
	ID     string    `json:"id"`
	Time   time.Time `json:"time"`
	Step   step      `json:"step"`

	Account     string      `json:"account,omitempty"`
	Folder      string      `json:"folder,omitempty"`
	UIDValidity uint32      `json:"uidvalidity,omitempty"`
	UID         imap.UID    `json:"uid,omitempty"`  // of the original
	Next        imap.UID    `json:"next,omitempty"` // no copy has a lower UID
	Flags       []imap.Flag `json:"flags,omitempty"`
	Date        time.Time   `json:"internaldate,omitzero"`
	MessageID   string      `json:"message_id,omitempty"`
	Mark        string      `json:"mark,omitempty"`    // the field X-Pixelsweep of the copy
	Before      string      `json:"before,omitempty"`  // SHA-256 of the original
	After       string      `json:"after,omitempty"`   // and of the copy
	Backup      string      `json:"backup,omitempty"`  // path of the original below the folder of the journal
	Undoes      string      `json:"undoes,omitempty"`  // the swap that this one takes back
	Server      string      `json:"server,omitempty"`  // host
	Replace     bool        `json:"replace,omitempty"` // by REPLACE, which removes the original at once

	Copy   imap.UID `json:"copy,omitempty"`   // of the copy, once it was seen
	Gone   bool     `json:"gone,omitempty"`   // somebody else removed the original before we tried to
	Reason string   `json:"reason,omitempty"` // why it is taken back
}

// open reports whether something is still to be done about s.
func (s *swap) open() bool { return s.Step == begun || s.Step == removing || s.Step == returning }

// ledger holds the originals and the journal of one account: a Maildir for each
// folder and a file "journal".
type ledger struct {
	root  *os.Root
	dir   string
	file  *os.File
	swaps []*swap // in their order
	byID  map[string]*swap
}

// ErrLocked says that another run cleans the same account.
var ErrLocked = errors.New("another run is at work on this account")

// openLedger opens the ledger of an account below dir, and with write locks it.
func openLedger(dir, account string, write bool) (*ledger, error) {
	l := &ledger{dir: filepath.Join(dir, fileName(account)), byID: map[string]*swap{}}
	flag := os.O_RDONLY
	if write {
		if err := os.MkdirAll(l.dir, 0o700); err != nil {
			return nil, err
		}
		flag = os.O_RDWR | os.O_CREATE | os.O_APPEND
	}
	var err error
	if l.root, err = os.OpenRoot(l.dir); err != nil {
		if !write && errors.Is(err, fs.ErrNotExist) {
			return l, nil
		}
		return nil, err
	}
	l.file, err = l.root.OpenFile("journal", flag, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil && write {
		err = lock(l.file)
	}
	if err == nil {
		err = l.read(write)
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("%s: %w", filepath.Join(l.dir, "journal"), err)
	}
	return l, nil
}

// ledgerError says that what is done cannot be kept, so that no more may be done.
type ledgerError struct{ error }

func (e *ledgerError) Unwrap() error { return e.error }

func (l *ledger) close() {
	if l.file != nil {
		l.file.Close()
	}
	if l.root != nil {
		l.root.Close()
	}
}

// read takes in what the journal says. A last line that was cut off was never acted
// on; it goes.
func (l *ledger) read(mend bool) error {
	data, err := io.ReadAll(l.file)
	if err != nil {
		return err
	}
	r := bufio.NewReader(bytes.NewReader(data))
	at := int64(0)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if err != nil {
			break
		}
		var s swap
		if err := json.Unmarshal(line, &s); err != nil || s.Schema != cleanSchema || l.byID[s.ID] == nil && s.Folder == "" {
			return fmt.Errorf("line %d is none of a journal of pixelsweep; nothing was changed; move the folder away to begin anew", n)
		}
		l.fold(&s)
		at += int64(len(line))
	}
	if mend && at < int64(len(data)) {
		return l.file.Truncate(at)
	}
	return nil
}

func (l *ledger) fold(s *swap) {
	old := l.byID[s.ID]
	if old == nil {
		l.swaps = append(l.swaps, s)
		l.byID[s.ID] = s
		return
	}
	old.Step, old.Time = s.Step, s.Time
	if s.Copy != 0 {
		old.Copy = s.Copy
	}
	if s.After != "" {
		old.After = s.After
	}
	old.Gone, old.Reason = s.Gone, s.Reason
}

// begin notes a new swap. It lasts before begin returns.
func (l *ledger) begin(s *swap) error {
	s.ID = rand.Text()
	s.Schema, s.Step = cleanSchema, begun
	if err := l.write(s); err != nil {
		return err
	}
	l.fold(s)
	return nil
}

// reach notes that a swap has come to a step.
func (l *ledger) reach(s *swap, to step) error {
	s.Step = to
	return l.write(&swap{Schema: cleanSchema, ID: s.ID, Step: to, After: s.After, Copy: s.Copy, Gone: s.Gone, Reason: s.Reason})
}

func (l *ledger) write(s *swap) error {
	s.Time = time.Now().UTC().Truncate(time.Second)
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(b, '\n')); err != nil {
		return &ledgerError{fmt.Errorf("journal: %w", err)}
	}
	if err := l.file.Sync(); err != nil {
		return &ledgerError{fmt.Errorf("journal: %w", err)}
	}
	return nil
}

// pending lists the swaps of a folder, or of all with "", that are not finished.
func (l *ledger) pending(folder string) (list []*swap) {
	for _, s := range l.swaps {
		if s.open() && (folder == "" || s.Folder == folder) {
			list = append(list, s)
		}
	}
	return list
}

// moves lists what was put in the place of another message.
func (l *ledger) moves() (list []auditstore.Move) {
	for _, s := range l.swaps {
		if s.Step == done && s.Copy != 0 {
			list = append(list, auditstore.Move{Folder: s.Folder, UIDValidity: s.UIDValidity, From: uint32(s.UID), To: uint32(s.Copy)})
		}
	}
	return list
}

// backup writes an original so that it lasts, and returns its path.
func (l *ledger) backup(folder string, validity uint32, m *stored) (string, error) {
	dir := path.Join("mail", fileName(folder))
	toSync := []string{path.Join(dir, "cur")}
	if _, err := l.root.Stat(path.Join(dir, "tmp")); err != nil {
		for _, d := range []string{"cur", "new", "tmp"} {
			if err := l.root.MkdirAll(path.Join(dir, d), 0o700); err != nil {
				return "", err
			}
		}
		toSync = append(toSync, dir, "mail", ".")
	}
	mark := ":2,"
	if runtime.GOOS == "windows" {
		mark = ";2,"
	}
	name := fmt.Sprintf("%d.V%dU%d.%s%s%s", m.date.Unix(), validity, m.uid, sum(m.data)[:16], mark, maildirFlags(m))
	name = path.Join(dir, "cur", name)
	err := outfile.Write(l.root, name, outfile.Attr{Mode: 0o600}, func(w io.Writer) error {
		_, err := w.Write(m.data)
		return err
	}, nil)
	if err != nil {
		return "", err
	}
	for _, d := range toSync {
		if err := syncDir(l.root, d); err != nil {
			return "", err
		}
	}
	return name, nil
}

// original reads a backup and sees that it is what it was.
func (l *ledger) original(s *swap) ([]byte, error) {
	data, err := l.root.ReadFile(s.Backup)
	if err != nil {
		return nil, err
	}
	if sum(data) != s.Before {
		return nil, fmt.Errorf("the backup %s is not what was written", filepath.Join(l.dir, filepath.FromSlash(s.Backup)))
	}
	return data, nil
}

func maildirFlags(m *stored) string {
	var b strings.Builder
	for _, f := range []struct {
		flag imap.Flag
		char byte
	}{{imap.FlagDraft, 'D'}, {imap.FlagFlagged, 'F'}, {imap.FlagAnswered, 'R'}, {imap.FlagSeen, 'S'}} {
		if m.has(f.flag) {
			b.WriteByte(f.char)
		}
	}
	return b.String()
}

// syncDir makes the names in a folder last. Windows has no such thing.
func syncDir(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// fileName makes a name of a file of any text, another one for each, also on disks
// that take upper and lower case as one, and none that Windows keeps for devices.
// INBOX, which IMAP writes in any case (RFC 9051 section 5.1), stays as it is.
func fileName(text string) string {
	var b strings.Builder
	base, _, _ := strings.Cut(strings.ToLower(text), ".")
	device, upper := slices.Contains(devices, base), false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '.' && (i == 0 || i+1 == len(text)), i == 0 && device:
			fmt.Fprintf(&b, "%%%02X", c)
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-', c == '@', c == '.':
			b.WriteByte(c)
		case c >= 'A' && c <= 'Z':
			upper = true
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	name := b.String()
	switch {
	case len(name) > 150:
		return name[:100] + "%" + sum([]byte(text))[:32]
	case upper && text != "INBOX" || text == "inbox":
		return name + "%" + sum([]byte(text))[:16]
	}
	return name
}

// devices are names that no file can have on Windows, whatever follows after a dot.
var devices = strings.Fields("con prn aux nul com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9")

func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
