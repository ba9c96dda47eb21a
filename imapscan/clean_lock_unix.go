//go:build unix && !solaris && !aix

package imapscan

import (
	"errors"
	"os"
	"syscall"
)

// lock takes a file for this run alone, until it is closed.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
