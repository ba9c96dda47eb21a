package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/pixelsweep/pixelsweep/detector"
	"github.com/pixelsweep/pixelsweep/detector/report"
	"github.com/pixelsweep/pixelsweep/internal/source"
)

// options are those of a command line.
func options(t *testing.T, flags ...string) *scanOptions {
	o := &scanOptions{}
	set := pflag.NewFlagSet("scan", pflag.ContinueOnError)
	o.AddFlags(set)
	if err := set.Parse(flags); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestInterrupted ends a scan that waits for input: what was read is reported, in
// a document that is whole.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, w := io.Pipe()
	go func() {
		message := "From a@b.example Thu Jan  1 00:00:00 2026\nFrom: a@b.example\nSubject: x\n\n" + strings.Repeat("text\n", 1000) + "\n"
		io.WriteString(w, strings.Repeat(message, 1000))
		cancel()
	}()
	var out bytes.Buffer
	err := runScan(ctx, options(t, "--format", "json"), []string{"-"}, streams{in, &out, io.Discard})
	var exit *exitError
	if !errors.As(err, &exit) || exit.code != exitPartial || !strings.HasPrefix(exit.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
	var doc struct{ Reports []detector.Report }
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Errorf("%v in %.200q", err, out.String())
	}
}

// TestPanic turns a defect into an error about one message.
func TestPanic(t *testing.T) {
	r := scanItem(nil, &source.Item{Path: "a.mbox", Index: 3, Data: []byte("From: x\n")}, "mail")
	if r.report != nil || r.err == nil || !strings.HasPrefix(r.err.Error(), "a.mbox: message 3: cannot be scanned") {
		t.Errorf("got %+v", r)
	}
}

func TestProgress(t *testing.T) {
	var none *progress
	none.show(&report.Summary{}, "x")
	none.clear()
	var b strings.Builder
	p := &progress{w: &b, width: 30}
	s := &report.Summary{Messages: 12, Tracked: 3}
	p.show(s, "early")
	p.clear()
	if b.Len() > 0 {
		t.Errorf("early: %q", b.String())
	}
	p.next = time.Now().Add(-time.Second)
	p.show(s, "in\x1bbox.mbox")
	p.show(s, "too soon")
	p.clear()
	p.clear()
	if got, want := b.String(), "\r\x1b[K12 scanned, 3 tracked: in\ufffdbo…\r\x1b[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
