package imapscan

import (
	"bytes"
	"fmt"
	"time"

	"github.com/emersion/go-imap/v2"
)

// replace puts a message in the place of another one, which the server does at once
// or not at all (REPLACE, RFC 8508). go-imap does not know the command; but it is
// APPEND with another name and the UID of what it replaces, and is answered in the
// same way, but that the new UID comes in an untagged OK, which go-imap drops.
func (m *mailbox) replace(uid imap.UID, data []byte, flags []imap.Flag, date time.Time) error {
	m.ses.stream.replaces.Store(uint32(uid))
	defer m.ses.stream.replaces.Store(0)
	_, err := m.append(data, flags, date)
	return err
}

// asReplace makes UID REPLACE of APPEND in what go-imap writes: it starts with the
// command, since each one is flushed at its end.
func asReplace(p []byte, uid uint32) []byte {
	tag, rest, ok := bytes.Cut(p, []byte(" APPEND "))
	if !ok || len(tag) < 2 || tag[0] != 'T' || bytes.ContainsFunc(tag[1:], func(r rune) bool { return r < '0' || r > '9' }) {
		return p
	}
	return append(fmt.Appendf(nil, "%s UID REPLACE %d ", tag, uid), rest...)
}
