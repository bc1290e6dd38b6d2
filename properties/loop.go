package properties

import "millrace/core"

// Looping is a program on a core.Loop, for who embeds it: its rounds, and the books of
// the loop and of its table of descriptors, which are compared with the kernel's after
// each one.
type Looping struct {
	*core.Loop
	W *World `digest:"-"`
}

// NewLooping makes a loop that takes so many reports at a time.
func NewLooping(w *World, events int) Looping {
	return Looping{core.NewLoop(w.Poller(), events, w.Now()), w}
}

// Step implements Running.
func (l *Looping) Step() {
	if e := l.Loop.Step(); e != 0 {
		l.W.Breach("I77", "loop", "the poller answers %s, which a loop cannot mend", e)
	}
	l.Look()
}

// Delay implements traces.Delayer.
func (l *Looping) Delay(on bool) {
	l.Budget = core.TaskBudget
	if on {
		l.Budget = 0
	}
}

// Asleep says that the loop has nothing to do until time passes or something arrives.
func (l *Looping) Asleep() bool {
	return !l.W.poller.Pending() && l.Deadline() != l.Now()
}

// watched is a program whose turns can be shown.
type watched interface{ watch(core.Witness) }

func (l *Looping) watch(who core.Witness) { l.Watch(who) }

// Look checks the descriptor table against the kernel and the poller, and says whether
// the loop is asleep.
func (l *Looping) Look() (asleep bool) {
	w, t := l.W, &l.Table
	asleep = l.Asleep()
	if n := w.kernel.Open() - 2*w.kernel.Pipes(); t.Opened() != n {
		w.Breach("I01", "fd", "the table has %d descriptors, the kernel %d", t.Opened(), n)
		return asleep
	}
	if what := t.Audit(); what != "" {
		w.Breach("I05", "fd", "%s", what)
	}
	if asleep && (t.Pending() > 0 || l.Runnable() > 0) {
		w.Breach("I08", "loop", "sleeps with %d descriptors and %d tasks ready", t.Pending(), l.Runnable())
	}
	for num := range w.kernel.Numbers() {
		d := t.At(num)
		sock := w.kernel.FD(num)
		if !d.Open() {
			if sock != nil || w.poller.Registered(num) != 0 {
				w.Breach("I01", "fd", "number %d is open and has no owner", num)
			}
			continue
		}
		l.desc(d, num, asleep)
	}
	return asleep
}

func (l *Looping) desc(d *core.Desc, num int, asleep bool) {
	w := l.W
	if got := w.poller.Registered(num); got != d.Polled() {
		w.Breach("I03", "fd", "number %d: the table thinks %s is registered, it is %s", num, d.Polled(), got)
	}
	if !w.poller.Edge() && d.Active() == 0 && d.Polled() != 0 {
		w.Breach("I04", "fd", "number %d: nothing is wanted and %s is registered", num, d.Polled())
	}
	// HUP and RDHUP last, but for a failed connect that was told, after which
	// the socket is as new. One that the kernel does not confirm was reported for
	// an earlier life of the number.
	const lasting = core.EvHup | core.EvRdHup
	sock, ev := w.kernel.FD(num), w.kernel.Events(num)
	if foreign := d.Events() & lasting &^ ev; foreign != 0 && (sock == nil || !sock.Fresh() && foreign&^sock.Lies() != 0) {
		w.Breach("I07", "fd", "number %d: took a report of %s that is not its own", num, foreign)
	}
	if !asleep {
		return
	}
	if d.Active()&d.Ready() != 0 {
		w.Breach("I10", "fd", "number %d: %s is wanted and ready, and the loop sleeps", num, d.Active()&d.Ready())
	}
	// The oracle of lost wake-ups: what the kernel has and the proxy wants,
	// nobody is going to tell it.
	var can core.Wish
	if ev.Any(core.EvIn | core.EvErr | core.EvHup) {
		can |= core.R
	}
	if ev.Any(core.EvOut | core.EvErr | core.EvHup) {
		can |= core.W
	}
	if lost := can & d.Active() &^ d.Paused(); lost != 0 && !w.kernel.Owes(num) && !l.Table.Deaf() {
		id := "I32"
		if lost.Any(core.W) {
			id = "I31"
		}
		w.Breach(id, "fd", "number %d: kernel says %s, %s is wanted, and no report will come", num, ev, lost)
	}
}
