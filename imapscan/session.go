package imapscan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// Session is a connection that is logged in. Its client speaks every command of
// go-imap; around those that are waited for, call Expect, so that a server that
// falls silent is noticed.
type Session struct {
	Client     *imapclient.Client
	Caps       imap.CapSet
	Compressed bool

	wire   *wire.Conn
	guard  *wire.Guard
	tap    *wire.Tap
	near   bool // on this machine or in a private network
	stream *stream
}

// Dial connects to a server and logs in. handler takes what the server says
// unasked, nil for nobody. A [SetupError] is one that trying again cannot mend.
func Dial(ctx context.Context, s *Server, handler *imapclient.UnilateralDataHandler) (*Session, error) {
	w, conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { w.Close() })
	defer stop()
	d := &dialogue{server: s, trace: wire.NewTracer(s.Trace), encrypted: s.Security == TLS}
	d.reset(conn)
	compressed, err := d.run(ctx, w)
	if err != nil {
		w.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: %w", s.Address, err)
	}
	w.Expect(-1)
	return newSession(d, w, compressed, handler), nil
}

// run says all that comes before go-imap takes over.
func (d *dialogue) run(ctx context.Context, w *wire.Conn) (compressed bool, err error) {
	waits := func() bool { return false }
	if d.server.Security != TLS {
		waits = d.server.await(ctx, w)
	}
	err = d.greeting()
	switch {
	case waits():
		return false, errTLSPort
	case err != nil:
		return false, err
	}
	if d.server.Security == StartTLS {
		if err := d.startTLS(ctx); err != nil {
			return false, err
		}
	}
	if err := d.login(ctx); err != nil {
		return false, err
	}
	if err := d.know(); err != nil {
		return false, err
	}
	if !d.caps["COMPRESS=DEFLATE"] || d.server.Compress == CompressNever ||
		d.server.Compress != CompressAlways && isNear(w.RemoteAddr()) {
		return false, nil
	}
	caps := d.caps
	_, err = d.command("COMPRESS DEFLATE", "COMPRESS DEFLATE", nil)
	d.caps = caps
	var refused *imap.Error
	if errors.As(err, &refused) && refused.Type == imap.StatusResponseTypeNo {
		return false, nil // RFC 4978 section 3: TLS may compress already
	}
	return err == nil, err
}

func newSession(d *dialogue, w *wire.Conn, compressed bool, handler *imapclient.UnilateralDataHandler) *Session {
	conn, in := d.conn, io.Reader(d.in)
	if compressed {
		z := wire.Deflate(conn, d.in)
		conn, in = z, z
	}
	caps := make([]string, 0, len(d.caps))
	set := imap.CapSet{}
	for c := range d.caps {
		caps = append(caps, c)
		set[imap.Cap(c)] = struct{}{}
	}
	slices.Sort(caps)
	s := &Session{Caps: set, Compressed: compressed, wire: w, guard: wire.NewGuard(in, d.trace), near: isNear(w.RemoteAddr())}
	s.tap = wire.NewTap(s.guard)
	// go-imap starts with a greeting; this one says that the login is done.
	greeting := "* PREAUTH [CAPABILITY " + strings.Join(caps, " ") + "] ready\r\n"
	st := &stream{Conn: conn, in: io.MultiReader(strings.NewReader(greeting), s.tap), trace: d.trace}
	s.Client = imapclient.New(st, &imapclient.Options{UnilateralDataHandler: handler})
	st.ended = s.Client.Closed()
	s.stream = st
	return s
}

// stream is the connection that go-imap sees.
type stream struct {
	net.Conn
	in    io.Reader
	trace *wire.Tracer
	ended <-chan struct{} // go-imap's reader

	replaces atomic.Uint32 // the UID that the next APPEND replaces, 0 for none
}

func (s *stream) Read(p []byte) (int, error) { return s.in.Read(p) }

func (s *stream) Write(p []byte) (int, error) {
	n := len(p)
	if uid := s.replaces.Load(); uid != 0 {
		p = asReplace(p, uid)
	}
	s.trace.Sent(p)
	if _, err := s.Conn.Write(p); err != nil {
		// QUIRK: on an error go-imap ends the waiting commands at once, and closes a
		// channel under its reader that is handing them data. So the reader ends first.
		s.Conn.Close()
		<-s.ended
		return 0, err
	}
	return n, nil
}

// Expect says that an answer is waited for. The caller calls done when it is
// there; until then a silent server is given up after Server.Patience.
func (s *Session) Expect() (done func()) {
	s.wire.Expect(1)
	return func() { s.wire.Expect(-1) }
}

// LimitError says which bound a server broke.
type LimitError = wire.LimitError

// Err says why a command failed: the bound that the server broke or its silence,
// which go-imap sees as a broken connection, else err.
func (s *Session) Err(err error) error {
	if no := (*imap.Error)(nil); errors.As(err, &no) {
		no.Text = clip(no.Text)
	}
	switch {
	case err == nil:
		return nil
	case s.guard.Broken() != nil:
		return s.guard.Broken()
	case s.wire.Silent() != nil:
		return s.wire.Silent()
	case s.guard.Bye() != "" && !refused(err):
		return fmt.Errorf("the server ends the connection: %q", s.guard.Bye())
	}
	return err
}

// Close ends the connection, without waiting for the server.
func (s *Session) Close() error { return s.wire.Close() }

// Logout says goodbye and ends the connection.
func (s *Session) Logout() {
	done := s.Expect()
	defer done()
	s.Client.Logout().Wait()
	s.Client.Close()
}

// Examine opens a folder for reading only.
func (s *Session) Examine(folder string) (*imap.SelectData, error) {
	defer s.Expect()()
	data, err := s.Client.Select(folder, &imap.SelectOptions{ReadOnly: true, CondStore: s.Caps.Has(imap.CapCondStore)}).Wait()
	if err != nil {
		return nil, s.Err(err)
	}
	return data, nil
}
