package simfd

import "millrace/core"

// GaveUp implements sim.End: the other end was sent something again and again, and never
// answered. Nobody tells it.
func (s *Socket) GaveUp() {
	if s.state != connected {
		return
	}
	s.fail(core.ETIMEDOUT)
	s.changed(allEvents)
}
