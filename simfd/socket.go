package simfd

import (
	"millrace/core"
	"millrace/sim"
)

type sockState uint8

const (
	fresh sockState = iota
	connecting
	connected
	reset  // failed to connect, or got a RST
	closed // by its owner
)

// Socket is one end of a connection. The end of the program under test has a
// number and is subject to faults; the peer's has neither.
type Socket struct {
	k         *Kernel
	agent     *sim.Agent
	in, out   *sim.Stream
	other     *Socket
	peer      Peer // who is told, on a peer's end
	nudge     sim.Proc
	label     uint32
	num       int32 // one that is open; none: it is closed, was not accepted yet, or is the peer's
	own       int32 // the number that it was opened with; none if it never had one
	to        int   // the server that it is aimed at
	lowat     int   // with how many bytes to read that is reported; 0 is 1
	others    []int32
	shared    bool      // it was duplicated
	parted    bool      // and its own number is closed
	lingers   bool      // the last close is to be a reset
	refused   core.Wish // told EAGAIN or a short count, and nothing since
	state     sockState
	err       core.Errno // told once
	outcome   core.Errno // of the connect under way
	far       bool       // the peer's end
	shutW     bool
	shutR     bool
	vigil     core.Vigil
	watched   bool        // it was told a vigil of its own
	told      bool        // connect() has nothing left to tell
	proven    bool        // the program was told that, or moved bytes
	tried     bool        // an attempt to connect failed, and no other was made since
	spoilt    bool        // it was shut before connect() told a failure, and tells nothing more
	fatal     bool        // the program was told of the failure
	ended     bool        `digest:"-"` // the program was told the end of what arrives
	nospace   bool        // the owner waits for room
	came      sim.Time    // see Came
	left      sim.Time    // when something left last
	stuck     bool        // no splice takes what is next
	unspliced bool        // a splice found nothing, and nothing was reported since
	torn      bool        // connecting, and reported as failed
	looks     int         // see Looks
	said      int         // likewise
	alone     uint64      `digest:"-"` // the turn in which all there was left, with nothing promised behind it
	lacking   [2]sim.Time // until when a read, or a send, is of no use; 0 once it was tried
	vain      int         // calls that contradicted a report since
	vainAt    sim.Time    // this time
	denied    int         // refusals in a row, with nothing moved in between, up to patience
	moody     core.Wish   // see Moody
	lies      core.Events // see Lies
	phantom   core.Events // reported until
	fades     sim.Time    // this time, whether true or not
}

var (
	_ core.Duplicator = (*Socket)(nil)
	_ core.Patient    = (*Socket)(nil)
	_ sim.End         = (*Socket)(nil)
)

// Num returns the number that the descriptor was opened with, when it is closed too: who
// closes a descriptor may use it after that to find what he knows of it. It is -1 for a
// peer's end.
func (s *Socket) Num() int { return int(s.own) }

// opened gives the socket its first number.
func (s *Socket) opened(num int32) {
	s.num, s.own = num, num
	s.k.nums[num].sock = s
}

// In returns the stream that arrives here, Out the one that leaves.
func (s *Socket) In() *sim.Stream { return s.in }

// Out returns the stream that leaves here.
func (s *Socket) Out() *sim.Stream { return s.out }

// ours says whether this is the end of the program under test.
func (s *Socket) ours() bool { return !s.far }

// judged says whether a call that no correct program makes is a breach here, and
// minded whether bad manners are.
func (s *Socket) judged() bool { return s.ours() && s.k.params.Judge }
func (s *Socket) minded() bool { return s.ours() && s.k.params.House }

// call is the head of every call of the program under test.
func (s *Socket) call(what string) {
	if s.state == closed {
		core.BugOn(true, "I01", "kernel", what+" on a closed descriptor")
	}
	// What the calls before were answered shows here, if not in the choices.
	s.k.w.Note(uint64(s.agent.Actor)<<32 ^ uint64(what[0])<<24 ^ uint64(len(what))<<16 ^ uint64(s.state)<<8 ^ uint64(s.err))
	if s.ours() {
		if s.fatal && what != "close" && s.k.params.House {
			core.BugOn(true, "I17", "kernel", what+" after a fatal error")
		}
		s.k.count()
		s.touch()
		s.k.w.Race(s.agent)
	}
}

