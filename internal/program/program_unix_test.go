//go:build unix

package program

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRun runs programs that leave others behind: all of them end, late or not.
func TestRun(t *testing.T) {
	for _, c := range []struct {
		name, script string
		time         time.Duration
		stop         bool // the caller does not wait
		want         string
	}{
		{"late", "sleep 60 & echo $! >pid; wait", 300 * time.Millisecond, false, "no end after 300ms"},
		{"late, deeper", "sh -c 'sleep 60 & echo $! >pid; wait' & wait", 300 * time.Millisecond, false, "no end after 300ms"},
		{"stubborn", "trap '' TERM INT HUP; echo $$ >pid; while :; do sleep 1; done", 300 * time.Millisecond, false, "no end after 300ms"},
		{"left behind", "sleep 60 & echo $! >pid", time.Minute, false, ""},
		{"left behind without output", "sleep 60 >/dev/null 2>&1 & echo $! >pid", time.Minute, false, ""},
		{"interrupted", "sleep 60 & echo $! >pid; wait", time.Minute, true, "context canceled"},
		{"failed", "echo $$ >pid; exit 3", time.Minute, false, "exit status 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if c.stop {
				time.AfterFunc(300*time.Millisecond, cancel)
			}
			dir, out := t.TempDir(), bytes.Buffer{}
			p := Program{Args: []string{"sh", "-c", c.script}, Time: c.time}
			start := time.Now()
			err := p.Run(ctx, func(cmd *exec.Cmd) { cmd.Dir, cmd.Stdout = dir, &out })
			if got := text(err); got != c.want || time.Since(start) > 10*time.Second {
				t.Errorf("%q after %s, want %q", got, time.Since(start), c.want)
			}
			pid, err := os.ReadFile(filepath.Join(dir, "pid"))
			if err != nil {
				t.Fatal(err)
			}
			if !ends(string(bytes.TrimSpace(pid))) {
				t.Errorf("process %s lives on", pid)
			}
		})
	}
	p := Program{Args: []string{"no-such-program-here"}, Time: time.Second}
	if err := p.Run(t.Context(), func(*exec.Cmd) {}); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("missing: %v", err)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// ends waits until a process is gone, or only its number is left.
func ends(pid string) bool {
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		state, err := exec.Command("ps", "-o", "stat=", "-p", pid).Output()
		if err != nil || strings.HasPrefix(string(state), "Z") {
			return true
		}
	}
	return false
}
