package traces

import (
	"math/bits"
	"slices"

	"millrace/core"
	"millrace/sim"
)

// Recorder writes down what a proxy asks of its kernel and what it is told. It
// belongs to one worker, like the proxy. Wrap the dialer, the listener and the
// poller before the proxy and its loop get them:
//
//	r := traces.NewRecorder(start, 4096)
//	loop := core.NewLoop(r.Poller(poller), events, start)
//	proxy := streamif.New(cfg, loop, r.Dialer(dialer), observer)
//	proxy.Listen(r.Listener(listener))
//
// What is not a call of the proxy has to be told: Stop and Delay.
type Recorder struct {
	steps  []Step                     `digest:"-"` // all, or a ring of the last ones
	keep   uint64                     // size of the ring, 0 = all
	count  uint64                     `digest:"-"` // steps so far
	hash   uint64                     `digest:"-"`
	now    core.Time                  // what the loop knows: the result of its last wait
	pages  [][]slot                   // by descriptor number
	tape   *tape                      `digest:"-"` // instead of steps; see NewRing
	start  core.Time                  `digest:"-"` // of the tape
	things sim.Actor                  // how many pipes' ends and eventfds there were
	latest [2]sim.Actor               // the sockets made last, towards a client and towards a server
	waited core.Time                  // the result of the last wait that is among the steps
	log    *Recorder                  // whose steps these are part of; nil = its own
	worker int                        // which of the program's
	frozen bool                       // nothing more is kept
	server func(number int) core.Addr `digest:"-"` // see KeepAddresses; nil: no address is kept
	// Told, unless nil, hears of each step, and of the bytes that a call received or sent,
	// which are not part of it and not to be kept.
	Told func(s Step, data []byte)
}

// NewRecorder makes a recorder for a loop that starts at start. It keeps the
// last keep steps, 40 bytes each, in memory taken now; with 0 it keeps all.
func NewRecorder(start core.Time, keep int) *Recorder {
	keep = max(0, keep)
	return &Recorder{steps: make([]Step, 0, keep), keep: uint64(keep), now: start, waited: start}
}

// Beside returns a recorder for the program's n-th worker, counted from 0, or for who takes
// its place, whose steps are part of r's.
func (r *Recorder) Beside(n int) *Recorder { return &Recorder{log: r, worker: n, now: r.waited} }

// Steps returns the steps that were kept, oldest first. The slice is the
// caller's.
func (r *Recorder) Steps() []Step {
	if r.tape != nil {
		return r.tape.all()
	}
	if r.Skipped() == 0 {
		return slices.Clone(r.steps)
	}
	oldest := r.count % r.keep
	return append(slices.Clone(r.steps[oldest:]), r.steps[:oldest]...)
}

// Count returns how many steps there were so far.
func (r *Recorder) Count() uint64 { return r.count }

// Skipped returns how many steps were lost in front of the first that was kept.
func (r *Recorder) Skipped() uint64 {
	if r.tape != nil {
		return r.count - r.tape.kept - r.tape.steps
	}
	return r.count - uint64(len(r.steps))
}

// Fill makes t a recording: it replaces the steps of t and says how many are
// missing.
func (r *Recorder) Fill(t *Trace) {
	t.Steps, t.Skipped, t.Addresses = r.Steps(), r.Skipped(), nil
	if r.server != nil {
		t.Addresses = r.tape.addresses()
	}
}

// Hash returns a number that two recordings have in common only if all their
// steps are the same, those that the ring has lost included.
func (r *Recorder) Hash() uint64 { return sim.Mix(r.hash ^ r.count) }

// Stop records that the operator stops the proxy's listener. Call it between two
// rounds of the loop, just before Proxy.Stop.
func (r *Recorder) Stop() { r.add(Step{Actor: sim.Worker, Call: CallStop}) }

