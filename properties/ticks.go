package properties

import (
	"slices"

	"millrace/sim"
)

// A program whose loop looks round now and then, as one does that waits with a timeout, never
// comes to rest, and its world to no end, though nothing is left to happen. Linux may wake it
// later than it asked for; so is it here, by a tenth of the time for which nothing has happened,
// and after an hour of that the world is over.

// ticks are the rounds of a worker that change nothing for anybody. A call that finds nothing is no
// change, whether it was for a report that is not true, or is made each time.
type ticks struct {
	did    uint64   // what it changed so far
	heard  uint64   // lines that were reported to it, and waits that were interrupted
	since  sim.Time // when the first of them was
	last   sim.Time // and the last
	rounds int      // one soon behind the other, that its own timer began
}

const (
	// someTicks are enough to take a program for one that goes on like that.
	someTicks = 8
	// wakeful is for how long it is woken when it asked for.
	wakeful = 4 * sim.Second
)

// next returns when a worker that has something to do at a time is woken; 0 if never again.
func (t *ticks) next(w *World, due sim.Time) sim.Time {
	k, s, now := &w.kernel.Stats, &w.poller.Stats, w.sim.Now()
	did, heard := k.Sent+k.Received+k.Opened+k.Closed+s.Changes, s.Lines+s.Interrupts
	if did != t.did || w.program.House {
		*t = ticks{did: did, heard: heard, since: now, last: now}
		return due
	}
	quiet := now - t.since
	switch {
	case now-t.last > quiet/4:
		t.rounds = 0 // that was no tick
	case heard == t.heard && due > now: // else it has something left to do
		t.rounds++
	}
	t.heard, t.last = heard, now
	if due <= now || quiet < wakeful || t.rounds < someTicks && quiet < horizon {
		return due
	}
	late := now + quiet/10
	coming, some := w.sim.NextBut(func(p *sim.Proc) bool {
		return slices.ContainsFunc(w.workers, func(v *World) bool { return p == &v.worker })
	})
	switch {
	case some:
		late = min(late, coming)
	case quiet >= horizon:
		return 0
	default:
		late = min(late, t.since+horizon)
	}
	return max(due, late)
}
