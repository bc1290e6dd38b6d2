package simfd

import "millrace/core"

// allEvents is what a change of state may have brought.
const allEvents = core.EvIn | core.EvPri | core.EvOut | core.EvErr | core.EvHup | core.EvRdHup

// one says of a change that it is enough if one of those is woken who wish for it
// exclusively: what can be used up by one. A change of state is told to all.
const one = core.EvExclusive

// changed tells whoever watches this end.
func (s *Socket) changed(ev core.Events) {
	if s.state == closed {
		return
	}
	if s.peer != nil {
		s.peer.Ready()
	} else if s.num != none {
		s.k.watch.Changed(int(s.num), ev)
	}
}

// writable is Linux's rule: a third of the buffer must be free, so that a
// sender is not woken for every byte.
func (s *Socket) writable() bool {
	free := s.out.Free()
	return free > 0 && free >= s.out.Queued()/2
}

// Poll is what poll says to the program. Who is told that there is no room will be told
// when there is, as if it had tried.
func (s *Socket) Poll() core.Events {
	e := s.events()
	if s.state != connecting && !e.Any(core.EvOut) {
		s.nospace = true
	}
	return e
}

// events is what poll says, by the table in the package comment.
func (s *Socket) events() core.Events {
	var e core.Events
	if s.k.w.Now() < s.fades {
		e = s.phantom
	}
	switch {
	case s.torn && s.state == connecting:
		return allEvents &^ core.EvPri
	case s.state == connecting && s.shutR && s.shutW: // since before
		return e | core.EvIn | core.EvRdHup | core.EvHup
	case s.state == connecting && s.shutR:
		return e | core.EvIn | core.EvRdHup
	case s.state == connecting:
		return e
	}
	gone := s.state == reset
	if gone || s.in.FinIn() || s.shutR {
		e |= core.EvIn | core.EvRdHup
	}
	if s.in.Unread() > 0 && s.enough(s.in.Waiting()) {
		e |= core.EvIn
	}
	if s.in.Urgent() {
		e |= core.EvPri
	}
	idle := s.state == fresh
	if gone || idle || s.shutW || s.writable() {
		e |= core.EvOut
	}
	if gone || idle || s.shutW && (s.in.FinIn() || s.shutR) {
		e |= core.EvHup
	}
	if s.err != 0 {
		e |= core.EvErr
	}
	return e
}
