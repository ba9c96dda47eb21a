package source

import (
	"errors"
	"fmt"
	"os"
)

// streamFrom is the size from which on an mbox, or anything compressed, is shared
// among the workers.
const streamFrom = 4 << 20

// A worker handles one job at a time in buffers of its own.
type worker[R any] struct {
	*run[R]
	id     int
	item   Item
	raw    block // a file as it is
	plain  block // a compressed file, decompressed
	gunzip gunzip
	job    *job[R]
}

func (r *run[R]) worker(id int) {
	w := &worker[R]{run: r, id: id}
	w.raw.buf = make([]byte, 0, 64<<10)
	for {
		select {
		case j := <-r.blocks:
			w.do(j)
		default:
			select {
			case j := <-r.blocks:
				w.do(j)
			case j := <-r.files:
				w.do(j)
			case <-r.quit:
				return
			}
		}
	}
}

func (w *worker[R]) do(j *job[R]) {
	w.job = j
	if j.block != nil {
		w.items(&j.file, j.block)
	}
	for i := range j.files {
		if w.ctx.Err() != nil {
			break
		}
		w.file(&j.files[i])
	}
	j.done <- struct{}{}
}

// file handles one file, or leaves it for a stream.
func (w *worker[R]) file(f *file) {
	if f.err != nil {
		w.fail(f, f.err)
		return
	}
	if f.path == stdinPath || f.special {
		w.later(f)
		return
	}
	b, skip, err := w.load(f)
	switch {
	case errors.Is(err, errLater):
		w.later(f)
	case err != nil:
		w.fail(f, pathError("read", f.path, err))
	default:
		b.divide(skip, w.opts.MaxMessage)
		w.items(f, b)
	}
}

// errLater says that a file is to be read as a stream.
var errLater = errors.New("read as a stream")

// load reads a file whole and knows what it is.
func (w *worker[R]) load(f *file) (*block, int, error) {
	src, err := os.Open(f.path)
	if err != nil {
		return nil, 0, err
	}
	defer src.Close()
	info, err := src.Stat()
	switch {
	case err != nil:
		return nil, 0, err
	case !info.Mode().IsRegular():
		return nil, 0, errLater
	}
	b := &w.raw
	b.reset()
	b.grow(int(min(info.Size()+1, streamFrom)))
	whole, err := b.readFile(src, info.Size())
	if err != nil {
		return nil, 0, err
	}
	if isGzip(b.buf) {
		if !whole {
			return nil, 0, errLater
		}
		return w.decompress(f)
	}
	if len(b.buf) == 0 {
		return nil, 0, ErrEmpty
	}
	format, skip := sniff(f, b.buf)
	switch {
	case format == unknown:
		return nil, 0, ErrUnknown
	case whole:
	case format == mbox:
		return nil, 0, errLater
	default:
		b.grow(int(min(info.Size()+1, w.opts.MaxMessage+sniffLen+1)))
		if err := b.readAll(src, w.opts.MaxMessage+sniffLen); err != nil {
			b.warn = err.Error()
		}
	}
	b.format = format
	return b, skip, nil
}

// decompress reads the file that raw holds whole.
func (w *worker[R]) decompress(f *file) (*block, int, error) {
	b := &w.plain
	b.reset()
	b.grow(64 << 10)
	if err := w.gunzip.reset(w.raw.reader(), w.opts.GzipRatio); err != nil {
		return nil, 0, err
	}
	err := b.readAll(&w.gunzip, streamFrom)
	if len(b.buf) > streamFrom {
		return nil, 0, errLater
	}
	format, skip := sniff(f, b.buf)
	switch {
	case format == unknown && err != nil:
		return nil, 0, err
	case len(b.buf) == 0:
		return nil, 0, ErrEmpty
	case format == unknown:
		return nil, 0, ErrUnknown
	case err != nil:
		b.warn = err.Error()
	}
	b.format, b.gzip = format, true
	return b, skip, nil
}

// items hands the items of b to work.
func (w *worker[R]) items(f *file, b *block) {
	for i, s := range b.spans {
		w.item = Item{
			Root: f.root, Path: f.path, Gzip: b.gzip,
			Offset: b.offset + int64(s.data),
			Before: b.buf[s.start:s.data:s.data],
			Data:   b.buf[s.data:s.end:s.end],
			After:  b.buf[s.end:s.next:s.next],
		}
		if b.format == page {
			w.item.Kind = HTML
		}
		if b.format == mbox {
			w.item.Index = b.index + i
		}
		if s.cut {
			w.warn(fmt.Sprintf("longer than %s: the rest is not read", size(w.opts.MaxMessage)))
		}
		if b.warn != "" && i == len(b.spans)-1 {
			w.warn(b.warn)
		}
		if w.item.Index <= 1 {
			w.job.stats.Files++
		}
		if len(w.item.Warnings) > 0 {
			w.job.stats.Partial++
		}
		w.job.stats.Items++
		w.job.stats.Bytes += int64(len(w.item.Data))
		w.give()
	}
}

func (w *worker[R]) warn(text string) { w.item.Warnings = append(w.item.Warnings, text) }

// fail gives an error in place of an item, unless the file was found in a folder
// and is neither mail nor HTML.
func (w *worker[R]) fail(f *file, err error) {
	if !f.named && (errors.Is(err, ErrUnknown) || errors.Is(err, ErrEmpty) && !f.claimsMail()) {
		w.skip(f)
		return
	}
	w.item = Item{Root: f.root, Path: f.path, Err: err}
	w.job.stats.Errors++
	w.give()
}

// skip counts a file that is neither mail nor HTML.
func (w *worker[R]) skip(f *file) {
	w.job.stats.Skipped++
	if w.opts.Others {
		w.item = Item{Root: f.root, Path: f.path, Kind: Other}
		w.give()
	}
}

func (w *worker[R]) later(f *file) {
	w.job.out = append(w.job.out, result[R]{stream: f})
}

func (w *worker[R]) give() {
	w.job.out = append(w.job.out, result[R]{value: w.work(w.id, &w.item)})
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
