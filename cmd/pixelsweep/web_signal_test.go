//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pixelsweep/pixelsweep/internal/browser"
)

// TestBrowserKilled: what Chromium wrote goes when the run is interrupted, or with
// the next run when it could do nothing any more.
func TestBrowserKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	if _, err := browser.Find(); err != nil {
		t.Skip("SKIPPED: no Chromium; as root run: apt-get install -y chromium")
	}
	tmp, err := os.MkdirTemp("/tmp", "t") // short, as Chromium's sockets need it
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	page := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(page, []byte(`<script>setInterval(function () { new Image().src = 'http://127.0.0.1:9/' + Math.random() }, 50)</script>`), 0o600); err != nil {
		t.Fatal(err)
	}
	left := func() []string {
		all, _ := filepath.Glob(filepath.Join(tmp, "*"))
		return all
	}
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, os.Kill} {
		cmd := exec.Command("pixelsweep", "web", "--browser", "-q", page)
		cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if started, _ := filepath.Glob(filepath.Join(tmp, "pixelsweep-*", "profile-*", "Default")); len(started) > 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("Chromium does not start")
			}
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		from := time.Now()
		_ = cmd.Wait()
		if took := time.Since(from); took > 10*time.Second {
			t.Errorf("%v: ended after %v", sig, took)
		}
		switch code := cmd.ProcessState.ExitCode(); {
		case sig == os.Kill && len(left()) != 1:
			t.Errorf("%v: left %v", sig, left())
		case sig != os.Kill && (code != exitPartial || len(left()) > 0):
			t.Errorf("%v: exit code %d, left %v", sig, code, left())
		}
	}
	time.Sleep(time.Second) // until Chromium has ended too
	cmd := exec.Command("pixelsweep", "web", "--browser", "--once", "--settle", "200ms", page, "--load-timeout", "1s")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	out, _ := cmd.CombinedOutput()
	if all := left(); len(all) > 0 {
		t.Errorf("after the next run: left %v\n%s", all, out)
	}
}
