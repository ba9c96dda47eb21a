package imapscan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// Folder is a mailbox on the server that can be opened.
type Folder struct {
	Name  string
	Use   string // special use (RFC 6154): "\Sent", "\Junk", …; "" for none
	Delim rune   // between the levels of a name, 0 for none

	Messages      uint32
	UIDValidity   uint32
	UIDNext       uint32
	HighestModSeq uint64 // 0 where the server keeps none
}

// Bounds of what a server may list.
const maxFolders = 50_000

// Folders lists the folders that can be opened, in the order of their names,
// INBOX first.
func (s *Session) Folders() ([]Folder, error) {
	defer s.Expect()()
	rev2 := s.Caps.Has(imap.CapIMAP4rev2)
	items := &imap.StatusOptions{
		NumMessages: true, UIDNext: true, UIDValidity: true, HighestModSeq: s.Caps.Has(imap.CapCondStore),
	}
	var opts *imap.ListOptions
	if rev2 || s.Caps.Has(imap.CapListStatus) && s.Caps.Has(imap.CapListExtended) {
		opts = &imap.ListOptions{ReturnStatus: items, ReturnSpecialUse: rev2 || s.Caps.Has(imap.CapSpecialUse)}
	}
	cmd := s.Client.List("", "*", opts)
	var list []Folder
	for l := cmd.Next(); l != nil; l = cmd.Next() {
		if len(list) == maxFolders {
			s.Close()
			return nil, &LimitError{What: fmt.Sprintf("more than %d folders", maxFolders)}
		}
		f, ok := folderOf(l)
		if ok {
			list = append(list, f)
		}
	}
	if err := cmd.Close(); err != nil {
		return nil, s.Err(err)
	}
	if opts == nil {
		if err := s.statuses(list, items); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b Folder) int {
		if ai, bi := a.Name == "INBOX", b.Name == "INBOX"; ai != bi {
			if ai {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list, nil
}

// folderOf reads a line of LIST; it reports false for what cannot be opened.
func folderOf(l *imap.ListData) (Folder, bool) {
	f := Folder{Name: l.Mailbox, Delim: l.Delim}
	for _, a := range l.Attrs {
		switch a {
		case imap.MailboxAttrNoSelect, imap.MailboxAttrNonExistent:
			return f, false
		case imap.MailboxAttrAll, imap.MailboxAttrArchive, imap.MailboxAttrDrafts, imap.MailboxAttrFlagged, imap.MailboxAttrJunk,
			imap.MailboxAttrSent, imap.MailboxAttrTrash, imap.MailboxAttrImportant:
			f.Use = string(a)
		}
	}
	f.status(l.Status)
	return f, true
}

func (f *Folder) status(d *imap.StatusData) {
	if d == nil {
		return
	}
	if d.NumMessages != nil {
		f.Messages = *d.NumMessages
	}
	f.UIDNext, f.UIDValidity, f.HighestModSeq = uint32(d.UIDNext), d.UIDValidity, d.HighestModSeq
}

// statuses asks for the state of each folder, many at a time. A folder that the
// server does not tell about stays as it is.
func (s *Session) statuses(list []Folder, items *imap.StatusOptions) error {
	const ahead = 32
	type asked interface {
		Wait() (*imap.StatusData, error)
	}
	for from := 0; from < len(list); from += ahead {
		part := list[from:min(len(list), from+ahead)]
		cmds := make([]asked, len(part))
		for i := range part {
			cmds[i] = s.Client.Status(part[i].Name, items)
		}
		for i := range part {
			d, err := cmds[i].Wait()
			if err != nil && !refused(err) {
				return s.Err(err)
			}
			if err == nil {
				part[i].status(d)
			}
		}
	}
	return nil
}

// Errors of [Choose].
var (
	ErrNoFolder = errors.New("no such folder")
	ErrExcluded = errors.New("no folder is left, all that are meant are excluded")
)

// Choose returns the folders that a pattern of include names and none of exclude.
// A pattern is a name, where * stands for any text and ? for one character, or a
// special use such as \Sent. Without include these are all folders; but where
// one is said to hold all mail (\All, as at Gmail), it stands for the others save
// junk and trash, which it does not hold.
func Choose(folders []Folder, include, exclude []string) ([]Folder, error) {
	for _, p := range include {
		if !slices.ContainsFunc(folders, func(f Folder) bool { return f.matches(p) }) {
			return nil, fmt.Errorf("%w: %q", ErrNoFolder, p)
		}
	}
	all := slices.ContainsFunc(folders, func(f Folder) bool { return f.Use == string(imap.MailboxAttrAll) })
	var list []Folder
	for _, f := range folders {
		wanted := len(include) == 0 && (!all || f.Use == string(imap.MailboxAttrAll) || f.Use == string(imap.MailboxAttrJunk) || f.Use == string(imap.MailboxAttrTrash))
		if slices.ContainsFunc(include, f.matches) {
			wanted = true
		}
		if wanted && !slices.ContainsFunc(exclude, f.matches) {
			list = append(list, f)
		}
	}
	if len(list) == 0 && len(exclude) > 0 {
		return nil, ErrExcluded
	}
	return list, nil
}

func (f Folder) matches(pattern string) bool {
	if strings.HasPrefix(pattern, `\`) {
		return strings.EqualFold(pattern, f.Use)
	}
	if strings.EqualFold(pattern, "INBOX") {
		return f.Name == "INBOX"
	}
	return glob([]rune(pattern), []rune(f.Name))
}

// glob matches name against a pattern with * and ?, in linear space and at most
// quadratic time.
func glob(pattern, name []rune) bool {
	p, n, star, back := 0, 0, -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, back = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			back++
			p, n = star+1, back
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
