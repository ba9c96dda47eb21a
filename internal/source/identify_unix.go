//go:build unix

package source

import (
	"io/fs"
	"syscall"
)

// A folderID is the same for two paths that lead to one folder.
type folderID struct{ device, inode uint64 }

func identify(info fs.FileInfo) (folderID, bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return folderID{}, false
	}
	return folderID{uint64(st.Dev), uint64(st.Ino)}, true
}
