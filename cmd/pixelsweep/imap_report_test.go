package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/internal/auditreport"
	"github.com/pixelsweep/pixelsweep/internal/auditstore"
)

// auditedStore is a store with all messages of corpus/testdata.
func auditedStore(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("../../corpus/testdata/*/*.eml")
	if err != nil || len(names) == 0 {
		t.Fatal("no messages in corpus/testdata: ", err)
	}
	det := detector.New(&detector.Options{NoReferences: true})
	var rows []auditstore.Row
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := det.Scan(detector.Source{Type: detector.TypeMessage}, text)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, auditstore.Row{UID: uint32(i + 1), Date: time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC), Report: r})
	}
	path := filepath.Join(t.TempDir(), "audit.db")
	s, err := auditstore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Save(context.Background(), "home", "INBOX", auditstore.State{UIDValidity: 1}, rows); err != nil {
		t.Fatal(err)
	}
	return path
}

// report runs the command and returns its output and exit code.
func auditReport(o auditReportOptions) (out string, code int, err error) {
	var b bytes.Buffer
	if o.color == "" {
		o.color = "auto"
	}
	err = runAuditReport(context.Background(), &o, streams{strings.NewReader(""), &b, &b})
	var exit *exitError
	if errors.As(err, &exit) {
		code = exit.code
	}
	return b.String(), code, err
}

func TestAuditReport(t *testing.T) {
	store := auditedStore(t)
	for format, want := range map[string]string{
		"text": "Who received your address", "csv": "sender,name,addresses,messages", "html": "Content-Security-Policy",
	} {
		out, code, err := auditReport(auditReportOptions{store: store, format: format, account: "home"})
		if err != nil || code != 0 || !strings.Contains(out, want) {
			t.Errorf("%s: %d, %v, %.300s", format, code, err, out)
		}
	}
	out, _, err := auditReport(auditReportOptions{store: store, format: "json"})
	var a auditreport.Audit
	if err != nil || json.Unmarshal([]byte(out), &a) != nil || a.Schema != "pixelsweep.audit/1" || a.Totals.Tracked < 50 {
		t.Errorf("json: %v, %+v", err, a.Totals)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if out, _, err := auditReport(auditReportOptions{store: store, format: "html", output: file}); err != nil || out != "" {
		t.Errorf("%v, %q", err, out)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if out, _, _ := auditReport(auditReportOptions{store: store, format: "text", color: "always"}); !strings.Contains(out, "\x1b[31m") {
		t.Error("no colour")
	}
}

func TestAuditReportErrors(t *testing.T) {
	store := auditedStore(t)
	whole, err := os.ReadFile(store)
	if err != nil {
		t.Fatal(err)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.db")
	os.WriteFile(damaged, whole[:len(whole)/2], 0o600)
	t.Setenv("XDG_DATA_HOME", t.TempDir())
	for _, tt := range []struct {
		o    auditReportOptions
		code int
		want string
	}{
		{auditReportOptions{store: store, format: "xml"}, 2, `unknown format "xml"; known are text, json, csv, html`},
		{auditReportOptions{store: store, format: "csv", table: "x"}, 2, `unknown table "x"`},
		{auditReportOptions{store: store, format: "text", top: -1}, 2, "--top: -1"},
		{auditReportOptions{store: store, format: "text", color: "blue"}, 2, "--color: "},
		{auditReportOptions{format: "text"}, 3, "no audit store yet; run pixelsweep imap audit first"},
		{auditReportOptions{store: damaged, format: "text"}, 3, "the audit store is damaged; move it away"},
		{auditReportOptions{store: store, format: "text", account: "work"}, 3, `nothing of "work" in the audit store; it holds home`},
		{auditReportOptions{store: store, format: "html", output: store}, 2, "the report would overwrite it"},
		{auditReportOptions{store: store, format: "html", output: store + "-wal"}, 2, "the report would overwrite it"},
		{auditReportOptions{store: store, format: "html", output: t.TempDir()}, 3, "--output: "},
	} {
		if out, code, err := auditReport(tt.o); err == nil || code != tt.code || !strings.Contains(err.Error(), tt.want) || out != "" || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %d, %v, %q", tt.o, code, err, out)
		}
	}
	if now, _ := os.ReadFile(store); !bytes.Equal(now, whole) {
		t.Error("the store was changed")
	}
	if _, err := os.Stat(filepath.Join(os.Getenv("XDG_DATA_HOME"), "pixelsweep")); err == nil {
		t.Error("a report makes a store")
	}
}
