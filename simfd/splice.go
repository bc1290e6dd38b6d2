package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// splice is the head of both splices.
func (s *Socket) splice(what string, pipe core.Pipe) (*Pipe, core.Errno) {
	s.call(what)
	p := pipe.(*Pipe)
	if !p.open {
		core.BugOn(true, "I01", "kernel", what+" on a closed pipe")
	}
	p.touch()
	v := s.agent.Choose(sim.OpSplice, sim.NumSplice)
	switch v {
	case 0:
	case sim.SpliceStuck:
		s.stuck = true
	default:
		s.k.session(s.label).refused = true
	}
	return p, [sim.NumSplice]core.Errno{
		0, core.EINVAL, core.ENOSYS, core.EPERM, core.EACCES, core.EBADF, core.EIO, core.ENOMEM, 0,
	}[v]
}

// SpliceIn implements core.FD. A full pipe hides everything: bytes, the FIN, and
// the error that waits.
func (s *Socket) SpliceIn(pipe core.Pipe, limit int) (int, core.Errno) {
	p, e := s.splice("splice", pipe)
	core.BugOn(limit < 1 && s.judged(), "I26", "kernel", "a splice of nothing")
	s.waited(core.R, "splice")
	core.BugOn(s.unspliced && s.minded(), "I58", "kernel", "splice again before the poller reported anything")
	avail := s.in.Ahead()
	switch {
	case e != 0:
		return 0, e
	case limit == 0:
		return 0, 0
	case s.agent.Choose(sim.OpRecvIntr, 2) != 0:
		return 0, core.EINTR
	case p.shut(false):
		return 0, core.EPIPE
	case p.full():
		return 0, core.EAGAIN
	case avail > 0 && (s.stuck || s.agent.Choose(sim.OpRecvAgain, 2) != 0):
		s.again()
		return 0, s.dry(p)
	case avail > 0:
		n := s.fill(p, min(avail, limit, (p.limit-len(p.slots))*page))
		s.k.Stats.Received += uint64(n)
		s.k.Stats.Reads++
		s.vain, s.denied, s.proven = 0, 0, true
		s.k.Stats.Spliced += uint64(n)
		if n > 0 {
			p.wake(false, allEvents|one)
		}
		return n, 0
	}
	if e, over := s.over(); over {
		return 0, e
	}
	return 0, s.dry(p)
}

// dry is EAGAIN for want of bytes that a splice would take, which the program knows
// only if the pipe is empty.
func (s *Socket) dry(p *Pipe) core.Errno {
	if len(p.data) == 0 {
		s.unspliced = true
		s.deny(core.R)
		s.disagree(core.EvIn)
	}
	return core.EAGAIN
}

// fill moves up to limit bytes into the pipe's free slots, one of the pieces in which
// they arrived in each.
func (s *Socket) fill(p *Pipe, limit int) int {
	moved := 0
	slots := p.limit - len(p.slots)
	if v := s.agent.Choose(sim.OpShortSplice, slots); v != 0 {
		slots = v
	}
	for ; slots > 0 && moved < limit; slots-- {
		n := min(s.in.Piece(), limit-moved)
		at := len(p.data)
		p.data = append(p.data, make([]byte, n)...)
		n = s.in.Get(p.data[at:])
		p.data = p.data[:at+n]
		p.slots = append(p.slots, slot{n, page}) // nothing is written behind it
		moved += n
	}
	return moved
}

// SpliceOut implements core.FD.
func (s *Socket) SpliceOut(pipe core.Pipe, n int, more bool) (int, core.Errno) {
	p, e := s.splice("splice out", pipe)
	core.BugOn(n != len(p.data) && p.k.params.House, "I24", "kernel", "the program has lost count of a pipe")
	s.waited(core.W, "splice out")
	switch {
	case e != 0:
		return 0, e
	case s.agent.Choose(sim.OpSendIntr, 2) != 0:
		return 0, core.EINTR
	case len(p.data) == 0:
		return 0, p.nothing()
	}
	if e, barred := s.barred(); barred {
		return 0, e
	}
	if s.out.Free() > 0 && s.agent.Choose(sim.OpSendAgain, 2) != 0 {
		s.again()
		s.refuse(core.W)
		return 0, core.EAGAIN
	}
	s.apart()
	if v := s.agent.Choose(sim.OpShortWrite, min(n, 4096)); v != 0 {
		n = v
		s.again()
	}
	all := n
	if n = s.out.Write(p.data[:n], more && n == len(p.data)); n < all {
		s.nospace = true
	}
	if n == 0 {
		s.refuse(core.W)
		return 0, core.EAGAIN
	}
	if p.drop(n) {
		p.wake(true, allEvents|one)
	}
	if len(p.data) == 0 && !more {
		s.alone = s.k.turn
	}
	s.k.Stats.Sent += uint64(n)
	s.vain, s.denied, s.proven = 0, 0, true
	return n, 0
}
