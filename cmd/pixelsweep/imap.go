package main

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/imapscan"
	"github.com/pixelsweep/pixelsweep/imapscan/login"
	"github.com/pixelsweep/pixelsweep/internal/config"
)

func newIMAPCommand(s streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "imap",
		Short: "Audit, watch and clean a mailbox on an IMAP server",
		Long: `Read a mailbox on an IMAP server. Folders are opened for reading only, and no
flag of a message changes, but by clean with --apply and watch with --keyword or
--label. These commands end with 0 when all was done, with 3 when something could
not be.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			known := "known are " + strings.Join(names, ", ")
			if len(args) == 0 {
				return errors.New("imap: no command given; " + known)
			}
			return fmt.Errorf("imap: unknown command %q; %s", args[0], known)
		},
	}
	cmd.AddCommand(newIMAPAuditCommand(s), newIMAPCleanCommand(s), newIMAPFoldersCommand(s), newIMAPLoginCommand(s), newIMAPWatchCommand(s))
	return cmd
}

// accountOptions are the flags that say which mailbox, and how to get there.
type accountOptions struct {
	name            string
	user, server    string
	security        string
	allowPlain      bool
	ca              string
	pins            []string
	compress        string
	passwordCommand []string
	passwordFile    string
	keyring         bool
	debug           string
	patience        time.Duration
	connections     int
}

// AddFlags defines the flags with their defaults.
func (o *accountOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&o.name, "account", "", "the account of that `NAME` in the config (default: the only one there)")
	f.StringVar(&o.user, "user", "", "the `ADDRESS` to log in as, in place of an account")
	f.StringVar(&o.server, "server", "", "the server, as `HOST[:PORT]` or imaps://HOST (default: known for the domain of the address)")
	f.StringVar(&o.security, "security", "", "tls, starttls, or plain (default tls, with port 143 starttls)")
	f.BoolVar(&o.allowPlain, "allow-plain", false, "allow --security plain, on this machine only")
	f.StringVar(&o.ca, "ca", "", "trust the certificates in this PEM `FILE` too")
	f.StringArrayVar(&o.pins, "pin", nil, "accept only a server with this public key, sha256/BASE64 (repeatable)")
	f.StringVar(&o.compress, "compress", "auto", "compress the connection: auto (not on this machine or in its network), always, never")
	f.StringSliceVar(&o.passwordCommand, "password-command", nil, "a program that prints the password, with its arguments after commas")
	f.StringVar(&o.passwordFile, "password-file", "", "a `FILE` with the password, readable by you alone")
	f.BoolVar(&o.keyring, "keyring", false, "take the password from the desktop's keyring")
	f.StringVar(&o.debug, "debug-imap", "", "write what is said with the server to `FILE`, without secrets and text of messages")
	f.DurationVar(&o.patience, "patience", 2*time.Minute, "how long the server may be silent")
	f.IntVar(&o.connections, "connections", 2, "how many connections to use")
}

// passwordVariable is where a password is looked for before anybody is asked.
const passwordVariable = "PIXELSWEEP_PASSWORD"

// account is the account that the flags name, of the config or made of flags.
func (o *accountOptions) account(c *config.Config) (*config.Account, error) {
	if o.user == "" {
		if o.server != "" {
			return nil, errors.New("--server: needs --user")
		}
		a, err := c.Account(o.name)
		if err != nil {
			return nil, fmt.Errorf("--account: %w; or name a mailbox with --user ADDRESS", err)
		}
		return a, nil
	}
	if o.name != "" {
		return nil, errors.New("--account and --user: name one of them")
	}
	a := &config.Account{Name: o.user, User: o.user}
	if o.server != "" {
		var scheme string
		var err error
		if scheme, a.Server, a.Port, err = parseServer(o.server); err != nil {
			return nil, err
		}
		if a.TLS = scheme; scheme != "" && o.security != "" {
			return nil, fmt.Errorf("--server: %q and --security say how to connect; name one of them", o.server)
		}
		if !strings.Contains(o.user, "@") { // else two servers' mailboxes of that name were one
			a.Name += "@" + a.Server
		}
	}
	return a, nil
}

// parseServer reads HOST[:PORT], or a URL of that: imaps://HOST, or imap://HOST (RFC
// 5092), which is to encrypt by STARTTLS. A port that is not named is 0.
func parseServer(text string) (tls, host string, port int, err error) {
	host = text
	switch scheme, rest, ok := strings.Cut(text, "://"); {
	case ok && strings.EqualFold(scheme, "imaps"):
		tls, host = "implicit", strings.TrimSuffix(rest, "/")
	case ok && strings.EqualFold(scheme, "imap"):
		tls, host = "starttls", strings.TrimSuffix(rest, "/")
	}
	if h, p, err := net.SplitHostPort(host); err == nil && !strings.Contains(host, "/") {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil || n == 0 {
			return "", "", 0, fmt.Errorf("--server: %q is no port", p)
		}
		host, port = h, int(n)
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host == "" || strings.ContainsAny(host, "/@?#[] \t") || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return "", "", 0, fmt.Errorf("--server: %q is no server; name it as HOST or HOST:PORT, without user and folder", text)
	}
	return tls, host, port, nil
}

// check rejects flags that make no sense before anybody is connected to.
func (o *accountOptions) check() error {
	switch {
	case o.connections < 1 || o.connections > 10:
		return errors.New("--connections: from 1 to 10")
	case o.patience <= 0:
		return fmt.Errorf("--patience: %s is no time to wait", o.patience)
	}
	for _, p := range o.pins {
		if !config.IsPin(p) {
			return fmt.Errorf("--pin: %q is not sha256/ and 44 characters of base64; the error about another key names the right one", p)
		}
	}
	return nil
}

// override puts what flags say in place of what the config does.
func (o *accountOptions) override(a config.Account) config.Account {
	a.CA = cmp.Or(o.ca, a.CA)
	if len(o.passwordCommand) > 0 || o.passwordFile != "" || o.keyring {
		a.PasswordCommand, a.PasswordFile, a.PasswordEnv, a.Keyring = o.passwordCommand, o.passwordFile, "", o.keyring
		a.TokenCommand, a.OAuth = nil, nil
	}
	none := len(a.PasswordCommand) == 0 && a.PasswordFile == "" && a.PasswordEnv == "" && !a.Keyring && a.TokenCommand == nil && a.OAuth == nil
	if none && os.Getenv(passwordVariable) != "" {
		a.PasswordEnv = passwordVariable
	}
	return a
}

// open makes the scanner of the account. close ends it.
func (o *accountOptions) open(c *config.Config, s streams) (sc *imapscan.Scanner, a *config.Account, closeAll func(), err error) {
	if err := o.check(); err != nil {
		return nil, nil, nil, &exitError{exitUsage, err}
	}
	found, err := o.account(c)
	if err != nil {
		return nil, nil, nil, &exitError{exitUsage, err}
	}
	acc := o.override(*found)
	srv, err := o.serverOf(&acc, s)
	if err != nil {
		return nil, nil, nil, &exitError{exitUsage, err}
	}
	closeAll = func() {}
	if o.debug != "" {
		if info, err := os.Stat(o.debug); err == nil && (!info.Mode().IsRegular() || info.Size() > 0 && !isTrace(o.debug)) {
			return nil, nil, nil, &exitError{exitUsage, fmt.Errorf("--debug-imap: %s is there already and is no trace", o.debug)}
		}
		f, err := os.OpenFile(o.debug, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return nil, nil, nil, &exitError{exitUsage, fmt.Errorf("--debug-imap: %w", pathError(err))}
		}
		srv.Trace = f
		closeAll = func() { f.Close() }
	}
	sc = &imapscan.Scanner{Server: srv, Account: acc.Name, Connections: o.connections}
	last := closeAll
	return sc, &acc, func() { sc.Close(); last() }, nil
}

// isTrace reports whether a file begins as traces do.
func isTrace(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 2)
	n, _ := io.ReadFull(f, head)
	return n == 2 && (string(head) == "S:" || string(head) == "C:")
}

// serverOf says how to reach the server of an account.
func (o *accountOptions) serverOf(a *config.Account, s streams) (*imapscan.Server, error) {
	provider, known := login.Detect(a.User)
	if a.Server == "" {
		if !known {
			return nil, fmt.Errorf("%s: its server is not known; name it with --server HOST", a.User)
		}
		a.Server, a.Port = provider.Host, provider.Port
	}
	srv := &imapscan.Server{AllowPlain: o.allowPlain, Compress: imapscan.Compression(o.compress), Patience: o.patience, Pins: o.pins}
	if a.Pin != "" {
		srv.Pins = append(srv.Pins, a.Pin)
	}
	switch {
	case !slices.Contains([]string{"auto", "always", "never"}, o.compress):
		return nil, fmt.Errorf("--compress: unknown choice %q; known are auto, always, never", o.compress)
	case o.security != "":
		srv.Security = imapscan.Security(o.security)
	case a.TLS == "starttls" || a.TLS == "" && a.Port == 143:
		srv.Security = imapscan.StartTLS
	default:
		srv.Security = imapscan.TLS
	}
	switch srv.Security {
	case imapscan.TLS, imapscan.StartTLS:
	case imapscan.Plain:
		if !o.allowPlain {
			return nil, errors.New("--security plain: sends the password readable; it needs --allow-plain, and a server on this machine")
		}
	default:
		return nil, fmt.Errorf("--security: unknown choice %q; known are tls, starttls, plain", o.security)
	}
	if a.Port == 0 {
		a.Port = 993
		if srv.Security != imapscan.TLS {
			a.Port = 143
		}
	}
	srv.Address = net.JoinHostPort(a.Server, strconv.Itoa(a.Port))
	if err := trust(srv, a.CA); err != nil {
		return nil, err
	}
	l, err := credentials(a, provider, known, s.err)
	if err != nil {
		return nil, err
	}
	srv.Credentials = l
	return srv, nil
}

// trust adds the certificates of a file to those of the system.
func trust(srv *imapscan.Server, file string) error {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("--ca: %w", pathError(err))
	}
	if srv.RootCAs, err = x509.SystemCertPool(); err != nil {
		srv.RootCAs = x509.NewCertPool()
	}
	if !srv.RootCAs.AppendCertsFromPEM(pem) {
		return fmt.Errorf("--ca: %s: holds no certificate in PEM form", file)
	}
	return nil
}

// credentials says where the password or token of an account comes from.
func credentials(a *config.Account, p login.Provider, known bool, errs io.Writer) (*login.Login, error) {
	user := a.User
	if known && a.Server == p.Host {
		user = p.UserName(a.User)
	}
	o := &login.Options{
		User: user, Server: a.Server, Port: a.Port, Auth: a.Auth,
		PasswordCommand: a.PasswordCommand, PasswordFile: a.PasswordFile, PasswordEnv: a.PasswordEnv, Keyring: a.Keyring,
		TokenCommand: a.TokenCommand, Stderr: errs, Say: func(text string) { say(errs, text) },
	}
	if a.OAuth != nil {
		o.OAuth = &login.OAuth{Provider: a.OAuth.Provider, ClientID: a.OAuth.ClientID, Tenant: a.OAuth.Tenant}
		if a.OAuth.ClientSecretEnv != "" {
			o.OAuth.ClientSecret = login.Hide(os.Getenv(a.OAuth.ClientSecretEnv))
		}
	}
	return login.New(o)
}

// failure is the exit of a command that could not read the account any further. A
// login or certificate that is wrong is no error of usage: flags may be right and
// the server may have changed.
func failure(err error, a *config.Account) error {
	if errors.Is(err, imapscan.ErrExcluded) {
		return &exitError{exitUsage, fmt.Errorf("%w; look at --exclude, and at exclude in the account", err)}
	}
	if errors.Is(err, imapscan.ErrNoFolder) {
		return &exitError{exitUsage, fmt.Errorf("%w; pixelsweep imap folders lists them", err)}
	}
	// Providers refuse a password without saying which one they want.
	if p, known := login.At(a.Server); known && passwordRefused(err) {
		err = fmt.Errorf("%w; %s: %s", err, p.Title, p.Hint)
	}
	return &exitError{exitPartial, err}
}

// passwordRefused reports whether a login failed that had a password to show.
func passwordRefused(err error) bool {
	var refused *imapscan.LoginError
	if errors.As(err, &refused) {
		return refused.Mechanism == "PLAIN" || refused.Mechanism == "LOGIN"
	}
	return errors.Is(err, login.ErrMechanism)
}
