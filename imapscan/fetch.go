package imapscan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// outline is what the first look at a message tells.
type outline struct {
	uid  imap.UID
	date time.Time
	size int64
	plan plan
}

// outlines reads the structure of messages. Those that are gone are left out.
func (s *Session) outlines(uids []imap.UID) ([]outline, error) {
	defer s.Expect()()
	list := make([]outline, 0, len(uids))
	done := s.tap.Take(uids, false, func(a *wire.Reply) {
		list = append(list, outline{uid: a.UID, date: a.Date, size: a.Size, plan: planOf(a.Structure, a.Size)})
	})
	err := s.Client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{
		InternalDate: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
	}).Close()
	done()
	return list, s.Err(err)
}

// raw is a message as it was read.
type raw struct {
	outline
	whole    bool
	cut      bool // of a whole message the end was not read
	buf      []byte
	head     []byte // of buf
	sections []detector.Section
}

// errIncomplete says that a server left out what it was asked for.
var errIncomplete = errors.New("the server left out a part that it was asked for")

// bodies reads what p says of messages and hands each on as it comes. got may
// block: then the server is not read from. buffer gives memory to read into.
func (s *Session) bodies(p *plan, uids []imap.UID, buffer func() []byte, got func(*raw, error)) error {
	defer s.Expect()()
	p.name()
	done := s.tap.Take(uids, true, func(a *wire.Reply) {
		r := &raw{outline: outline{uid: a.UID}, whole: p.whole, buf: a.Buf}
		err := r.assemble(p, a)
		a.Buf = buffer()
		got(r, err)
	})
	defer done()
	return s.Err(s.Client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{BodySection: p.sections(s.near)}).Close())
}

// assemble makes of an answer the sections that the detector reads.
func (r *raw) assemble(p *plan, a *wire.Reply) error {
	if p.whole {
		pc, ok := a.Find("")
		if !ok {
			return fmt.Errorf("%w: all of it", errIncomplete)
		}
		r.cut = pc.Cut || p.limit > 0 && int64(pc.To-pc.From) >= p.limit
		r.buf = r.buf[pc.From:pc.To]
		r.head = r.buf
		return nil
	}
	head, ok := a.Find("HEADER")
	if !ok {
		head, ok = a.Find("HEADER.FIELDS.NOT")
	}
	if !ok || head.From == head.To {
		return fmt.Errorf("%w: its header", errIncomplete)
	}
	r.head = r.buf[head.From:head.To]
	r.sections = make([]detector.Section, 0, len(p.items))
	for i := range p.items {
		it := &p.items[i]
		mime, ok := a.Find(it.head)
		body, found := a.Find(it.body)
		if !ok || !found || body.From == body.To && !it.empty {
			return fmt.Errorf("%w: %s", errIncomplete, it.body)
		}
		data := r.buf[mime.From:mime.To:mime.To]
		if mime.To == body.From {
			data = r.buf[mime.From:body.To:body.To]
		} else {
			data = append(data, r.buf[body.From:body.To]...)
		}
		r.sections = append(r.sections, detector.Section{
			Path: it.body, Data: data, Cut: mime.Cut || body.Cut || it.limit > 0 && int64(body.To-body.From) >= it.limit,
		})
	}
	return nil
}

func pathText(path []int) string {
	var b strings.Builder
	for i, n := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
