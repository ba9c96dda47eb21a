//go:build unix && !solaris && !aix

package rulecache

import (
	"io/fs"
	"os"
	"syscall"
)

// openFlags make sure that no link is followed and no pipe waited for.
const openFlags = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

// foreign says why another user can have written a file, or "".
func foreign(fi fs.FileInfo) string {
	st, ok := fi.Sys().(*syscall.Stat_t)
	switch {
	case !ok || int(st.Uid) != os.Geteuid():
		return "owned by another user"
	case fi.Mode().Perm()&0o022 != 0:
		return "others may write to it"
	}
	return ""
}

// contents maps a file into memory, which takes half the time of reading it: the
// pages are in the cache of the system already.
func contents(f *os.File, size int) (data []byte, free func(), err error) {
	data, err = syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_PRIVATE)
	return data, func() { syscall.Munmap(data) }, err
}
