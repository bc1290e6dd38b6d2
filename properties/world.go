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
// servers, and a checker that looks at all of it after every round of the program.
// It is used again and again, so that a campaign allocates next to nothing; what a
// run leaves behind is memory, and nothing that the next one can see.
type World struct {
	program *Program
	sim     sim.World
	kernel  simfd.Kernel
	poller  simpoller.Poller
	run
	past    []Running // empty; in its capacity is the program of the run before
	scratch []byte
	totals  Totals
	// Journal is what Hunt gives its runs as theirs.
	Journal io.Writer
	// Share makes Hunt run one seed in so many twice, and compare; 0 = none.
	Share uint64
	quiet []quiet // by label; see World.still
}

var runs, rounds atomic.Uint64

// Alive returns how many runs, and how many rounds of programs under test, this process
// has begun: for who watches, from another thread, whether they come back.
func Alive() (begun, turns uint64) { return runs.Load(), rounds.Load() }

// run is all there is of one run, beside what starts over by itself.
type run struct {
	prog     Running
	delayer  traces.Delayer // prog, if it is one
	mover    Mover          // likewise
	surface  traces.Kernel  // what the program got
	worker   sim.Proc
	calm     sim.Proc
	drain    sim.Proc
	stop     sim.Proc
	reload   sim.Proc
	drained  bool
	stopped  bool
	reloads  int // so far
	wAgent   sim.Agent
	trace    *traces.Trace
	clients  []Peer
	servers  []*Peer // in the order of their connections
	rec      *traces.Recorder
	turns    []turn // the last ones, if they are asked for
	lines    []line // by step, if they are asked for
	check    checker
	opts     Options
	fail     *Failure
	out      []Outcome   // by label
	script   *sim.Script // the source, if it is one
	hash     uint64      // once the run is over
	compared bool        // with a world where nothing happens
}

// NewWorld makes a world to run a program in.
func NewWorld(p *Program) *World { return &World{program: p, scratch: make([]byte, 16384)} }

// WorldOf makes a world for the program of a trace.
func WorldOf(t *traces.Trace) *World { return NewWorld(of(t)) }

// Run runs a trace of the world's program with choices from src and returns what broke,
// nil if nothing did.
func (w *World) Run(t *traces.Trace, src sim.Source, opts Options) *Failure {
	w.Begin(t, src, opts)
	w.compared = len(w.quiet) > 0
	w.guard(w.play)
	w.seal()
	w.tally()
	w.quiet = w.quiet[:0]
	if w.fail != nil {
		w.Abandon()
	}
	return w.fail
}

// Begin is the first part of Run: it makes everything and lets nothing happen, for who
// wants to do that step by step.
func (w *World) Begin(t *traces.Trace, src sim.Source, opts Options) {
	w.begin()
	w.guard(func() { w.reset(t, src, opts) })
}

