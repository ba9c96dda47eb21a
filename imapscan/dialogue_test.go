package imapscan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/imapscan/internal/wire"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// pinOf is the pin of the certificate of a test server.
func pinOf(t *testing.T, d *dovecot.Server) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(d.Dir, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestDial(t *testing.T) {
	d := dovecot.ForTest(t, "")
	good := pinOf(t, d)
	tests := []struct {
		name   string
		change func(*Server)
		fails  string // part of the error
	}{
		{"TLS", func(*Server) {}, ""},
		{"pin", func(s *Server) { s.Pins = []string{"sha256/AAAA", good} }, ""},
		{"STARTTLS", func(s *Server) { s.Address, s.Security = d.Plain, StartTLS }, ""},
		{"STARTTLS with pin", func(s *Server) { s.Address, s.Security, s.Pins = d.Plain, StartTLS, []string{good} }, ""},
		{"plain on the loopback", func(s *Server) { s.Address, s.Security, s.AllowPlain = d.Plain, Plain, true }, ""},
		{"compressed", func(s *Server) { s.Compress = CompressAlways }, ""},
		{"compressed STARTTLS", func(s *Server) { s.Address, s.Security, s.Compress = d.Plain, StartTLS, CompressAlways }, ""},
		{"other pin", func(s *Server) { s.Pins = []string{"sha256/AAAA"} }, good},
		{"unknown authority", func(s *Server) { s.RootCAs = nil }, "--ca"},
		{"STARTTLS, unknown authority", func(s *Server) { s.Address, s.Security, s.RootCAs = d.Plain, StartTLS, nil }, "--ca"},
		{"plain, not allowed", func(s *Server) { s.Address, s.Security = d.Plain, Plain }, "readable"},
		{"plain, elsewhere", func(s *Server) {
			s.Address, s.Security, s.AllowPlain = d.Plain, Plain, true
			s.Dial = func(context.Context, string, string) (net.Conn, error) { a, _ := net.Pipe(); return a, nil }
		}, "readable"},
		{"wrong password", func(s *Server) { s.Credentials = plainLogin{dovecot.User, "hunter-2"} }, "login with PLAIN"},
	}
	for _, tt := range tests {
		s := account(t, d)
		var trace bytes.Buffer
		s.Trace = &trace
		tt.change(s)
		ses, err := Dial(context.Background(), s, nil)
		if err == nil {
			var list []Folder
			if list, err = ses.Folders(); err == nil && (len(list) == 0 || list[0].Name != "INBOX") {
				t.Errorf("%s: folders %v", tt.name, list)
			}
			if want := s.Compress == CompressAlways; ses.Compressed != want {
				t.Errorf("%s: compressed is %v", tt.name, ses.Compressed)
			}
			ses.Logout()
		}
		switch {
		case tt.fails == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.fails != "" && (err == nil || !strings.Contains(err.Error(), tt.fails)):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.fails)
		}
		for _, secret := range []string{dovecot.Password, "hunter-2", base64.StdEncoding.EncodeToString([]byte("\x00" + dovecot.User + "\x00" + dovecot.Password))} {
			if strings.Contains(trace.String(), secret) || err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the secret %q shows: %v\n%s", tt.name, secret, err, trace.String())
			}
		}
		if tt.fails == "" && (!strings.Contains(trace.String(), "AUTHENTICATE PLAIN [secret]") || !strings.Contains(trace.String(), "C: T")) {
			t.Errorf("%s: the trace is\n%s", tt.name, trace.String())
		}
	}
}

