package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// ShutW implements core.FD.
func (s *Socket) ShutW() core.Errno { return s.Shut(false, true) }

// Shut shuts reading, writing, or both. The peer learns nothing of the first,
// except that who sends to an end that is shut both ways is reset.
func (s *Socket) Shut(r, w bool) core.Errno {
	s.call("shutdown")
	core.BugOn(w && s.shutW && s.judged(), "I41", "kernel", "a second FIN")
	if s.state == connecting { // that gives the attempt up
		s.k.w.Cancel(&s.nudge)
		s.afresh(core.ECONNRESET)
		return 0
	}
	s.shutR, s.shutW = s.shutR || r, s.shutW || w
	defer s.changed(allEvents) // also for nothing
	if s.state != connected || s.finished() {
		s.spoilt = s.spoilt || s.state == reset && !s.told
		return core.ENOTCONN
	}
	s.told = true
	if w {
		core.BugOn(s.alone == s.k.turn && s.alone != 0 && s.minded(), "I61", "kernel", "a FIN behind a send of the same turn, which did not promise it")
		s.out.End()
	}
	if r {
		s.in.Mute()
	}
	if s.shutR && s.out.Fin() { // with no FIN behind it, shutting does not refuse
		s.in.Refuse()
	}
	return 0
}

// Refused implements sim.End. Who waits for urgent data is woken by that, before all are by
// the RST.
func (s *Socket) Refused() {
	s.touch()
	if s.in.Alarmed() {
		s.changed(core.EvIn | core.EvPri | one)
	}
	switch {
	case s.state == reset && !s.out.Gone():
		return
	case s.state == connected:
		s.fail(core.ECONNRESET)
	}
	s.out.Abort()
	s.changed(allEvents)
}

// Close implements core.FD. Unread bytes make it a RST: the peer must not think
// that they were taken.
func (s *Socket) Close(rst bool) core.Errno {
	if !s.shared {
		return s.close(rst)
	}
	twice := s.parted
	s.parted = true
	return s.leave(s.own, twice, rst)
}

// close ends the connection as far as the program goes.
func (s *Socket) close(rst bool) core.Errno {
	s.call("close")
	if s.ours() {
		s.closes(rst)
	}
	s.end(rst)
	if s.num != none {
		num := s.num
		s.num = none
		s.k.giveBack(num)
		if s.ours() {
			return [...]core.Errno{0, core.EINTR, core.EIO}[s.agent.Choose(sim.OpClose, 3)]
		}
	}
	return 0
}

// end is what becomes of the connection of a socket that nobody has any more.
func (s *Socket) end(rst bool) {
	switch {
	case s.finished():
		s.out.Rests()
	case s.state == connected && (rst || s.in.Unread() > 0):
		s.out.Abort()
	case s.state == connected:
		s.out.End()
		s.out.Orphan()
	case s.state != reset:
		s.out.Cut()
	}
	s.state = closed
	s.k.w.Cancel(&s.nudge)
}

// There says that the connection is made, and that something is left of it to be ended.
func (s *Socket) There() bool { return s.state == connected && !s.finished() }

// closes takes note of a close of the program's.
func (s *Socket) closes(rst bool) {
	s.noticed()
	k, there := s.k, s.There()
	if k.Witness != nil && s.num != none {
		k.Witness.Closing(int(s.num), there && !rst && !s.shutW && s.in.Unread() > 0)
	}
	a, side := k.session(s.label), b2i(s.agent.Actor.Kind() == sim.Back)
	a.closed = k.w.Now()
	a.parted[side] = parting{closed: true, reset: rst, unread: s.in.Unread()}
	if !there || !rst {
		return
	}
	v := &a.slain[side]
	v.yes, v.idle = true, -1
	if s.out.Queued() > 0 {
		v.idle = k.w.Now() - s.left
	}
}

// finished says that both FINs are through: there is nothing left to close, and
// nobody left to reset.
func (s *Socket) finished() bool {
	return s.state == connected && s.shutW && s.in.FinIn() && s.out.FinAcked()
}
