package real

import (
	"fmt"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/streamif"
)

// maxEvents is how many events one wait takes.
const maxEvents = 256

// Config is what a worker is asked to be.
type Config struct {
	Proxy    streamif.Config  // its Servers is set from the list below
	Servers  []netip.AddrPort // whom to relay to, in turn
	Edge     bool             // edge-triggered epoll
	Applet   string           // what the log calls Proxy.Applet
	Log      *Log             // nil: no log
	Sessions bool             // a line for each session
	// Descriptors is how many sockets and pipes may take together, of which sessions
	// get theirs first; 0 is as many as the system has.
	Descriptors int
	Vigil       core.Vigil // over all connections
	// Record is how many bytes of memory keep the last calls of the proxy, about nine
	// bytes each, for Recorded; 0 for none. Build is by what, as the recording says.
	Record int
	Build  string
	// Addresses has recordings say who the peers of sessions are, which they do not otherwise.
	Addresses bool
	// MustPlay refuses a configuration with which a recording could not be played.
	MustPlay bool
	Alarm    *Alarm // nil is none
}

// Worker is one event loop with its proxy. Run belongs to one goroutine; Drain,
// Kill, Do, SetServers and the metrics may be used from any.
type Worker struct {
	id    int
	calls Calls
	epoll *Epoll
	socks *Sockets
	loop  *core.Loop
	proxy *streamif.Proxy
	obs   observer
	pub   publisher
	rec   *recording
	ln    acceptor

	thread   atomic.Int32 // that Run is on
	orders   atomic.Uint32
	obeyed   uint32
	stopping stopping
	ending   sync.Mutex // an order must not meet a closed epoll; the loop has no part in it
	errands  atomic.Pointer[errand]
	over     bool
}

// The orders, each of which includes those before it.
const (
	orderDrain uint32 = 1 << iota
	orderKill
)

// NewWorker makes a worker that serves one listener or more, which are then the
// worker's. Run must be called, if only to give everything back after Kill. After an
// error they are still the caller's.
func NewWorker(id int, cfg Config, lns ...*Listener) (*Worker, error) {
	cfg.Proxy.Servers = len(cfg.Servers)
	if what := cfg.Proxy.Invalid(); what != "" {
		return nil, fmt.Errorf("worker %d: %s", id, what)
	}
	w := &Worker{id: id, ln: lns[0]}
	var err error
	if w.socks, err = NewSockets(cfg.Servers, &w.calls); err != nil {
		return nil, err
	}
	w.socks.vigil = [numSides][]option{client: options(cfg.Vigil), server: options(beyond(&cfg.Proxy, cfg.Vigil))}
	if tls := cfg.Proxy.ServerTLS; tls != nil {
		for i := range w.socks.targets {
			w.socks.targets[i].tls = tls
		}
		cfg.Proxy.ServerTLS = numbered{w.socks}
	}
	if w.epoll, err = NewEpoll(cfg.Edge, &w.calls); err != nil {
		return nil, err
	}
	w.pub.init(w)
	if len(lns) > 1 {
		if w.ln, err = newGroup(lns); err != nil {
			return nil, firstError(err, w.epoll.Close())
		}
	}
	w.ln.Serve(w.socks)
	if err := w.build(&cfg); err != nil {
		w.ln.disband()
		return nil, firstError(err, w.epoll.Close())
	}
	w.obs = observer{
		loop: w.loop, journal: newJournal(cfg.Log, id), sessions: cfg.Sessions, worker: id, alarm: cfg.Alarm, applet: cfg.Applet, socks: w.socks,
		lives: make([]told, len(w.socks.targets)),
	}
	w.pub.publish()
	return w, nil
}

// build puts the proxy on the kernel, with a recorder in between if asked to.
func (w *Worker) build(cfg *Config) error {
	var (
		now                    = w.epoll.Now()
		poller   core.Poller   = w.epoll
		dialer   core.Dialer   = w.socks
		listener core.Listener = w.ln
	)
	if cfg.Record > 0 {
		var err error
		if w.rec, err = newRecording(w.id, cfg, now); err != nil {
			return err
		}
		w.rec.outcomes(&cfg.Proxy)
		if cfg.Addresses {
			w.rec.r.KeepAddresses(func(to int) core.Addr { return w.socks.targets[to].addr() })
		}
		poller, dialer, listener = w.rec.r.Poller(poller), w.rec.r.Dialer(dialer), w.rec.r.Listener(listener)
	}
	w.loop = core.NewLoop(poller, maxEvents, now)
	w.proxy = streamif.New(cfg.Proxy, w.loop, dialer, &w.obs)
	w.socks.budget = budget{total: cfg.Descriptors, each: 2, pipes: w.proxy.Pipes(), rec: w.rec}
	if cfg.Proxy.Applet != nil {
		w.socks.budget.each = 1
	}
	w.proxy.Listen(listener)
	return nil
}

// Run serves until an order ends it, on a thread of its own. The error is a
// *core.Breach if the proxy found its own state broken, or a *Panic, in which cases
// nothing of the worker may be trusted any more and the process should end.
func (w *Worker) Run() (err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	w.thread.Store(int32(unix.Gettid()))
	atWork(1)
	defer atWork(-1)
	defer w.survive(&err) // and what is broken may break the end
	defer w.end()
	defer w.survive(&err)
	for {
		w.obey()
		if !w.proxy.Listening() && w.proxy.Live() == 0 {
			return nil
		}
		if e := w.round(); e != 0 {
			return fmt.Errorf("worker %d: waiting for events: %w", w.id, syscall.Errno(e))
		}
	}
}

// round is one step of the loop.
func (w *Worker) round() core.Errno {
	e := w.loop.Step()
	w.pub.tick()
	return e
}

// Drain stops listening, once those are taken who wait already. Run returns when the last session has ended.
func (w *Worker) Drain() { w.order(orderDrain) }

// Kill stops listening and resets every session. Run returns at once.
func (w *Worker) Kill() { w.order(orderDrain | orderKill) }

func (w *Worker) order(o uint32) {
	w.ending.Lock()
	defer w.ending.Unlock()
	w.orders.Or(o)
	if !w.over {
		w.epoll.Wake()
	}
}

// obey carries out what was ordered since the last round.
func (w *Worker) obey() {
	if w.errands.Load() != nil {
		w.runErrands()
	}
	o := w.orders.Load()
	if o == w.obeyed && !bool(w.stopping) {
		return
	}
	if w.proxy.Listening() {
		w.stop(o)
	}
	if o == w.obeyed {
		return
	}
	w.obeyed = o
	if o&orderKill != 0 {
		w.rec.freeze()
		w.proxy.Kill()
	}
	w.pub.soon()
}

// end publishes the last counters and gives the poller back.
func (w *Worker) end() {
	w.thread.Store(0)
	w.epoll.pulse.rest()
	w.rec.freeze()
	w.pub.publish()
	w.obs.journal.last()
	w.ending.Lock()
	defer w.ending.Unlock()
	w.over = true
	w.errands.Swap(nil).drop()
	// Closing an epoll set cannot fail in a way that leaves something to do.
	_ = w.epoll.Close()
}