// TestHostileGreeting speaks with servers that misbehave before the login.
func TestHostileGreeting(t *testing.T) {
	tests := []struct{ name, sent, want string }{
		{"no IMAP", "220 smtp.example ESMTP\r\n", "no IMAP server"},
		{"bye", "* BYE [UNAVAILABLE] later\r\n", "later"},
		{"long line", "* OK " + strings.Repeat("x", 1<<20), "a line of more than"},
		{"empty", "", "EOF"},
		{"refused and repeated", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\na1 NO [AUTHENTICATIONFAILED] no user ann with s3cret pass\r\n", "[secret]"},
		{"long refusal", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\na1 NO " + strings.Repeat("no ", 150) + "s3cret pass" + strings.Repeat(" no", 9000) + "\r\n", "no no …"},
		{"endless challenges", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n" + strings.Repeat("+ YQ==\r\n", 5000), ""},
		{"endless lines", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n" + strings.Repeat("* OK still here\r\n", 5000), "no end of lines"},
	}
	for _, tt := range tests {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, tt.sent)
			if tt.sent == "" {
				c.Close()
				return
			}
			io.Copy(io.Discard, c)
			c.Close()
		}()
		s := plainAccount(l.Addr().String())
		s.Patience = 2 * time.Second
		ses, err := Dial(context.Background(), s, nil)
		if err == nil {
			ses.Close()
			t.Errorf("%s: logged in", tt.name)
		} else if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), dovecot.Password) || len(err.Error()) > 500 {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
		l.Close()
	}
}

// TestSilent gives up a server that does not answer.
func TestSilent(t *testing.T) {
	d := dovecot.ForTest(t, "")
	m := newMITM(t, d.Plain, func(m *mitm) {
		m.answer = func(line string) string {
			if strings.Contains(line, " LIST ") {
				return "* OK wait\r\n"
			}
			return ""
		}
	})
	s := plainAccount(m.address)
	s.Patience = 300 * time.Millisecond
	ses, err := Dial(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ses.Close()
	time.Sleep(700 * time.Millisecond) // nobody waits for anything: not silent
	if _, err := ses.Folders(); !errors.Is(err, wire.ErrSilent) {
		t.Errorf("%v", err)
	}
}

// TestInMemoryServer audits go-imap's own server, which marks a message as seen on
// any fetch of a body without PEEK, even after EXAMINE.
func TestInMemoryServer(t *testing.T) {
	mem := imapmemserver.New()
	user := imapmemserver.NewUser(dovecot.User, dovecot.Password)
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	list := generated(40)
	for _, m := range list {
		if _, err := user.Append("INBOX", literal{bytes.NewReader(m)}, &imap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		InsecureAuth: true, Caps: imap.CapSet{imap.CapIMAP4rev1: {}},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go srv.Serve(l)
	defer srv.Close()
	s := plainAccount(l.Addr().String())
	sc := scanner(t, s, nil)
	det := detector.New(nil)
	n := 0
	_, err = sc.Audit(context.Background(), &Audit{}, func(_ string, r Result) error {
		if r.Err != nil {
			return r.Err
		}
		n++
		want, err := det.Scan(detector.Source{}, list[r.UID-1])
		if err != nil || want.Score != r.Report.Score || len(want.Findings) != len(r.Report.Findings) {
			t.Errorf("message %d: %d findings, want %d", r.UID, len(r.Report.Findings), len(want.Findings))
		}
		return nil
	})
	if err != nil || n != 40 {
		t.Fatalf("%d messages, %v", n, err)
	}
	ses, err := Dial(context.Background(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ses.Close()
	if _, err := ses.Examine("INBOX"); err != nil {
		t.Fatal(err)
	}
	seen, err := ses.Client.Search(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagSeen}}, nil).Wait()
	if err != nil || len(seen.AllSeqNums()) != 0 {
		t.Errorf("seen: %v, %v", seen, err)
	}
}

// literal is a message with its size.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// tiring gives a password that is wrong after the first login, until it is told to
// forget it.
type tiring struct {
	plainLogin
	asked, forgotten int
}

func (c *tiring) Client(ctx context.Context, mechanisms []string) (sasl.Client, error) {
	if c.asked++; c.asked > 1 && c.forgotten == 0 {
		return sasl.NewPlainClient("", dovecot.User, "run out"), nil
	}
	return c.plainLogin.Client(ctx, mechanisms)
}

func (c *tiring) Forget() { c.forgotten++ }

// TestForget asks anew for what the server took before and refuses now, once.
func TestForget(t *testing.T) {
	d := dovecot.ForTest(t, "")
	c := &tiring{plainLogin: plainLogin{dovecot.User, dovecot.Password}}
	srv := plainAccount(d.Plain)
	srv.Credentials = c
	sc := scanner(t, srv, nil)
	for range 2 {
		if _, err := sc.Folders(t.Context()); err != nil {
			t.Fatal(err)
		}
		l := sc.links[0]
		l.mu.Lock()
		l.drop()
		l.mu.Unlock()
	}
	if c.asked != 3 || c.forgotten != 1 {
		t.Errorf("asked %d times, forgotten %d times", c.asked, c.forgotten)
	}
}
