package sim

// window is how many bytes more may come, as far as the sender knows.
func (s *Stream) window() int { return int(s.edge - s.arrived) }

// room is how many the receiver would let in now: none before half of its buffer is
// free, or enough for a segment, if that is not too little of it. Otherwise a reader
// that reads byte by byte would be sent byte by byte.
//
// Linux counts the memory of what has arrived, which comes free when the last byte of
// a packet is read, and so lets in nothing for longer. How long is a matter of sizes.
// Its senders also wait, for as long as a probe takes, if what is let in is less than a
// segment; here they send that.
func (s *Stream) room() int {
	size := s.link.RcvBuf
	free := size - s.Unread()
	if free < size/2 && free < max(size/16, s.link.Segment) {
		return 0
	}
	return max(0, free)
}

// Full says that nothing more would be let in.
func (s *Stream) Full() bool { return s.room() == 0 }

// let says that the receiver lets so many in, if that gets through. What it once let in it
// does not take back.
func (s *Stream) let(room int) {
	if !s.unheard() {
		s.edge = max(s.edge, s.arrived+int64(room))
	}
}

// open is let for a receiver that has read. If the sender is gone that is news of a
// connection that nobody knows there, and answered with a RST.
func (s *Stream) open(room int) {
	switch {
	case s.gone && !s.mute && !s.unheard() && !s.lossy():
		s.Abort()
	case s.gone:
	case s.mute:
		s.ask(room)
	default:
		s.let(room)
	}
}

// Mute is for a receiver that was shut for reading: what it reads all the same makes
// room that it says nothing of.
func (s *Stream) Mute() { s.mute = true }

// probeSpan is when Linux asks for the first time whether a window that is shut is
// still so, on a link that is fast.
const probeSpan = 200 * Millisecond

// ask sees to it that the sender finds out by itself that there is room. If it has
// nothing to send, whatever it sends later will be acknowledged.
func (s *Stream) ask(room int) {
	if room <= s.window() || s.probe != 0 || s.dead || s.gone {
		return
	}
	s.probe = s.w.now + probeSpan
	s.corked = s.corked || !s.proc.Scheduled()
	s.w.Wake(&s.proc, s.probe)
}
