package imapscan

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pixelsweep/pixelsweep/imapscan/login"
)

// tokenServer plays a server that takes some tokens, as Google and Microsoft do it.
type tokenServer struct {
	address string
	caps    string
	takes   []string // tokens

	mu   sync.Mutex
	said []string // by clients, but for what is after the login
}

func newTokenServer(t *testing.T, caps string, takes ...string) *tokenServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s := &tokenServer{address: l.Addr().String(), caps: caps, takes: takes}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *tokenServer) serve(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	line := func() string {
		l, err := in.ReadString('\n')
		if err != nil {
			return ""
		}
		l = strings.TrimSuffix(l, "\r\n")
		s.mu.Lock()
		s.said = append(s.said, l)
		s.mu.Unlock()
		return l
	}
	fmt.Fprintf(c, "* OK [CAPABILITY IMAP4rev1 %s] ready\r\n", s.caps)
	f := strings.Fields(line())
	if len(f) < 3 || f[1] != "AUTHENTICATE" {
		return
	}
	message := ""
	if len(f) > 3 {
		message = f[3]
	} else {
		fmt.Fprint(c, "+ \r\n")
		message = line()
	}
	b, err := base64.StdEncoding.DecodeString(message)
	if err == nil && slices.ContainsFunc(s.takes, func(t string) bool { return bytes.HasSuffix(b, []byte("\x01auth=Bearer "+t+"\x01\x01")) }) {
		fmt.Fprintf(c, "%s OK [CAPABILITY IMAP4rev1] logged in\r\n", f[0])
	} else {
		// Both mechanisms say why, and wait for an answer before the NO.
		fmt.Fprintf(c, "+ %s\r\n", base64.StdEncoding.EncodeToString([]byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`)))
		line()
		fmt.Fprintf(c, "%s NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\n", f[0])
	}
	for {
		l, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, cmd, _ := strings.Cut(strings.TrimSpace(l), " ")
		if strings.HasPrefix(cmd, "LIST") {
			fmt.Fprint(c, "* LIST () \"/\" INBOX\r\n")
		}
		if strings.HasPrefix(cmd, "STATUS") {
			fmt.Fprint(c, "* STATUS INBOX (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 1)\r\n")
		}
		fmt.Fprintf(c, "%s OK done\r\n", tag)
	}
}

// tokenScanner logs in with tokens of a program that prints t1, then t2, and so on.
func tokenScanner(t *testing.T, s *tokenServer, trace *bytes.Buffer) *Scanner {
	t.Helper()
	dir := t.TempDir()
	script := filepath.Join(dir, "token")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho x >>\"$0.count\"\necho t$(wc -l <\"$0.count\" | tr -d ' ')-secret\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := login.New(&login.Options{User: "ann@mail.example", Server: "mail.example", Port: 993, TokenCommand: []string{script}})
	if err != nil {
		t.Fatal(err)
	}
	srv := plainAccount(s.address)
	srv.Credentials, srv.Trace = l, trace
	return scanner(t, srv, nil)
}

// TestTokens logs in with tokens and looks at what is on the wire: the message of
// the mechanism in the command or after it, and the answer to the reason of a
// refusal.
func TestTokens(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	xoauth2 := encode("user=ann@mail.example\x01auth=Bearer t1-secret\x01\x01")
	bearer := encode("n,a=ann@mail.example,\x01host=mail.example\x01port=993\x01auth=Bearer t1-secret\x01\x01")
	for _, c := range []struct {
		name, caps string
		takes      []string
		want       []string
	}{
		{"XOAUTH2", "SASL-IR AUTH=PLAIN AUTH=XOAUTH2", []string{"t1-secret"}, []string{"a1 AUTHENTICATE XOAUTH2 " + xoauth2}},
		{"XOAUTH2 without SASL-IR", "AUTH=XOAUTH2", []string{"t1-secret"}, []string{"a1 AUTHENTICATE XOAUTH2", xoauth2}},
		{"XOAUTH2 refused", "SASL-IR AUTH=XOAUTH2", nil, []string{"a1 AUTHENTICATE XOAUTH2 " + xoauth2, ""}},
		{"OAUTHBEARER first", "SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER", []string{"t1-secret"}, []string{"a1 AUTHENTICATE OAUTHBEARER " + bearer}},
		{"OAUTHBEARER refused", "AUTH=OAUTHBEARER", nil, []string{"a1 AUTHENTICATE OAUTHBEARER", bearer, "AQ=="}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTokenServer(t, c.caps, c.takes...)
			var trace bytes.Buffer
			_, err := tokenScanner(t, s, &trace).Folders(t.Context())
			if c.takes != nil && err != nil {
				t.Error(err)
			}
			var refused *LoginError
			if c.takes == nil && (!errors.As(err, &refused) || !strings.Contains(err.Error(), "Invalid credentials")) {
				t.Errorf("got %v", err)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if !slices.Equal(s.said, c.want) {
				t.Errorf("got %q, want %q", s.said, c.want)
			}
			for _, secret := range []string{"t1-secret", xoauth2, bearer} {
				if strings.Contains(trace.String(), secret) || err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("a token shows: %v\n%s", err, trace.String())
				}
			}
		})
	}
}

// TestTokenAnew has a token run out: what the server took before and refuses now is
// asked for anew, once.
func TestTokenAnew(t *testing.T) {
	s := newTokenServer(t, "SASL-IR AUTH=XOAUTH2", "t1-secret", "t3-secret")
	var trace bytes.Buffer
	sc := tokenScanner(t, s, &trace)
	again := func() error {
		_, err := sc.Folders(t.Context())
		l := sc.links[0]
		l.mu.Lock()
		l.drop()
		l.mu.Unlock()
		return err
	}
	if err := errors.Join(again(), again()); err != nil { // with t1; with t2, which is refused, and t3
		t.Fatal(err)
	}
	var refused *LoginError
	if err := again(); !errors.As(err, &refused) { // t4 and t5 are refused
		t.Errorf("got %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var tokens []string
	for _, l := range s.said {
		if f := strings.Fields(l); len(f) == 4 {
			b, _ := base64.StdEncoding.DecodeString(f[3])
			_, token, _ := strings.Cut(strings.TrimRight(string(b), "\x01"), "Bearer ")
			tokens = append(tokens, token)
		}
	}
	if got := strings.Join(tokens, " "); got != "t1-secret t2-secret t3-secret t4-secret t5-secret" {
		t.Errorf("tokens on the wire: %s", got)
	}
	if strings.Contains(trace.String(), "-secret") {
		t.Errorf("a token shows:\n%s", trace.String())
	}
}
