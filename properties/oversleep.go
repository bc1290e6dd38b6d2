package properties

import (
	"slices"
	"time"

	"millrace/sim"
	"millrace/traces"
)

// A program that stops before EAGAIN and waits for a report has lost a wake-up if its poller is
// edge-triggered: of what is left, an end of stream mostly, nobody is told. One that has a timer
// finds it when that fires, and no peer can tell that from slowness.
//
// But who takes something when a timer fires may have had its reasons not to before: a rate that it
// keeps to, want of room, a pause. What it has in mind shows in what it does when it is told. So the
// same world is run again up to where the program goes to sleep, and there the poller reports the
// descriptor once more, as it might do at any time, since more may come. Who pauses does so whatever
// is reported; who takes it at once would have taken it at once before, and was not told.
//
// What this does not see: level-triggered programs, of whom nobody can say whether they took a wish
// back for a while or forgot it, as both wait for a timer then and no report is to be had; those on a
// core.Loop, whose books say more (see Looping); goroutines, whose calls wait by themselves; room to
// send; what lies behind the first accident of which more comes than delay; and runs of which more
// is asked than how they end, such as those of guided and exhaustive hunts.

// nap is the last sleep of a worker.
type nap struct {
	began uint64   // how many steps there were when it began; 0 = there was none
	at    sim.Time // when
	heard uint64   // lines that were reported before, and waits that were interrupted
	left  []left   // when it was over
	ended uint64   // how many there were
}

// left is what a worker was told of and did not take.
type left struct {
	num, news int
	who       sim.Actor
}

// slept is a nap that may have been too long: the worker looked at a descriptor as soon as its own
// timer had woken it. The zero value is none.
type slept struct {
	worker, num  int
	began, ended uint64 // steps
	nap          sim.Time
}

// oversleeping is the identity of that failure.
const oversleeping = "I32 program"

// someNaps is how many of a run's are looked into.
const someNaps = 3

// sleeper says that the sleep of a worker is looked into.
func (w *World) sleeper() bool {
	_, looped := w.prog.(Looped)
	return w.poller.Edge() && !looped && w.program.Within == nil
}

// begins takes note of a worker that goes to sleep.
func (n *nap) begins(w *World) {
	n.began, n.at = w.sim.Steps(), w.sim.Now()
	n.heard = w.poller.Stats.Lines + w.poller.Stats.Interrupts
}

// ends takes note of what there is when a round begins.
func (n *nap) ends(w *World) {
	n.ended++
	n.left = n.left[:0]
	if n.began == 0 || w.sim.Now() <= n.at || !w.sleeper() {
		return
	}
	for num := range w.kernel.Numbers() {
		if news := w.kernel.News(num); news > 0 && w.poller.Told(num) && !w.kernel.Owes(num) {
			n.left = append(n.left, left{num, news, w.kernel.Agent(num).Actor})
		}
	}
}

// looked looks at what a round of the program's made of that.
func (n *nap) looked(w *World) {
	defer func() { n.began = 0 }() // whoever has something to do does not sleep
	if len(n.left) == 0 || w.poller.Stats.Lines+w.poller.Stats.Interrupts != n.heard || slices.ContainsFunc(w.sim.Choices.Taken, grave) {
		return
	}
	for _, l := range n.left {
		s := slept{w.number, l.num, n.began, w.sim.Steps(), w.sim.Now() - n.at}
		switch {
		case w.kernel.News(l.num) >= l.news: // it did not look
		case w.overslept == s:
			w.Breach("I32", "program", "there was something to take from %s all the %s that the program slept, which the edge-triggered poller had reported and would not again;"+
				" its own timer woke it, and it looked. Told once more as it goes to sleep, it looks at once: it had not gone on to EAGAIN, or to the end", l.who, time.Duration(s.nap))
		case len(w.slept) < someNaps:
			w.slept = append(w.slept, s)
		}
	}
}

// oversleeps looks into the naps of the run that w just made, and returns one that was too long.
func (w *World) oversleeps(t *traces.Trace) (s slept, yes bool) {
	again := *t
	again.Decisions = slices.Clone(w.Decisions())
	aside := NewWorld(w.program)
	for _, s := range w.slept {
		if aside.wakes(&again, s) {
			return s, true
		}
	}
	return slept{}, false
}

// wakes says that a worker looks at a descriptor if it is told of it once more as it goes to sleep.
func (w *World) wakes(t *traces.Trace, s slept) (looks bool) {
	w.Begin(t, w.source(t), Options{})
	w.guard(func() {
		for w.sim.Steps() < s.began && w.fail == nil && w.sim.Step() {
		}
		v := w.workers[s.worker]
		news, round := v.kernel.News(s.num), v.nap.ended
		v.poller.Again(s.num)
		for v.nap.ended == round && w.fail == nil && w.sim.Step() {
		}
		looks = w.fail == nil && v.kernel.News(s.num) < news
	})
	w.Abandon()
	return looks
}
