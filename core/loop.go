package core

import "slices"

// Runner is what a Task runs.
type Runner interface {
	// Run is called from the loop, never from a descriptor's turn. timeout says
	// that the task's timer expired, perhaps among other reasons.
	Run(timeout bool)
}

// Task is something to run soon, or at its deadline.
type Task struct {
	run   Runner
	at    Time  // when it runs at the latest, 0 = never
	key   Time  // where it sits in the heap of timers: at or earlier
	slot  int32 // its place there, from 1; 0 = none
	place int32 // its place in the queue, from 1, and below 0 if its timer has expired; 0 = none
}

// Queued says whether the task waits to be run.
func (t *Task) Queued() bool { return t.place != 0 }

// timeout says that it does because its timer has expired, perhaps among other reasons.
func (t *Task) timeout() bool { return t.place < 0 }

// Deadline returns when the task runs at the latest; 0 = never.
func (t *Task) Deadline() Time { return t.at }

// Loop is a worker's event loop: one descriptor table, one poller, one heap of
// timers, one queue of runnable tasks. Shared with nobody.
type Loop struct {
	Table  Table
	timers Timers
	poller Poller
	ready  []Ready `digest:"-"` // of the round: a wait writes what is read of it
	queue  []*Task
	now    Time
	again  Time // when pauses end, 0 = there are none
	looked Time // see Looked
	since  Time // before the first of the looks that have yet to see everything
	lines  int  // what they reported
	goal   int  // how many descriptors there were before the first of them
	// Budget is how many tasks one pass may run. The simulator sets it to
	// delay tasks; 0 delays them all.
	Budget int
	Stats  LoopStats
}

// LoopStats counts what the loop did since it was made.
type LoopStats struct {
	Waits  uint64 // calls of Poller.Wait
	Events uint64 // lines it reported
	Tasks  uint64 // tasks run
}

const (
	// TaskBudget is how many tasks one pass runs unless told otherwise.
	TaskBudget = 200
	// maxPasses is how often descriptors and tasks are served between two looks
	// at the poller. More than one, because a new connection goes through
	// several before it has to wait; bounded, so that ready descriptors cannot
	// starve polled ones.
	maxPasses = 4
	// lateTurns is how many turns of late descriptors there are in a round: with one, all
	// others wait for one handshake at most, and a round more for each costs little
	// beside what a handshake does.
	lateTurns = 1
	// pause is when a wish that the poller refused is told again, and when a call
	// is repeated that had to wait for something nobody reports.
	pause = 10 * Millisecond
)

// NewLoop makes a loop that takes at most events reports at a time, at least 1.
func NewLoop(p Poller, events int, now Time) *Loop {
	l := new(Loop)
	l.Reset(p, events, now)
	return l
}

// Reset makes the loop as NewLoop makes one, in the memory that it has: for who runs one
// program after the other.
func (l *Loop) Reset(p Poller, events int, now Time) {
	events = max(1, events)
	t, ready := &l.Table, slices.Grow(l.ready[:0], events)[:events]
	clear(ready)
	*l = Loop{
		// A line that began before the first look is a line.
		Table:  Table{poller: p, seen: now, pages: t.pages[:0], run: t.run[:0], updates: t.updates[:0], paused: t.paused[:0]},
		timers: Timers{l.timers.heap.Emptied()}, poller: p,
		ready: ready, queue: l.queue[:0], now: now, Budget: TaskBudget,
	}
}

// Watch has a witness told of every turn and every task, or nobody if it is nil.
func (l *Loop) Watch(w Witness) { l.Table.witness = w }

// Admit has a player say which late descriptor may have its turn now, since in a recording
// the turns before may be those of others.
func (l *Loop) Admit(may func(d *Desc) bool) { l.Table.admit = may }

// Now returns the time of the last look at the clock: one per Wait.
func (l *Loop) Now() Time { return l.now }

// Looked returns up to when the loop knows of everything that could be reported,
// and 0 if this round's wait told nothing of the kind. No timeout is to be told that
// is later: a process that was stopped, or a machine that stood still, finds its clock
// far ahead, and in its sockets what came in time.
func (l *Loop) Looked() Time { return l.looked }

// look takes note of a wait. One that was interrupted has not looked, and one that
// filled its report has not seen the rest: then as many lines are needed as there
// were descriptors when it began, however many have been closed since, because each
// one reported goes to the end of the line.
func (l *Loop) look(began, deadline Time, n int, e Errno) {
	l.looked = 0
	if l.lines == 0 {
		l.since, l.goal = began, l.Table.open
	}
	switch {
	case e != 0:
		return
	case n == len(l.ready) && l.lines+n <= l.goal:
		l.lines += n
		return
	case n == 0 && deadline != 0 && deadline <= l.now:
		l.looked = max(l.since, deadline)
	default:
		l.looked = l.since
	}
	l.lines = 0
}

