package properties

import (
	"iter"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/simpoller"
	"millrace/traces"
)

// What a program sees of its world: the kernel surface, and what it was told to be.

// Poller returns the poller. Its Wait never sleeps: a round begins when there is
// something to report, or the deadline has come. For a Main it is where the world goes
// on: Wait comes back when there is something, and with ECANCELED when all is over.
func (w *World) Poller() core.Poller {
	if p, ok := w.prog.(*blocking); ok {
		return p
	}
	return w.surface.Poller
}

// Dialer returns what makes sockets for connections to servers.
func (w *World) Dialer() core.Dialer { return w.surface.Dialer }

// Listener returns the listening socket that clients come to. The program closes it.
func (w *World) Listener() core.Listener { return w.surface.Listener }

// Now returns the virtual time.
func (w *World) Now() core.Time { return core.Time(w.sim.Now()) }

// Trace returns what is run. It is not to be changed.
func (w *World) Trace() *traces.Trace { return w.trace }

// Settings returns the values of the world's settings and of the program's own.
func (w *World) Settings() *traces.Settings { return &w.trace.Settings }

// Before returns the program of the run before in this world, for its memory, nil if
// there was none.
func (w *World) Before() Running {
	if cap(w.past) == 0 || w.deaths > 0 { // one that died in this run may still be looked at
		return nil
	}
	return w.past[:1][0]
}

// What a program's own invariants may look at, and those who step a world.

// Kernel returns the simulated kernel of this worker.
func (w *World) Kernel() *simfd.Kernel { return &w.kernel }

// Epoll returns the simulated poller behind whatever Poller returns.
func (w *World) Epoll() *simpoller.Poller { return &w.poller }

// Sim returns the clock, the schedule and the choices.
func (w *World) Sim() *sim.World { return &w.sim }

// Program returns the program, as it runs.
func (w *World) Program() Running { return w.prog }

// Thorough says that all there is has to be looked at in each round, and not only what was
// touched: so it is where all orders are gone through, since what was touched, and when all was
// looked at last, are then no part of the state.
func (w *World) Thorough() bool { return w.opts.Order != nil }

// Recorder returns what writes down the steps, nil without one.
func (w *World) Recorder() *traces.Recorder { return w.rec }

// CipherRecorder returns what is to write down what ciphers do, nil unless that was asked for.
func (w *World) CipherRecorder() *traces.Recorder {
	if !w.opts.Ciphers {
		return nil
	}
	return w.rec
}

// Clients returns the clients, by label.
func (w *World) Clients() []Peer { return w.clients }

// ServerEnds returns the servers' ends in the order of their connections.
func (w *World) ServerEnds() []*Peer { return w.servers }

// EndsOf goes through the servers' ends of one session, in the order of their connections.
func (w *World) EndsOf(label int) iter.Seq[*Peer] {
	return func(yield func(*Peer) bool) {
		for p := w.ends[label]; p != nil; p = p.beside {
			if !yield(p) {
				return
			}
		}
	}
}

// Garbled says that what comes through of a session may be anything.
func (w *World) Garbled(label uint32) bool { return w.out[label].Flipped }

// Garble notes that it may.
func (w *World) Garble(label uint32) { w.out[label].Flipped = true }

// Decisions returns the choices of the run that were not benign, to be copied.
func (w *World) Decisions() []sim.Decision { return w.sim.Choices.Taken }

// Steps returns what the recorder kept; nil without one.
func (w *World) Steps() []traces.Step {
	if w.rec == nil {
		return nil
	}
	return w.rec.Steps()
}

// vigil is how the world's kernel finds out that nobody is at the other end.
func vigil(s *traces.Settings) core.Vigil {
	return core.Vigil{
		Idle: core.Time(s[traces.Keepalive]), Interval: core.Time(s[traces.KeepEvery]), Count: int(s[traces.KeepCount]),
		Unanswered: core.Time(s[traces.Patience]),
	}
}
