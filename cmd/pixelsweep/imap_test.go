package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// mailbox starts a server with mail of corpus/testdata and returns the flags that
// reach it.
func mailbox(t *testing.T) (d *dovecot.Server, flags []string, messages int) {
	t.Helper()
	d = dovecot.ForTest(t, "")
	names, _ := filepath.Glob("../../corpus/testdata/tracked/m*.eml")
	var list [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, b)
	}
	if len(list) < 3 {
		t.Fatal("no messages")
	}
	if err := d.Put("INBOX", false, list...); err != nil {
		t.Fatal(err)
	}
	if err := d.Put("Lists.news", true, list[0]); err != nil {
		t.Fatal(err)
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte(dovecot.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	return d, []string{"--user", dovecot.User, "--server", d.TLS, "--ca", d.CAFile, "--password-file", password}, len(list)
}

// imapRun runs a command below imap.
func imapRun(args ...string) (out, errs string, code int) {
	var o, e bytes.Buffer
	code = run(append([]string{"imap"}, args...), streams{strings.NewReader(""), &o, &e})
	return o.String(), e.String(), code
}

func TestIMAPAudit(t *testing.T) {
	_, flags, n := mailbox(t)
	audit := func(more ...string) (string, string, int) {
		return imapRun(append(append([]string{"audit"}, flags...), more...)...)
	}
	out, errs, code := audit("--format", "jsonl", "--folder", "INBOX")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || errs != "" || len(lines) != n {
		t.Fatalf("exit %d, %d lines of %d, %s", code, len(lines), n, errs)
	}
	for i, l := range lines {
		var r struct {
			detector.Report
			Source map[string]any `json:"source"`
		}
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatal(err)
		}
		s := r.Source
		if s["account"] != dovecot.User+"@127.0.0.1" || s["mailbox"] != "INBOX" || s["uid"] != float64(i+1) || s["uidvalidity"] == nil || s["type"] != "message" || s["path"] != nil {
			t.Errorf("source %v", s)
		}
		if r.Verdict != detector.Tracked || len(r.References) == 0 {
			t.Errorf("message %d is %s with %d references", i+1, r.Verdict, len(r.References))
		}
	}
	// What is known is not read again, in the other folder there is one more.
	if out, errs, code := audit("--format", "line"); code != exitOK || strings.Contains(out, "INBOX") || !strings.Contains(out, dovecot.User+"@127.0.0.1/Lists/news/;UID=1") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if out, errs, code := audit(); code != exitOK || !strings.Contains(out, "Mailchimp") {
		t.Errorf("the report: exit %d, %s%s", code, out, errs)
	}
	if out, errs, code := audit("--no-store", "--exclude", "Lists/*", "--limit", "2", "-f", "jsonl"); code != exitOK || strings.Count(out, "\n") != 2 {
		t.Errorf("--limit: exit %d, %d lines, %s", code, strings.Count(out, "\n"), errs)
	}
	if out, _, code := audit("--no-store", "--since", "2030-01-01", "-f", "jsonl"); code != exitOK || out != "" {
		t.Errorf("--since: exit %d, %s", code, out)
	}
}

