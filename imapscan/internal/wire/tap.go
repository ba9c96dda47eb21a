package wire

import (
	"bufio"
	"errors"
	"io"
	"sync"

	"github.com/emersion/go-imap/v2"
)

// Tap takes the answers to the FETCH commands of an audit out of what the server
// sends, before go-imap sees the rest. go-imap sends the commands, and learns how
// they end; but it reads what they bring a byte at a time and hands each literal to
// another goroutine, which costs more than the scan of a message may.
//
// It reads behind the guard, which has bounded responses, lists and literals.
type Tap struct {
	in *bufio.Reader

	out     []byte // of in's buffer, for go-imap
	literal int64  // bytes of a literal for go-imap that are still to come
	inside  bool   // a response for go-imap goes on
	text    bool   // it ends in free text
	tail    []byte // the end of what was seen of a line that in's buffer cannot hold

	mu     sync.Mutex
	takers []*taker
	reply  Reply
}

// taker waits for the answers of one command.
type taker struct {
	uids   map[imap.UID]bool // that are still to come
	bodies bool              // it asked for bodies, else for structures
	got    func(a *Reply)

	mu sync.Mutex // held while got is called
}

// tapBytes is the size of the buffer.
const tapBytes = 64 << 10

// NewTap reads from r, a [Guard].
func NewTap(r io.Reader) *Tap { return &Tap{in: bufio.NewReaderSize(r, tapBytes)} }

// Take hands the answers about messages to got, in the goroutine that reads from
// the server. After done, got is not called any more.
func (t *Tap) Take(uids []imap.UID, bodies bool, got func(*Reply)) (done func()) {
	k := &taker{uids: make(map[imap.UID]bool, len(uids)), bodies: bodies, got: got}
	for _, u := range uids {
		k.uids[u] = true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.takers = append(t.takers, k)
	return func() {
		t.mu.Lock()
		for i := range t.takers {
			if t.takers[i] == k {
				t.takers = append(t.takers[:i:i], t.takers[i+1:]...)
				break
			}
		}
		t.mu.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		clear(k.uids)
	}
}

func (t *Tap) waiting() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.takers) > 0
}

// Read reads what go-imap gets.
func (t *Tap) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.literal > 0 {
			n, err := t.in.Read(p[:min(int64(len(p)), t.literal)])
			t.literal -= int64(n)
			return n, err
		}
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// next reads a line, or as much of one as there is room for, and lets it pass, or
// takes the response that it begins.
func (t *Tap) next() error {
	line, err := t.in.ReadSlice('\n')
	if !t.inside {
		if isFetch(line) && t.waiting() {
			return t.fetched(line, err)
		}
		t.inside, t.text, t.tail = true, isText(line), t.tail[:0]
	}
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		t.tail = append(t.tail[:0], line[max(0, len(line)-64):]...)
		t.out = line
		return nil
	case err != nil && len(line) == 0:
		return err
	}
	t.out = line // an error comes again
	end := line
	if len(t.tail) > 0 {
		end = append(t.tail, line...)
		t.tail = t.tail[:0]
	}
	size, _, ok := announced(end)
	if t.text || !ok {
		t.inside = false
		return nil
	}
	t.literal = size
	return nil
}

// fetched reads the whole of an answer, which begins with a line, and hands it to
// who waits for it.
func (t *Tap) fetched(line []byte, err error) error {
	a := &t.reply
	a.reset()
	from := 0 // of the line
	for {
		a.text = append(a.text, line...)
		switch {
		case err == nil:
			size, body, ok := announced(a.text[from:])
			if !ok {
				t.hand(a)
				return nil
			}
			if err := a.literal(t.in, size, body); err != nil {
				return err
			}
			from = len(a.text)
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
		line, err = t.in.ReadSlice('\n')
	}
}

// hand gives an answer to who waits for it, if anybody does. What the server tells
// unasked, such as a change of flags, is of no use to an audit.
func (t *Tap) hand(a *Reply) {
	if !a.parse() {
		return
	}
	t.mu.Lock()
	takers := t.takers
	t.mu.Unlock()
	for _, k := range takers {
		if (k.bodies && a.bodies || !k.bodies && a.outline) && k.hand(a) {
			return
		}
	}
}

func (k *taker) hand(a *Reply) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.uids[a.UID] {
		return false
	}
	delete(k.uids, a.UID)
	k.got(a)
	return true
}
