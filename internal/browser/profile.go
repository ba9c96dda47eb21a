package browser

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// profiles is how their folders begin.
const profiles = "pixelsweep-browser-"

// lockName is a file that is locked as long as the profile is in use.
const lockName = "in-use"

// Profile makes a folder for what one run of Chromium writes. The second result
// deletes it, once Chromium has ended. What runs left that were killed is deleted
// first: the system lets go of their locks.
func Profile() (dir string, remove func(), err error) {
	sweep(os.TempDir())
	dir, err = os.MkdirTemp("", profiles)
	if err != nil {
		return "", nil, err
	}
	// The lock is taken before the file has its name.
	f, err := os.CreateTemp(dir, "new-")
	if err == nil {
		if err = lock(f); err == nil {
			err = os.Rename(f.Name(), filepath.Join(dir, lockName))
		}
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", nil, err
	}
	return dir, func() {
		removeAll(dir)
		f.Close()
	}, nil
}

// sweep deletes the profiles in a folder that nobody uses. One that has no lock
// may be about to get it, unless it is old.
func sweep(parent string) {
	dirs, err := filepath.Glob(filepath.Join(parent, profiles+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() || !ours(info) {
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
		if err != nil {
			if errors.Is(err, os.ErrNotExist) && time.Since(info.ModTime()) > unlockedTime {
				os.RemoveAll(dir)
			}
			continue
		}
		if lock(f) == nil {
			removeAll(dir)
		}
		f.Close()
	}
}

// unlockedTime is after how long a profile without a lock counts as left behind.
const unlockedTime = time.Hour

// removeAll deletes the profile, which Chromium's helpers may still write to for
// a moment after it has ended.
func removeAll(dir string) {
	for range 50 {
		if os.RemoveAll(dir) == nil {
			if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
				time.Sleep(50 * time.Millisecond)
				if _, err := os.Stat(dir); err != nil {
					return
				}
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
}
