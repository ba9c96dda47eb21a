package imapscan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/detector"
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
	done := s.tap.take(uids, false, func(a *reply) {
		list = append(list, outline{uid: a.uid, date: a.date, size: a.size, plan: planOf(a.structure, a.size)})
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
	done := s.tap.take(uids, true, func(a *reply) {
		r := &raw{outline: outline{uid: a.uid}, whole: p.whole, buf: a.buf}
		err := r.assemble(p, a)
		a.buf = buffer()
		got(r, err)
	})
	defer done()
	return s.Err(s.Client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{BodySection: p.sections(s.near)}).Close())
}

// assemble makes of an answer the sections that the detector reads.
func (r *raw) assemble(p *plan, a *reply) error {
	if p.whole {
		pc, ok := a.find("")
		if !ok {
			return fmt.Errorf("%w: all of it", errIncomplete)
		}
		r.cut = pc.cut || p.limit > 0 && int64(pc.to-pc.from) >= p.limit
		r.buf = r.buf[pc.from:pc.to]
		r.head = r.buf
		return nil
	}
	head, ok := a.find("HEADER")
	if !ok {
		head, ok = a.find("HEADER.FIELDS.NOT")
	}
	if !ok || head.from == head.to {
		return fmt.Errorf("%w: its header", errIncomplete)
	}
	r.head = r.buf[head.from:head.to]
	r.sections = make([]detector.Section, 0, len(p.items))
	for i := range p.items {
		it := &p.items[i]
		mime, ok := a.find(it.head)
		body, found := a.find(it.body)
		if !ok || !found || body.from == body.to && !it.empty {
			return fmt.Errorf("%w: %s", errIncomplete, it.body)
		}
		data := r.buf[mime.from:mime.to:mime.to]
		if mime.to == body.from {
			data = r.buf[mime.from:body.to:body.to]
		} else {
			data = append(data, r.buf[body.from:body.to]...)
		}
		r.sections = append(r.sections, detector.Section{
			Path: it.body, Data: data, Cut: mime.cut || body.cut || it.limit > 0 && int64(body.to-body.from) >= it.limit,
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
