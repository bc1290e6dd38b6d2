package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// Connect implements core.FD for the program's end.
func (s *Socket) Connect() core.Errno {
	s.call("connect")
	s.waited(core.W, "connect")
	if s.told {
		return core.EISCONN
	}
	switch {
	case s.spoilt:
		return core.EINVAL
	case s.state == connected:
		s.told = true
		return 0
	case s.state == connecting:
		s.refuse(core.W)
		return core.EALREADY
	case s.state == reset:
		e := core.ECONNABORTED // the cause was told by another call
		if s.err != 0 {
			e = s.takeErr()
		}
		s.afresh(0)
		return e
	}
	s.k.renew(s)
	s.err = 0 // of an attempt that was given up
	w, wait := s.k.w, s.k.linkOf(s.label, false).Latency
	s.outcome = 0
	switch s.k.life(s.to) {
	case sim.LifeRefusing, sim.LifeRefusingLong:
		s.outcome, s.state = core.ECONNREFUSED, connecting
		w.Wake(&s.nudge, w.Now()+wait)
		return core.EINPROGRESS
	case sim.LifeSilent, sim.LifeSilentLong:
		s.state = connecting
		return core.EINPROGRESS
	}
	v := s.agent.Choose(sim.OpConnect, sim.NumConnect)
	if v < len(refusals) && refusals[v] != 0 {
		return refusals[v]
	}
	switch v {
	case sim.ConnectAtOnce:
		if s.to == core.Self {
			break // it is on its way at once, and no sooner
		}
		s.establish()
		s.told = true
		return 0
	case sim.ConnectNever:
		s.state = connecting
		return core.EINPROGRESS
	case sim.ConnectRefused:
		s.outcome = core.ECONNREFUSED
	case sim.ConnectUnreachable:
		s.outcome = core.EHOSTUNREACH
	case sim.ConnectTimedOut:
		s.outcome, wait = core.ETIMEDOUT, 2*sim.Second
	case sim.ConnectTorn:
		s.outcome, s.torn = core.ECONNREFUSED, true
		wait = 300 * sim.Millisecond
		defer s.changed(allEvents)
	case sim.ConnectLate:
		wait = 3 * sim.Second
	}
	s.state = connecting
	w.Wake(&s.nudge, w.Now()+wait)
	return core.EINPROGRESS
}

// refusals are the values of sim.OpConnect with which an attempt does not begin.
var refusals = [...]core.Errno{
	sim.ConnectNoRoute: core.ENETUNREACH, sim.ConnectAgain: core.EAGAIN, sim.ConnectNoPort: core.EADDRNOTAVAIL,
	sim.ConnectInUse: core.EADDRINUSE, sim.ConnectNoBuffers: core.ENOBUFS, sim.ConnectForbidden: core.EPERM,
}

// afresh makes a socket one that nothing was tried with, but for an error that is
// pending.
func (s *Socket) afresh(e core.Errno) {
	s.state, s.err = fresh, e
	s.shutR, s.shutW, s.tried = false, false, true
	s.in.Purge()
	s.changed(allEvents)
}

// renew gives a socket new streams and another other end if those that it has are of
// an attempt that failed: they are dead.
func (k *Kernel) renew(s *Socket) {
	if !s.tried {
		return
	}
	l := sim.Take(&k.links)
	sndBuf, rcvBuf := s.out.Link().SndBuf, s.in.Link().RcvBuf // the sizes are the socket's
	k.wire(s, &l.b, &l.ab, &l.ba)
	s.out.Resize(sndBuf, 0)
	s.in.Resize(0, rcvBuf)
	s.tried, s.fatal, s.nospace = false, false, false
}

// establish completes the program's connect: the server has accepted.
func (s *Socket) establish() {
	s.state, s.came = connected, s.k.w.Now()
	s.watch(s.vigil)
	s.other.state = connected
	s.other.peer = s.k.net.Served(s.label, s.other)
	s.other.peer.Ready()
}