// Cancelled records a wait until deadline that failed now since the program is to end. No poller
// hears of it, and until when it was to sleep may explain everything: a timer was forgotten.
func (r *Recorder) Cancelled(deadline, now core.Time) {
	r.add(Step{
		After: max(0, min(maxStep, int64(now-r.since(now)))),
		Actor: sim.PollerOf, Call: CallWait, Arg: until(deadline, r.now), Err: core.ECANCELED,
	})
	r.now = now
}

// Delay records that the next round of the loop runs no tasks. Call it between
// two rounds, when Loop.Budget is set to 0.
func (r *Recorder) Delay() { r.add(Step{Actor: sim.Worker, Call: CallDelay}) }

// Shed records that the operator wants a pipe back. Call it just before, in the middle of
// whatever call of the program's.
func (r *Recorder) Shed() { r.add(Step{Actor: sim.Worker, Call: CallShed}) }

// Latest returns the socket towards a client that was accepted last, or the one towards a
// server that was made last: whose a cipher is that is made now.
func (r *Recorder) Latest(front bool) sim.Actor { return r.latest[b2i(!front)] }

// Note records a call that is none on the kernel: one of a cipher.
func (r *Recorder) Note(s Step) { r.add(s) }

// Killed records that the worker is no more, which is the last of its steps.
func (r *Recorder) Killed() { r.add(Step{Actor: sim.Worker, Call: CallKilled}) }

func (r *Recorder) add(s Step) { r.moved(s, nil) }

// moved is add for a call that received or sent bytes.
func (r *Recorder) moved(s Step, data []byte) {
	if r.log != nil {
		s.Actor = s.Actor.Of(r.worker)
		r.log.moved(s, data)
		return
	}
	if r.Told != nil {
		r.Told(s, data)
	}
	if r.frozen {
		return
	}
	if r.tape != nil {
		r.tape.add(&s, r.now)
		r.count++
		return
	}
	h := r.hash
	for _, w := range [...]uint64{
		uint64(s.After), uint64(s.Actor)<<32 | uint64(s.Call)<<24 | uint64(b2i(s.More))<<16 | uint64(s.Err),
		uint64(s.Arg), uint64(s.Answer),
	} {
		h = bits.RotateLeft64((h^w)*0x9e3779b97f4a7c15, 29)
	}
	r.hash = h
	if r.keep == 0 || r.count < r.keep {
		r.steps = append(r.steps, s)
	} else {
		r.steps[r.count%r.keep] = s
	}
	r.count++
}

// ActorOf names a session's descriptor in a trace. An actor's number has 24 bits, and a real
// kernel's labels, which are what a log calls sessions, may count further than that.
func ActorOf(kind sim.Actor, label uint32) sim.Actor { return kind | sim.Actor(label&0xffffff) }

// slot is a wrapped descriptor: a place by number that is used by one life after
// the other, so that nothing is allocated for a connection. A closed slot keeps
// its descriptor, for the kernel to answer whoever calls it all the same.
type slot struct {
	r     *Recorder
	fd    core.FD
	num   int32
	actor sim.Actor
	gen   uint32 // of the key that the poller was told last in this life
	told  bool   // that it was told one
	open  bool
}

var (
	_ core.Duplicator = (*slot)(nil)
	_ core.Patient    = (*slot)(nil)
	_ core.Vigilant   = (*slot)(nil)
)

const pageBits = 8

// at returns the slot of a number. Slots never move: the proxy holds pointers.
func (r *Recorder) at(num int) *slot {
	page := num >> pageBits
	for page >= len(r.pages) {
		r.pages = append(r.pages, make([]slot, 1<<pageBits))
	}
	return &r.pages[page][num&(1<<pageBits-1)]
}

// seen returns the slot of an open descriptor; nil if the recorder knows none of
// this number.
func (r *Recorder) seen(num int) *slot {
	if num>>pageBits >= len(r.pages) {
		return nil
	}
	if s := r.at(num); s.open {
		return s
	}
	return nil
}

