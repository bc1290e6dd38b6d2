package properties

import (
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/simpoller"
	"millrace/traces"
)

// World is one simulated run: a program, its kernel, its network, clients and
// servers, and a checker that looks at what is another than it was after every round of
// the program. Of a program that has several workers each has a World, which is its own view
// of the one that they share: its kernel and its poller, and all peers.
// It is used again and again, so that a campaign allocates next to nothing; what a
// run leaves behind is memory, and nothing that the next one can see.
type World struct {
	*shared
	number int // which worker's it is
	kernel simfd.Kernel
	poller simpoller.Poller
	member
	changed sim.Set   // see Looping
	past    []Running // empty; in its capacity is the program of the run before
	// Journal is what Hunt gives its runs as theirs.
	Journal io.Writer
	// Share makes Hunt run one seed in so many twice, and compare; 0 = none.
	Share uint64
	// Bounds say how much an exhaustive hunt tries.
	Bounds Bounds
	// Corpus is what guided hunts begin with.
	Corpus []*traces.Trace
}

// shared is what the views of a world have in common.
type shared struct {
	program *Program
	sim     sim.World
	run
	workers []*World // the views; the first is that of who runs the world
	scratch []byte
	totals  Totals
	quiet   []quiet // by label; see World.still
	// overslept is the nap in which this run is known to lose a wake-up.
	overslept slept `digest:"-"`
}

var runs, rounds atomic.Uint64

// Alive returns how many runs, and how many rounds of programs under test, recordings that are
// played among them, this process has begun: for who watches, from another thread, whether they
// come back.
func Alive() (begun, turns uint64) { return runs.Load(), rounds.Load() }

// run is all there is of one run, beside what starts over by itself, and the workers.
type run struct {
	calm     sim.Proc
	drain    sim.Proc
	stop     sim.Proc
	reload   sim.Proc
	drained  bool
	stopped  bool
	deserted bool   // for a while, or for good, no worker was alive
	reloads  int    // so far
	dialed   uint32 // sockets that were asked for without a label, see dialer
	trace    *traces.Trace
	clients  []Peer
	servers  []*Peer // in the order of their connections
	ends     []*Peer // by label: the first of its servers' ends
	rec      *traces.Recorder
	turns    []turn // the last ones, if they are asked for
	lines    []line // by step, if they are asked for
	peers    contract
	opts     Options
	fail     *Failure
	out      []Outcome   // by label
	script   *sim.Script // the source, if it is one
	hash     uint64      // once the run is over
	compared bool        // with a world where nothing happens
	left     bool        // in the middle, see Options.After
	pace     func(next core.Time) core.Time
	doubt    string // see Doubt
	slept    []slept
	over     bool   // what comes is how a run is cleared away
	made     uint64 // steps before that
}

// NewWorld makes a world to run a program in.
func NewWorld(p *Program) *World {
	w := &World{shared: &shared{program: p, scratch: make([]byte, 16384)}, Bounds: DefaultBounds}
	w.workers = append(w.workers, w)
	return w
}

// WorldOf makes a world for the program of a trace.
func WorldOf(t *traces.Trace) *World { return NewWorld(of(t)) }

// Run runs a trace of the world's program with choices from src and returns what broke,
// nil if nothing did.
func (w *World) Run(t *traces.Trace, src sim.Source, opts Options) *Failure {
	before := w.totals
	w.once(t, src, opts)
	w.overslept = slept{}
	if len(w.slept) == 0 || w.fail != nil || w.left || opts.asks() {
		return w.fail
	}
	if s, yes := w.oversleeps(t); yes { // the same run, up to where that was
		again, script, compared := *t, w.script, w.compared
		again.Decisions = slices.Clone(w.Decisions())
		w.totals, w.overslept = before, s
		w.once(&again, w.source(&again), opts)
		w.script, w.compared, w.overslept = script, compared, slept{}
	}
	return w.fail
}

// once makes one run.
func (w *World) once(t *traces.Trace, src sim.Source, opts Options) {
	w.within(func() {
		w.Begin(t, src, opts)
		w.compared = len(w.quiet) > 0
		w.guard(w.play)
		w.seal()
		w.tally()
		w.quiet = w.quiet[:0]
		if w.over = true; w.rec != nil {
			w.made = w.rec.Count()
		}
		w.Abandon()
	})
}

// Begin is the first part of Run: it makes everything and lets nothing happen, for who
// wants to do that step by step.
func (w *World) Begin(t *traces.Trace, src sim.Source, opts Options) {
	w.begin()
	w.guard(func() { w.reset(t, src, opts) })
}

// Abandon ends what a run that failed, was told to stop, or was only begun would leave
// behind for ever. So may one that came to its end, with peers whom nobody could tell.
func (w *World) Abandon() {
	for _, v := range w.workers {
		if p, ok := v.prog.(Ender); ok && !v.dead {
			p.Abandon()
		}
	}
	for i := range w.clients {
		w.clients[i].free()
	}
	for _, s := range w.servers {
		s.free()
	}
}

