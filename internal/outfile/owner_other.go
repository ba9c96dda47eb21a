//go:build !unix

package outfile

import (
	"io/fs"
	"os"
)

func keepOwner(*os.File, fs.FileInfo) error { return nil }

// Links is how many names a file has.
func Links(fs.FileInfo) int { return 1 }
