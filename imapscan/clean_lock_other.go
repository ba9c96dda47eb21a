//go:build !unix || solaris || aix

package imapscan

import "os"

// lock does nothing where files cannot be locked for a run.
func lock(*os.File) error { return nil }
