package imapscan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/emersion/go-imap/v2"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// window is a stretch of messages that are read together. What was read stays when
// the connection breaks, so that nothing is read or reported twice.
type window struct {
	uids  []imap.UID
	batch int // messages of one command; less after a failure

	mu      sync.Mutex
	results map[imap.UID]Result
	gone    map[imap.UID]bool
	suspect map[imap.UID]int // failures at this message alone
	asked   map[imap.UID]int // times that the server gave no answer

	done chan struct{}
}

func newWindow(uids []imap.UID) *window {
	return &window{
		uids: uids, batch: windowSize, results: make(map[imap.UID]Result, len(uids)), gone: map[imap.UID]bool{},
		suspect: map[imap.UID]int{}, asked: map[imap.UID]int{}, done: make(chan struct{}),
	}
}

// left lists the messages that are still to be read.
func (w *window) left() []imap.UID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []imap.UID
	for _, u := range w.uids {
		if _, ok := w.results[u]; !ok && !w.gone[u] {
			list = append(list, u)
		}
	}
	return list
}

func (w *window) add(r Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.results[imap.UID(r.UID)]; !ok {
		w.results[imap.UID(r.UID)] = r
	}
}

// sorted lists the results in the order of the UIDs.
func (w *window) sorted() []Result {
	list := make([]Result, 0, len(w.results))
	for _, u := range w.uids {
		if r, ok := w.results[u]; ok {
			list = append(list, r)
		}
	}
	return list
}

// failed notes that the connection broke although left was all there was to read
// before. The commands get smaller until one message is to blame, which is then
// read without its structure, and at last given up.
func (w *window) failed(before []imap.UID, err error) {
	left := w.left()
	if len(left) == 0 || len(left) < len(before) && w.batch > 1 {
		return
	}
	if w.batch > 1 {
		w.batch = max(1, min(w.batch, len(left))/8)
		return
	}
	culprit := left[0]
	w.suspect[culprit]++
	if w.suspect[culprit] > 2 {
		w.add(Result{UID: uint32(culprit), Err: fmt.Errorf("cannot be read: %w", err)})
		w.batch = windowSize
	}
}

// read reads a window over a link, however often the connection breaks.
func (l *link) read(ctx context.Context, f *folder, w *window) error {
	defer context.AfterFunc(ctx, l.kill)()
	for {
		left := w.left()
		if len(left) == 0 {
			return nil
		}
		ses, err := l.ready(ctx, f)
		if err != nil {
			return err
		}
		err = l.pass(ctx, ses, f, w, left)
		if err == nil {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(w.left()) < len(left) {
			l.fails.Store(0)
		}
		if !throttled(err) {
			w.failed(left, err)
		}
		if err := l.again(ctx, ses, err); err != nil {
			return err
		}
	}
}

// pass tries once to read messages.
func (l *link) pass(ctx context.Context, ses *Session, f *folder, w *window, uids []imap.UID) error {
	for part := range slices.Chunk(uids, w.batch) {
		p := &pass{link: l, ses: ses, folder: f, window: w}
		if err := p.run(part); err != nil {
			return err
		}
		l.fails.Store(0)
	}
	return l.confirm(ses, w)
}

// confirm asks about the messages that the server did not answer for: those that
// are deleted are let go, the others are asked for once more.
func (l *link) confirm(ses *Session, w *window) error {
	left := w.left()
	if len(left) == 0 {
		return nil
	}
	defer ses.Expect()()
	found, err := ses.Client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(left...)}}, nil).Wait()
	if err != nil {
		return ses.Err(err)
	}
	set, _ := found.All.(imap.UIDSet)
	for _, u := range left {
		w.missed(u, set.Contains(u))
	}
	return nil
}

// missed notes that the server did not answer for a message, which is there or
// deleted.
func (w *window) missed(u imap.UID, there bool) {
	w.mu.Lock()
	w.asked[u]++
	w.gone[u] = !there
	silent := there && w.asked[u] > 1
	w.mu.Unlock()
	if silent {
		w.add(Result{UID: uint32(u), Err: errors.New("the server does not give it")})
	}
}

// pass is one try at a batch of messages.
type pass struct {
	link   *link
	ses    *Session
	folder *folder
	window *window

	scans    sync.WaitGroup // messages that are being scanned
	mu       sync.Mutex
	outlines map[imap.UID]outline
	again    []imap.UID // to be read whole
	refused  []Result   // counts where the message was not given before
}

