//go:build unix && !solaris && !aix

package browser

import (
	"io/fs"
	"os"
	"syscall"
)

// lock takes the lock of a file, or fails at once. It ends with the process.
func lock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// ours reports whether a file belongs to the user who runs this.
func ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
