package imapscan

import (
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// find looks for the copy of a swap. It returns nil where there is none.
func (w *swapper) find(s *swap, hint imap.UID) (*stored, error) {
	uids := []imap.UID{hint}
	if hint <= s.UID {
		hint = 0
		var err error
		if uids, err = w.box.search(s.Next, 0); err != nil {
			return nil, err
		}
	}
	var altered *stored
	for part := range slices.Chunk(uids, windowSize) {
		heads, err := w.box.fetchAll(part, &imap.FetchItemBodySection{
			Peek: true, Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Message-ID"},
		})
		if err != nil {
			return nil, err
		}
		if len(heads) < len(part) {
			// Some went, or the server leaves some out.
			for _, u := range part {
				if slices.ContainsFunc(heads, func(h *stored) bool { return h.uid == u }) {
					continue
				}
				if _, err := w.box.fetch(u, false); !errors.Is(err, errGone) {
					return nil, errContradiction
				}
			}
		}
		for _, h := range heads {
			if h.uid == s.UID || messageID(h.data) != s.MessageID || w.ledger.claimed(s, h.uid) {
				continue
			}
			c, err := w.box.fetch(h.uid, true)
			switch {
			case errors.Is(err, errGone), errors.Is(err, errTooLarge):
				continue
			case err != nil:
				return nil, err
			case sum(c.data) == s.After:
				return c, nil
			case c.uid >= s.Next && s.MessageID != "" && (c.uid == hint || s.Mark != "" && mark(c.data) == s.Mark):
				altered = c
			}
		}
	}
	if altered == nil && hint != 0 {
		return w.find(s, 0) // where the server says that it is, it is not
	}
	return altered, nil
}

// isCopy reports whether c is the copy of s, as it should be or altered by the
// server.
func (s *swap) isCopy(c *stored) bool {
	return c.uid > s.UID && (sum(c.data) == s.After || c.uid >= s.Next && s.MessageID != "" && messageID(c.data) == s.MessageID)
}

// claimed reports whether a message is the copy of another swap than s.
func (l *ledger) claimed(s *swap, uid imap.UID) bool {
	return slices.ContainsFunc(l.swaps, func(o *swap) bool {
		return o != s && o.Copy == uid && o.Folder == s.Folder && o.UIDValidity == s.UIDValidity
	})
}

func (l *ledger) place(s *swap) string { return l.dir + "/" + s.Backup }

func messageID(data []byte) string { return strings.TrimSpace(field(header(data), "message-id")) }

func mark(data []byte) string { return strings.TrimSpace(field(header(data), "x-pixelsweep")) }

// header is the start of a message, where its header is.
func header(data []byte) []byte { return data[:min(len(data), 1<<20)] }

func sameFlags(a, b []imap.Flag) bool { return slices.Equal(flagSet(a), flagSet(b)) }

func flagSet(list []imap.Flag) []string {
	var out []string
	for _, f := range list {
		out = append(out, strings.ToLower(string(f)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func undeleted(list []imap.Flag) []imap.Flag {
	return slices.DeleteFunc(slices.Clone(list), func(f imap.Flag) bool { return strings.EqualFold(string(f), string(imap.FlagDeleted)) })
}