func (p *pass) run(uids []imap.UID) error {
	err := p.read(uids)
	p.scans.Wait()
	for _, r := range p.refused {
		p.window.add(r)
	}
	return err
}

func (p *pass) read(uids []imap.UID) error {
	p.outlines = make(map[imap.UID]outline, len(uids))
	if len(uids) == 1 && p.window.suspect[uids[0]] > 1 {
		return p.bodies(&plan{whole: true, limit: wire.MaxBody}, uids)
	}
	if err := p.structures(uids); err != nil {
		return err
	}
	groups, plans := map[string][]imap.UID{}, map[string]*plan{}
	for _, u := range uids {
		o, ok := p.outlines[u]
		if !ok {
			continue
		}
		key := o.plan.key()
		groups[key] = append(groups[key], u)
		plans[key] = &o.plan
	}
	var wg sync.WaitGroup
	var first error
	for key, uids := range groups {
		wg.Go(func() {
			if err := p.bodies(plans[key], uids); err != nil {
				p.mu.Lock()
				defer p.mu.Unlock()
				if first == nil {
					first = err
				}
			}
		})
	}
	wg.Wait()
	p.scans.Wait()
	if first != nil || len(p.again) == 0 {
		return first
	}
	again := p.again
	slices.Sort(again)
	return p.bodies(&plan{whole: true, limit: wire.MaxBody}, again)
}

// slot waits until a command may be sent.
func (p *pass) slot() (release func()) {
	p.link.slots <- struct{}{}
	return func() { <-p.link.slots }
}

// structures reads the outlines of messages. Where the server refuses, the batch
// is halved until it is one message, which is then read whole.
func (p *pass) structures(uids []imap.UID) error {
	release := p.slot()
	list, err := p.ses.outlines(uids)
	release()
	for _, o := range list {
		p.outlines[o.uid] = o
	}
	switch {
	case err == nil:
		return nil
	case !refused(err) || throttled(err):
		return err
	case len(uids) == 1:
		p.outlines[uids[0]] = outline{uid: uids[0], plan: plan{whole: true}}
		return nil
	}
	half := len(uids) / 2
	if err := p.structures(uids[:half]); err != nil {
		return err
	}
	return p.structures(uids[half:])
}

// bodies reads and scans messages as a plan says. Where the server refuses, the
// batch is halved until it is one message, which is read whole or else given up.
func (p *pass) bodies(pl *plan, uids []imap.UID) error {
	release := p.slot()
	err := p.ses.bodies(pl, uids, p.link.scanner.buffer, func(r *raw, err error) { p.got(pl, r, err) })
	release()
	switch {
	case err == nil || !refused(err) || throttled(err):
		return err
	case len(uids) == 1 && !pl.whole:
		p.retry(uids[0])
		return nil
	case len(uids) == 1:
		p.mu.Lock()
		defer p.mu.Unlock()
		p.refused = append(p.refused, Result{
			UID: uint32(uids[0]), Date: p.outlines[uids[0]].date, Err: fmt.Errorf("the server refuses to give it: %w", err),
		})
		return nil
	}
	half := len(uids) / 2
	if err := p.bodies(pl, uids[:half]); err != nil {
		return err
	}
	return p.bodies(pl, uids[half:])
}

// got hands a message to a worker.
func (p *pass) got(pl *plan, r *raw, err error) {
	if o, ok := p.outlines[r.uid]; ok {
		r.outline = o
	}
	s := p.link.scanner
	if err == nil && pl.whole && len(r.buf) == 0 && r.size > 0 {
		err = fmt.Errorf("%w: all of it", errIncomplete)
	}
	if pl.whole && !r.cut && r.size == 0 { // it is not told where structures are refused
		r.size = int64(len(r.buf))
	}
	if err != nil {
		if pl.whole {
			p.window.add(Result{UID: uint32(r.uid), Date: r.date, Err: err})
			return
		}
		p.retry(r.uid)
		return
	}
	p.scans.Add(1)
	s.jobs <- func() {
		defer p.scans.Done()
		if res, ok := s.scan(p.folder, r); ok {
			p.window.add(res)
		} else {
			p.retry(r.uid)
		}
		s.done(r.buf)
	}
}

func (p *pass) retry(uid imap.UID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.again = append(p.again, uid)
}
