package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// TestIMAPNowhere ends at once where nothing is that speaks IMAP.
func TestIMAPNowhere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	t.Setenv(passwordVariable, "secret")
	start := time.Now()
	for _, command := range []string{"audit", "folders"} {
		code, _, errs := do(t, "", "imap", command, "--user", "ann", "--server", closed, "--store", filepath.Join(t.TempDir(), "audit.db"))
		if command == "folders" {
			code, _, errs = do(t, "", "imap", command, "--user", "ann", "--server", closed)
		}
		if code != exitPartial || !strings.Contains(errs, "cannot connect to "+closed) {
			t.Errorf("%s: exit code %d: %s", command, code, errs)
		}
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("it took %v", d)
	}
}

// TestIMAPPort says at once what to do where the security does not fit the port.
func TestIMAPPort(t *testing.T) {
	d, _, _ := mailbox(t)
	t.Setenv(passwordVariable, "secret")
	for _, c := range []struct{ command, security, server, want string }{
		{"watch", "starttls", d.TLS, d.TLS + ": the server waits for TLS on this port; use --security tls, "},
		{"folders", "plain", d.TLS, d.TLS + ": the server waits for TLS on this port; use --security tls, "},
		{"clean", "tls", d.Plain, d.Plain + ": the server does not begin with TLS on this port; use --security starttls, "},
	} {
		start := time.Now()
		out, errs, code := imapRun(c.command, "--user", dovecot.User, "--server", c.server, "--security", c.security, "--allow-plain")
		if code != exitPartial || !strings.HasPrefix(errs, "pixelsweep: "+c.want) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%s: exit code %d: %s%s", c.security, code, out, errs)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s: it took %v", c.security, d)
		}
	}
}

// TestIMAPFiles refuses to write over the store, and over what is no trace.
func TestIMAPFiles(t *testing.T) {
	t.Setenv(passwordVariable, "secret")
	dir := t.TempDir()
	store, mail := filepath.Join(dir, "audit.db"), filepath.Join(dir, "a.eml")
	for _, path := range []string{store, mail} {
		if err := os.WriteFile(path, []byte("keep"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base := []string{"imap", "audit", "--user", "ann", "--server", "127.0.0.1:1", "--store", store}
	for _, more := range [][]string{{"--format", "jsonl", "-o", store}, {"-v", "-o", store}, {"--debug-imap", mail}} {
		if code, _, errs := do(t, "", append(base[:len(base):len(base)], more...)...); code != exitUsage {
			t.Errorf("%q: exit code %d: %s", more, code, errs)
		}
	}
	for _, path := range []string{store, mail} {
		if got, _ := os.ReadFile(path); string(got) != "keep" {
			t.Errorf("%s holds %q", path, got)
		}
	}
	if code, _, errs := do(t, "", "imap", "audit", "--report", "--since", "2026-01-01", "--store", store); code != exitUsage || !strings.Contains(errs, "--report") {
		t.Errorf("--report --since: exit code %d: %s", code, errs)
	}
}
