//go:build unix

package cell

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of processors: a machine that stands
// still, or has others to serve, is no fault of the program's under test.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
