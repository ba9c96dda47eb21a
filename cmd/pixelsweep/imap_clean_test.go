package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// mailServer is a Dovecot with an account, and how commands get there.
type mailServer struct {
	*dovecot.Server
	t    *testing.T
	args []string
}

func newMailServer(t *testing.T) *mailServer {
	d := dovecot.ForTest(t, "")
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, ".config"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, ".data"))
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte(dovecot.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &mailServer{d, t, []string{"--user", dovecot.User, "--server", d.TLS, "--ca", d.CAFile, "--password-file", password}}
}

// run runs pixelsweep imap COMMAND.
func (m *mailServer) run(command string, args ...string) (code int, out, errs string) {
	m.t.Helper()
	var o, e bytes.Buffer
	code = run(append(append([]string{"imap", command}, m.args...), args...), streams{strings.NewReader(""), &o, &e})
	for _, text := range []string{o.String(), e.String()} {
		if strings.Contains(text, dovecot.Password) {
			m.t.Errorf("the password shows in %q", text)
		}
	}
	return code, o.String(), e.String()
}

const mailWithPixel = "From: Offers <offers@news.example>\r\nTo: ann@home.example\r\nSubject: An offer \x1b[31m\r\nMessage-ID: <1@news.example>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>" +
	"<img src=\"https://t.news.example/open/a1b2c3d4e5f6?u=ann%40home.example\" width=1 height=1>\r\n"

func TestIMAPClean(t *testing.T) {
	m := newMailServer(t)
	if err := m.Put("INBOX", true, []byte(mailWithPixel), []byte("Subject: plain\r\n\r\nHi\r\n")); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "b")
	code, out, errs := m.run("clean", "--backup", backup)
	if code != exitOK || errs != "" || !strings.Contains(out, "ann@127.0.0.1/INBOX/;UID=1  An offer") || !strings.Contains(out, "neutralise pixel [img[src]]") ||
		!strings.Contains(out, "1 message would change, 1 reference would go; nothing was changed, --apply does it") {
		t.Errorf("dry run: %d\n%s%s", code, out, errs)
	}
	if strings.Contains(out, "\x1b") {
		t.Errorf("the subject reaches the terminal: %q", out)
	}
	code, out, errs = m.run("clean", "--backup", backup, "--apply", "--format", "jsonl")
	var got cleanedMessage
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitOK || got.State != "changed" || got.Source.UID != 1 || got.NewUID != 3 || len(got.Edits) != 1 {
		t.Errorf("apply: %d %+v %v\n%s%s", code, got, err, out, errs)
	}
	code, out, _ = m.run("clean", "--backup", backup, "--apply")
	if code != exitOK || out != "0 messages changed, 0 references gone, 0 left as they were\n" {
		t.Errorf("again: %d\n%s", code, out)
	}
	code, out, _ = m.run("clean", "--backup", backup, "--undo")
	if code != exitOK || !strings.Contains(out, "An offer \\x1b[31m  the original would be put back\n1 original would be put back; nothing was changed, --apply does it\n") {
		t.Errorf("undo, dry: %d\n%s", code, out)
	}
	code, out, errs = m.run("clean", "--backup", backup, "--undo", "--apply")
	if code != exitOK || !strings.Contains(out, "ann@127.0.0.1/INBOX/;UID=3  An offer \\x1b[31m  the original is back\n1 original put back, 0 not\n") {
		t.Errorf("undo: %d\n%s%s", code, out, errs)
	}
	code, out, _ = m.run("clean", "--backup", backup, "--mode", "pixel=keep")
	if code != exitOK || !strings.Contains(out, "  kept: high pixel [img[src]] https://t.news.example/") || !strings.HasSuffix(out, "nothing would change, 1 kept\n") {
		t.Errorf("a policy that keeps: %d\n%s", code, out)
	}
	files, _ := filepath.Glob(filepath.Join(backup, "*", "mail", "INBOX", "cur", "*"))
	if len(files) != 2 {
		t.Errorf("backup: %q", files)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--folder", "Nowhere"}, exitUsage, `no such folder: "Nowhere"; pixelsweep imap folders lists them`},
		{[]string{"--folder", "Nowhere", "--apply"}, exitUsage, `no such folder`},
		{[]string{"--format", "csv"}, exitUsage, "--format: unknown format"},
		{[]string{"--undo", "--limit", "2"}, exitUsage, "--undo: goes with"},
		{[]string{"--mode", "nothing"}, exitUsage, "--mode: unknown mode"},
		{[]string{"--apply", "--backup", "/dev/null/x"}, exitPartial, "/dev/null"},
	} {
		if code, out, errs := m.run("clean", c.args...); code != c.code || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%q: %d %s%s", c.args, code, out, errs)
		}
	}
}

const mailWithPicture = "From: Offers <offers@news.example>\r\nTo: ann@home.example\r\nSubject: A picture\r\nMessage-ID: <2@news.example>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>" +
	"<img src=\"https://img.news.example/banner.jpg?u=ann%40home.example\" width=600 height=200 alt=Sale>\r\n"

