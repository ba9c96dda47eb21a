package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/dovecot"
)

// binary is the command itself, for tests that interrupt it.
func binary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pixelsweep") // a name under which TestMain is the command
	if err := os.Symlink(self, path); err != nil {
		t.Skip(err)
	}
	return path
}

// TestIMAPWatch watches, has a program run for what tracks, and interrupts it.
func TestIMAPWatch(t *testing.T) {
	m := newMailServer(t)
	if err := m.Put("INBOX", true, []byte(mailWithPixel)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	saved := filepath.Join(dir, "saved")
	script := filepath.Join(dir, "hook")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ncat > \"$1\"\nenv > \"$1.env\"\necho ran >&2\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary(t), "imap", "watch", "--user", dovecot.User, "--server", m.TLS, "--ca", m.CAFile, "--format", "jsonl",
		"--keyword", "$Tracked", "--exec", script+","+saved)
	cmd.Env = append(os.Environ(), passwordVariable+"="+dovecot.Password, "API_TOKEN=hunter2", "LC_TIME=C")
	var errs bytes.Buffer
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	note, w := io.Pipe()
	cmd.Stderr = io.MultiWriter(&errs, w)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line := bufio.NewReader(note)
	if said, err := line.ReadString('\n'); err != nil || said != "pixelsweep: watching INBOX; an interrupt ends it\n" {
		t.Fatalf("%q, %v", said, err)
	}
	go io.Copy(io.Discard, line)
	time.Sleep(500 * time.Millisecond) // what was there before is not read
	if err := m.Put("INBOX", false, []byte(strings.Replace(mailWithPixel, "1@", "2@", 1)), []byte("Subject: plain\r\n\r\nHi\r\n")); err != nil {
		t.Fatal(err)
	}
	var verdicts []string
	reports := bufio.NewReader(out)
	for range 2 {
		text, err := reports.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		var r detector.Report
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatal(err)
		}
		verdicts = append(verdicts, string(r.Verdict)+" "+r.Source.Place())
	}
	if got := strings.Join(verdicts, ", "); got != "tracked ann@127.0.0.1/INBOX/;UID=2, clean ann@127.0.0.1/INBOX/;UID=3" {
		t.Errorf("got %s", got)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if cur, _ := filepath.Glob(filepath.Join(m.Dir, "home", dovecot.User, "Maildir", "cur", "*:2,a")); len(cur) == 1 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no keyword was set")
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after an interrupt: %v\n%s", err, errs.String())
	}
	var r detector.Report
	if b, err := os.ReadFile(saved); err != nil || json.Unmarshal(b, &r) != nil || r.Source.UID != 2 || len(r.Findings) != 1 {
		t.Errorf("the program got %s, %v", b, err)
	}
	env, err := os.ReadFile(saved + ".env")
	if err != nil || strings.Contains(string(env), dovecot.Password) || strings.Contains(string(env), "hunter2") || !strings.Contains(string(env), "LC_TIME=C") {
		t.Errorf("its environment: %s, %v", env, err)
	}
	if s := errs.String(); !strings.Contains(s, "ran\n") || strings.Contains(s, dovecot.Password) {
		t.Errorf("said %q", s)
	}
}

// TestIMAPWatchInterrupt interrupts a watch that has many messages to tell of, while
// it waits for a program: it ends at once, and says nothing of it.
func TestIMAPWatchInterrupt(t *testing.T) {
	m := newMailServer(t)
	dir := t.TempDir()
	script := filepath.Join(dir, "hook")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho $$ >>\"$1\"\nsleep 60 &\nwait\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	pids := filepath.Join(dir, "pids")
	cmd := exec.Command(binary(t), append([]string{"imap", "watch", "--exec", script + "," + pids, "--keyword", "$Tracked"}, m.args...)...)
	var out, errs bytes.Buffer
	note, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = &out, io.MultiWriter(&errs, w)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	line := bufio.NewReader(note)
	if _, err := line.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, line)
	time.Sleep(500 * time.Millisecond)
	var list [][]byte
	for i := range 20 {
		list = append(list, []byte(strings.Replace(mailWithPixel, "1@", strconv.Itoa(i)+"@", 1)))
	}
	if err := m.Put("INBOX", false, list...); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if b, _ := os.ReadFile(pids); len(b) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no program was run: ", errs.String())
		}
	}
	start := time.Now()
	cmd.Process.Signal(os.Interrupt)
	err := cmd.Wait()
	if d := time.Since(start); err != nil || d > 5*time.Second || errs.String() != "pixelsweep: watching INBOX; an interrupt ends it\n" {
		t.Errorf("after %s: %v\n%s", d, err, errs.String())
	}
	if b, _ := os.ReadFile(pids); bytes.Count(b, []byte("\n")) != 1 {
		t.Errorf("programs that were run: %q", b)
	}
	if s := out.String(); !strings.HasPrefix(s, "TRACKED") || !strings.Contains(s, "1 message scanned: 1 tracked") {
		t.Errorf("told:\n%s", s)
	}
}

// TestWatchExec has programs that fail, hang and do not read.
func TestWatchExec(t *testing.T) {
	r := &detector.Report{Source: detector.Source{Path: "x"}}
	for _, c := range []struct {
		script string
		says   string
	}{
		{"exit 3", "pixelsweep: --exec: x: SCRIPT: exit status 3\n"},
		{"sleep 30", "pixelsweep: --exec: x: SCRIPT: no end after 200ms\n"},
		{"sleep 30 & exit 0", ""},
		{"exec 0<&-", ""},
	} {
		path := filepath.Join(t.TempDir(), "hook")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+c.script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		var errs bytes.Buffer
		h := &hook{program: []string{path}, time: 200 * time.Millisecond, errs: &errs}
		if err := h.find(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		h.run(t.Context(), r)
		if got := strings.ReplaceAll(errs.String(), path, "SCRIPT"); time.Since(start) > 5*time.Second || c.says != "" && got != c.says {
			t.Errorf("%s: %q after %s", c.script, got, time.Since(start))
		}
	}
	h := &hook{program: []string{"no-such-program-here"}}
	if err := h.find(); err == nil {
		t.Error("a program that is missing was found")
	}
}

func TestIMAPWatchUsage(t *testing.T) {
	m := newMailServer(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--format", "json"}, exitUsage, "--format: json has an end"},
		{[]string{"--keyword", `\Seen`}, exitUsage, "--keyword: "},
		{[]string{"--keyword", "two words"}, exitUsage, "--keyword: "},
		{[]string{"--renew", "40m"}, exitUsage, "--renew: "},
		{[]string{"--when", "never"}, exitUsage, "--when: "},
		{[]string{"--exec", "no-such-program-here"}, exitUsage, "--exec: "},
		{[]string{"--folder", "Nowhere"}, exitUsage, "no such folder"},
		{[]string{"--label", "X", "-q"}, exitPartial, "the server has no labels"},
	} {
		if code, _, errs := m.run("watch", c.args...); code != c.code || !strings.Contains(errs, c.says) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%q: %d %s", c.args, code, errs)
		}
	}
}