// meet completes the program's connect to its own listener: the other end is one of the
// program's too, and waits to be accepted.
func (s *Socket) meet() {
	l, o := s.k.lst, s.other
	switch {
	case l == nil || l.over:
		s.fail(core.ECONNREFUSED)
		return
	case len(l.queue) >= s.k.params.Queue:
		s.k.w.Wake(&s.nudge, s.k.w.Now()+sim.Second)
		return
	}
	s.state, s.came = connected, s.k.w.Now()
	s.watch(s.vigil)
	o.far, o.told, o.state, o.agent = false, true, connected, &s.k.session(s.label).front
	o.nudge.Init(o, o.agent)
	o.watch(l.vigil)
	l.queue = append(l.queue, o)
	s.k.Touched.Add(l.num)
	s.k.watch.Changed(l.num, core.EvIn|one)
}

// Dial starts client number label's connection to the listener. The client is
// told when it is there, or refused.
func (k *Kernel) Dial(label uint32, p Peer) *Socket {
	s := &k.link(label, true).b
	s.peer = p
	s.state = connecting
	k.w.Wake(&s.nudge, k.w.Now()+k.linkOf(label, true).Latency)
	return s
}

// Run is the nudge: what connecting waits for, or a wake-up that is owed.
func (s *Socket) Run() {
	s.touch()
	s.came = s.k.w.Now()
	switch {
	case s.state != connecting:
	case s.ours() && s.outcome != 0:
		s.fail(s.outcome)
	case s.ours() && s.to == core.Self:
		s.meet()
	case s.ours():
		s.establish()
	default:
		s.arrive()
		return
	}
	s.changed(allEvents)
}

// arrive puts a client's connection into the listener's queue. The client is
// connected from then on, whether or not the program accepts it.
func (s *Socket) arrive() {
	l := s.k.leads(s)
	if l == nil {
		s.fail(core.ECONNREFUSED)
		s.changed(allEvents)
		return
	}
	if len(l.queue) >= s.k.params.Queue {
		s.k.w.Wake(&s.nudge, s.k.w.Now()+sim.Second) // SYN again
		return
	}
	s.state = connected
	s.other.state = connected
	s.other.k = l.k
	l.k.holds(s.label)
	s.other.watch(l.vigil)
	l.queue = append(l.queue, s.other)
	l.k.Touched.Add(l.num)
	s.changed(allEvents)
	l.k.watch.Changed(l.num, core.EvIn|one)
}

// Connected says whether the connection is there.
func (s *Socket) Connected() bool { return s.state == connected }

// Failed says that the connection was refused or reset.
func (s *Socket) Failed() bool { return s.state == reset }

// Fresh says that no connection was ever there, or that its failure was told.
func (s *Socket) Fresh() bool { return s.state == fresh }

// ClientAddr is where client number label connects from: 10.0.0.0/8 has an
// address for each.
func ClientAddr(label uint32) core.Addr { return from(label, label) }

// ClientAddr is where client number label connects from in this world, where several
// may come from one address.
func (k *Kernel) ClientAddr(label uint32) core.Addr { return from(k.Home(label), label) }

// Home is the number of the client whose address client number label has.
func (k *Kernel) Home(label uint32) uint32 {
	if n := k.params.Addresses; n > 0 {
		return label % uint32(n)
	}
	return label
}

func from(home, label uint32) core.Addr {
	return address(10<<24|home&0xffffff, uint16(1024+label%60000))
}

// Addresses of the program: where clients find it, and where it connects from.
var (
	FrontAddr = address(192<<24|168<<16|1, 443)
	BackAddr  = address(192<<24|168<<16|2, 50000)
)

func address(ip uint32, port uint16) core.Addr {
	return core.Addr{
		IP:   [16]byte{10: 0xff, 11: 0xff, 12: byte(ip >> 24), 13: byte(ip >> 16), 14: byte(ip >> 8), 15: byte(ip)},
		Port: port,
	}
}