// TestIMAPCleanKept tells of tracked content that the policy keeps, as it does by
// default where nobody is known to serve it without the reader's address, and by
// a mode.
func TestIMAPCleanKept(t *testing.T) {
	m := newMailServer(t)
	both := strings.Replace(mailWithPixel, "<p>Hello</p>", "<p>Hello</p><img src=\"https://img.news.example/b.jpg?u=ann%40home.example\" width=600 height=200 alt=Sale>", 1)
	if err := m.Put("INBOX", true, []byte(mailWithPicture), []byte(both)); err != nil {
		t.Fatal(err)
	}
	backup := t.TempDir()
	const kept = "  kept: medium tracked-content [img[src]] https://img.news.example/banner.jpg?…\n"
	for _, mode := range [][]string{nil, {"--mode", "tracked-content=keep"}} {
		code, out, errs := m.run("clean", append(mode, "--backup", backup)...)
		if code != exitOK || errs != "" || !strings.Contains(out, "/INBOX/;UID=1  A picture\n"+kept) || strings.Count(out, "  kept: ") != 2 ||
			!strings.HasSuffix(out, "1 message would change, 1 reference would go, 2 kept; nothing was changed, --apply does it\n") {
			t.Errorf("%q: %d\n%s%s", mode, code, out, errs)
		}
	}
	if code, out, _ := m.run("clean", "--backup", backup, "-q"); code != exitOK || out != "" {
		t.Errorf("quiet: %d\n%s", code, out)
	}
	code, out, errs := m.run("clean", "--backup", backup, "--apply", "-f", "jsonl")
	states := map[uint32]string{}
	for line := range strings.Lines(out) {
		var got cleanedMessage
		if err := json.Unmarshal([]byte(line), &got); err != nil || len(got.Kept) != 1 || got.Kept[0].Vector != "img[src]" || got.Subject == "" {
			t.Errorf("%v in %s", err, line)
		}
		states[got.Source.UID] = got.State
	}
	if code != exitOK || len(states) != 2 || states[1] != "kept" || states[2] != "changed" {
		t.Errorf("apply: %d %v\n%s", code, states, errs)
	}
	code, out, _ = m.run("clean", "--backup", backup, "--apply")
	if code != exitOK || strings.Count(out, "  kept: ") != 2 || !strings.HasSuffix(out, "0 messages changed, 0 references gone, 2 kept, 0 left as they were\n") {
		t.Errorf("again: %d\n%s", code, out)
	}
}

// TestIMAPCleanStore audits a mailbox before and after it is cleaned, and after that
// was undone: nothing is read again, and each message counts once, as what it was
// when it came.
func TestIMAPCleanStore(t *testing.T) {
	m := newMailServer(t)
	if err := m.Put("INBOX", true, []byte(mailWithPixel), []byte("Subject: plain\r\nMessage-ID: <3@x>\r\n\r\nHi\r\n"), []byte(mailWithPicture)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	store, backup := filepath.Join(dir, "audit.db"), filepath.Join(dir, "backup")
	audit := func(when string, reads int) {
		t.Helper()
		code, out, errs := m.run("audit", "--store", store, "-f", "jsonl")
		if n := strings.Count(out, "\n"); code != exitOK || n != reads {
			t.Errorf("%s: %d messages are read, want %d: %d\n%s", when, n, reads, code, errs)
		}
		var o, e bytes.Buffer
		code = run([]string{"imap", "audit", "--report", "--store", store, "-f", "json"}, streams{strings.NewReader(""), &o, &e})
		var got struct {
			Totals struct{ Messages, Tracked, Clean, Copies int }
		}
		if err := json.Unmarshal(o.Bytes(), &got); err != nil || code != exitOK || got.Totals.Messages != 3 || got.Totals.Tracked != 2 || got.Totals.Copies != 0 {
			t.Errorf("%s: %+v, %v\n%s", when, got, err, e.String())
		}
	}
	clean := func(says string, args ...string) {
		t.Helper()
		if code, out, errs := m.run("clean", append(args, "--backup", backup, "--apply")...); code != exitOK || errs != "" || !strings.Contains(out, says) {
			t.Errorf("%q: %d\n%s%s", args, code, out, errs)
		}
	}
	audit("at first", 3)
	clean("1 message changed", "--store", store)
	audit("cleaned", 0)
	clean("1 original put back", "--store", store, "--undo")
	audit("undone", 0)
	// A run that could not tell the store is made up for by the next one.
	clean("1 message changed")
	clean("0 messages changed", "--store", store)
	audit("cleaned again", 0)
	// What was read meanwhile is there once all the same.
	clean("1 original put back", "--undo")
	m.run("audit", "--store", store, "-f", "jsonl")
	clean("1 message changed", "--store", store)
	audit("read meanwhile", 0)
	if code, _, errs := m.run("clean", "--apply", "--backup", backup, "--store", filepath.Join(dir, "none.db")); code != exitUsage || !strings.Contains(errs, "--store: ") {
		t.Errorf("no store: %d %s", code, errs)
	}
}
