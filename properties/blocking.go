package properties

import (
	"iter"

	"millrace/core"
	"millrace/simfd"
)

// blocking is a program whose loop is one function: it runs as a coroutine, which rests
// where it waits. Coroutines are no threads: one of the two sides runs at a time, and
// nothing is left to chance.
type blocking struct {
	w        *World
	main     func(h core.Host)
	next     func() (struct{}, bool)
	stop     func()
	yield    func(struct{}) bool
	deadline core.Time // of the wait that it rests in
	over     bool      // it is to return
	returned bool
	waits    int // since it was told so
}

func newBlocking(w *World, main func(h core.Host)) Running {
	b := &blocking{w: w, main: main}
	b.next, b.stop = iter.Pull(func(yield func(struct{}) bool) {
		defer func() {
			if r := recover(); r != nil && r != (simfd.Died{}) {
				w.panicked(r) // here, where its stack is
			}
		}()
		b.yield = yield
		b.main(w)
	})
	return b
}

// resume runs the program until it waits, or returns.
func (b *blocking) resume() {
	if _, more := b.next(); !more {
		b.returned = true
	}
}

// Step implements Running.
func (b *blocking) Step() {
	if b.returned {
		return
	}
	switch b.resume(); {
	case !b.returned || b.w.kernel.Doomed():
	case b.w.program.Dials: // a client that is done
		b.deadline = 0
	default:
		b.w.Breach("I40", "program", "the program returned, and was not told to: a Main goes on until Wait says ECANCELED")
	}
}

// Stop implements Running.
func (b *blocking) Stop() {
	b.over = true
	for !b.returned && b.w.fail == nil {
		b.resume()
	}
}

// Deadline implements Running.
func (b *blocking) Deadline() core.Time { return b.deadline }

// Abandon implements Ender.
func (b *blocking) Abandon() {
	b.over = true
	b.stop()
}

// Roots implements Rooted: what a function knows nobody can see.
func (b *blocking) Roots() []any { return []any{&b.deadline} }

var (
	_ core.Poller    = (*blocking)(nil)
	_ core.Registrar = (*blocking)(nil)
)

// Edge implements core.Poller.
func (b *blocking) Edge() bool { return b.w.surface.Poller.Edge() }

// Set implements core.Poller.
func (b *blocking) Set(key core.Key, old, want core.Events) core.Errno {
	return b.w.surface.Poller.Set(key, old, want)
}

// Add, Mod and Del implement core.Registrar.
func (b *blocking) Add(key core.Key, want core.Events) core.Errno {
	return b.registrar().Add(key, want)
}

func (b *blocking) Mod(key core.Key, want core.Events) core.Errno {
	return b.registrar().Mod(key, want)
}

func (b *blocking) Del(key core.Key) core.Errno { return b.registrar().Del(key) }

func (b *blocking) registrar() core.Registrar { return b.w.surface.Poller.(core.Registrar) }

// patience is how many waits may fail before a program that was told to end has.
const patience = 1000

// Wait implements core.Poller: the program rests until the world has something for it.
func (b *blocking) Wait(ready []core.Ready, deadline core.Time) (int, core.Time, core.Errno) {
	b.deadline = deadline
	if !b.over && !b.yield(struct{}{}) {
		b.over = true
	}
	if b.w.kernel.Doomed() && b.over {
		panic(simfd.Died{}) // it is not told, and unwinds
	}
	if !b.over {
		return b.w.surface.Poller.Wait(ready, deadline)
	}
	b.waits++
	if b.w.wraps != nil {
		b.w.wraps.Cancelled(deadline, b.w.Now())
	}
	core.BugOn(b.waits > patience, "I40", "program", "it goes on waiting, and every wait fails with ECANCELED")
	return 0, b.w.Now(), core.ECANCELED
}
