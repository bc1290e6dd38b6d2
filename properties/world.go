package properties

import (
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	"millrace/core"
	"millrace/datalayer"
	"millrace/sim"
	"millrace/simfd"
	"millrace/simpoller"
	"millrace/streamif"
	"millrace/traces"
)

// World is one simulated run: a proxy, its kernel, its network, clients and
// servers, and a checker that looks at all of it after every step of the proxy.
// It is used again and again, so that a campaign allocates next to nothing; what a
// run leaves behind is memory, and nothing that the next one can see.
type World struct {
	sim    sim.World
	kernel simfd.Kernel
	poller simpoller.Poller
	run
	scratch []byte
	totals  Totals
	// Journal is what Hunt gives its runs as theirs.
	Journal io.Writer
	// Share makes Hunt run one seed in so many twice, and compare; 0 = none.
	Share uint64
}

var runs, rounds atomic.Uint64

// Alive returns how many runs, and how many rounds of programs under test, this process
// has begun: for who watches, from another thread, whether they come back.
func Alive() (begun, turns uint64) { return runs.Load(), rounds.Load() }

// run is all there is of one run, beside what starts over by itself.
type run struct {
	loop      *core.Loop
	proxy     *streamif.Proxy
	worker    sim.Proc
	calm      sim.Proc
	wAgent    sim.Agent
	trace     *traces.Trace
	clients   []peer
	servers   []*peer           // in the order of their connections
	stock     datalayer.Stock   // of the peers' ciphers
	shakeSpan int               // bytes of a handshake, about
	ciphers   int               // of the proxy's, in use
	dials     datalayer.Ciphers // the clients' ends; nil = plain
	serves    datalayer.Ciphers // the servers' ends; nil = plain
	rec       *traces.Recorder
	turns     []turn // the last ones, if they are asked for
	check     checker
	opts      Options
	fail      *Failure
	out       []Outcome   // by label
	script    *sim.Script // the source, if it is one
	hash      uint64      // once the run is over
}

// Options are the ways to run a world.
type Options struct {
	// Record keeps the steps: all if negative, else that many of the last.
	Record int
	// Turns keeps the last turns and tasks too, for a run that is recorded.
	Turns bool
	// Journal, unless nil, gets a line for each decision and each step at once: for a
	// run that does not come back.
	Journal io.Writer
}

// Outcome is how a session ended, as seen from all three places.
type Outcome struct {
	Accepted bool
	Ended    bool
	Reason   streamif.Reason
	Tries    int
	// Up and Down are bytes the peers sent and got: client to server and back.
	UpSent, UpGot, DownSent, DownGot int64
	// How the streams ended for the client and for the last server's end.
	ClientEOF, ClientRst, ServerEOF, ServerRst bool
	// Flipped says that a bit of a peer's handshake was turned on its way: what
	// came through may be anything.
	Flipped bool
}

// String prints what two equivalent runs must agree on.
func (o Outcome) String() string {
	return fmt.Sprintf("%s up %d/%d down %d/%d client eof=%v rst=%v server eof=%v rst=%v",
		o.Reason, o.UpGot, o.UpSent, o.DownGot, o.DownSent, o.ClientEOF, o.ClientRst, o.ServerEOF, o.ServerRst)
}

// Failure is a broken property.
type Failure struct {
	ID    string // the invariant's
	Where string // layer and abstract state: with ID the failure's identity
	What  string // one sentence with the values
	At    sim.Time
}

// Identity is what makes two failures the same.
func (f *Failure) Identity() string { return f.ID + " " + f.Where }

// String prints the failure as the fail line of a trace does.
func (f *Failure) String() string { return f.Identity() + ": " + f.What }

// NewWorld makes a world to run traces in.
func NewWorld() *World { return &World{scratch: make([]byte, 16384)} }

// Run runs a trace with choices from src and returns what broke, nil if nothing
// did.
func (w *World) Run(t *traces.Trace, src sim.Source, opts Options) *Failure {
	w.begin()
	w.guard(func() { w.reset(t, src, opts) })
	w.guard(w.play)
	w.seal()
	w.tally()
	if w.fail != nil {
		w.abandon()
	}
	return w.fail
}

