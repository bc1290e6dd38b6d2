package properties

import (
	"millrace/sim"
	"millrace/traces"
)

// worker is the program as the world sees it.
type worker struct{ w *World }

func (p worker) Run() { p.w.step() }

// calmer stops the faults.
type calmer struct{ w *World }

func (c calmer) Run() { c.w.sim.Choices.Calm() }

// drainer is the operator, who drains the program.
type drainer struct{ w *World }

func (d drainer) Run() {
	w := d.w
	w.drained = true
	for v := range w.alive {
		if v.wraps != nil {
			v.wraps.Stop()
		}
		v.prog.(Drainer).Drain()
		v.wake()
	}
}

// reloader is the operator who changes something, and changes it back.
type reloader struct{ w *World }

func (r reloader) Run() {
	w := r.w
	w.reloads++
	for v := range w.alive {
		v.prog.(Reloader).Reload(w.reloads == 1)
	}
	if w.reloads == 1 {
		w.sim.Wake(&w.reload, w.sim.Now()+sim.Time(w.trace.Settings[traces.Reload]))
	}
	for v := range w.alive {
		v.wake()
	}
}

// stopper is the operator who does not wait.
type stopper struct{ w *World }

func (s stopper) Run() { s.w.stopped = true }

// quit is what becomes of a program whose operator does not wait. One that can be drained, and
// has no other way to end in the middle, dies: what was so far is all that there is to judge.
func (w *World) quit() {
	k, kills := w.prog.(Killer)
	if _, drains := w.prog.(Drainer); drains && !kills {
		return
	}
	if kills {
		if w.rec != nil {
			w.rec.Freeze() // a kill is not in a trace's words, and a trace may end anywhere
		}
		k.Kill()
	}
	w.check.stop()
}