// begin starts a life of a descriptor's number.
func (r *Recorder) begin(fd core.FD, num int, a sim.Actor) *slot {
	s := r.at(num)
	*s = slot{r: r, fd: fd, num: int32(num), actor: a, open: true}
	return s
}

// name starts a life of a number that is neither a socket's nor the listener's: they are the
// worker's first, second and so on.
func (r *Recorder) name(num int) {
	r.things++
	r.begin(nil, num, ActorOf(sim.Worker, uint32(r.things)))
}

// ended ends it; of what was closed before there is none.
func (r *Recorder) ended(num int) {
	if num >= 0 {
		r.at(num).open = false
	}
}

// Num implements core.FD.
func (s *slot) Num() int { return int(s.num) }

// Connect implements core.FD.
func (s *slot) Connect() core.Errno {
	e := s.fd.Connect()
	s.r.add(Step{Actor: s.actor, Call: CallConnect, Err: e})
	return e
}

// Recv implements core.FD.
func (s *slot) Recv(p []byte) (int, core.Errno) {
	n, e := s.fd.Recv(p)
	s.r.moved(Step{Actor: s.actor, Call: CallRecv, Arg: int64(len(p)), Answer: int64(n), Err: e}, p[:n])
	return n, e
}

// Peek implements core.FD.
func (s *slot) Peek(p []byte) (int, core.Errno) {
	n, e := s.fd.Peek(p)
	s.r.add(Step{Actor: s.actor, Call: CallPeek, Arg: int64(len(p)), Answer: int64(n), Err: e})
	return n, e
}

// Untaken implements core.FD.
func (s *slot) Untaken() int {
	n := s.fd.Untaken()
	s.r.add(Step{Actor: s.actor, Call: CallUntaken, Answer: int64(n)})
	return n
}

// Local implements core.FD. An address is not part of a trace.
func (s *slot) Local() (core.Addr, core.Errno) { return s.fd.Local() }

// Watch implements core.Vigilant. How a kernel keeps its vigil is not part of a trace.
func (s *slot) Watch(v core.Vigil) core.Errno {
	if fd, can := s.fd.(core.Vigilant); can {
		return fd.Watch(v)
	}
	return 0
}

// RcvLowat implements core.Patient.
func (s *slot) RcvLowat(bytes int) core.Errno {
	e := core.ENOSYS
	if fd, can := s.fd.(core.Patient); can {
		e = fd.RcvLowat(bytes)
	}
	s.r.add(Step{Actor: s.actor, Call: CallLowat, Arg: int64(bytes), Err: e})
	return e
}

// Dup implements core.Duplicator. Both numbers are the same actor's.
func (s *slot) Dup() (core.FD, core.Errno) {
	fd, e := core.FD(nil), core.ENOSYS
	if d, can := s.fd.(core.Duplicator); can {
		fd, e = d.Dup()
	}
	s.r.add(Step{Actor: s.actor, Call: CallDup, Err: e})
	if e != 0 {
		return nil, e
	}
	return s.r.begin(fd, fd.Num(), s.actor), 0
}

// Send implements core.FD.
func (s *slot) Send(p []byte, more bool) (int, core.Errno) {
	n, e := s.fd.Send(p, more)
	s.r.moved(Step{Actor: s.actor, Call: CallSend, Arg: int64(len(p)), More: more, Answer: int64(n), Err: e}, p[:n])
	return n, e
}

// ShutW implements core.FD.
func (s *slot) ShutW() core.Errno {
	e := s.fd.ShutW()
	s.r.add(Step{Actor: s.actor, Call: CallShutW, Err: e})
	return e
}

// Close implements core.FD.
func (s *slot) Close(reset bool) core.Errno {
	e := s.fd.Close(reset)
	s.open = false
	s.r.add(Step{Actor: s.actor, Call: CallClose, More: reset, Err: e})
	return e
}
