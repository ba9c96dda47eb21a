package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/pixelsweep/pixelsweep/imapscan"
	"github.com/pixelsweep/pixelsweep/imapscan/login"
	"github.com/pixelsweep/pixelsweep/internal/config"
)

// runLogin runs imap login with a password on standard input.
func runLogin(in string, args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	cmd := newIMAPLoginCommand(streams{strings.NewReader(in), &o, &e})
	cmd.SetArgs(args)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(context.Background())
	var exit *exitError
	if errors.As(err, &exit) {
		code = exit.code
	}
	if err != nil {
		e.WriteString(err.Error())
	}
	return o.String(), e.String(), code
}

// stored is the password that an audit would find.
func stored(t *testing.T, user, server string) string {
	t.Helper()
	l, err := login.New(&login.Options{User: user, Server: server, Keyring: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Password(context.Background())
	if err != nil {
		return ""
	}
	return p.Reveal()
}

func TestIMAPLogin(t *testing.T) {
	keyring.MockInit()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	out, errs, code := runLogin("hunter2\n", "--stdin", "ann@icloud.com")
	if code != 0 || out != "the password of ann at imap.mail.me.com is in the keyring\n" || !strings.Contains(errs, "iCloud Mail: make an app-specific password") {
		t.Errorf("%d, %q, %q", code, out, errs)
	}
	if stored(t, "ann", "imap.mail.me.com") != "hunter2" || strings.Contains(out+errs, "hunter2") {
		t.Error("not stored, or shown")
	}
	file := filepath.Join(t.TempDir(), "c.yaml")
	os.WriteFile(file, []byte("accounts:\n- {name: home, user: ann@mail.example, server: imap.mail.example, keyring: true}\n"), 0o600)
	if out, errs, code := runLogin("p", "--stdin", "--config", file, "--account", "home"); code != 0 || stored(t, "ann@mail.example", "imap.mail.example") != "p" {
		t.Errorf("%d, %q, %q", code, out, errs)
	}
	if _, errs, code := runLogin("", "--remove", "--config", file, "--account", "home"); code != 0 || stored(t, "ann@mail.example", "imap.mail.example") != "" {
		t.Errorf("removed: %d, %q", code, errs)
	}
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"--stdin ann@unknown.example", 2, "no IMAP server is known for ann@unknown.example; name it with --server"},
		{"--stdin", 2, "no ADDRESS given"},
		{"--account home ann@gmail.com", 2, "not both"},
		{"--config " + file + " --account work", 2, `no account "work" in the config; known are home`},
		{"--stdin ann@gmail.com", 3, "the first line is empty"},
	} {
		if _, errs, code := runLogin("", strings.Fields(tt.args)...); code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: %d, %q", tt.args, code, errs)
		}
	}
	keyring.MockInitWithError(errors.New("no bus"))
	defer keyring.MockInit()
	if _, errs, code := runLogin("hunter2", "--stdin", "ann@gmail.com"); code != 3 || !strings.Contains(errs, "the keyring cannot be used") || strings.Contains(errs, "hunter2") {
		t.Errorf("no keyring: %d, %q", code, errs)
	}
}

// TestFailureHint says after a refused password what the provider wants instead.
func TestFailureHint(t *testing.T) {
	no := func(mechanism string) error {
		return fmt.Errorf("x: %w", &imapscan.SetupError{Err: &imapscan.LoginError{Mechanism: mechanism, Err: errors.New("NO")}})
	}
	for _, c := range []struct {
		server string
		err    error
		want   string // "" for no hint
	}{
		{"imap.gmail.com", no("PLAIN"), "x: login with PLAIN: NO; Gmail: turn on 2-Step Verification"},
		{"IMAP.mail.yahoo.com", no("LOGIN"), "Yahoo Mail: make an app password: https://"},
		{"outlook.office365.com", fmt.Errorf("login: %w: it offers XOAUTH2", login.ErrMechanism), "Outlook.com and Microsoft 365: passwords do not log in"},
		{"imap.gmail.com", no("XOAUTH2"), ""},
		{"imap.gmail.com", errors.New("no such host"), ""},
		{"imap.corp.example", no("PLAIN"), ""},
	} {
		got := failure(c.err, &config.Account{Server: c.server})
		var exit *exitError
		if !errors.As(got, &exit) || exit.code != exitPartial {
			t.Errorf("%v", got)
		}
		if text := got.Error(); c.want == "" && text != c.err.Error() || !strings.Contains(text, c.want) || strings.Contains(text, "\n") {
			t.Errorf("%s, %v: got %q", c.server, c.err, text)
		}
	}
}
