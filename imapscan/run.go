package imapscan

import (
	"context"
	"slices"
	"sync"

	"github.com/emersion/go-imap/v2"
)

// folder is one run over a folder.
type folder struct {
	scanner  *Scanner
	name     string
	validity uint32 // UIDVALIDITY, 0 before it is known
	state    State
	cancel   context.CancelCauseFunc
	failed   int // messages that could not be read

	mu       sync.Mutex
	change   *sync.Cond
	windows  []*window
	next     int       // the first window that nobody took
	back     []*window // those that a broken link gave back
	out      int       // windows that are taken and not emitted
	finished int
	working  int // links that still work
}

// run reads messages over all links and emits the results window by window.
func (f *folder) run(ctx context.Context, uids []imap.UID, emit func([]Result) error) error {
	f.change = sync.NewCond(&f.mu)
	for part := range slices.Chunk(uids, windowSize) {
		f.windows = append(f.windows, newWindow(part))
	}
	if len(uids) == 0 {
		return nil
	}
	f.scanner.first()
	links := slices.DeleteFunc(slices.Clone(f.scanner.links), func(l *link) bool { return l.broken.Load() })
	links = links[:min(len(links), len(f.windows))]
	f.working = len(links)
	stop := context.AfterFunc(ctx, f.wake)
	defer stop()
	var wg sync.WaitGroup
	for _, l := range links {
		wg.Go(func() { f.work(ctx, l) })
	}
	err := f.collect(ctx, emit)
	if err != nil {
		f.cancel(err)
	}
	wg.Wait()
	return err
}

func (f *folder) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change.Broadcast()
}

// work reads windows over a link, two at a time: while the parts of one are read,
// the structures of the next are on their way. When the link cannot go on, the
// others do.
func (f *folder) work(ctx context.Context, l *link) {
	var wg sync.WaitGroup
	var failed sync.Once
	for range 2 {
		wg.Go(func() {
			for w := f.take(ctx, l); w != nil; w = f.take(ctx, l) {
				err := l.read(ctx, f, w)
				f.mu.Lock()
				if err == nil {
					f.finished++
					close(w.done)
				} else {
					f.back = append(f.back, w)
					failed.Do(func() {
						f.working--
						l.broken.Store(true)
						if f.working == 0 {
							f.cancel(err)
						} else if ctx.Err() == nil {
							go f.scanner.say("going on with fewer connections: %v", err)
						}
					})
				}
				f.change.Broadcast()
				f.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// take returns the next window that is to be read, nil when there is none or the
// link is broken. It waits while too many are under way.
func (f *folder) take(ctx context.Context, l *link) *window {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case ctx.Err() != nil, l.broken.Load(), f.finished == len(f.windows):
			return nil
		case len(f.back) > 0:
			w := f.back[0]
			f.back = f.back[1:]
			return w
		case f.next < len(f.windows) && f.out < windowsOut:
			f.out++
			f.next++
			return f.windows[f.next-1]
		}
		f.change.Wait()
	}
}

// collect emits the windows in their order.
func (f *folder) collect(ctx context.Context, emit func([]Result) error) error {
	for i, w := range f.windows {
		select {
		case <-w.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		list := w.sorted()
		for k := range list {
			if list[k].Err != nil {
				f.failed++
			}
		}
		f.scanner.telling.Lock()
		err := emit(list)
		f.scanner.telling.Unlock()
		if err != nil {
			return err
		}
		f.mu.Lock()
		f.windows[i] = nil
		f.out--
		f.change.Broadcast()
		f.mu.Unlock()
	}
	return nil
}
