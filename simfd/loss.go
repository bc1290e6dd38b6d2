package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// GaveUp implements sim.End: the other end was sent something again and again, and never
// answered. Nobody tells it.
func (s *Socket) GaveUp() {
	if s.state != connected {
		return
	}
	why := core.ETIMEDOUT
	if s.agent.Choose(sim.OpUnreachable, 2) != 0 {
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
