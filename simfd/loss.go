package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// GaveUp implements sim.End: the other end was sent something again and again, and never
// answered. Nobody tells it. What a router says of a question does not count, since Linux
// asks with a number that is out of the window.
func (s *Socket) GaveUp(asked bool) {
	s.touch()
	if s.state != connected {
		return
	}
	s.noticed()
	switch {
	case s.far || !asked:
	case s.out.Queued() > 0:
		s.k.Stats.Choked++
	default:
		s.k.Stats.Deserted++
	}
	why := core.ETIMEDOUT
	if !asked && s.agent.Choose(sim.OpUnreachable, 2) != 0 {
		why = core.EHOSTUNREACH // what a router said, which does not count before
	}
	s.fail(why)
	s.changed(allEvents)
}

// Vanish is the end of a peer that forgets all of a sudden that it ever had the
// connection: it says nothing, and what is sent to it is answered with a RST.
func (s *Socket) Vanish() {
	s.state = closed
	s.k.w.Cancel(&s.nudge)
	s.out.Vanish()
}
