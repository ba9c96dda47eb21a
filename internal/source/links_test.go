//go:build unix

package source

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"
)

func TestLinks(t *testing.T) {
	dir := tree(t, map[string]string{"a/b/c.eml": mail, "d/": "", "e.eml": mail})
	for _, l := range [][2]string{{"..", "a/b/up"}, {"../a", "d/side"}, {"nowhere", "dangling"}, {"e.eml", "f.eml"}} {
		if err := os.Symlink(l[0], dir+"/"+l[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(dir+"/e.eml", dir+"/g.eml"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(dir+"/pipe", 0o600); err != nil {
		t.Fatal(err)
	}
	got, stats := collect(t, nil, dir, dir)
	check(t, got, []string{
		"a/b/c.eml message 51",
		"read a/b/up: directory loop: it is a again",
		"read dangling: no such file or directory",
		"e.eml message 51", "f.eml message 51", "g.eml message 51",
	})
	if stats.Skipped != 1 || stats.Errors != 2 {
		t.Errorf("got %+v", stats)
	}
}

// TestPipe opens a named pipe that nobody writes to: Run must end with its
// context all the same.
func TestPipe(t *testing.T) {
	pipe := t.TempDir() + "/pipe"
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := Run(ctx, []string{pipe}, nil, func(int, *Item) int { return 0 }, func(int) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
