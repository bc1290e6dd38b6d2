package properties

import (
	"cmp"

	"millrace/core"
	"millrace/sim"
)

// Looping is a program on a core.Loop, for who embeds it: its rounds, and the books of
// the loop and of its table of descriptors, which are compared with the kernel's after
// each one: where the round, or what came before it, touched them. Of a number that
// nobody touched all is as it was when it was looked at last. That this is so is not taken
// for granted: now and then all are looked at.
type Looping struct {
	*core.Loop
	W *World `digest:"-"`
	// Tasks is how many tasks a pass may run where none is delayed; 0 = core.TaskBudget.
	Tasks int `digest:"-"`
	// Changed are the numbers whose sets in the table may have changed, until whoever looks
	// at them clears it.
	Changed *sim.Set `digest:"-"`
	// Seen are the numbers that the last look was at.
	Seen    []int32 `digest:"-"`
	told    punctual
	unheard []unheard `digest:"-"` // by number. The table counts that itself
	failed  uint64    `digest:"-"` // wishes that had been refused before the round
	drowsy  sim.Set   `digest:"-"` // to be looked at when the loop sleeps
	scratch Scratch   `digest:"-"`
}

// NewLooping makes a loop that takes so many reports at a time.
func NewLooping(w *World, events int) Looping {
	l := Looping{W: w, Changed: &w.changed, told: punctual{events: events}}
	if before, ok := w.Before().(interface{ memory() *Looping }); ok {
		m := before.memory()
		l.Loop, l.Seen, l.drowsy, l.unheard = m.Loop, m.Seen[:0], m.drowsy.Reset(), m.unheard[:0]
		l.told.late, l.told.tasks = m.told.late[:0], m.told.tasks[:0]
	}
	if l.Loop == nil {
		l.Loop = core.NewLoop(w.Poller(), events, w.Now())
	} else {
		l.Loop.Reset(w.Poller(), events, w.Now())
	}
	l.Table.Touched = w.touched
	return l
}

// touched takes note of a number whose sets may have changed.
func (w *World) touched(num int) {
	w.changed.Add(num)
	w.kernel.Touched.Add(num)
}

// memory is what the next run of such a program may have.
func (l *Looping) memory() *Looping { return l }

// Scratch says when it is time to look at all that there is, and not only at what was
// touched: so rarely that it costs next to nothing, however much there is.
type Scratch struct{ rounds int }

// Due counts a round of a world in which there is so much to look at.
func (s *Scratch) Due(n int) bool {
	if s.rounds++; s.rounds < 64+4*n {
		return false
	}
	s.rounds = 0
	return true
}

// Step implements Running.
func (l *Looping) Step() {
	l.Round()
	l.Look()
}

// Round has the loop make a round: for who looks at more than Look does.
func (l *Looping) Round() {
	l.told.before(l)
	l.failed = l.Table.Stats.Failed
	if e := l.Loop.Step(); e != 0 {
		l.W.Breach("I77", "loop", "the poller answers %s, which a loop cannot mend", e)
	}
	l.told.behind(l)
	l.patient()
}

// patient checks that a wish which was refused is not what keeps the loop awake: what the kernel
// lacks it may lack for a while, in which each round would be for nothing.
func (l *Looping) patient() {
	t, first := &l.Table, l.NextTimer()
	idle := t.Pending() == 0 && l.Runnable() == 0 && (first == 0 || first > l.Now())
	if d := l.Deadline(); idle && t.Stats.Failed > l.failed && d != 0 && d <= l.Now() {
		l.W.Breach("I09", "loop", "a wish was refused, and without any pause there is another round for it")
	}
}

// Delay implements traces.Delayer.
func (l *Looping) Delay(on bool) {
	l.Budget = cmp.Or(l.Tasks, core.TaskBudget)
	if on {
		l.Budget = 0
	}
}

// Asleep says that the loop has nothing to do until time passes or something arrives.
func (l *Looping) Asleep() bool {
	return !l.W.poller.Pending() && l.Deadline() != l.Now()
}

// EventLoop implements Looped.
func (l *Looping) EventLoop() *core.Loop { return l.Loop }

// Look checks the descriptor table against the kernel and the poller, and says whether
// the loop is asleep.
func (l *Looping) Look() (asleep bool) {
	w, t, touched := l.W, &l.Table, &l.W.kernel.Touched
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
	if w.Thorough() || l.scratch.Due(w.kernel.Numbers()) {
		l.Everything()
	}
	for _, num := range touched.All() {
		l.number(int(num))
		l.drowsy.Add(int(num))
	}
	if asleep {
		l.drowsy.Keep(func(num int) bool { return !l.sleeps(num) })
	}
	l.Seen = append(l.Seen[:0], touched.All()...)
	touched.Clear()
	l.Changed.Clear()
	return asleep
}

