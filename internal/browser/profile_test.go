//go:build unix && !solaris && !aix

package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestProfile: a profile is deleted by its own run, or by the next one after its
// process has gone; what others use, and what is no profile, stays.
func TestProfile(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	used, remove, err := Profile()
	if err != nil {
		t.Fatal(err)
	}
	victim := filepath.Join(t.TempDir(), "victim")
	hour := time.Now().Add(-2 * unlockedTime)
	for name, make := range map[string]func(path string) error{
		"left": func(p string) error { // its lock has ended with its process
			return os.WriteFile(filepath.Join(p, lockName), nil, 0o600)
		},
		"old":   func(p string) error { return os.Chtimes(p, hour, hour) },
		"fresh": func(string) error { return nil }, // about to be locked
	} {
		p := filepath.Join(tmp, profiles+name)
		if err := os.MkdirAll(filepath.Join(p, "Default", "Cache"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := make(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(victim, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(victim, lockName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(tmp, profiles+"link")); err != nil {
		t.Fatal(err)
	}
	_, again, err := Profile()
	if err != nil {
		t.Fatal(err)
	}
	for name, stays := range map[string]bool{"left": false, "old": false, "fresh": true, "link": true} {
		if _, err := os.Lstat(filepath.Join(tmp, profiles+name)); (err == nil) != stays {
			t.Errorf("%s: stays %v, want %v", name, err == nil, stays)
		}
	}
	for _, p := range []string{used, victim} {
		if _, err := os.Stat(filepath.Join(p, lockName)); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
	again()
	remove()
	if _, err := os.Stat(used); err == nil {
		t.Error("the profile stays")
	}
}
