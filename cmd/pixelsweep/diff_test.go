package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestDiffMemory checks that reading messages again, for want of memory, changes
// nothing: in a folder, in an mbox, and from standard input, which is kept.
func TestDiffMemory(t *testing.T) {
	samples, err := filepath.Glob("../../detector/diff/testdata/*.eml")
	if err != nil || len(samples) == 0 {
		t.Fatal("no samples", err)
	}
	var box bytes.Buffer
	for _, path := range samples {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		box.WriteString("From x@y.example Tue Mar  3 09:00:00 2026\n")
		box.Write(data)
		box.WriteString("\n")
	}
	mbox := filepath.Join(t.TempDir(), "all.mbox")
	if err := os.WriteFile(mbox, box.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, paths := range [][]string{{"../../detector/diff/testdata"}, {mbox}, {"-"}, append(samples, samples[0])} {
		var want string
		for _, memory := range []int{keptBytes, 20_000, 1} {
			o := &diffOptions{}
			set := pflag.NewFlagSet("diff", pflag.ContinueOnError)
			o.AddFlags(set)
			o.memory, o.format = memory, "json"
			var out, errs bytes.Buffer
			if err := runDiff(t.Context(), o, paths, streams{bytes.NewReader(box.Bytes()), &out, &errs}); err != nil {
				t.Fatalf("%v: %v", paths[0], err)
			}
			got := out.String() + errs.String()
			if want == "" {
				want = got
			}
			if got != want || !strings.Contains(got, `"class":"reader"`) {
				t.Errorf("%s with %d bytes of memory differs: %.300s", paths[0], memory, got)
			}
		}
	}
}

// TestDiffInterrupted ends before anything is compared.
func TestDiffInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := &diffOptions{}
	set := pflag.NewFlagSet("diff", pflag.ContinueOnError)
	o.AddFlags(set)
	var out, errs bytes.Buffer
	err := runDiff(ctx, o, []string{"../../detector/diff/testdata"}, streams{nil, &out, &errs})
	var exit *exitError
	if !errors.As(err, &exit) || exit.code != exitPartial || !strings.HasPrefix(exit.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
}

func TestDelivered(t *testing.T) {
	for _, c := range []struct{ name, message, want string }{
		{"plain", "From: a\nDelivered-To: ann@x.example\n\nbody", "ann@x.example"},
		{"CRLF and brackets", "X-Original-To: <ann@x.example>\r\n\r\nbody", "ann@x.example"},
		{"in the body", "From: a\r\n\r\nDelivered-To: ann@x.example\r\n", ""},
		{"none", "", ""},
	} {
		if got := delivered([]byte(c.message)); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
