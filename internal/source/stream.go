package source

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// blockSize is how much of a large file is read at a time.
const blockSize = 1 << 20

// A stream reads one large file, or one of unknown length, block by block.
type stream struct {
	file    file
	opts    *Options
	acquire func() *block // an empty block, or nil to stop
	// alone waits until the other blocks are done with, and gives the memory of the
	// largest; false to stop.
	alone func() ([]byte, bool)
	send  func(*block) bool // gives a block away; false to stop

	src    io.Reader
	gzip   bool
	eof    bool
	failed error // what ended the file early
	index  int   // of the next message
	offset int64 // of the current block in the file
}

// run sends all blocks, or returns why there are none.
func (s *stream) run() error {
	if s.file.path == stdinPath {
		s.src = s.opts.Stdin
	} else {
		f, err := os.Open(s.file.path)
		if err != nil {
			return pathError("read", s.file.path, err)
		}
		defer f.Close()
		s.src = f
	}
	if err := s.read(); err != nil {
		return pathError("read", s.file.path, err)
	}
	return nil
}

func (s *stream) read() error {
	if err := s.unzip(); err != nil {
		return err
	}
	b := s.acquire()
	if b == nil {
		return nil
	}
	s.fill(b)
	format, skip := sniff(&s.file, b.buf)
	switch {
	case format == unknown && s.failed != nil:
		return s.failed
	case len(b.buf) == 0:
		return ErrEmpty
	case format == unknown:
		return ErrUnknown
	case format == mbox:
		s.index = 1
		s.mbox(b, skip)
		return nil
	}
	return s.whole(b, format)
}

// unzip sets a decompressor before a source that needs one.
func (s *stream) unzip() error {
	head := make([]byte, 3)
	n, err := io.ReadFull(s.src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	s.src = io.MultiReader(bytes.NewReader(head[:n]), s.src)
	if !isGzip(head[:n]) {
		return nil
	}
	s.gzip = true
	g := new(gunzip)
	if err := g.reset(s.src, s.opts.GzipRatio); err != nil {
		return err
	}
	s.src = g
	return nil
}

// fill reads as much as b holds.
func (s *stream) fill(b *block) {
	if s.eof {
		return
	}
	if err := b.fill(s.src); err != nil {
		s.eof = true
		if !errors.Is(err, io.EOF) {
			s.failed = err
		}
	}
}

// whole sends a file that is one item.
func (s *stream) whole(b *block, format format) error {
	if !s.eof {
		s.failed = b.readAll(s.src, s.opts.MaxMessage+sniffLen)
	}
	b.format, b.gzip = format, s.gzip
	b.divide(0, s.opts.MaxMessage)
	if s.failed != nil {
		b.warn = s.failed.Error()
	}
	s.send(b)
	return nil
}

// mbox sends the messages of b and of what follows it. A block is sent when the
// next message does not fit into it whole.
func (s *stream) mbox(b *block, skip int) {
	var (
		split   splitter
		start   = 0
		data, _ = afterLine(b.buf, skip)
	)
	s.adopt(b)
	split.begin(data)
	for {
		end, ok := split.end(b.buf, s.eof)
		switch {
		case ok:
			sp := newSpan(b.buf, start, data, end)
			sp.limit(s.opts.MaxMessage)
			b.spans = append(b.spans, sp)
			s.index++
			if end == len(b.buf) && s.eof {
				s.last(b)
				return
			}
			start = end
			data, _ = afterLine(b.buf, start)
			split.begin(data)
			continue
		case start > 0:
			if b = s.next(b, start); b == nil {
				return
			}
			split.shift(start)
			data -= start
			start = 0
		case int64(len(b.buf)-data) > s.opts.MaxMessage:
			if b = s.cut(b, data, &split); b == nil {
				return
			}
			data, _ = afterLine(b.buf, 0)
			split.begin(data)
			continue
		default:
			if !s.enlarge(b) {
				return
			}
		}
		s.fill(b)
	}
}

// enlarge makes room in b for a message that is longer.
func (s *stream) enlarge(b *block) bool {
	n := 2 * cap(b.buf)
	if n > maxKept {
		room, ok := s.alone()
		if !ok {
			return false
		}
		if cap(room) > cap(b.buf) {
			b.buf = append(room, b.buf...)
			return true
		}
	}
	b.grow(n)
	return true
}

// adopt tells b where it stands.
func (s *stream) adopt(b *block) {
	b.format, b.gzip, b.index, b.offset = mbox, s.gzip, s.index, s.offset
}

func (s *stream) last(b *block) {
	if s.failed != nil {
		b.warn = s.failed.Error()
	}
	b.warnCut()
	s.send(b)
}

// next sends b up to the offset at, and returns a block that begins with the rest.
func (s *stream) next(b *block, at int) *block {
	nb := s.acquire()
	if nb == nil {
		return nil
	}
	rest := b.buf[at:]
	if 2*len(rest) > cap(nb.buf) {
		nb.grow(2 * len(rest))
	}
	nb.buf = append(nb.buf, rest...)
	s.offset += int64(at)
	s.adopt(nb)
	b.buf = b.buf[:at]
	if !s.send(b) {
		return nil
	}
	return nb
}

// cut sends the beginning of the one message in b, which is too long, and skips
// the rest of it. It returns a block that begins with the next message, if any.
func (s *stream) cut(b *block, data int, split *splitter) *block {
	b.spans = append(b.spans, span{data: data, end: data + int(s.opts.MaxMessage), next: data + int(s.opts.MaxMessage), cut: true})
	s.index++
	*split = splitter{at: split.at, body: true, jump: -1}
	keep := max(split.at, len(b.buf)-2*maxFromLine)
	nb := s.next(b, keep)
	split.at -= keep
	for nb != nil {
		split.at = max(split.at, 0)
		s.fill(nb)
		end, ok := split.end(nb.buf, s.eof)
		keep = max(split.at, len(nb.buf)-2*maxFromLine)
		if ok {
			keep = end
		}
		s.offset += int64(keep)
		nb.buf = append(nb.buf[:0], nb.buf[keep:]...)
		split.at -= keep
		if ok {
			s.adopt(nb)
			s.fill(nb)
			if len(nb.buf) == 0 {
				return nil
			}
			return nb
		}
	}
	return nil
}
