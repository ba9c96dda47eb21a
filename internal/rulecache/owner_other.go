//go:build !unix

package rulecache

import "io/fs"

const openFlags = 0

// foreign trusts the folder: the user's cache folder is private by default.
func foreign(fs.FileInfo) string { return "" }
