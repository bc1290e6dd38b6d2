package streamif

import (
	"fmt"

	"millrace/core"
)

// Session is one proxied stream: two stream interfaces, two channels, one task.
//
//	client --> [front] --req--> [back] --> server
//	client <-- [front] <--rep-- [back] <-- server
//
// What a round trip needs comes first, up to the deadline of the task.
type Session struct {
	proxy   *Proxy
	*aside           // lent; nil while there is none
	ducts   *[2]duct // of req and rep. Lent; nil while nothing passed through a pipe
	front   StreamInterface
	back    StreamInterface
	req     Channel
	rep     Channel
	task    core.Task
	peer    core.Peer
	start   core.Time
	index   int32 // place in proxy.order
	server  int32 // chosen server, -1 = none yet
	tries   int16 // attempts begun
	reason  Reason
	running bool
	greets  bool // its client's handshakes are under way
	counted bool // as one of its client's, see shares
	shed    bool // it was one too many
}

// maxPasses bounds the resynchronisation of one run. Each pass that changes
// anything takes a state or a shutdown further, and there are not many of them.
const maxPasses = 32

// begin sets up a session around an accepted connection.
func (s *Session) begin(p *Proxy, peer core.Peer) {
	cfg := &p.cfg
	index, front, back := s.index, s.front.lower, s.back.lower
	for _, l := range [...]*lower{front, back} {
		if l != nil {
			l.detail = ""
		}
	}
	*s = Session{proxy: p, peer: peer, start: p.loop.Now(), index: index, server: -1}
	s.front = StreamInterface{s: s, lower: front}
	s.back = StreamInterface{s: s, lower: back}
	s.req = Channel{s: s, buf: &p.pool.none}
	s.rep = Channel{s: s, buf: &p.pool.none}
	if cfg.NoHalf {
		s.front.flags |= SINoHalf
		s.back.flags |= SINoHalf
	}
	if cfg.Indep {
		s.front.flags |= SIIndep
		s.back.flags |= SIIndep
	}
	s.req.aim(cfg.SpliceReq)
	s.rep.aim(cfg.SpliceRep)
	p.loop.Bind(&s.task, s)
	s.wake()
}

// wake queues a run. Inside a run nothing is to be queued: the run looks at
// everything again before it ends.
func (s *Session) wake() {
	if !s.running {
		s.proxy.loop.Wake(&s.task)
	}
}

// due makes sure that the session runs at a deadline.
func (s *Session) due(at core.Time) {
	if now := s.task.Deadline(); at != 0 && (now == 0 || at < now) {
		s.proxy.loop.SetTimer(&s.task, at)
	}
}

// Run is the session's task: take in timeouts and errors, move both channels
// and the server side on until nothing changes, then sleep or end.
func (s *Session) Run(timeout bool) {
	s.running = true
	if timeout {
		s.timeouts()
	}
	before := s.digest()
	for pass := 0; ; pass++ {
		core.BugOn(pass == maxPasses, "I52", "session", "resynchronisation does not end")
		s.errors(&s.front, ClientError)
		s.errors(&s.back, ServerError)
		s.greet()
		s.settle()
		s.flagReasons()
		s.channel(&s.req)
		s.connect()
		s.channel(&s.rep)
		after := s.digest()
		if after == before {
			break
		}
		before = after
	}
	s.running = false
	if s.back.state != CON {
		s.unprobe() // it was given up
	}
	if s.over() {
		s.proxy.release(s)
		return
	}
	s.req.flags &^= chanTransient
	s.rep.flags &^= chanTransient
	s.front.flags &^= SIExpired
	s.back.flags &^= SIExpired
	s.ungrant(&s.req)
	s.ungrant(&s.rep)
	s.front.arm()
	s.back.arm()
	s.back.runApplet()
	s.proxy.loop.SetTimer(&s.task, s.deadline())
}

// digest is what a pass of Run may change and must look at again. Bytes do not
// count: passes move none.
func (s *Session) digest() (d [5]uint32) {
	d[0], d[1] = uint32(s.req.flags), uint32(s.rep.flags)
	d[2], d[3] = uint32(s.front.flags), uint32(s.back.flags)
	d[4] = uint32(s.front.state) | uint32(s.back.state)<<8
	return d
}

