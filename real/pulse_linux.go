package real

import "sync/atomic"

// pulse is by what others see that a loop goes round. It is odd while the loop
// waits for the kernel, or does not run, and grows with every round.
type pulse struct {
	atomic.Uint64
	n uint64 // the loop's own copy
}

// beat says that the loop is at work.
func (p *pulse) beat() {
	p.n = (p.n | 1) + 1
	p.Store(p.n)
}

// rest says that the loop waits.
func (p *pulse) rest() {
	p.n |= 1
	p.Store(p.n)
}

// Pulse returns a number that changes with every round of the loop, and whether the
// loop waits for the kernel now, which may take for ever, or does not run. It may be
// called from any goroutine. A loop that is at work and has the same number as
// seconds ago hangs.
func (w *Worker) Pulse() (n uint64, waits bool) {
	n = w.epoll.pulse.Load()
	return n, n&1 == 1
}

// Thread returns the number of the thread that the loop runs on, 0 if it does not.
func (w *Worker) Thread() int { return int(w.thread.Load()) }
