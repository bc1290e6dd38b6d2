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
	limits atomic.Pointer[Limits] // nil before the first
}

// let has the watchdog watch. Without limits it sleeps.
func (d *watchdog) let(l Limits) { d.limits.Store(&l) }

const (
	// look is how often the watchdog looks. In that time a loop can take some hundred
	// megabytes.
	look = 25 * time.Millisecond
	// looks is how often it does before it says that it is alive.
	looks = 20
	// worldTimes is how many times as long as a round a whole world may take: one with
	// as many steps as may be asked for takes half a minute.
	worldTimes = 20
)

// watch looks after the cell for as long as it lives, says now and then that it is
// alive, and has it die if it must.
func (d *watchdog) watch(alive func() error, die func(of, what string)) {
	parent := os.Getppid()
	var run, round uint64
	var began, since time.Duration // processor time at the beginning of the run, and of the round
	for n := 0; ; n++ {
		time.Sleep(look)
		if n%looks == 0 && (alive() != nil || os.Getppid() != parent) {
			os.Exit(0) // nobody is there to hear of anything
		}
		var l Limits
		if set := d.limits.Load(); set != nil {
			l = *set
		}
		if used := heap(); l.Memory != 0 && used > l.Memory {
			die(memory, fmt.Sprintf("%d MiB are in use, %d are allowed", used>>20, l.Memory>>20))
		}
		now := processorTime()
		runs, rounds := properties.Alive()
		if l.Time == 0 || runs != run {
			run, began = runs, now
		}
		if l.Time == 0 || rounds != round || runs != run {
			round, since = rounds, now
		}
		switch {
		case now-since > l.Time:
			die("endless loop", fmt.Sprintf("no round came to its end in %s of processor time", l.Time))
		case now-began > worldTimes*l.Time:
			die("endless world", fmt.Sprintf("it took more than %s of processor time", worldTimes*l.Time))
		}
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