// deadline is the earliest of all that may expire.
func (s *Session) deadline() core.Time {
	at := core.First(s.front.Exp(), s.back.Exp())
	for _, ch := range [...]*Channel{&s.req, &s.rep} {
		at = core.First(at, core.First(core.First(ch.rex, ch.Look()), ch.patience().deadline()))
	}
	return at
}

// errors ends an established endpoint whose connection failed. An endpoint that
// fails while connecting is connect's business.
func (s *Session) errors(si *StreamInterface, r Reason) {
	if !si.flags.Any(SIErr) || si.state != EST && si.state != DIS {
		return
	}
	if si.saidAll() {
		si.shutW()
		si.flags &^= SIErr
		return
	}
	si.shutR()
	si.shutW()
	si.flags &^= SIErr
	si.in().flags |= ReadError
	si.out().flags |= WriteError
	s.end(r)
}

// settle looks after endpoints that linger, and accounts for closed ones.
func (s *Session) settle() {
	for _, si := range [...]*StreamInterface{&s.front, &s.back} {
		if si.flags.Any(SILinger) && si.flags.Any(SIExpired|SIErr) {
			si.flags &^= SIExpired
			si.linger()
		}
		if si.state == DIS {
			si.on(EvEnd)
		}
	}
}

// channel forwards data and shutdowns of one direction:
//
//	no more input                  -> ask for the FIN behind what is left
//	FIN asked for and nothing left -> send it
//	no more output                 -> nobody wants the input: ask to stop reading
//	stop reading asked for         -> stop
func (s *Session) channel(ch *Channel) {
	switch {
	case ch.endless:
	case s.proxy.cfg.Window == 0 || ch.flags.Any(ShutR):
		ch.forward(Infinite)
	case ch.ToForward() == 0 && ch.Empty():
		ch.forward(s.proxy.cfg.Window)
	}
	if ch.flags.Any(ShutR) && !ch.flags.Any(ShutW|ShutWNow) {
		ch.flags |= ShutWNow
	}
	if ch.Closing() && ch.cons().state == EST && ch.cons().settled() {
		ch.cons().shutW()
	}
	if ch.flags.Any(ShutW) && !ch.flags.Any(ShutR|ShutRNow) {
		ch.flags |= ShutRNow
	}
	if ch.flags.Any(ShutRNow) {
		ch.prod().shutR()
	}
}

// ungrant gives back a buffer that the line brought and nobody will fill.
func (s *Session) ungrant(ch *Channel) {
	if ch.flags.Any(Granted) && (ch.flags.Any(ShutR) || ch.prod().state != EST) {
		ch.flags &^= Granted
		ch.giveBack()
	}
	if ch.flags.Any(WaitBuf) && ch.flags.Any(ShutR) {
		s.proxy.pool.leave(ch)
	}
	if ch.flags.Any(ShutW) && ch.buf.Allocated() && ch.flags.Any(ShutR) {
		s.proxy.pool.release(ch) // what is left can go nowhere
	}
	if ch.flags.Any(ShutW) && ch.flags.Any(ShutR) && ch.pipe() != nil {
		ch.unpipe()
	}
}

// over says whether nothing is left to do.
func (s *Session) over() bool {
	return s.front.state == CLO && (s.back.state == CLO || s.back.state == INI)
}

// String names the session, by its label.
func (s *Session) String() string { return fmt.Sprintf("session %d", s.peer.Label) }

// Proxy returns the proxy whose session it is.
func (s *Session) Proxy() *Proxy { return s.proxy }

// Front returns the client's side.
func (s *Session) Front() *StreamInterface { return &s.front }

// Back returns the server's side.
func (s *Session) Back() *StreamInterface { return &s.back }

// Req returns the channel from client to server.
func (s *Session) Req() *Channel { return &s.req }

// Rep returns the channel from server to client.
func (s *Session) Rep() *Channel { return &s.rep }

// Peer returns who the client is.
func (s *Session) Peer() core.Peer { return s.peer }

// Server returns the number of the server chosen last; -1 if there was none.
func (s *Session) Server() int { return int(s.server) }

// Tries returns how many connection attempts were begun.
func (s *Session) Tries() int { return int(s.tries) }

// Start returns when the session was accepted.
func (s *Session) Start() core.Time { return s.start }

// Reason returns why the session ended, or will end.
func (s *Session) Reason() Reason { return s.reason }

// Task returns the session's task, to be looked at only.
func (s *Session) Task() *core.Task { return &s.task }
