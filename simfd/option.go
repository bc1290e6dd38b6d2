package simfd

import "millrace/core"

// Error is SO_ERROR: the pending error, which is told to nobody else.
func (s *Socket) Error() core.Errno {
	s.call("getsockopt")
	if s.err == 0 {
		return 0
	}
	return s.takeErr()
}

// The least that the buffers may be told to hold.
const (
	leastSend = 4608
	leastRecv = 2304
)

// Buffer sets how many bytes the buffer for what is sent holds, or that for what
// is received: twice of what is asked for, since Linux means half of it for its own
// books, not too few, and at most as many as it was made for.
func (s *Socket) Buffer(send bool, bytes int) core.Errno {
	s.call("setsockopt")
	if !send {
		s.in.Resize(0, max(2*bytes, leastRecv))
		return 0
	}
	s.out.Resize(max(2*bytes, leastSend), 0)
	if s.state == reset || s.writable() { // whether or not anybody waits for room
		s.nospace = false
		s.changed(core.EvOut | one)
	}
	return 0
}

// RcvLowat implements core.Patient. Whoever watches is woken if there is enough.
func (s *Socket) RcvLowat(bytes int) core.Errno {
	s.call("setsockopt")
	most := s.in.Link().RcvBuf / 2
	if bytes >= 0 {
		most = min(bytes, most)
	}
	s.lowat = max(1, most)
	if s.in.FinIn() || s.in.Unread() > 0 && s.enough(s.in.Unread()) {
		s.changed(core.EvIn | core.EvPri | one)
	}
	return 0
}

// Lowat says how many bytes that is.
func (s *Socket) Lowat() int {
	s.call("getsockopt")
	return s.Patience()
}

// Patience is what Lowat says, and nobody has asked.
func (s *Socket) Patience() int { return max(1, s.lowat) }

// enough says that so many bytes are worth a report: because they are, or because no
// more fit, be it for an urgent byte.
func (s *Socket) enough(n int) bool { return n >= s.Patience() || s.in.Full() }

// Size says how many bytes a buffer holds.
func (s *Socket) Size(send bool) int {
	s.call("getsockopt")
	if send {
		return s.out.Link().SndBuf
	}
	return s.in.Link().RcvBuf
}
