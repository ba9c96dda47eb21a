package imapscan

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"

	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
)

// Security is how a connection is encrypted.
type Security string

// The kinds of security. Plain is refused unless the server is on this machine
// and Server.AllowPlain is set.
const (
	TLS      Security = "tls"
	StartTLS Security = "starttls"
	Plain    Security = "plain"
)

// Compression says when COMPRESS=DEFLATE (RFC 4978) is used, where it is offered.
type Compression string

// The choices.
const (
	CompressAuto   Compression = "auto" // unless the server is on this machine or in a private network
	CompressAlways Compression = "always"
	CompressNever  Compression = "never"
)

// Credentials give what a login needs.
type Credentials interface {
	// Client returns a client for one of the SASL mechanisms that the server
	// offers.
	Client(ctx context.Context, mechanisms []string) (sasl.Client, error)
}

// Server says where mail is and how to get there.
type Server struct {
	Address     string // host:port
	Security    Security
	Credentials Credentials

	RootCAs *x509.CertPool // nil for those of the system
	// Pins, if any, are SHA-256 sums of public keys (SubjectPublicKeyInfo) in
	// base64, as in RFC 7469, one of which the server's certificate must have
	// besides being trusted.
	Pins       []string
	AllowPlain bool // allow a login without TLS on the loopback
	Compress   Compression

	// Patience is how long the server may be silent while it owes an answer;
	// default 2 minutes.
	Patience time.Duration
	// Trace takes a log of what is said: no secret, no text of a message.
	Trace io.Writer
	// Dial connects; nil means the dialer of package net.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (s *Server) patience() time.Duration {
	if s.Patience > 0 {
		return s.Patience
	}
	return 2 * time.Minute
}

func (s *Server) dial(ctx context.Context) (net.Conn, error) {
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: 30 * time.Second}).DialContext
	}
	return dial(ctx, "tcp", s.Address)
}

// connect dials and, with [TLS], encrypts.
func (s *Server) connect(ctx context.Context) (*wire.Conn, net.Conn, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	w := &wire.Conn{Conn: conn, Patience: s.patience()}
	w.Expect(1)
	switch s.Security {
	case TLS:
		c, err := s.encrypt(ctx, w)
		return w, c, err
	case StartTLS:
		return w, w, nil
	case Plain:
		if !s.AllowPlain || !isLoopback(conn.RemoteAddr()) {
			conn.Close()
			return nil, nil, &SetupError{fmt.Errorf("%s: login without TLS sends the password readable; it is allowed to this machine only, with --allow-plain", s.Address)}
		}
		return w, w, nil
	}
	conn.Close()
	return nil, nil, fmt.Errorf("unknown security %q; known are tls, starttls, plain", s.Security)
}

// encrypt starts TLS over conn.
func (s *Server) encrypt(ctx context.Context, conn net.Conn) (net.Conn, error) {
	host, _, err := net.SplitHostPort(s.Address)
	if err != nil {
		host = s.Address
	}
	t := tls.Client(conn, &tls.Config{
		ServerName: host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12, VerifyConnection: s.checkPin,
	})
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		var unknown x509.UnknownAuthorityError
		if errors.As(err, &unknown) {
			return nil, &SetupError{fmt.Errorf("%s: %w; if you trust it, name its certificate or authority with --ca", s.Address, err)}
		}
		var cert *tls.CertificateVerificationError
		if errors.As(err, &cert) || errors.Is(err, errPin) {
			return nil, &SetupError{fmt.Errorf("%s: %w", s.Address, err)}
		}
		var record tls.RecordHeaderError
		if errors.As(err, &record) && s.Security == TLS {
			return nil, fmt.Errorf("%s: %w", s.Address, errPlainPort)
		}
		return nil, fmt.Errorf("%s: TLS: %w", s.Address, err)
	}
	return t, nil
}

// SetupError is an error that trying again does not mend: a certificate, a login,
// an option that is wrong.
type SetupError struct{ Err error }

func (e *SetupError) Error() string { return e.Err.Error() }
func (e *SetupError) Unwrap() error { return e.Err }

var errPin = errors.New("the public key of the server is not one that --pin names")

func (s *Server) checkPin(state tls.ConnectionState) error {
	if len(s.Pins) == 0 {
		return nil
	}
	sum := sha256.Sum256(state.PeerCertificates[0].RawSubjectPublicKeyInfo)
	is := base64.StdEncoding.EncodeToString(sum[:])
	for _, p := range s.Pins {
		if strings.TrimPrefix(p, "sha256/") == is {
			return nil
		}
	}
	return fmt.Errorf("%w: it is sha256/%s", errPin, is)
}

func isLoopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}

// isNear reports whether a is on this machine or in a private network, where
// compression costs more than it saves.
func isNear(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && (t.IP.IsLoopback() || t.IP.IsPrivate() || t.IP.IsLinkLocalUnicast())
}
