//go:build !unix

package cell

import "time"

var started = time.Now()

// processorTime is the time since the start, where no other is to be had.
func processorTime() time.Duration { return time.Since(started) }
