package cell

import (
	"fmt"
	"os"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"millrace/properties"
)

// watchdog ends the process when the program under test does not come back.
type watchdog struct {
	limits atomic.Pointer[Limits]
}

// let has the watchdog watch. Without limits it sleeps.
func (d *watchdog) let(l Limits) { d.limits.Store(&l) }

const (
	// look is how often the watchdog looks at the memory. In that time a loop can take
	// some hundred megabytes.
	look = 25 * time.Millisecond
	// looks is how often it looks at that before it looks at the rest.
	looks = 20
)

// watch looks after the cell for as long as it lives, says now and then that it is
// alive, and has it die if it must.
func (d *watchdog) watch(alive func() error, die func(of, what string)) {
	d.let(Limits{})
	parent := os.Getppid()
	var rounds uint64
	var since time.Duration // processor time at the last round
	for n := 1; ; n++ {
		time.Sleep(look)
		l := *d.limits.Load()
		if used := heap(); l.Memory != 0 && used > l.Memory {
			die("memory without end", fmt.Sprintf("%d MiB are in use, %d are allowed", used>>20, l.Memory>>20))
		}
		if n%looks != 0 {
			continue
		}
		if alive() != nil || os.Getppid() != parent {
			os.Exit(0) // nobody is there to hear of anything
		}
		now := processorTime()
		if r := properties.Rounds(); l.Time == 0 || r != rounds {
			rounds, since = r, now
		} else if now-since > l.Time {
			die("endless loop", fmt.Sprintf("no round came to its end in %s of processor time", l.Time))
		}
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
