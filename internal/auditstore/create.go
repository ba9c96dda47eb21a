package auditstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// dataDir is where programs keep data of the user.
func dataDir() (string, error) {
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return os.UserConfigDir()
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}

// ready sees to it that a file is at path, makes an empty store where none is, and
// takes it from other users.
//
// An empty store appears at path complete or not at all, so a file without bytes
// is always one that lost them.
func ready(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		// A log without its store would be replayed into the new one.
		if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
			return fmt.Errorf("%s is gone, but %s-wal is there: %w", path, filepath.Base(path), ErrDamaged)
		}
		if err := create(path); err != nil {
			return err
		}
		info, err = os.Stat(path)
	}
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: not a regular file: %w", path, ErrForeign)
	case info.Size() == 0:
		return fmt.Errorf("%s: empty: %w", path, ErrDamaged)
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("%s can be read by others, and that cannot be changed: %w", path, err)
		}
	}
	return nil
}

// create puts an empty store at path, unless one is there by then.
func create(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	made := f.Name()
	defer os.Remove(made)
	if err := f.Close(); err != nil {
		return err
	}
	db, err := connect(made, false)
	if err != nil {
		return err
	}
	_, err = db.Exec("BEGIN;" + schema + "COMMIT")
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	err = os.Link(made, path)
	switch {
	case err == nil || errors.Is(err, fs.ErrExist):
		return nil
	default: // a file system without links
		if _, err := os.Lstat(path); err == nil {
			return nil
		}
		return os.Rename(made, path)
	}
}