// touch takes note that something of a descriptor of the program's may change.
func (s *Socket) touch() {
	if s.num != none {
		s.k.Touched.Add(int(s.num))
	}
	for _, num := range s.others {
		s.k.Touched.Add(int(num))
	}
}

// takeErr tells the pending error, once.
func (s *Socket) takeErr() core.Errno {
	e := s.err
	s.err = 0
	return s.tell(e)
}

// tell notes that the program was told of a failure.
func (s *Socket) tell(e core.Errno) core.Errno {
	s.fatal = true
	if s.ours() {
		s.k.session(s.label).told[b2i(s.agent.Actor.Kind() == sim.Back)] = e
	}
	return e
}

// Recv implements core.FD.
func (s *Socket) Recv(p []byte) (int, core.Errno) {
	n, e := s.read("recv", p, (*sim.Stream).Get)
	if n > 0 && s.ours() {
		s.k.Stats.Received += uint64(n)
		s.k.Stats.Reads++
		s.vain = 0
	}
	return n, e
}

// Peek implements core.FD.
func (s *Socket) Peek(p []byte) (int, core.Errno) { return s.read("peek", p, (*sim.Stream).Peek) }

// Untaken implements core.FD. What has arrived counts as taken: acknowledgements
// take no time here.
func (s *Socket) Untaken() int {
	s.call("untaken")
	s.looks++
	s.said, _ = s.Under()
	return s.said
}

// Under returns what Untaken does, and when some of it was taken last. It is no call.
func (s *Socket) Under() (left int, taken sim.Time) {
	if s.state != connected {
		return 0, s.left
	}
	return s.out.Untaken(), s.left
}

// Looks returns how often Untaken was asked, and what it said last.
func (s *Socket) Looks() (n, said int) { return s.looks, s.said }

// Local implements core.FD.
func (s *Socket) Local() (core.Addr, core.Errno) {
	s.call("getsockname")
	if s.agent.Actor.Kind() == sim.Front {
		return FrontAddr, 0
	}
	return BackAddr, 0
}

// read is a call that gets bytes, in the way that get has.
func (s *Socket) read(what string, p []byte, get func(*sim.Stream, []byte) int) (int, core.Errno) {
	s.call(what)
	core.BugOn(len(p) == 0 && s.minded(), "I24", "kernel", "a read without room")
	s.waited(core.R, what)
	avail := s.in.Readable()
	if s.ours() {
		if s.agent.Choose(sim.OpRecvIntr, 2) != 0 {
			return 0, core.EINTR
		}
		if e := s.lack(sim.OpRecvFail, core.R); e != 0 {
			return 0, e
		}
		if avail > 0 && s.agent.Choose(sim.OpRecvAgain, 2) != 0 {
			s.again()
			s.refuse(core.R)
			return 0, core.EAGAIN
		}
		if n := min(avail, len(p)); n > 1 {
			if v := s.agent.Choose(sim.OpShortRead, min(n, 4096)); v != 0 {
				p = p[:v]
				s.again()
			}
		}
	}
	n := get(s.in, p)
	if n > 0 {
		s.stuck, s.unspliced, s.proven, s.denied = false, false, true, 0
	}
	if n > 0 || len(p) == 0 && s.in.Unread() > 0 {
		return n, 0
	}
	e, over := s.over()
	if !over {
		s.refuse(core.R)
		s.disagree(core.EvIn)
		e = s.notNow()
	}
	return 0, e
}

// over is what a read says that finds nothing, if more is never to come.
func (s *Socket) over() (e core.Errno, yes bool) {
	switch {
	case s.in.FinIn():
		s.ended = true
		return 0, true
	case s.err != 0:
		return s.takeErr(), true
	case s.shutR:
		return 0, true
	case s.state == fresh:
		return core.ENOTCONN, true
	}
	return 0, s.state == reset // told already
}

