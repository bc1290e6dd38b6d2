//go:build unix

package cell

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of processors: a machine that stands
// still, or has others to serve, is no fault of the program's under test.
func processorTime() time.Duration { return usage(syscall.RUSAGE_SELF) }

// Spent is what this process and all that it has started and seen the end of have used of
// processors, closed cells among them. Where the system does not say, it is the time since
// the start.
func Spent() time.Duration { return usage(syscall.RUSAGE_SELF) + usage(syscall.RUSAGE_CHILDREN) }

func usage(who int) time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(who, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
