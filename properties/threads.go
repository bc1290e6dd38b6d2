package properties

import (
	"fmt"

	"millrace/core"
	"millrace/sim"
)

// What a world is to a program of several threads beside core.Host: package simnet asks for
// it, and runs without it on Linux.

// horizon is how far ahead a program's own time is let pass when nothing else is to happen.
const horizon = 3600 * sim.Second

// Rank draws the place of a call on a descriptor among those that may be made at one time:
// the lower comes first, and all are 0 where any order will do. num is -1 for a call on none.
func (w *World) Rank(num int) int {
	a := &w.wAgent
	if w.kernel.IsOpen(num) {
		a = w.kernel.Agent(num)
	}
	return a.Choose(sim.OpRank, 16)
}

// Pace has pass called before each step of the world: it lets the program's own time pass up
// to that of the step, or less if the program has something to do before, and then says when;
// 0 if it has not.
func (w *World) Pace(pass func(next core.Time) core.Time) { w.pace = pass }

// Panicked ends the world with what was recovered of a thread of the program's. It is called
// where the stack of the panic still is.
func (w *World) Panicked(r any) { w.panicked(r) }

// Doubt has the world of a program's Main fail at its end, if nothing happened in it that explains
// what the program says: for what must not go wrong where nothing goes wrong, such as a client's
// work that is not done when it gives up. On Linux nobody listens.
func Doubt(h core.Host, format string, args ...any) {
	if w, simulated := h.(interface{ Doubt(what string) }); simulated {
		w.Doubt(fmt.Sprintf(format, args...))
	}
}

// Doubt ends the world with a failure if at its end there is none among its sessions to which
// anything happened that explains that.
func (w *World) Doubt(what string) {
	if w.doubt == "" {
		w.doubt = what
	}
}

// Telling says whether Told has anybody to tell.
func (w *World) Telling() bool { return w.opts.Lines }

// Told takes note of a call of a thread's, and of who makes it: the steps are what the kernel
// saw of it.
func (w *World) Told(call string) {
	if !w.opts.Lines || w.rec == nil {
		return
	}
	if pc := asker(); pc != 0 {
		call = fmt.Sprintf("%-42s %s", call, whereabouts(pc))
	}
	w.witnessed(call)
}

// within runs a world where the program wants it to.
func (w *World) within(run func()) {
	if w.program.Within == nil {
		run()
	} else if err := w.program.Within(run); err != nil {
		w.Breach("I44", "program", "%v", err)
	}
}

// ahead lets the program's own time pass up to the next event.
func (w *World) ahead() {
	if w.pace == nil {
		return
	}
	next, some := w.sim.Next()
	if !some {
		next = w.sim.Now() + horizon
	}
	if at := w.pace(core.Time(next)); at != 0 {
		w.sim.Wake(&w.worker, sim.Time(at))
	}
}
