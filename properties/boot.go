package properties

import (
	"io"
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/traces"
)

// boot makes a recorder, if one is asked for.
func (w *World) boot() {
	if o := &w.opts; o.Record != 0 || o.Journal != nil || o.Sights != nil || o.Watch != nil {
		keep := o.Record
		if keep == 0 {
			keep = 1
		}
		w.rec = traces.NewRecorder(core.Time(sim.Epoch), max(0, keep))
	}
	if w.opts.Lines {
		w.also(func(_ traces.Step, data []byte) { w.lines = append(w.lines, line{asker(), w.excerpt(data)}) })
	}
	if w.opts.Changes {
		w.also(func(s traces.Step, _ []byte) { w.hears(&s) })
	}
	if w.opts.Sights != nil {
		w.opts.Sights.begin()
		w.also(func(s traces.Step, _ []byte) { w.opts.Sights.heard(&s) })
	}
	if w.opts.Journal != nil {
		w.sim.Choices.Told = func(d sim.Decision) { w.journal(traces.Line(d)) }
		w.also(func(s traces.Step, _ []byte) { w.journal(s.String() + "\n") })
	}
	if watch := w.opts.Watch; watch != nil {
		w.sim.Choices.Told = watch.Decided
		listener, listens := watch.(Listener)
		w.also(func(s traces.Step, data []byte) {
			if listens {
				listener.Moved(w.excerpt(data))
			}
			watch.Called(s)
		})
	}
}

// also has f hear of each step, behind whoever hears of it already.
func (w *World) also(f func(s traces.Step, data []byte)) {
	before := w.rec.Told
	if before == nil {
		w.rec.Told = f
		return
	}
	w.rec.Told = func(s traces.Step, data []byte) {
		before(s, data)
		f(s, data)
	}
}

// hears has the tales hear of a step: of several workers one at most has its turn.
func (w *World) hears(s *traces.Step) {
	for v := range w.alive {
		if v.tale != nil {
			v.tale.step(s)
		}
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
	w.ends = slices.Grow(w.ends, n)[:n]
	clear(w.ends)
	for i := range w.clients {
		label := uint32(i)
		w.out[i] = Outcome{}
		c := &w.clients[i]
		*c = Peer{w: w, Label: label, Client: true, Script: w.trace.Sessions[i].Client, sends: sim.Upstream(label)}
		c.gets = w.gets(i, true)
		c.proc.Init(c, w.kernel.ClientAgent(label))
		if c.Done = w.program.Dials; c.Done {
			continue
		}
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
	session, p := w.Session(int(label)), sim.Take(&w.servers)
	*p = Peer{
		w: w, Label: uint32(session), Sock: sock, Script: serverScript(w.trace, session),
		sends: sim.Downstream(uint32(session)), gets: w.gets(session, false),
	}
	last := &w.ends[session]
	for *last != nil {
		last = &(*last).beside
	}
	*last = p
	p.proc.Init(p, w.kernel.ServerAgent(label))
	p.connect()
	return p
}

// Link implements simfd.Linker.
func (w *World) Link(label uint32, front bool) sim.Link {
	return w.trace.Link(w.Session(int(label)), front)
}
