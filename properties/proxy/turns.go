package proxy

import (
	"millrace/core"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// Turn implements core.Witness: before a turn it is looked at what the last one did.
func (w *run) Turn(d *core.Desc) {
	w.turned()
	w.check.tally.turns++
	w.patient(d.Num())
	if c, s := w.owner(d.Num()); s != nil {
		w.check.touch(s)
		w.greeted(c)
	}
}

// greeted checks that of the handshakes that make connections, each of which may be a long
// calculation, one at most has a turn in a round.
func (w *run) greeted(c *core.Conn) {
	if c.Flags()&(core.ConnTLS|core.ConnConnected) != core.ConnTLS {
		return
	}
	if w.greets++; w.greets > 1 {
		w.Breach("I88", "turn", "%d turns of handshakes in one round", w.greets)
	}
}

// passes is how many turns of a descriptor there may be between two looks at the poller.
const passes = 4

// patient checks that what is always ready does not keep those waiting who are reported.
func (w *run) patient(num int) {
	for num >= len(w.turns) {
		w.turns = append(w.turns, 0)
	}
	if w.turns[num]++; w.turns[num] > passes {
		w.Breach("I12", "turn", "%d turns of number %d, and nobody has looked at the poller since the first", w.turns[num], num)
	}
}

// taken is how many connections were asked for at the listener, if one who turns out to be too
// many behind his PROXY header counts twice.
func (w *run) taken() uint64 {
	return w.check.tally.accepted + w.check.tally.shed + w.kernel.Stats.Refused
}

// Task implements core.Witness.
func (w *run) Task(r core.Runner, _ bool) {
	w.turned()
	w.check.tally.tasks++
	if s, ok := r.(*streamif.Session); ok {
		w.check.touch(s)
	}
}

// turned checks that a turn read no more often than a turn may: a connection whose peer
// is fast must not keep all others waiting. A read over the end of a ring is two calls,
// and a splice may come before it; behind a cipher a read is not a call.
func (w *run) turned() {
	if !w.marks(true) && !w.marks(false) { // a cipher says things of its own in between
		w.kernel.Turn()
	}
	reads := w.kernel.Stats.Reads
	if most := 2*uint64(w.set[proxytrace.MaxReads]) + 1; reads-w.reads > most && !w.shakes {
		w.Breach("I76", "turn", "%d calls that read in one turn, and %d are allowed", reads-w.reads, most)
	}
	w.reads = reads
	if taken, most := w.taken(), uint64(w.set[proxytrace.MaxAccept]); taken-w.accepts > most {
		w.Breach("I76", "turn", "%d connections accepted in one turn, and %d are allowed", taken-w.accepts, most)
	}
	w.accepts = w.taken()
}

// pausing checks that a proxy which lacked something for accept() tries again soon.
func (c *checker) pausing() {
	const pause = 100 * core.Millisecond
	w := c.w
	if d := w.Loop.Deadline(); c.lacked && c.stopped && w.kernel.Backlog() > 0 && w.Asleep() && (d == 0 || d > w.Loop.Now()+pause) {
		w.Breach("I56", "listener", "connections wait, what accept() lacked may be there, and nobody will look before %d, at %d", d, w.Loop.Now())
	}
}
