package properties

import (
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/traces"
)

// A program may have several workers, each with a loop of its own, as servers do that let
// the kernel share out new connections: Settings[Workers] of them run Start, or Main, each in
// its own view of the world. They are processes: each has its own numbers, dies alone, with
// all that it has, and another one takes its place if the settings say so. Traces name actors
// and no numbers, so that these may well be each worker's own, and are: whoever takes one
// worker's for another's finds something else there.

// member is what a run knows of one worker.
type member struct {
	prog    Running
	delayer traces.Delayer   // prog, if it is one
	mover   Mover            // likewise
	surface traces.Kernel    // what the program got
	wraps   *traces.Recorder // what records its calls, nil without one
	tale    *tale            // what goes on between its calls, nil unless asked for
	worker  sim.Proc
	wAgent  sim.Agent
	check   checker
	rests   sim.Time // until when it stands still, or did last
	slow    bool     // it does, or did until now
	dead    bool
	deaths  int
	nap     nap
	ticks   ticks
}

// forget makes memory of the run before.
func (w *World) forget() {
	if w.prog != nil {
		w.past = append(w.past, w.prog)[:0]
	}
	w.changed = w.changed.Reset()
	w.member = member{}
}

// employ makes so many workers, and a kernel and a poller for each.
func (w *World) employ(n int) {
	for len(w.workers) < n {
		v := sim.Take(&w.workers)
		v.shared, v.number = w.shared, len(w.workers)-1
		v.forget()
		v.kernel.Join(&w.kernel, v.number, &v.poller)
	}
	for _, v := range w.workers {
		v.poller.Reset(&w.sim, &v.kernel, w.trace.Settings[traces.Poller] == traces.Edge, v.wake)
		v.poller.Said = v.said
		v.wAgent.Init(sim.Worker.Of(v.number), &w.sim.Choices)
		v.worker.Init(worker{v}, &v.wAgent)
		v.check.w = v
	}
}

// start begins a life of the worker: behind a recorder, if there is one.
func (w *World) start() {
	w.surface = traces.Kernel{Poller: &w.poller, Dialer: &w.kernel, Listener: w.kernel.Listen(), Now: w.Now()}
	if w.rec != nil {
		w.wraps = w.rec
		if w.number > 0 || w.deaths > 0 {
			w.wraps = w.rec.Beside(w.number)
		}
		k := &w.surface
		k.Poller, k.Dialer, k.Listener = w.wraps.Poller(k.Poller), w.wraps.Dialer(k.Dialer), w.wraps.Listener(k.Listener)
	}
	if w.program.Dials {
		w.surface.Dialer = &dialer{w.surface.Dialer.(dials), w}
	}
	w.prog = nil
	w.prog = w.program.start(w)
	w.delayer, _ = w.prog.(traces.Delayer)
	w.mover, _ = w.prog.(Mover)
	if p, ok := w.prog.(Looped); ok && (w.opts.Turns || w.opts.Changes) {
		p.EventLoop().Watch(w)
	}
	w.begins()
}

// wake schedules the worker, if it does not stand still.
func (w *World) wake() { w.wakeAt(w.sim.Now()) }

func (w *World) wakeAt(at sim.Time) {
	if !w.dead {
		w.sim.Wake(&w.worker, max(at, w.rests))
	}
}

// Stood says that this worker stood still for a while: it does what it has to do late, as if
// time had leapt.
func (w *World) Stood() bool { return w.rests != 0 }

// alive goes through the workers that are.
func (w *World) alive(yield func(v *World) bool) {
	for _, v := range w.workers {
		if !v.dead && !yield(v) {
			return
		}
	}
}

// step is one round of the program's loop, and a look at everything.
func (w *World) step() {
	w.kernel.Round()
	if w.dead {
		w.dead = false
		w.start()
	}
	if len(w.workers) > 1 && w.struck() {
		return
	}
	if d := w.delayer; d != nil {
		late := w.wAgent.Choose(sim.OpTaskDelay, 2) != 0
		if d.Delay(late); late && w.wraps != nil {
			w.wraps.Delay()
		}
	}
	if v := w.wAgent.Choose(sim.OpBusy, 16); v != 0 {
		w.sim.Leap(sim.OpBusy.Span(v))
	}
	rounds.Add(1)
	if w.kernel.Doomed() {
		w.lastRound()
		w.die()
		return
	}
	w.nap.ends(w)
	w.prog.Step()
	w.nap.looked(w)
	if w.tale != nil {
		w.tale.over()
	}
	pending := w.poller.Pending()
	w.check.step()
	if w.opts.Sights != nil {
		w.opts.Sights.look(w)
	}
	if pending {
		w.wake()
		return
	}
	w.nap.begins(w)
	w.sim.Due = sim.Time(w.prog.Deadline())
	if w.sim.Due != 0 {
		w.sim.Due = w.ticks.next(w, w.sim.Due)
	}
	if w.sim.Due != 0 {
		w.wakeAt(w.sim.Due)
	}
}

// struck asks what becomes of one of several workers before its round, and says that there
// will be none for now.
func (w *World) struck() (stands bool) {
	v := w.wAgent.Choose(sim.OpSlow, 16)
	if w.slow = v != 0 && !w.slow; w.slow {
		w.rests = w.sim.Now() + sim.OpSlow.Span(v)
		w.wake()
		return true
	}
	if v := w.wAgent.Choose(sim.OpKilled, 64); v != 0 {
		w.kernel.Doom(v - 1)
	}
	return false
}

// lastRound is as much of a round as there is time for.
func (w *World) lastRound() {
	defer func() {
		if r := recover(); r != nil && r != (simfd.Died{}) {
			w.panicked(r)
		}
	}()
	w.prog.Step()
}

// die ends the worker, wherever it was.
func (w *World) die() {
	w.kernel.Doom(0)
	if p, ok := w.prog.(Ender); ok {
		p.Abandon()
	}
	w.kernel.Kill()
	w.poller.Renew()
	w.sim.Cancel(&w.worker)
	w.dead, w.rests, w.slow = true, 0, false
	w.deaths++
	w.deserted = w.deserted || !slices.ContainsFunc(w.workers, func(v *World) bool { return !v.dead })
	if w.wraps != nil {
		w.wraps.Killed()
	}
	if after := w.trace.Settings[traces.Respawn]; after != 0 && !w.drained {
		w.sim.Wake(&w.worker, w.sim.Now()+sim.Time(after))
	}
}

// Holder returns the view of the worker that a session's client came to, of the first one if
// it has not come to any.
func (w *World) Holder(label int) *World {
	return w.workers[max(0, w.kernel.Holder(uint32(label)))]
}

// said hears until when a wait of the program's is to sleep. The world wakes a program
// when its Deadline says so; Linux goes by what the wait was told, and a program that
// tells it a later time sleeps there on what it has to do.
func (w *World) said(until core.Time) {
	if w.prog == nil || until != 0 && until <= w.Now() {
		return
	}
	if due := w.prog.Deadline(); due != 0 && (until == 0 || until > max(due, w.Now())) {
		w.Breach("I08", "loop", "a wait is to sleep until %dns, 0 being for ever, and the program has something to do at %dns", until, due)
	}
}