// NextTimer returns when the first timer expires; 0 = none is set.
func (l *Loop) NextTimer() Time { return l.timers.Next() }

// AppendDue appends the tasks whose timers are due at a time and were not told, in no order.
func (l *Loop) AppendDue(list []*Task, at Time) []*Task { return l.timers.due(list, at, 0) }

// Timers returns how many timers are set.
func (l *Loop) Timers() int { return l.timers.Len() }

// Runnable returns how many tasks wait to be run.
func (l *Loop) Runnable() int { return len(l.queue) }

// Queue calls f with what waits to be run, in its order, and whether its timer has expired.
func (l *Loop) Queue(f func(r Runner, timeout bool)) {
	for _, t := range l.queue {
		if t != nil {
			f(t.run, t.timeout())
		}
	}
}

// Bind makes t run r. t must not be queued nor have a timer.
func (l *Loop) Bind(t *Task, r Runner) {
	BugOn(t.Queued() || t.slot != 0, "I54", "task", "bound while queued")
	*t = Task{run: r}
}

// Wake queues t, once however often it is called.
func (l *Loop) Wake(t *Task) {
	if !t.Queued() {
		l.queue = append(l.queue, t)
		t.place = int32(len(l.queue))
	}
}

// SetTimer gives t a deadline, 0 for none.
func (l *Loop) SetTimer(t *Task, at Time) { l.timers.Set(t, at) }

// Drop takes t out of the queue and the timers for good.
func (l *Loop) Drop(t *Task) {
	l.timers.Set(t, 0)
	if t.Queued() {
		l.queue[max(t.place, -t.place)-1] = nil
		t.place = 0
	}
}

// Deadline returns until when the next Step may sleep: 0 is for ever, and a
// time that is not in the future not at all.
func (l *Loop) Deadline() Time {
	switch {
	case l.Table.pending > 0 || len(l.queue) > 0:
		return l.now
	case l.Table.deaf:
		return First(First(l.timers.Next(), l.again), l.now+pause)
	case len(l.Table.updates) > 0:
		return l.now // something was opened or changed outside of a round
	}
	return First(l.timers.Next(), l.again)
}

// Step is one round: wait until Deadline, then serve descriptors, timers and
// tasks, then tell the poller what to wait for next. It returns the poller's
// error, if it is one that a caller must know: EINTR is not.
func (l *Loop) Step() Errno {
	began, deadline := l.now, l.Deadline()
	n, now, e := l.poller.Wait(l.ready, deadline)
	l.Stats.Waits++
	l.Stats.Events += uint64(n)
	BugOn(now < l.now, "I50", "loop", "the clock went backwards")
	l.now = now
	l.look(began, deadline, n, e)
	seen := l.looked
	for _, r := range l.ready[:n] {
		l.Table.report(r)
	}
	l.Table.resume(now)
	l.behind()
	for t := l.timers.Expired(l.looked); t != nil; t = l.timers.Expired(l.looked) {
		l.Wake(t)
		t.place = min(t.place, -t.place)
	}
	l.Table.lates = lateTurns
	for pass := 0; pass < maxPasses && (l.Table.pending > 0 || len(l.queue) > 0); pass++ {
		l.Table.dispatch()
		l.behind()
		l.tasks()
	}
	if seen != 0 {
		l.Table.seen = seen
	}
	l.Table.flush()
	l.again = l.Table.pauses(now)
	if e == EINTR {
		e = 0
	}
	return e
}

// behind takes back what was looked at by as much as reports have not been acted upon.
func (l *Loop) behind() {
	if t := &l.Table; t.pending > 0 && t.oldest != 0 {
		l.looked = min(l.looked, t.oldest)
	}
}

// tasks runs what is queued now, within the budget.
func (l *Loop) tasks() {
	due := min(len(l.queue), l.Budget)
	for i := range due {
		t := l.queue[i]
		if t == nil {
			continue
		}
		l.queue[i] = nil
		timeout := t.timeout()
		t.place = 0
		l.Stats.Tasks++
		if w := l.Table.witness; w != nil {
			w.Task(t.run, timeout)
		}
		t.run.Run(timeout)
	}
	live := l.queue[:0]
	for _, t := range l.queue[due:] {
		if t != nil {
			timeout := t.timeout()
			live = append(live, t)
			t.place = int32(len(live))
			if timeout {
				t.place = -t.place
			}
		}
	}
	clear(l.queue[len(live):])
	l.queue = live
}
