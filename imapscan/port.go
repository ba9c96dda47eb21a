package imapscan

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// What the port of a server says about Server.Security.
var (
	errTLSPort   = errors.New("the server waits for TLS on this port; use --security tls, or its port for STARTTLS, mostly 143")
	errPlainPort = errors.New("the server does not begin with TLS on this port; use --security starttls, or its port for TLS, mostly 993")
)

// wrongPort reports whether the security does not fit the port.
func wrongPort(err error) bool { return errors.Is(err, errTLSPort) || errors.Is(err, errPlainPort) }

// greetingTime is how long a server may take to greet before we look whether it
// waits for us.
const greetingTime = 2 * time.Second

// await looks, when no greeting comes over w, whether the server waits for TLS, and
// then ends w. stop ends the looking, and reports whether that was so.
func (s *Server) await(ctx context.Context, w *wire.Conn) (stop func() bool) {
	ctx, cancel := context.WithCancel(ctx)
	var found atomic.Bool
	timer := time.AfterFunc(greetingTime, func() {
		if s.speaksTLS(ctx) {
			found.Store(true)
			w.Close()
		}
	})
	return func() bool {
		timer.Stop()
		cancel()
		return found.Load()
	}
}

// speaksTLS tries TLS on a connection of its own, on which nothing is said.
func (s *Server) speaksTLS(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return false
	}
	defer conn.Close()
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		host = s.Address
	}
	// Whose certificate it is does not matter here.
	err = tls.Client(conn, &tls.Config{ServerName: host, InsecureSkipVerify: true}).HandshakeContext(ctx)
	var alert tls.AlertError
	return err == nil || errors.As(err, &alert)
}
