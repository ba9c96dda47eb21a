package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/outfile"
)

const trackedMail = "From: Shop <news@shop.example>\nSubject: %d\nContent-Type: text/html\n\n<p>Hello</p>\n" +
	`<img src="https://shop.us1.list-manage.com/track/open.php?u=1234567890abcdef1234&id=a1b2c3d4e5&e=f6a7b8c9d0" width=1 height=1>` + "\n"

// writeTree writes n tracked messages and returns their folder.
func writeTree(t *testing.T, n int) string {
	dir := t.TempDir()
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%04d.eml", i)), fmt.Appendf(nil, trackedMail, i), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestRewriteKilled ends a rewrite in place without warning: every file is the
// original or the rewritten one, whole, and of the latter the backup is there.
func TestRewriteKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const n = 400
	changed := 0
	for _, wait := range []time.Duration{20, 60, 150} {
		dir, backup := writeTree(t, n), t.TempDir()
		cmd := exec.Command(exe)
		cmd.Args = []string{"pixelsweep", "rewrite", "--in-place", "--backup", backup, "--journal", filepath.Join(t.TempDir(), "journal"), dir}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(wait * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		for i := range n {
			name, original := fmt.Sprintf("%04d.eml", i), fmt.Sprintf(trackedMail, i)
			got, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) == original {
				continue
			}
			changed++
			kept, _ := os.ReadFile(filepath.Join(backup, name))
			if string(kept) != original || !bytes.Contains(got, []byte("X-Pixelsweep")) || !bytes.HasSuffix(got, []byte("height=1>\n")) {
				t.Fatalf("after %v: %s holds %q, its backup %q", wait, name, got, kept)
			}
		}
	}
	t.Logf("%d of %d files were rewritten before the end", changed, 3*n)
}

// TestRewriteChanged has a file change between reading and writing.
func TestRewriteChanged(t *testing.T) {
	dir := writeTree(t, 1)
	path := filepath.Join(dir, "0000.eml")
	o := &rewriteOptions{inPlace: true}
	w := &rewriter{opts: o, seed: maphash.MakeSeed()}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	job := func() *fileJob {
		return &fileJob{root: path, path: path, info: info, changes: []outfile.Change{{Offset: 0, Len: 1, New: []byte("X")}},
			checks: []checkSum{{0, info.Size(), 1}}}
	}
	if _, err := w.put(0, job()); !errors.Is(err, errChanged) {
		t.Errorf("other content: %v", err)
	}
	other := strings.Repeat("y", int(info.Size()))
	if err := os.WriteFile(path, []byte(other+"more"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := w.put(0, job()); !errors.Is(err, errChanged) {
		t.Errorf("other size: %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != other+"more" {
		t.Errorf("the file was written: %.20q", got)
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
}

// TestRewriteWorkers checks that the number of workers changes nothing.
func TestRewriteWorkers(t *testing.T) {
	var want string
	for _, jobs := range []string{"1", "2", "8"} {
		var out, errs bytes.Buffer
		code := run([]string{"rewrite", "--dry-run", "-f", "jsonl", "-j", jobs, "../../corpus/testdata"}, streams{os.Stdin, &out, &errs})
		if got := fmt.Sprint(code) + out.String() + errs.String(); want == "" {
			want = got
		} else if got != want {
			t.Errorf("with %s workers the output differs", jobs)
		}
	}
	if !strings.HasPrefix(want, "0") || !strings.Contains(want, "+X-Pixelsweep: removed=1") {
		t.Errorf("got %.300s", want)
	}
}

// TestRewriteBrokenPipe writes to a reader that is gone.
func TestRewriteBrokenPipe(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	var errs bytes.Buffer
	if code := run([]string{"rewrite", "-"}, streams{strings.NewReader(fmt.Sprintf(trackedMail, 1)), w, &errs}); code != exitPartial {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}
