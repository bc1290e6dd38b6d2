//go:build !unix

package cell

import "time"

var started = time.Now()

// processorTime is the time since the start, where no other is to be had.
func processorTime() time.Duration { return time.Since(started) }

// Spent is what processors have done, where that is said; here it is the time since the start.
func Spent() time.Duration { return processorTime() }
