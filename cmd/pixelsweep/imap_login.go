package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/imapscan/login"
	"github.com/pixelsweep/pixelsweep/internal/config"
)

// imapLoginOptions are the flags of imap login.
type imapLoginOptions struct {
	config, account, server string
	remove, stdin           bool
}

// AddFlags defines the flags with their defaults.
func (o *imapLoginOptions) AddFlags(f *pflag.FlagSet) {
	f.StringVar(&o.config, "config", "", "read this config `FILE` only")
	f.StringVar(&o.account, "account", "", "the account of that `NAME` in the config, in place of ADDRESS")
	f.StringVar(&o.server, "server", "", "the IMAP server's `HOST` (default: known for the domain of the address)")
	f.BoolVar(&o.stdin, "stdin", false, "read the password from standard input, its first line")
	f.BoolVar(&o.remove, "remove", false, "take the password out of the keyring again")
}

func newIMAPLoginCommand(s streams) *cobra.Command {
	o := &imapLoginOptions{}
	cmd := &cobra.Command{
		Use:   "login [ADDRESS]",
		Short: "Put the password of a mailbox into the desktop's keyring",
		Long: `Ask for the password of a mailbox and put it into the desktop's keyring, where
keyring: true in an account, or --keyring, finds it. It says what the provider
wants: many take an app password only. An account with oauth logs in by the
device flow, and what renews its token is kept. It does not connect to the
mailbox: imap folders shows whether the login works.`,
		Example: "  pixelsweep imap login ann@gmail.com\n  pixelsweep imap login --account work\n  pass show mail | pixelsweep imap login --stdin ann@mail.example --server imap.mail.example",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runIMAPLogin(cmd.Context(), o, args, s) },
	}
	o.AddFlags(cmd.Flags())
	return cmd
}

func runIMAPLogin(ctx context.Context, o *imapLoginOptions, args []string, s streams) error {
	a, err := o.find(args)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	p, known := login.Detect(a.User)
	user := a.User
	if a.Server == "" && !known {
		return &exitError{exitUsage, fmt.Errorf("no IMAP server is known for %s; name it with --server", a.User)}
	}
	if a.Server == "" {
		a.Server = p.Host
	}
	if known && a.Server == p.Host {
		user = p.UserName(a.User)
	}
	switch {
	case o.remove:
		if err := login.Remove(ctx, user, a.Server); err != nil {
			return &exitError{exitPartial, err}
		}
		fmt.Fprintf(s.out, "no password of %s at %s is in the keyring now\n", report.Clean(user), report.Clean(a.Server))
		return nil
	case a.OAuth != nil:
		return deviceLogin(ctx, a, user, s)
	}
	if known && a.Server == p.Host {
		say(s.err, p.Title+": "+p.Hint)
	}
	var password login.Secret
	if o.stdin {
		password, err = login.Read(s.in)
	} else {
		terminal, _ := s.in.(*os.File)
		if terminal != nil && !isTerminal(terminal) {
			terminal = nil // the one of the process, if there is one
		}
		password, err = login.Ask(ctx, terminal, fmt.Sprintf("Password of %s at %s: ", user, a.Server))
	}
	if err == nil {
		err = login.Store(ctx, user, a.Server, password)
	}
	if err != nil {
		return &exitError{exitPartial, err}
	}
	fmt.Fprintf(s.out, "the password of %s at %s is in the keyring\n", report.Clean(user), report.Clean(a.Server))
	return nil
}

// find returns the account that the flags and the argument name.
func (o *imapLoginOptions) find(args []string) (*config.Account, error) {
	switch {
	case o.account != "" && len(args) > 0:
		return nil, errors.New("imap login: name an ADDRESS or an --account, not both")
	case o.account == "" && len(args) == 0:
		return nil, errors.New("imap login: no ADDRESS given, and no --account")
	}
	host := ""
	if o.server != "" {
		var err error
		if _, host, _, err = parseServer(o.server); err != nil {
			return nil, err
		}
	}
	if len(args) > 0 {
		return &config.Account{Name: args[0], User: args[0], Server: host}, nil
	}
	c, err := config.Load(o.config, ".")
	if err != nil {
		return nil, fmt.Errorf("config: %w", pathError(err))
	}
	a, err := c.Account(o.account)
	if err != nil {
		return nil, fmt.Errorf("--account: %w", err)
	}
	found := *a
	if host != "" {
		found.Server = host
	}
	return &found, nil
}

// deviceLogin gets a token of the account's provider, which keeps what renews it in
// the keyring.
func deviceLogin(ctx context.Context, a *config.Account, user string, s streams) error {
	l, err := login.New(&login.Options{
		User: user, Server: a.Server, Auth: a.Auth, Say: func(text string) { say(s.err, text) },
		OAuth: &login.OAuth{
			Provider: a.OAuth.Provider, ClientID: a.OAuth.ClientID, Tenant: a.OAuth.Tenant,
			ClientSecret: login.Hide(os.Getenv(a.OAuth.ClientSecretEnv)),
		},
	})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if _, err := l.Token(ctx); err != nil {
		return &exitError{exitPartial, err}
	}
	fmt.Fprintf(s.out, "%s has given a token for %s\n", report.Clean(a.OAuth.Provider), report.Clean(user))
	return nil
}
