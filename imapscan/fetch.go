package imapscan

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/pixelsweep/pixelsweep/detector"
)

// outline is what the first look at a message tells.
type outline struct {
	uid  imap.UID
	date time.Time
	size int64
	bs   imap.BodyStructure
}

// outlines reads the structure of messages. Those that are gone are left out.
func (s *Session) outlines(uids []imap.UID) ([]outline, error) {
	defer s.Expect()()
	cmd := s.Client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{
		InternalDate: true, RFC822Size: true, BodyStructure: &imap.FetchItemBodyStructure{Extended: true},
	})
	list := make([]outline, 0, len(uids))
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		var o outline
		for it := m.Next(); it != nil; it = m.Next() {
			switch it := it.(type) {
			case imapclient.FetchItemDataUID:
				o.uid = it.UID
			case imapclient.FetchItemDataInternalDate:
				o.date = it.Time
			case imapclient.FetchItemDataRFC822Size:
				o.size = it.Size
			case imapclient.FetchItemDataBodyStructure:
				o.bs = it.BodyStructure
			}
		}
		if o.uid != 0 {
			list = append(list, o)
		}
	}
	return list, s.Err(cmd.Close())
}

// raw is a message as it was read.
type raw struct {
	outline
	whole    bool
	cut      bool // of a whole message the end was not read
	buf      []byte
	pieces   []piece
	sections []detector.Section
}

// piece is a body section in buf.
type piece struct {
	part      []int
	specifier imap.PartSpecifier
	from, to  int
	cut       bool
}

// errIncomplete says that a server left out what it was asked for.
var errIncomplete = errors.New("the server left out a part that it was asked for")

// bodies reads what p says of messages and hands each on as it comes. got may
// block: then the server is not read from. buffer gives memory to read into.
func (s *Session) bodies(p *plan, uids []imap.UID, buffer func() []byte, got func(*raw, error)) error {
	defer s.Expect()()
	cmd := s.Client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{BodySection: p.sections()})
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		r := &raw{whole: p.whole, buf: buffer()[:0]}
		for it := m.Next(); it != nil; it = m.Next() {
			switch it := it.(type) {
			case imapclient.FetchItemDataUID:
				r.uid = it.UID
			case imapclient.FetchItemDataBodySection:
				if err := r.take(it); err != nil {
					// The connection is broken, and go-imap's reader goes on by itself:
					// until it has ended, nothing of the command may be touched.
					s.Client.Close()
					cmd.Close()
					return s.Err(err)
				}
			}
		}
		if r.uid == 0 {
			continue
		}
		got(r, r.assemble(p))
	}
	return s.Err(cmd.Close())
}

// take reads a section into the buffer, up to the bounds.
func (r *raw) take(it imapclient.FetchItemDataBodySection) error {
	pc := piece{part: it.Section.Part, specifier: it.Section.Specifier, from: len(r.buf)}
	if it.Literal != nil {
		size := it.Literal.Size()
		room := max(0, min(size, maxMessage-int64(len(r.buf))))
		pc.cut = room < size
		r.buf = slices.Grow(r.buf, int(room)+2)
		n, err := io.ReadFull(it.Literal, r.buf[len(r.buf):len(r.buf)+int(room)])
		r.buf = r.buf[:len(r.buf)+n]
		if err != nil && !(errors.Is(err, io.EOF) && room == 0) {
			return err
		}
		if _, err := io.Copy(io.Discard, it.Literal); err != nil {
			return err
		}
	}
	pc.to = len(r.buf)
	r.pieces = append(r.pieces, pc)
	return nil
}

// find returns the section of a part.
func (r *raw) find(part []int, specifier imap.PartSpecifier) (piece, bool) {
	for _, p := range r.pieces {
		if p.specifier == specifier && slices.Equal(p.part, part) {
			return p, true
		}
	}
	return piece{}, false
}

// assemble makes the sections that the detector reads.
func (r *raw) assemble(p *plan) error {
	if p.whole {
		pc, ok := r.find(nil, imap.PartSpecifierNone)
		if !ok {
			return fmt.Errorf("%w: all of it", errIncomplete)
		}
		r.cut = pc.cut || p.limit > 0 && int64(pc.to-pc.from) >= p.limit
		r.buf = r.buf[pc.from:pc.to]
		return nil
	}
	head, ok := r.find(nil, imap.PartSpecifierHeader)
	if !ok {
		return fmt.Errorf("%w: its header", errIncomplete)
	}
	for _, it := range p.items {
		at, specifier := it.path, imap.PartSpecifierMIME
		if it.header != nil {
			at, specifier = it.header, imap.PartSpecifierHeader
		}
		mime, ok := r.find(at, specifier)
		body, found := r.find(it.path, imap.PartSpecifierNone)
		if !ok || !found {
			return fmt.Errorf("%w: %s", errIncomplete, pathText(it.path))
		}
		data := r.buf[mime.from:mime.to:mime.to]
		if mime.to == body.from {
			data = r.buf[mime.from:body.to:body.to]
		} else {
			data = append(data, r.buf[body.from:body.to]...)
		}
		r.sections = append(r.sections, detector.Section{
			Path: pathText(it.path), Data: data, Cut: body.cut || it.limit > 0 && int64(body.to-body.from) >= it.limit,
		})
	}
	r.pieces = []piece{head}
	return nil
}

// header returns the bytes of the message's header, of a whole message all.
func (r *raw) header() []byte {
	if r.whole {
		return r.buf
	}
	return r.buf[r.pieces[0].from:r.pieces[0].to]
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