func TestIMAPFolders(t *testing.T) {
	_, flags, n := mailbox(t)
	out, errs, code := imapRun(append([]string{"folders"}, flags...)...)
	if code != exitOK || !strings.Contains(out, strconv.Itoa(n)+"  INBOX\n") || !strings.Contains(out, `Lists/news`) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	out, _, code = imapRun(append([]string{"folders", "--format", "json"}, flags...)...)
	var list struct {
		Folders []struct {
			Name     string
			Messages int
		}
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != exitOK || list.Folders[0].Name != "INBOX" || list.Folders[0].Messages != n {
		t.Errorf("exit %d, %v\n%s", code, err, out)
	}
}

func TestIMAPErrors(t *testing.T) {
	d, flags, _ := mailbox(t)
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("hunter-2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	user := []string{"--user", dovecot.User, "--server", d.TLS}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no account", []string{"audit"}, exitUsage, "--user"},
		{"unknown server", []string{"audit", "--user", "ann@nowhere.example"}, exitUsage, "--server"},
		{"plain", append([]string{"audit", "--security", "plain"}, flags...), exitUsage, "--allow-plain"},
		{"day", append([]string{"audit", "--since", "yesterday"}, flags...), exitUsage, "2026-01-31"},
		{"format", append([]string{"audit", "--format", "pdf"}, flags...), exitUsage, "unknown format"},
		{"compress", append([]string{"audit", "--compress", "gzip"}, flags...), exitUsage, "auto, always, never"},
		{"folder", append([]string{"audit", "--folder", "Nowhere"}, flags...), exitUsage, "imap folders"},
		{"authority", append([]string{"folders", "--password-file", wrong}, user...), exitPartial, "--ca"},
		{"password", append([]string{"folders", "--password-file", wrong, "--ca", d.CAFile}, user...), exitPartial, "login"},
		{"other pin", append([]string{"folders", "--pin", "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}, flags...), exitPartial, "sha256/"},
		{"excluded", append([]string{"audit", "--exclude", "*"}, flags...), exitUsage, "no folder is left, all that are meant are excluded; look at --exclude"},
		{"excluded one", append([]string{"clean", "--folder", "INBOX", "--exclude", "IN*"}, flags...), exitUsage, "no folder is left, all that are meant are excluded; look at --exclude"},
		{"ca", append([]string{"folders", "--password-file", wrong, "--ca", wrong}, user...), exitUsage, "no certificate"},
		{"command", []string{"fetch"}, exitUsage, "audit"},
	}
	for _, tt := range tests {
		out, errs, code := imapRun(tt.args...)
		if code != tt.code || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%s: exit %d, want %d: %s%s", tt.name, code, tt.code, out, errs)
		}
		for _, secret := range []string{"hunter-2", dovecot.Password} {
			if strings.Contains(errs, secret) {
				t.Errorf("%s: the password shows: %s", tt.name, errs)
			}
		}
	}
}

// TestIMAPFlags has flags that make no sense: they are refused before anybody is
// connected to, each with one line.
func TestIMAPFlags(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
			t.Error("somebody connects")
		}
	}()
	t.Setenv(passwordVariable, "secret")
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	user := []string{"--user", "ann", "--server", l.Addr().String()}
	for _, c := range []struct{ args, want string }{
		{"audit --table nonsense", `--table: unknown table "nonsense"; known are senders, `},
		{"audit --report --table nonsense", "--table: unknown table"},
		{"audit --top -3", "--top: -3 is no number of rows"},
		{"audit --top 0", "--top: 0 is no number of rows"},
		{"audit -o /nonexist/x", "--output: /nonexist/x"},
		{"audit -o /nonexist/x -v", "--output: /nonexist/x"},
		{"audit --format html -o /", "--output: /"},
		{"watch -o /nonexist/x", "--output: /nonexist/x"},
		{"audit --patience -1s", "--patience: -1s is no time"},
		{"watch --patience 0", "--patience: 0s is no time"},
		{"folders --connections 0", "--connections: from 1 to 10"},
		{"clean --connections 11", "--connections: from 1 to 10"},
		{"folders --pin sha256/xx", `--pin: "sha256/xx" is not sha256/ and 44 characters`},
		{"audit --since 2026-02-01 --before 2026-02-01", "no day is between"},
		{"clean --since 2026-02-02 --before 2026-02-01", "no day is between"},
		{"folders --user ann --server https://mail.example", `--server: "https://mail.example" is no server`},
		{"folders --user ann --server imaps://ann@mail.example/INBOX", "without user and folder"},
		{"folders --user ann --server imaps://mail.example:993:1", "is no server"},
		{"folders --user ann --server imaps://mail.example:0", "is no port"},
		{"folders --user ann --server imaps://mail.example --security starttls", "name one of them"},
		{"folders --user ann --server :993", "is no server"},
	} {
		args := strings.Fields(c.args)
		if !strings.Contains(c.args, "--server") && !strings.Contains(c.args, "--report") {
			args = append(args, user...)
		}
		out, errs, code := imapRun(args...)
		if code != exitUsage || !strings.HasPrefix(errs, "pixelsweep: ") || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 || out != "" {
			t.Errorf("%s: exit %d: %s%s", c.args, code, out, errs)
		}
	}
}

// TestParseServer reads servers as people write them.
func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"mail.example": " mail.example 0", "mail.example:143": " mail.example 143", "imaps://mail.example": "implicit mail.example 0",
		"IMAPS://mail.example:1993/": "implicit mail.example 1993", "imap://mail.example": "starttls mail.example 0",
		"::1": " ::1 0", "[::1]": " ::1 0", "[::1]:993": " ::1 993", "imaps://[::1]:993": "implicit ::1 993",
	} {
		tls, host, port, err := parseServer(text)
		if got := fmt.Sprintf("%s %s %d", tls, host, port); got != want || err != nil {
			t.Errorf("%s: got %q, %v", text, got, err)
		}
	}
}

// TestIMAPServerURL connects to a server that is named by a URL.
func TestIMAPServerURL(t *testing.T) {
	d, flags, _ := mailbox(t)
	for scheme, address := range map[string]string{"imaps": d.TLS, "imap": d.Plain} {
		args := append([]string{"folders"}, flags...)
		args[4] = scheme + "://" + address
		if out, errs, code := imapRun(args...); code != exitOK || !strings.Contains(out, "INBOX") {
			t.Errorf("%s: exit %d: %s", args[4], code, errs)
		}
	}
}

// TestIMAPTrace looks for secrets and mail in the trace.
func TestIMAPTrace(t *testing.T) {
	_, flags, _ := mailbox(t)
	trace := filepath.Join(t.TempDir(), "trace")
	if _, errs, code := imapRun(append([]string{"audit", "--no-store", "--format", "jsonl", "--debug-imap", trace}, flags...)...); code != exitOK {
		t.Fatal(code, errs)
	}
	b, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"AUTHENTICATE PLAIN [secret]", "EXAMINE INBOX", "BODY.PEEK"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %q in the trace", want)
		}
	}
	for _, no := range []string{dovecot.Password, "<img", "Subject:", "list-manage.com"} {
		if bytes.Contains(b, []byte(no)) {
			t.Errorf("%q is in the trace", no)
		}
	}
}