// Everything has the next look be at all numbers.
func (l *Looping) Everything() {
	for num := range l.W.kernel.Numbers() {
		l.W.kernel.Touched.Add(num)
	}
}

// number compares what is thought of a number with what is so.
func (l *Looping) number(num int) {
	w, d, sock := l.W, l.Table.At(num), l.W.kernel.FD(num)
	for num >= len(l.unheard) {
		l.unheard = append(l.unheard, unheard{})
	}
	if !d.Open() {
		l.unheard[num] = unheard{}
		if sock != nil || w.poller.Registered(num) != 0 {
			w.Breach("I01", "fd", "number %d is open and has no owner", num)
		}
		return
	}
	if got := w.poller.Registered(num); got != d.Polled() {
		w.Breach("I03", "fd", "number %d: the table thinks %s is registered, it is %s", num, d.Polled(), got)
	}
	if !w.poller.Edge() && d.Active() == 0 && d.Polled() != 0 {
		w.Breach("I04", "fd", "number %d: nothing is wanted and %s is registered", num, d.Polled())
	}
	l.heeds(num, d)
	if w.poller.Edge() && w.poller.Excess(num) > 0 {
		w.Breach("I96", "fd", "number %d: it is registered anew more often than anything is reported of it", num)
	}
	// HUP and RDHUP last, but for a failed connect that was told, after which
	// the socket is as new. One that the kernel does not confirm was reported for
	// an earlier life of the number.
	const lasting = core.EvHup | core.EvRdHup
	foreign := d.Events() & lasting
	if foreign != 0 {
		foreign &^= w.kernel.Events(num)
	}
	if foreign != 0 && (sock == nil || !sock.Fresh() && foreign&^sock.Lies() != 0) {
		w.Breach("I07", "fd", "number %d: took a report of %s that is not its own", num, foreign)
	}
}

// unheard is how often in a row a number was reported when nothing was wanted of it.
type unheard struct {
	lines int // reported, up to the round before
	row   int
	idle  bool // nothing was wanted then
}

// unheardMost is how often that is put up with: a wake-up each time, and to end it is a call.
const unheardMost = 3

// heeds checks that who wants nothing of a number is not told of it for ever: a peer who goes on
// sending would have his way with those who do not read for want of room.
func (l *Looping) heeds(num int, d *core.Desc) {
	is, was := unheard{lines: l.W.poller.Lines(num), idle: d.Active() == 0}, &l.unheard[num]
	if is.idle && was.idle {
		is.row = was.row + min(1, max(0, is.lines-was.lines))
	}
	if *was = is; is.row > unheardMost {
		l.W.Breach("I96", "fd", "number %d: reported %d times in a row, and nobody wants anything of it", num, is.row)
	}
}

// longestPause is how long a number is left alone that gave a reason to.
const longestPause = 10 * core.Millisecond

// sleeps looks at a number while the loop sleeps, and says whether that was enough: if
// something excuses it for now, it has to be looked at again.
func (l *Looping) sleeps(num int) (settled bool) {
	w, d := l.W, l.Table.At(num)
	active := d.Active()
	if active == 0 || !d.Open() {
		return true
	}
	if at := l.Deadline(); d.Paused() != 0 && (at == 0 || at > l.Now()+longestPause) {
		w.Breach("I32", "fd", "number %d is left alone, and nobody looks for another %d ns", num, at-l.Now())
	}
	if active&d.Ready() != 0 {
		w.Breach("I10", "fd", "number %d: %s is wanted and ready, and the loop sleeps", num, active&d.Ready())
	}
	// The oracle of lost wake-ups: what the kernel has and the proxy wants,
	// nobody is going to tell it.
	var can core.Wish
	ev := w.kernel.Events(num)
	if ev.Any(core.EvIn | core.EvErr | core.EvHup) {
		can |= core.R
	}
	if ev.Any(core.EvOut | core.EvErr | core.EvHup) {
		can |= core.W
	}
	lost := can & active &^ d.Paused()
	switch {
	case lost == 0:
		return d.Paused() == 0
	case w.kernel.Owes(num) || w.poller.Refused(num):
		return false
	case lost.Any(core.W):
		w.Breach("I31", "fd", "number %d: kernel says %s, %s is wanted, and no report will come", num, ev, lost)
	default:
		w.Breach("I32", "fd", "number %d: kernel says %s, %s is wanted, and no report will come", num, ev, lost)
	}
	return true
}
