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

// Buffer sets how many bytes the buffer for what is sent holds, or that for what
// is received: at most as many as it was made for.
func (s *Socket) Buffer(send bool, bytes int) core.Errno {
	s.call("setsockopt")
	if !send {
		s.in.Resize(0, bytes)
		return 0
	}
	s.out.Resize(bytes, 0)
	if s.state == reset || s.writable() { // whether or not anybody waits for room
		s.nospace = false
		s.changed(core.EvOut)
	}
	return 0
}
