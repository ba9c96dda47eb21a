// Package dovecot starts a real IMAP server for tests and benchmarks: Debian's
// Dovecot 2.3 on free ports of the loopback, with TLS, in a folder of its own. As
// root, mail belongs to the user "mail"; else everything to who runs it.
package dovecot

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// User and Password are the account that every server has.
const (
	User     = "ann"
	Password = "s3cret pass"
)

// ErrMissing says that there is no Dovecot 2.3 to start.
var ErrMissing = errors.New("Dovecot 2.3 is missing; to install it: apt-get install dovecot-imapd")

// Server is a running Dovecot.
type Server struct {
	Dir     string
	Plain   string // host:port without TLS, where STARTTLS is offered
	TLS     string // host:port
	CAFile  string // PEM of what signed its certificate
	uid     int    // whose mail it is
	gid     int
	process *exec.Cmd
}

// Start starts a server whose files are below dir. extra is added to its
// configuration.
func Start(dir, extra string) (*Server, error) {
	bin, err := find()
	if err != nil {
		return nil, err
	}
	s := &Server{Dir: dir, CAFile: filepath.Join(dir, "ca.pem"), uid: os.Getuid(), gid: os.Getgid()}
	internal := ""
	if s.uid == 0 {
		if s.uid, s.gid, err = ids("mail"); err != nil {
			return nil, err
		}
	} else if u, err := user.Current(); err == nil {
		internal = u.Username
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	s.Plain, s.TLS = "127.0.0.1:"+ports[0], "127.0.0.1:"+ports[1]
	if err := s.write(ports, internal, extra); err != nil {
		return nil, err
	}
	s.process = exec.Command(bin, "-F", "-c", filepath.Join(dir, "dovecot.conf"))
	s.process.Stdout, s.process.Stderr = os.Stderr, os.Stderr
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	if err := s.wait(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// ForTest starts a server that ends with the test, which is skipped without
// Dovecot.
func ForTest(t testing.TB, extra string) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "dovecot") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s, err := Start(dir, extra)
	if errors.Is(err, ErrMissing) {
		t.Skip("SKIPPED, NOT TESTED: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// Log returns what the server has written to its log.
func (s *Server) Log() string {
	b, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return string(b)
}

// Maildir is the folder of a mailbox, made if need be: "INBOX" or "Archive.2024".
func (s *Server) Maildir(mailbox string) (string, error) {
	dir := filepath.Join(s.Dir, "home", User, "Maildir")
	if mailbox != "INBOX" {
		dir = filepath.Join(dir, "."+mailbox)
	}
	for _, d := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// Own gives all mail to the user that the server reads it as.
func (s *Server) Own() error {
	return filepath.WalkDir(filepath.Join(s.Dir, "home"), func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, s.uid, s.gid)
	})
}

// Put adds messages to a mailbox, in their order, as seen or new.
func (s *Server) Put(mailbox string, seen bool, messages ...[]byte) error {
	dir, err := s.Maildir(mailbox)
	if err != nil {
		return err
	}
	old, err := os.ReadDir(filepath.Join(dir, "cur"))
	if err != nil {
		return err
	}
	fresh, err := os.ReadDir(filepath.Join(dir, "new"))
	if err != nil {
		return err
	}
	for i, m := range messages {
		n := len(old) + len(fresh) + i
		name := filepath.Join(dir, "new", fmt.Sprintf("%d.M%dP1.test", 1704088800+60*n, n))
		if seen {
			name = filepath.Join(dir, "cur", filepath.Base(name)+":2,S")
		}
		if err := os.WriteFile(name, m, 0o600); err != nil {
			return err
		}
	}
	return s.Own()
}

// Stop ends the server.
func (s *Server) Stop() {
	if s.process == nil || s.process.Process == nil {
		return
	}
	s.process.Process.Signal(os.Interrupt)
	done := make(chan struct{})
	go func() { s.process.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		s.process.Process.Kill()
		<-done
	}
	s.process = nil
}

func find() (string, error) {
	for _, path := range []string{"dovecot", "/usr/sbin/dovecot"} {
		bin, err := exec.LookPath(path)
		if err != nil {
			continue
		}
		out, err := exec.Command(bin, "--version").Output()
		if err == nil && strings.HasPrefix(string(out), "2.3.") {
			return bin, nil
		}
	}
	return "", ErrMissing
}

func ids(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	uid, err = strconv.Atoi(u.Uid)
	if err != nil {
		return 0, 0, err
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}

// freePorts finds ports of the loopback that nobody listens on.
func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
	}
	return ports, nil
}

// wait waits until the server answers.
func (s *Server) wait() error {
	var last error
	for range 100 {
		c, err := net.DialTimeout("tcp", s.TLS, time.Second)
		if err == nil {
			c.Close()
			return nil
		}
		last = err
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("Dovecot does not answer: %w\n%s", last, s.Log())
}

// Pid is the process that the server's others belong to.
func (s *Server) Pid() int { return s.process.Process.Pid }
