// Package login finds out how to log in to an IMAP server: which server an
// address belongs to, where the password or token comes from, and which SASL
// mechanism carries it.
//
// A password comes from one of the desktop's keyring, a file that only its owner
// can read, a program's output, the environment, or a prompt. A token comes from a
// program, or from Google or Microsoft by the device flow (RFC 8628), and its
// refresh token is kept in the keyring. Passwords and tokens are held as a
// [Secret], which prints as "[secret]" however it is printed.
//
// Nothing here connects to the IMAP server. The device flow is all that uses the
// network, and connects to the provider's login service alone.
package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
)

// Ways to log in, for [Options.Auth].
const (
	Password    = "password"
	XOAuth2     = "xoauth2"
	OAuthBearer = "oauthbearer"
)

// ErrMechanism is wrapped by Client's error when the server offers none of the
// mechanisms that carry what there is.
var ErrMechanism = errors.New("the server offers no way to log in that fits")

// Options say where the password or token comes from. At most one source of
// PasswordCommand, PasswordFile, PasswordEnv, Keyring, TokenCommand and OAuth is
// set; with none of them the user is asked.
type Options struct {
	User   string // as the server knows them, mostly the whole address
	Server string // host, for the keyring and for OAUTHBEARER
	Port   int
	Auth   string // Password, XOAuth2, OAuthBearer; "" takes the first that fits

	PasswordCommand []string // program and arguments; the first line of what it prints
	PasswordFile    string   // its first line
	PasswordEnv     string   // name of a variable
	Keyring         bool
	TokenCommand    []string // program and arguments; prints an access token
	OAuth           *OAuth

	CommandTime time.Duration // for a program; 0 means 60 s
	Terminal    *os.File      // to ask on; nil means /dev/tty
	Stderr      io.Writer     // of programs; nil for none
	Say         func(string)  // tells the user one line: where to enter the code of the device flow
}

// A Login gives what logs in. It is safe for concurrent use.
type Login struct {
	opts Options

	mu       sync.Mutex
	password Secret // once it is known
	token    *token // of the device flow
}

// New checks the options.
func New(o *Options) (*Login, error) {
	l := &Login{opts: *o}
	if l.opts.CommandTime <= 0 {
		l.opts.CommandTime = time.Minute
	}
	if l.opts.Say == nil {
		l.opts.Say = func(string) {}
	}
	passwords, tokens := l.opts.sources()
	switch {
	case strings.TrimSpace(o.User) == "" || strings.ContainsAny(o.User, "\x00\x01\r\n"):
		return nil, errors.New("log in: no user, or one with control characters")
	case len(passwords)+len(tokens) > 1:
		return nil, fmt.Errorf("log in: only one of %s can be used", strings.Join(slices.Concat(passwords, tokens), ", "))
	case o.Auth != "" && o.Auth != Password && o.Auth != XOAuth2 && o.Auth != OAuthBearer:
		return nil, fmt.Errorf("log in: unknown way %q; known are %s, %s, %s", o.Auth, Password, XOAuth2, OAuthBearer)
	case o.Auth == Password && len(tokens) > 0:
		return nil, fmt.Errorf("log in: %s gives no password", tokens[0])
	case (o.Auth == XOAuth2 || o.Auth == OAuthBearer) && len(tokens) == 0:
		return nil, fmt.Errorf("log in: %s needs a token command or the device flow", o.Auth)
	}
	if o.OAuth != nil {
		if err := o.OAuth.check(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// sources names what is set.
func (o *Options) sources() (passwords, tokens []string) {
	for _, s := range []struct {
		name string
		set  bool
		list *[]string
	}{
		{"the password command", o.PasswordCommand != nil, &passwords},
		{"the password file", o.PasswordFile != "", &passwords},
		{"the password variable", o.PasswordEnv != "", &passwords},
		{"the keyring", o.Keyring, &passwords},
		{"the token command", o.TokenCommand != nil, &tokens},
		{"the device flow", o.OAuth != nil, &tokens},
	} {
		if s.set {
			*s.list = append(*s.list, s.name)
		}
	}
	return passwords, tokens
}

// byToken reports whether a token logs in, not a password.
func (l *Login) byToken() bool { return l.opts.TokenCommand != nil || l.opts.OAuth != nil }

// Client returns the client of a mechanism that the server offers: of mechs, in
// any case, as they stand behind AUTH= in its capabilities. It may ask the user,
// run a program, or ask the provider for a token. It is called once for each
// connection: a password is fetched once, a token as often as it expires.
//
// A server that offers neither PLAIN nor LOGIN but knows the LOGIN command (RFC 3501
// section 6.2.3) takes what [Login.Password] returns.
func (l *Login) Client(ctx context.Context, mechs []string) (sasl.Client, error) {
	mech := l.choose(mechs)
	if mech == "" {
		return nil, fmt.Errorf("%w: it offers %s", ErrMechanism, offered(mechs))
	}
	if l.byToken() {
		t, err := l.Token(ctx)
		if err != nil {
			return nil, err
		}
		return &tokenClient{mech: mech, opts: &l.opts, token: t}, nil
	}
	p, err := l.Password(ctx)
	if err != nil {
		return nil, err
	}
	return &passwordClient{mech: mech, user: l.opts.User, password: p}, nil
}

// choose returns the mechanism to use, "" for none.
func (l *Login) choose(mechs []string) string {
	want := []string{sasl.Plain, sasl.Login}
	if l.byToken() {
		want = []string{sasl.OAuthBearer, mechXOAuth2}
		switch l.opts.Auth {
		case XOAuth2:
			want = want[1:]
		case OAuthBearer:
			want = want[:1]
		}
	}
	for _, w := range want {
		if slices.ContainsFunc(mechs, func(m string) bool { return strings.EqualFold(m, w) }) {
			return w
		}
	}
	return ""
}

// offered lists mechanisms for people.
func offered(mechs []string) string {
	if len(mechs) == 0 {
		return "none"
	}
	text := strings.Join(mechs, ", ")
	return strings.ToValidUTF8(text[:min(len(text), 200)], "")
}
