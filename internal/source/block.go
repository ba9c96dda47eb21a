package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// A block is a piece of a file, cut where messages end, with its messages.
type block struct {
	buf    []byte
	spans  []span
	format format
	index  int   // of the first message in an mbox
	offset int64 // of buf in the file
	gzip   bool
	warn   string // about the last message
}

// reset empties b and keeps its memory, unless one long message made it large.
func (b *block) reset() {
	buf := b.buf[:0]
	if cap(buf) > maxKept {
		buf = nil
	}
	*b = block{buf: buf, spans: b.spans[:0]}
}

// maxKept is the largest buffer that is kept for the next file.
const maxKept = 4 << 20

// fill reads until buf is full. It returns io.EOF at the end.
func (b *block) fill(r io.Reader) error {
	for len(b.buf) < cap(b.buf) {
		n, err := r.Read(b.buf[len(b.buf):cap(b.buf)])
		b.buf = b.buf[:len(b.buf)+n]
		if err != nil {
			return err
		}
	}
	return nil
}

// grow makes room for n bytes in all.
func (b *block) grow(n int) {
	if cap(b.buf) < n {
		n = (n + 1<<16) &^ (1<<16 - 1)
		b.buf = append(make([]byte, 0, n), b.buf...)
	}
}

// readFile reads a file of the given size as far as buf holds it, and reports
// whether that was all. It saves the last call where the size was right.
func (b *block) readFile(r io.Reader, size int64) (whole bool, err error) {
	for len(b.buf) < cap(b.buf) {
		n, err := r.Read(b.buf[len(b.buf):cap(b.buf)])
		b.buf = b.buf[:len(b.buf)+n]
		switch {
		case errors.Is(err, io.EOF), err == nil && size > 0 && int64(len(b.buf)) == size:
			return true, nil
		case err != nil:
			return false, err
		}
	}
	return false, nil
}

// readAll reads r until its end, or until max bytes were exceeded by one.
func (b *block) readAll(r io.Reader, max int64) error {
	for {
		err := b.fill(r)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case int64(len(b.buf)) > max:
			return nil
		}
		b.grow(int(min(2*int64(cap(b.buf)), max+1)))
	}
}

// divide finds the items of a file that b holds whole; skip bytes stand before the
// first "From " line of an mbox.
func (b *block) divide(skip int, max int64) {
	switch b.format {
	case mbox:
		b.index = 1
		b.divideMbox(skip, max)
		return
	case emlx:
		b.divideEmlx()
	case single:
		data := 0
		if bytes.HasPrefix(b.buf, fromPrefix) {
			data, _ = afterLine(b.buf, 0)
		}
		b.spans = append(b.spans, span{data: data, end: len(b.buf), next: len(b.buf)})
	default:
		b.spans = append(b.spans, span{end: len(b.buf), next: len(b.buf)})
	}
	b.spans[0].limit(max)
}

func (b *block) divideMbox(skip int, max int64) {
	var s splitter
	for start, at := 0, skip; start < len(b.buf); {
		data, _ := afterLine(b.buf, at)
		s.begin(data)
		end, _ := s.end(b.buf, true)
		sp := newSpan(b.buf, start, data, end)
		sp.limit(max)
		b.spans = append(b.spans, sp)
		start, at = end, end
	}
	b.warnCut()
}

// cutOff is the warning about an mbox that does not end with a line.
const cutOff = "the last line is cut off: the mailbox is incomplete"

// warnCut warns when b, the end of an mbox, is not the end of a line: mail
// programs write none like that. One that ends with a boundary or a tag may have
// been put together by hand, and is whole.
func (b *block) warnCut() {
	if b.warn != "" || len(b.buf) == 0 || b.buf[len(b.buf)-1] == '\n' ||
		bytes.HasSuffix(b.buf, []byte("--")) || bytes.HasSuffix(b.buf, []byte(">")) {
		return
	}
	b.warn = cutOff
}

func (b *block) divideEmlx() {
	n, rest, _ := emlxCount(bytes.TrimPrefix(b.buf, []byte("\xef\xbb\xbf")))
	data := len(b.buf) - len(rest)
	if n > len(rest) {
		b.warn = fmt.Sprintf("the message has %d bytes of the %d that its first line says", len(rest), n)
		n = len(rest)
	}
	b.spans = append(b.spans, span{data: data, end: data + n, next: len(b.buf)})
}

// limit cuts a message that is longer than max.
func (s *span) limit(max int64) {
	if int64(s.end-s.data) > max {
		s.end = s.data + int(max)
		s.cut = true
	}
}

// reader returns what b holds.
func (b *block) reader() io.Reader { return bytes.NewReader(b.buf) }
