//go:build unix

package auditstore

import (
	"syscall"
	"time"
)

// cpuTime is what the process has used of all processors: on a machine that is
// busy with other things it tells more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