// guard turns a panic into a failure.
func (w *World) guard(f func()) {
	if w.fail != nil {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			w.panicked(r)
		}
	}()
	f()
}

func (w *World) panicked(r any) {
	if b, ok := r.(*core.Breach); ok {
		w.Breach(b.ID, b.Where, "%s", b.What)
		return
	}
	where, what := panicked(r)
	w.Breach("panic", where, "%s", what)
}

// Breach records a broken property, if it is the first: the invariant, where (the layer
// and the abstract state, without anything that differs from run to run, since with the
// invariant it identifies the failure), and one sentence.
func (w *World) Breach(id, where, format string, args ...any) {
	if w.fail == nil {
		w.fail = &Failure{ID: id, Where: where, What: fmt.Sprintf(format, args...), At: w.sim.Now()}
	}
}

// Failed returns what broke in this run so far; nil if nothing did.
func (w *World) Failed() *Failure { return w.fail }

// begin forgets the run before, but for its memory.
func (w *World) begin() {
	runs.Add(1)
	for _, v := range w.workers {
		v.forget()
	}
	w.workers = w.workers[:1]
	w.run = run{
		clients: w.clients[:0], servers: w.servers[:0], ends: w.ends[:0], out: w.out[:0],
		peers: contract{hit: w.peers.hit[:0], late: w.peers.late[:0]},
	}
}

func (w *World) reset(t *traces.Trace, src sim.Source, opts Options) {
	w.trace, w.opts = t, opts
	w.script, _ = src.(*sim.Script)
	s := &t.Settings
	w.sim.Reset(src)
	w.sim.Choices.Survey, w.sim.Lineup = opts.Survey, opts.Order
	w.kernel.Reset(&w.sim, simfd.Params{
		Files: int(s[traces.Files]), Queue: int(s[traces.Queue]),
		PipeSlots: int(s[traces.PipeSlots]), Addresses: int(s[traces.Addresses]), Vigil: vigil(s), Labels: w.labels(), Deserted: len(t.Sessions) == 0, Judge: true, House: w.program.House,
	}, &w.poller, w)
	w.employ(int(s[traces.Workers]))
	w.calm.Init(calmer{w}, &w.wAgent)
	w.drain.Init(drainer{w}, &w.wAgent)
	w.stop.Init(stopper{w}, &w.wAgent)
	w.reload.Init(reloader{w}, &w.wAgent)
	w.boot()
	for _, v := range w.workers {
		v.start()
	}
	w.people()
	if at := s[traces.Calm]; at != 0 {
		w.sim.Wake(&w.calm, sim.Epoch+sim.Time(at))
	}
	if _, can := w.prog.(Drainer); can && s[traces.Drain] != 0 {
		w.sim.Wake(&w.drain, sim.Epoch+sim.Time(s[traces.Drain]))
	}
	if s[traces.Stop] != 0 {
		w.sim.Wake(&w.stop, sim.Epoch+sim.Time(s[traces.Stop]))
	}
	if _, can := w.prog.(Reloader); can && s[traces.Reload] != 0 {
		w.sim.Wake(&w.reload, sim.Epoch+sim.Time(s[traces.Reload]))
	}
	for _, v := range w.workers {
		v.wake()
	}
}

// maxTime is far more than any world needs beside the time for which accidents hold it up: the
// longest timeouts add up to some minutes.
const maxTime = 2 * 3600 * sim.Second

// noEnd is the identity of worlds that do not end.
const noEnd = "I09 world"

// heldUp is for how long accidents held up the world so far, one behind the other.
func (w *World) heldUp() (span sim.Time) {
	for _, d := range w.sim.Choices.Taken {
		span += d.HoldsUp()
	}
	return span
}

// play runs the world to its end: nothing left to happen, or a failure.
func (w *World) play() {
	limit := uint64(w.trace.Settings[traces.Steps])
	for w.ahead(); w.fail == nil && !w.stopped && w.sim.Step(); w.ahead() {
		if w.opts.Watch != nil {
			w.opts.Watch.Stepped()
		}
		if w.sim.Steps() > limit {
			w.Breach("I09", "world", "no end after %d steps", limit)
		}
		if now := w.sim.Now(); now > maxTime && now > maxTime+w.heldUp() {
			w.Breach("I40", "world", "no end within two hours of virtual time, beside what accidents held up")
		}
		if w.opts.After != nil && w.fail == nil && !w.opts.After() {
			w.left = true
			return
		}
	}
	switch {
	case w.fail != nil:
	case w.stopped:
		for v := range w.alive {
			v.quit()
		}
	default:
		w.end()
	}
}