// abandon frees the ciphers of a world that ended in the middle: a handshake of
// crypto/tls that nobody stops stays for ever.
func (w *World) abandon() {
	if w.proxy != nil {
		w.proxy.Abandon()
	}
	for i := range w.clients {
		w.clients[i].wire.free()
	}
	for _, s := range w.servers {
		s.wire.free()
	}
}

// guard turns a panic into a failure.
func (w *World) guard(f func()) {
	if w.fail != nil {
		return
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *core.Breach:
			w.breach(r.ID, r.Where, "%s", r.What)
		default:
			where, what := panicked(r)
			w.breach("panic", where, "%s", what)
		}
	}()
	f()
}

// breach records the first failure.
func (w *World) breach(id, where, format string, args ...any) {
	if w.fail == nil {
		w.fail = &Failure{ID: id, Where: where, What: fmt.Sprintf(format, args...), At: w.sim.Now()}
	}
}

// begin forgets the run before, but for its memory.
func (w *World) begin() {
	runs.Add(1)
	w.run = run{
		clients: w.clients[:0], servers: w.servers[:0], out: w.out[:0], check: checker{seen: w.check.seen[:0], waits: w.check.waits[:0]},
	}
}

func (w *World) reset(t *traces.Trace, src sim.Source, opts Options) {
	w.trace, w.opts = t, opts
	w.script, _ = src.(*sim.Script)
	s := &t.Settings
	w.sim.Reset(src)
	w.poller.Reset(&w.sim, &w.kernel, s[traces.Poller] == traces.Edge, w.wake)
	w.kernel.Reset(&w.sim, simfd.Params{
		Files: int(s[traces.Files]), Queue: int(s[traces.Queue]), Front: s.Link(), Back: s.Link(), PipeSlots: int(s[traces.PipeSlots]), Judge: true,
	}, &w.poller, w)
	w.wAgent.Init(sim.Worker, &w.sim.Choices)
	w.worker.Init(worker{w}, &w.wAgent)
	w.calm.Init(calmer{w}, &w.wAgent)
	w.boot()
	w.people()
	w.check.reset(w)
	if at := s[traces.Calm]; at != 0 {
		w.sim.Wake(&w.calm, sim.Epoch+sim.Time(at))
	}
	w.wake()
}

// boot starts the proxy, behind a recorder if one is asked for.
func (w *World) boot() {
	var (
		poller core.Poller   = &w.poller
		dialer core.Dialer   = &w.kernel
		lst    core.Listener = w.kernel.Listen()
	)
	if w.opts.Record != 0 || w.opts.Journal != nil {
		w.rec = traces.NewRecorder(core.Time(sim.Epoch), max(0, w.opts.Record))
		poller, dialer, lst = w.rec.Poller(poller), w.rec.Dialer(dialer), w.rec.Listener(lst)
	}
	if w.opts.Journal != nil {
		w.sim.Choices.Told = func(d sim.Decision) { w.journal(traces.Line(d)) }
		w.rec.Told = func(s traces.Step) { w.journal(s.String() + "\n") }
	}
	w.loop = core.NewLoop(poller, int(w.trace.Settings[traces.Events]), core.Time(sim.Epoch))
	if w.opts.Turns {
		w.loop.Watch(w)
	}
	cfg := w.trace.Settings.Config()
	w.secure(&cfg)
	w.proxy = streamif.New(cfg, w.loop, dialer, w)
	w.proxy.Listen(lst)
}

// journal writes a line of the journal. A run whose journal cannot be written has
// nothing to show, and fails.
func (w *World) journal(line string) {
	if _, err := io.WriteString(w.opts.Journal, line); err != nil {
		w.breach("journal", "world", "%v", err)
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
		*c = peer{w: w, label: label, client: true, script: w.trace.Sessions[i].Client, sends: sim.Upstream(label)}
		c.gets = w.downstream(i)
		c.proc.Init(c, w.kernel.ClientAgent(label))
		w.sim.Wake(&c.proc, sim.Epoch+sim.Time(w.trace.Sessions[i].At))
	}
}

var echoScript = traces.Script{{Verb: traces.Echo}, {Verb: traces.Close}}

