package proxy

import (
	"millrace/core"
	"millrace/datalayer"
	"millrace/properties"
	"millrace/sim"
	"millrace/simfd"
	"millrace/simpoller"
	"millrace/streamif"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// Program is the proxy, as properties knows it.
var Program = properties.Register(&properties.Program{
	Name: proxytrace.Name, Traces: proxytrace.Program, House: true, Leaves: true, Servers: true, Workers: 3,
	Start: start, Draw: draw, Temper: temper, Gets: gets, Situations: situations[:], Played: played, PlayedView: playedView,
	Calm:    calm,
	Steady:  steady,
	Meets:   func(sim.Op) bool { return true },
	Replays: "go run ./traces/cmd/trace replay", Hunts: "go run ./properties/cmd/soak",
	Code: "millrace/properties/proxy.Program",
})

// run is one run of the proxy in a world, and all that its checks look at.
type run struct {
	*properties.World
	properties.Looping
	kernel *simfd.Kernel
	poller *simpoller.Poller
	sim    *sim.World
	set    *traces.Settings
	proxy  *streamif.Proxy
	check  checker

	stock     datalayer.Stock    // of the peers' ciphers
	shakes    bool               // something comes before the data, on either side
	stack     int                // which of it: one of 16
	shakeSpan int                // bytes of a handshake, about
	ciphers   int                // of the proxy's, in use
	identity  datalayer.Identity // of its clients
	dials     datalayer.Ciphers  // the clients' ends; nil = plain
	serves    datalayer.Ciphers  // the servers' ends; nil = plain
	before    baseline           // as the run began
	reads     uint64             // as the last turn began
	greets    int                // turns of handshakes in this round
	kills     bool               // the operator does not wait any more
	killed    []sim.Actor        // whose connections were there then
	turns     []uint8            // in this round, by number
	accepts   uint64             // as the last turn began: who was taken off the queue
	applets   int                // that were made and not told of the end
	wires     []*wire            // of the peers, in the order of their connections
}

// start begins a run of the proxy.
func start(w *properties.World) properties.Running {
	r, _ := w.Before().(*run)
	if r == nil {
		r = new(run)
	}
	*r = run{
		World: w, kernel: w.Kernel(), poller: w.Epoll(), sim: w.Sim(), set: w.Settings(), wires: r.wires[:0], turns: r.turns[:0], killed: r.killed[:0],
		check: r.check, Looping: r.Looping, proxy: r.proxy, stock: r.stock, reads: w.Kernel().Stats.Reads,
		accepts: w.Kernel().Stats.Refused,
		before:  baseline{w.Kernel().Stats, w.Epoll().Stats},
	}
	r.check.reset(r, len(w.Trace().Sessions))
	for i := range r.set[proxytrace.Servers] {
		r.check.lives = append(r.check.lives, life{})
		r.check.ring = append(r.check.ring, int32(i))
		r.check.tally.begin(int32(i))
	}
	r.Looping = properties.NewLooping(w, int(r.set[proxytrace.Events]))
	r.Tasks = int(r.set[proxytrace.Tasks])
	r.Delay(false)
	cfg := proxytrace.Config(r.set)
	r.asked(cfg)
	r.secure(&cfg)
	if cfg.Applet != nil {
		cfg.Applet = &watchedMaker{cfg.Applet, r}
	}
	if r.proxy == nil {
		r.proxy = streamif.New(cfg, r.Loop, w.Dialer(), r)
	} else {
		r.proxy.Reset(cfg, r.Loop, w.Dialer(), r)
	}
	r.proxy.Listen(w.Listener())
	r.Watch(r)
	r.kernel.Witness = r
	return r
}

// Step implements properties.Running.
func (w *run) Step() {
	w.check.glance()
	w.greets = 0
	clear(w.turns)
	w.Round()
	w.turned()
	w.check.step()
}

// Stop implements properties.Running.
func (w *run) Stop() { w.proxy.Stop() }

// Drain implements properties.Drainer: sessions go on to their end.
func (w *run) Drain() {
	before := w.kernel.Stats.Dropped
	w.proxy.Stop()
	w.accepts = w.taken() // all at once
	if n := w.kernel.Stats.Dropped - before; n > 0 && !w.check.stopped {
		w.Breach("I89", "listener", "a drain resets %d who wait to be accepted, and no limit holds accepting up", n)
	}
	w.Mark(reachDrain, w.proxy.Live() > 0)
}

// Reload implements properties.Reloader: one of several servers is taken out of the list,
// and put back.
func (w *run) Reload(other bool) {
	n := int(w.set[proxytrace.Servers])
	if n < 2 {
		return
	}
	numbers := make([]int32, 0, n)
	for i := range n {
		if i > 0 || !other {
			numbers = append(numbers, int32(i))
		}
	}
	w.proxy.SetServers(numbers)
	w.check.servers(numbers)
	w.Mark(reachReload, true)
}

// Deadline implements properties.Running.
func (w *run) Deadline() core.Time { return w.Loop.Deadline() }

// Abandon implements properties.Ender: a handshake of crypto/tls that nobody stops
// stays for ever.
func (w *run) Abandon() {
	if w.proxy != nil {
		w.proxy.Abandon()
	}
}

// Roots implements properties.Rooted.
func (w *run) Roots() []any { return []any{w.Loop, w.proxy, &w.wires} }

// Books implements properties.Bookish.
func (w *run) Books() []any { return []any{&w.check, &w.applets, &w.ciphers, &w.Looping} }

// Tell implements properties.Teller.
func (w *run) Tell(label int) string { return w.check.seen[label].reason.String() }

// Moved implements properties.Mover: a proxy gets on if sessions come, go and change,
// and a cipher has bytes to give without any call.
func (w *run) Moved() uint64 {
	st := &w.proxy.Stats
	moved := st.Accepted + st.Connects + st.Ended
	if w.proxy.Live() > 0 {
		s := w.proxy.Session(0)
		moved = moved*31 + uint64(s.Req().Flags()) + uint64(s.Rep().Flags())<<20 +
			uint64(s.Front().State())<<40 + uint64(s.Back().State())<<48
		if w.shakes {
			moved += uint64(w.check.sums[bytes])
		} else {
			in, _ := s.Req().Bytes()
			out, _ := s.Rep().Bytes()
			moved += uint64(in + out)
		}
	}
	return moved
}

// gets is what peers of a proxy get: each other's bytes, or an applet's.
func gets(t *traces.Trace, label int, client bool) properties.Stream {
	switch {
	case t.Settings[proxytrace.Applet] == proxytrace.AppletEcho:
		return properties.Echoed(t, label, client)
	case t.Settings[proxytrace.Applet] == proxytrace.AppletChargen:
		return properties.Stream{Known: true, At: streamif.Char, Endless: true}
	}
	return properties.Relayed(t, label, client)
}

// Opened implements streamif.Observer.
func (w *run) Opened(s *streamif.Session) { w.check.opened(s) }

// Closed implements streamif.Observer.
func (w *run) Closed(s *streamif.Session) {
	w.sim.Note(uint64(s.Peer().Label)<<40 ^ uint64(s.Tries())<<16 ^ uint64(s.Reason()[0])<<8 ^ uint64(s.Reason()[1]))
	w.check.closed(s)
}

// Accepting implements streamif.Observer.
func (w *run) Accepting(on bool, why core.Errno) { w.check.accepting(on, why) }

// Refused implements streamif.Observer.
func (w *run) Refused(client core.Addr) { w.check.refused(client) }

// Trying implements streamif.Observer.
func (w *run) Trying(s *streamif.Session) { w.check.trying(s) }

// Tried implements streamif.Observer.
func (w *run) Tried(s *streamif.Session, why streamif.Reason) { w.check.tried(s, why) }

// Server implements streamif.Observer.
func (w *run) Server(n int, up bool, _ core.Errno) { w.check.changed(n, up) }

// Reason returns how a session ended, as the proxy says, and after how many attempts
// to connect. It is not ended if the proxy never had it, or still has.
func Reason(w *properties.World, label int) (reason streamif.Reason, tries int, ended bool) {
	seen := &w.Holder(label).Program().(*run).check.seen[label]
	return seen.reason, seen.tries, seen.ended
}
