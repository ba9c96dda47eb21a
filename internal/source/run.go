package source

import (
	"context"
	"sync"
)

// maxBatch is how many files are handed to a worker at a time.
const maxBatch = 16

// A job is what one worker does at a time: some files, or a block of one.
type job[R any] struct {
	files []file
	block *block
	file  file // of block

	out   []result[R]
	stats Stats
	done  chan struct{}
}

// A result is what became of one item, or a file that is to be read as a stream
// when its turn has come.
type result[R any] struct {
	value  R
	stream *file
}

// A run is one call of Run.
type run[R any] struct {
	ctx    context.Context
	opts   Options
	work   func(int, *Item) R
	emit   func(R) error
	files  chan *job[R] // in the hands of the workers
	blocks chan *job[R] // likewise, of the stream whose turn it is
	quit   chan struct{}
	stats  Stats
}

// Run reads everything below paths. It calls work for each item, in parallel with
// a number below Options.Workers that tells the workers apart, and emit with each
// result, from the calling goroutine and in the order of the input, which is the
// same for any number of workers.
//
// What cannot be read is an item with Err; Run itself fails only when ctx is done or
// with the error of emit. It reads ahead by a bounded number of items.
func Run[R any](ctx context.Context, paths []string, o *Options, work func(worker int, it *Item) R, emit func(R) error) (Stats, error) {
	ctx, cancel := context.WithCancel(ctx)
	opts := o.withDefaults()
	ahead := 4*opts.Workers + 4
	r := &run[R]{
		ctx: ctx, opts: opts, work: work, emit: emit,
		files:  make(chan *job[R], ahead),
		blocks: make(chan *job[R], ahead),
		quit:   make(chan struct{}),
	}
	var wg sync.WaitGroup
	for i := range opts.Workers {
		wg.Go(func() { r.worker(i) })
	}
	order := make(chan *job[R], ahead-1)
	skipped := 0
	wg.Go(func() {
		defer close(order)
		skipped = r.list(paths, order)
	})
	err := r.collect(order)
	cancel()
	close(r.quit)
	wg.Wait()
	r.stats.Skipped += skipped
	return r.stats, err
}

// list makes jobs of the files below paths: small ones first, so that all workers
// soon have one.
func (r *run[R]) list(paths []string, order chan<- *job[R]) int {
	j, n := r.newJob(), 0
	send := func() bool {
		select {
		case order <- j:
		case <-r.ctx.Done():
			return false
		}
		// The workers' channel is longer than the other: this never waits.
		r.files <- j
		j, n = r.newJob(), n+1
		return true
	}
	w := walk{only: r.opts.Only, pages: r.opts.Pages, asPages: r.opts.AsPages, add: func(f file) bool {
		j.files = append(j.files, f)
		return len(j.files) < min(maxBatch, 1+n/r.opts.Workers) || send()
	}}
	w.run(paths)
	if len(j.files) > 0 {
		send()
	}
	return w.skipped
}

func (r *run[R]) newJob() *job[R] { return &job[R]{done: make(chan struct{}, 1)} }

// collect emits the results of the jobs in their order.
func (r *run[R]) collect(order <-chan *job[R]) error {
	for j := range order {
		if err := r.finish(j); err != nil {
			return err
		}
	}
	return r.ctx.Err()
}

// finish waits for j and emits its results.
func (r *run[R]) finish(j *job[R]) error {
	select {
	case <-j.done:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	if err := r.ctx.Err(); err != nil {
		return err // j may be incomplete
	}
	r.stats.add(j.stats)
	for i := range j.out {
		var err error
		if f := j.out[i].stream; f != nil {
			err = r.stream(f)
		} else {
			err = r.emit(j.out[i].value)
		}
		if err != nil {
			return err
		}
		j.out[i] = result[R]{}
	}
	return nil
}

// stream reads one file block by block and emits the results of all. The
// goroutine that reads is not waited for when ctx is done: it may hang on a terminal.
func (r *run[R]) stream(f *file) error {
	room := 2*r.opts.Workers + 1
	order := make(chan *job[R], room)
	free := make(chan *block, room)
	for range room {
		free <- nil
	}
	s := &stream{file: *f, opts: &r.opts}
	s.acquire = func() *block {
		select {
		case b := <-free:
			if b == nil {
				b = new(block)
			}
			b.reset()
			b.grow(blockSize)
			return b
		case <-r.ctx.Done():
			return nil
		}
	}
	// A long message is held when nothing else is, in the memory of the one before
	// it, so that memory does not grow with their number.
	s.alone = func() ([]byte, bool) {
		var largest []byte
		for range room - 1 {
			select {
			case b := <-free:
				if b != nil && cap(b.buf) > cap(largest) {
					largest = b.buf[:0]
				}
			case <-r.ctx.Done():
				return nil, false
			}
		}
		for range room - 1 {
			free <- nil
		}
		return largest, true
	}
	s.send = func(b *block) bool {
		j := r.newJob()
		j.block, j.file = b, *f
		return r.sendBlock(j, order)
	}
	go func() {
		defer close(order)
		if err := s.run(); err != nil {
			j := r.newJob()
			j.files = []file{{root: f.root, path: f.path, named: f.named, mail: f.mail, err: err}}
			r.sendBlock(j, order)
		}
	}()
	return r.drain(order, free)
}

func (r *run[R]) sendBlock(j *job[R], order chan<- *job[R]) bool {
	select {
	case order <- j:
	case <-r.ctx.Done():
		return false
	}
	select {
	case r.blocks <- j:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// drain emits the results of a stream's blocks and gives the blocks back.
func (r *run[R]) drain(order <-chan *job[R], free chan<- *block) error {
	for {
		select {
		case j, ok := <-order:
			if !ok {
				return nil
			}
			if err := r.finish(j); err != nil {
				return err
			}
			if j.block != nil {
				free <- j.block
			}
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}
