//go:build unix

package main

import (
	"errors"
	"syscall"
)

// full reports whether nothing more can be written at all.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}