// barred is what a call that sends says, if nothing can leave now for any reason
// but want of room.
func (s *Socket) barred() (e core.Errno, yes bool) {
	if s.state == reset && s.ours() && s.num != none && s.k.Witness != nil {
		s.k.Witness.Failing(int(s.num))
	}
	switch {
	case s.err != 0:
		return s.takeErr(), true
	case s.state == connecting:
		s.refuse(core.W)
		return s.notNow(), true
	case s.shutW || s.state == reset || s.state == fresh:
		core.BugOn(s.shutW && s.judged(), "I41", "kernel", "send after our own FIN")
		return s.tell(core.EPIPE), true
	}
	return 0, false
}

// Send implements core.FD.
func (s *Socket) Send(p []byte, more bool) (int, core.Errno) {
	s.call("send")
	core.BugOn(len(p) == 0 && s.minded(), "I24", "kernel", "send of nothing")
	s.waited(core.W, "send")
	if s.ours() && s.agent.Choose(sim.OpSendIntr, 2) != 0 {
		return 0, core.EINTR
	}
	if e, barred := s.barred(); barred {
		return 0, e
	}
	if s.ours() {
		if e := s.lack(sim.OpSendFail, core.W); e != 0 {
			return 0, e
		}
	}
	if len(p) == 0 {
		return 0, 0
	}
	n := len(p)
	s.apart()
	if s.ours() && s.out.Free() > 0 {
		if s.agent.Choose(sim.OpSendAgain, 2) != 0 {
			s.again()
			s.refuse(core.W)
			return 0, core.EAGAIN
		}
		if v := s.agent.Choose(sim.OpShortWrite, min(n, 4096)); v != 0 {
			n = v
			s.again()
		}
	}
	if more && s.ours() {
		s.k.Stats.Promised++
	}
	if n = s.out.Write(p[:n], more && n == len(p)); n == len(p) && !more {
		s.alone = s.k.turn
	}
	if n < len(p) {
		s.nospace = true
		s.refuse(core.W)
	}
	if n == 0 {
		s.disagree(core.EvOut)
		return 0, core.EAGAIN
	}
	s.denied = 0
	if s.proven = true; s.ours() {
		s.k.Stats.Sent += uint64(n)
		s.vain = 0
	}
	return n, 0
}

// Came returns when what is reported became true last: the connection was made or
// failed, bytes or the FIN arrived or made room by leaving, or a call that was told
// that there is nothing may be made again.
func (s *Socket) Came() sim.Time { return s.came }

// Arrived implements sim.End.
func (s *Socket) Arrived() {
	s.touch()
	s.came, s.vain = s.k.w.Now(), 0
	if s.state == closed {
		if s.in.Unread() > 0 {
			s.out.Abort()
			s.in.Cut()
		}
		return
	}
	switch {
	case s.in.FinIn():
		s.changed(allEvents)
	case s.enough(s.in.Unread()) || s.in.Alarmed():
		s.changed(core.EvIn | core.EvPri | one)
	}
}

// Urgent sends a byte of urgent data.
func (s *Socket) Urgent(b byte) core.Errno {
	if e, barred := s.barred(); barred {
		return e
	}
	if s.out.Free() == 0 {
		s.nospace = true
		return core.EAGAIN
	}
	s.out.Mark(b)
	return 0
}

// Space implements sim.End.
func (s *Socket) Space() {
	s.touch()
	s.came, s.left, s.vain = s.k.w.Now(), s.k.w.Now(), 0
	if s.nospace && s.writable() {
		s.nospace = false
		s.changed(core.EvOut | one)
	}
}

// FinTaken implements sim.End: for Linux that is a change of state, of which it
// tells whoever waits for anything.
func (s *Socket) FinTaken() {
	s.touch()
	s.changed(allEvents)
}

// Reset implements sim.End.
func (s *Socket) Reset() {
	s.touch()
	if s.state == closed || s.state == reset {
		return
	}
	s.fail(core.ECONNRESET)
	if s.in.FinIn() && !s.out.Fin() {
		s.err = core.EPIPE
	}
	s.out.Cut()
	s.changed(allEvents)
}

func (s *Socket) fail(e core.Errno) {
	s.state, s.came = reset, s.k.w.Now()
	s.err = e
}
