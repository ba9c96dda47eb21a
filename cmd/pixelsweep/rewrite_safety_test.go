//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// want checks an exit code and a part of what was said.
func want(t *testing.T, code int, text string, args ...string) {
	t.Helper()
	if got, _, errs := do(t, "", args...); got != code || !strings.Contains(errs, text) {
		t.Errorf("%q: exit code %d, want %d: %s; want %q", args, got, code, errs, text)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRewriteJournalFile refuses to write a journal into anything else, and keeps
// one that a crash cut off usable.
func TestRewriteJournalFile(t *testing.T) {
	dir := writeTree(t, 3)
	path := func(i int) string { return filepath.Join(dir, fmt.Sprintf("%04d.eml", i)) }
	journal := filepath.Join(t.TempDir(), "journal")
	want(t, exitUsage, "is to be rewritten", "rewrite", "--in-place", "--journal", path(0), path(0))
	want(t, exitUsage, "no journal of pixelsweep", "rewrite", "--in-place", "--journal", path(1), path(0))
	want(t, exitUsage, "is what --output names", "rewrite", "--in-place", "--journal", journal, "--output", journal, path(0))
	want(t, exitUsage, "not a regular file", "rewrite", "--in-place", "--journal", os.DevNull, path(0))
	for i := range 3 {
		if got := read(t, path(i)); got != fmt.Sprintf(trackedMail, i) {
			t.Fatalf("%d was changed: %q", i, got)
		}
	}
	want(t, exitOK, "", "rewrite", "--in-place", "--journal", journal, path(0))
	want(t, exitOK, "", "rewrite", "--in-place", "--journal", journal, path(1))
	info, err := os.Stat(journal)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(journal, info.Size()-20); err != nil {
		t.Fatal(err)
	}
	want(t, exitOK, "", "rewrite", "--in-place", "--journal", journal, path(2))
	want(t, exitPartial, "the journal tells nothing of it", "rewrite", "--undo", "--journal", journal, filepath.Join(dir, "none.eml"))
	want(t, exitOK, "", "rewrite", "--undo", "--journal", journal, dir)
	for _, i := range []int{0, 2} {
		if got := read(t, path(i)); got != fmt.Sprintf(trackedMail, i) {
			t.Errorf("%d is not restored: %q", i, got)
		}
	}
	// A line that is damaged in the middle loses its own file only.
	lines := strings.SplitAfter(read(t, journal), "\n")
	if err := os.WriteFile(journal, []byte(lines[0]+"{\"schema\":\n"+lines[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, exitPartial, ":2: the line is damaged", "rewrite", "--undo", "--journal", journal)
}

// TestRewriteUndoStdin gives standard input back as it came where it was not
// rewritten.
func TestRewriteUndoStdin(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	original := fmt.Sprintf(trackedMail, 1)
	_, clean, _ := do(t, original, "rewrite", "--journal", journal, "-")
	for _, in := range []string{clean, original} {
		if code, out, errs := do(t, in, "rewrite", "--undo", "--journal", journal, "-"); code != exitOK || out != original {
			t.Errorf("exit code %d, %q: %s", code, out, errs)
		}
	}
}

// TestRewriteAgain ends a run half way: the backup of the next one is there, and a
// file that was being written is no message.
func TestRewriteAgain(t *testing.T) {
	dir, backup := writeTree(t, 2), t.TempDir()
	for name, text := range map[string]string{
		filepath.Join(backup, "0001.eml"):             fmt.Sprintf(trackedMail, 1),
		filepath.Join(dir, ".pixelsweep-00ff.tmp"):    fmt.Sprintf(trackedMail, 9),
		filepath.Join(backup, ".pixelsweep-00ff.tmp"): "half",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := do(t, "", "rewrite", "--in-place", "--backup", backup, dir)
	if code != exitOK || !strings.Contains(out, "2 messages read: 2 changed") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

// TestRewriteOwner keeps the owner of a file, and says so where it cannot.
func TestRewriteOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: only root may give files away")
	}
	dir := writeTree(t, 1)
	path := filepath.Join(dir, "0000.eml")
	if err := os.Chown(path, 1234, 1235); err != nil {
		t.Fatal(err)
	}
	journal := filepath.Join(t.TempDir(), "journal")
	for _, args := range [][]string{{"rewrite", "--in-place", "--journal", journal, dir}, {"rewrite", "--undo", "--journal", journal}} {
		want(t, exitOK, "", args...)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if st := info.Sys().(*syscall.Stat_t); st.Uid != 1234 || st.Gid != 1235 {
			t.Errorf("%q: the owner is %d:%d", args, st.Uid, st.Gid)
		}
	}
}

// TestRewriteSpecial refuses to replace or read twice what is no regular file.
func TestRewriteSpecial(t *testing.T) {
	dir := writeTree(t, 1)
	path, fifo := filepath.Join(dir, "0000.eml"), filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, exitUsage, "not a regular file", "rewrite", path, "-o", fifo)
	want(t, exitUsage, "standard output", "rewrite", path, "-o", "-")
	go func() {
		if f, err := os.OpenFile(fifo, os.O_WRONLY, 0); err == nil {
			fmt.Fprintf(f, trackedMail, 1)
			f.Close()
		}
	}()
	want(t, exitPartial, "not a regular file", "rewrite", fifo, "-o", filepath.Join(t.TempDir(), "out.eml"))
	// A link is followed to the file that is named, not replaced.
	target, link := filepath.Join(t.TempDir(), "target"), filepath.Join(t.TempDir(), "link")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	want(t, exitOK, "", "rewrite", path, "-o", link)
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || !strings.Contains(read(t, target), "X-Pixelsweep") {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
}

// TestRewriteOutside leaves alone what lies outside the folder that is named.
func TestRewriteOutside(t *testing.T) {
	outer, dir := writeTree(t, 1), t.TempDir()
	if err := os.Symlink(outer, filepath.Join(dir, "l")); err != nil {
		t.Fatal(err)
	}
	want(t, exitPartial, "reached through a symbolic link", "rewrite", "--in-place", "--backup", t.TempDir(), dir)
	if got := read(t, filepath.Join(outer, "0000.eml")); got != fmt.Sprintf(trackedMail, 0) {
		t.Errorf("it was rewritten: %q", got)
	}
	// Named itself it is what the user wants.
	want(t, exitOK, "", "rewrite", "--in-place", "--backup", t.TempDir(), filepath.Join(dir, "l"))
}

// TestRewritePartlyRead ends with 3 where a limit hides what follows.
func TestRewritePartlyRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "long.eml")
	head, body, _ := strings.Cut(fmt.Sprintf(trackedMail, 1), "\n\n")
	if err := os.WriteFile(path, []byte(head+"\n\n"+strings.Repeat("<a href=https://a.example/>x</a>\n", 20010)+body), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, exitPartial, "not all of it could be read", "rewrite", path, "-o", filepath.Join(dir, "out.eml"))
	want(t, exitPartial, "not all of it could be read", "rewrite", "--verify", path)
	// A report is not begun before the usage is right.
	report := filepath.Join(dir, "report")
	if err := os.WriteFile(report, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, exitUsage, "lies inside", "rewrite", dir, "-o", filepath.Join(dir, "out"), "--output", report)
	if read(t, report) != "old" {
		t.Error("the report was begun")
	}
}