// Abandon ends what a run that failed, or was only begun, would leave behind for ever.
func (w *World) Abandon() {
	if p, ok := w.prog.(Ender); ok {
		p.Abandon()
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
	if w.prog != nil {
		w.past = append(w.past, w.prog)[:0]
	}
	w.run = run{
		clients: w.clients[:0], servers: w.servers[:0], out: w.out[:0],
		check: checker{peers: contract{hit: w.check.peers.hit[:0], late: w.check.peers.late[:0]}},
	}
}

func (w *World) reset(t *traces.Trace, src sim.Source, opts Options) {
	w.trace, w.opts = t, opts
	w.script, _ = src.(*sim.Script)
	s := &t.Settings
	w.sim.Reset(src)
	w.poller.Reset(&w.sim, &w.kernel, s[traces.Poller] == traces.Edge, w.wake)
	w.poller.Said = w.said
	w.kernel.Reset(&w.sim, simfd.Params{
		Files: int(s[traces.Files]), Queue: int(s[traces.Queue]),
		PipeSlots: int(s[traces.PipeSlots]), Addresses: int(s[traces.Addresses]), Vigil: vigil(s), Judge: true, House: w.program.House,
	}, &w.poller, w)
	w.wAgent.Init(sim.Worker, &w.sim.Choices)
	w.worker.Init(worker{w}, &w.wAgent)
	w.calm.Init(calmer{w}, &w.wAgent)
	w.drain.Init(drainer{w}, &w.wAgent)
	w.stop.Init(stopper{w}, &w.wAgent)
	w.reload.Init(reloader{w}, &w.wAgent)
	w.check = checker{w: w, peers: contract{hit: w.check.peers.hit[:0], late: w.check.peers.late[:0]}}
	w.boot()
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
	w.wake()
}

// boot starts the program, behind a recorder if one is asked for.
func (w *World) boot() {
	w.surface = traces.Kernel{Poller: &w.poller, Dialer: &w.kernel, Listener: w.kernel.Listen(), Now: core.Time(sim.Epoch)}
	if w.opts.Record != 0 || w.opts.Journal != nil || w.opts.Watch != nil {
		w.rec = traces.NewRecorder(core.Time(sim.Epoch), max(0, w.opts.Record))
		k := &w.surface
		k.Poller, k.Dialer, k.Listener = w.rec.Poller(k.Poller), w.rec.Dialer(k.Dialer), w.rec.Listener(k.Listener)
	}
	if w.opts.Lines {
		w.rec.Told = func(_ traces.Step, data []byte) { w.lines = append(w.lines, line{asker(), w.excerpt(data)}) }
	}
	if w.opts.Journal != nil {
		w.sim.Choices.Told = func(d sim.Decision) { w.journal(traces.Line(d)) }
		w.rec.Told = func(s traces.Step, _ []byte) { w.journal(s.String() + "\n") }
	}
	if watch := w.opts.Watch; watch != nil {
		w.sim.Choices.Told = watch.Decided
		w.rec.Told = func(s traces.Step, _ []byte) { watch.Called(s) }
	}
	w.prog = w.program.start(w)
	w.delayer, _ = w.prog.(traces.Delayer)
	w.mover, _ = w.prog.(Mover)
	if p, ok := w.prog.(watched); ok && w.opts.Turns {
		p.watch(w)
	}
}

// journal writes a line of the journal. A run whose journal cannot be written has
// nothing to show, and fails.
func (w *World) journal(line string) {
	if _, err := io.WriteString(w.opts.Journal, line); err != nil {
		w.Breach("journal", "world", "%v", err)
	}
}

// people sets up the clients; servers come with their connections.
func (w *World) people() {
	n := len(w.trace.Sessions)
	w.clients = slices.Grow(w.clients, n)[:n]
	w.out = slices.Grow(w.out, n)[:n]
	for i := range w.clients {
		label := uint32(i)
		w.out[i] = Outcome{}
		c := &w.clients[i]
		*c = Peer{w: w, Label: label, Client: true, Script: w.trace.Sessions[i].Client, sends: sim.Upstream(label)}
		c.gets = w.gets(i, true)
		c.proc.Init(c, w.kernel.ClientAgent(label))
		w.sim.Wake(&c.proc, sim.Epoch+sim.Time(w.trace.Sessions[i].At))
	}
}

var echoScript = traces.Script{{Verb: traces.Echo}, {Verb: traces.Close}}

// serverScript returns what the server does for a session.
func serverScript(t *traces.Trace, label int) traces.Script {
	if s := t.Sessions[label].Server; len(s) > 0 {
		return s
	}
	return echoScript
}

// gets is what a peer must get.
func (w *World) gets(label int, client bool) Stream {
	if w.program.Gets == nil {
		return Stream{}
	}
	return w.program.Gets(w.trace, label, client)
}

// Served implements simfd.Network.
func (w *World) Served(label uint32, sock *simfd.Socket) simfd.Peer {
	p := sim.Take(&w.servers)
	*p = Peer{
		w: w, Label: label, Sock: sock, Script: serverScript(w.trace, int(label)),
		sends: sim.Downstream(label), gets: w.gets(int(label), false),
	}
	p.proc.Init(p, w.kernel.ServerAgent(label))
	p.connect()
	return p
}

// Link implements simfd.Linker.
func (w *World) Link(label uint32, front bool) sim.Link { return w.trace.Link(int(label), front) }

// wake schedules the worker.
func (w *World) wake() { w.sim.Wake(&w.worker, w.sim.Now()) }

// step is one round of the program's loop, and a look at everything.
func (w *World) step() {
	if d := w.delayer; d != nil {
		late := w.wAgent.Choose(sim.OpTaskDelay, 2) != 0
		if d.Delay(late); late && w.rec != nil {
			w.rec.Delay()
		}
	}
	if v := w.wAgent.Choose(sim.OpBusy, 16); v != 0 {
		w.sim.Leap(sim.Time(v) * sim.Time(v) * sim.Millisecond)
	}
	w.kernel.Round()
	rounds.Add(1)
	w.prog.Step()
	pending := w.poller.Pending()
	w.check.step()
	if pending {
		w.wake()
		return
	}
	w.sim.Due = sim.Time(w.prog.Deadline())
	if w.sim.Due != 0 {
		w.sim.Wake(&w.worker, w.sim.Due)
	}
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
	if w.rec != nil {
		w.rec.Stop()
	}
	w.prog.(Drainer).Drain()
	w.wake()
}

// reloader is the operator who changes something, and changes it back.
type reloader struct{ w *World }

func (r reloader) Run() {
	w := r.w
	w.reloads++
	w.prog.(Reloader).Reload(w.reloads == 1)
	if w.reloads == 1 {
		w.sim.Wake(&w.reload, w.sim.Now()+sim.Time(w.trace.Settings[traces.Reload]))
	}
	w.wake()
}

// stopper is the operator who does not wait. A program that can be drained has no other
// way to end in the middle, and is killed: what was so far is all that there is to judge.
type stopper struct{ w *World }

func (s stopper) Run() { s.w.stopped = true }

// maxTime is far more than any world needs: the longest timeouts add up to some
// minutes.
const maxTime = 2 * 3600 * sim.Second

// noEnd is the identity of worlds that do not end.
const noEnd = "I09 world"

// play runs the world to its end: nothing left to happen, or a failure.
func (w *World) play() {
	limit := uint64(w.trace.Settings[traces.Steps])
	for w.fail == nil && !w.stopped && w.sim.Step() {
		if w.opts.Watch != nil {
			w.opts.Watch.Stepped()
		}
		if w.sim.Steps() > limit {
			w.Breach("I09", "world", "no end after %d steps", limit)
		}
		if w.sim.Now() > maxTime {
			w.Breach("I40", "world", "no end within two hours of virtual time")
		}
	}
	switch {
	case w.fail != nil:
	case w.stopped:
		if _, drains := w.prog.(Drainer); !drains {
			w.check.stop()
		}
	default:
		w.check.end()
	}
}