// server returns what the server does for a session.
func (w *World) server(label int) traces.Script {
	if s := w.trace.Sessions[label].Server; len(s) > 0 {
		return s
	}
	return echoScript
}

// downstream is what client number i must get.
func (w *World) downstream(i int) stream {
	echo := stream{id: sim.Upstream(uint32(i))}
	switch w.trace.Settings[traces.Applet] {
	case traces.AppletEcho:
		return echo
	case traces.AppletChargen:
		return stream{chargen: true}
	}
	for _, a := range w.server(i) {
		if a.Verb == traces.Echo {
			return echo
		}
	}
	return stream{id: sim.Downstream(uint32(i))}
}

// Served implements simfd.Network.
func (w *World) Served(label uint32, sock *simfd.Socket) simfd.Peer {
	p := sim.Take(&w.servers)
	*p = peer{
		w: w, label: label, sock: sock, script: w.server(int(label)),
		sends: sim.Downstream(label), gets: stream{id: sim.Upstream(label)},
	}
	p.proc.Init(p, w.kernel.ServerAgent(label))
	p.connect(w.serverWire())
	return p
}

// wake schedules the worker.
func (w *World) wake() { w.sim.Wake(&w.worker, w.sim.Now()) }

// step is one round of the proxy's loop, and
// a look at everything.
func (w *World) step() {
	w.loop.Budget = core.TaskBudget
	if w.wAgent.Choose(sim.OpTaskDelay, 2) != 0 {
		w.loop.Budget = 0
		if w.rec != nil {
			w.rec.Delay()
		}
	}
	w.kernel.Round()
	rounds.Add(1)
	w.check.glance()
	w.loop.Step()
	pending := w.poller.Pending()
	w.check.step(!pending)
	if pending {
		w.wake()
	} else if d := w.loop.Deadline(); d != 0 {
		w.sim.Wake(&w.worker, sim.Time(d))
	}
}

// worker is the proxy as the world sees it.
type worker struct{ w *World }

func (p worker) Run() { p.w.step() }

// calmer stops the faults.
type calmer struct{ w *World }

func (c calmer) Run() { c.w.sim.Choices.Calm() }

// maxTime is far more than any world needs: the longest timeouts add up to some
// minutes.
const maxTime = 2 * 3600 * sim.Second

// noEnd is the identity of worlds that do not end.
const noEnd = "I09 world"

// play runs the world to its end: nothing left to happen, or a failure.
func (w *World) play() {
	limit := uint64(w.trace.Settings[traces.Steps])
	for w.fail == nil && w.sim.Step() {
		if w.sim.Steps() > limit {
			w.breach("I09", "world", "no end after %d steps", limit)
		}
		if w.sim.Now() > maxTime {
			w.breach("I40", "world", "no end within two hours of virtual time")
		}
	}
	if w.fail == nil {
		w.check.end()
	}
}

// Opened implements streamif.Observer.
func (w *World) Opened(s *streamif.Session) {
	w.out[s.Peer().Label].Accepted = true
	w.check.opened(s)
}

// Closed implements streamif.Observer.
func (w *World) Closed(s *streamif.Session) {
	o := &w.out[s.Peer().Label]
	o.Ended, o.Reason, o.Tries = true, s.Reason(), s.Tries()
	w.check.closed(s)
}

// Accepting implements streamif.Observer.
func (w *World) Accepting(on bool, why core.Errno) { w.check.accepting(on, why) }

// Outcomes returns how every session ended. The slice is the world's own.
func (w *World) Outcomes() []Outcome {
	for i := range w.clients {
		c, o := &w.clients[i], &w.out[i]
		o.UpSent, o.DownGot, o.ClientEOF, o.ClientRst = c.sent, c.got, c.eof, c.rst
	}
	for _, s := range w.servers {
		o := &w.out[s.label]
		o.DownSent, o.UpGot, o.ServerEOF, o.ServerRst = s.sent, s.got, s.eof, s.rst
	}
	return w.out
}

// Decisions returns the choices of the run that were not benign, to be copied.
func (w *World) Decisions() []sim.Decision { return w.sim.Choices.Taken }

// Steps returns what the recorder kept; nil without one.
func (w *World) Steps() []traces.Step {
	if w.rec == nil {
		return nil
	}
	return w.rec.Steps()
}
