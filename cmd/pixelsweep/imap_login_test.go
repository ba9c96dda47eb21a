package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"github.com/pixelsweep/pixelsweep/imapscan/login"
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
