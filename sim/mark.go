package sim

// Mark sends a byte of urgent data behind everything written, for which there has to be
// room. It is in its place in the stream, and reads leave it out as long as the mark is
// on it: there is one mark, and it moves to the last urgent byte that arrives. A byte
// that it leaves becomes one like any other, unless it was next to be read.
func (s *Stream) Mark(b byte) {
	s.urgent, s.marked = s.wrote, true
	s.Write([]byte{b}, false)
}

// Marked says that an urgent byte was sent that the receiver has not passed: another
// one would make this one part of what it reads.
func (s *Stream) Marked() bool { return s.marked || s.markIn }

// Urgent says that the mark has arrived and was not passed.
func (s *Stream) Urgent() bool { return s.markIn }

// inside says that there is a marked byte among what is unread. There is none if the end
// that it was sent to took no more.
func (s *Stream) inside() bool { return s.markIn && s.mark < s.arrived }

// Alarmed says that what arrived last has an urgent byte in it.
func (s *Stream) Alarmed() bool { return s.alarm }

// Waiting is how many bytes there are for who waits for so many: all but an urgent one
// that is next.
func (s *Stream) Waiting() int {
	if s.marksNext() {
		return s.Unread() - 1
	}
	return s.Unread()
}

// Ahead is how many bytes may be read in front of the mark; all if there is none.
func (s *Stream) Ahead() int {
	if s.inside() {
		return int(s.mark - s.read)
	}
	return s.Unread()
}

// ahead is where the next read begins, and how many bytes it may get.
func (s *Stream) ahead() (from int64, n int) {
	if s.marksNext() {
		return s.read + 1, s.Waiting()
	}
	return s.read, s.Ahead()
}

// marksNext says that the urgent byte is next.
func (s *Stream) marksNext() bool { return s.inside() && s.mark == s.read }

// pass forgets the mark if it is next.
func (s *Stream) pass() {
	if s.marksNext() {
		s.markIn = false
		s.take(1)
	}
}

// move is the arrival of an urgent byte.
func (s *Stream) move() {
	s.pass()
	s.mark, s.markIn, s.marked = s.urgent, true, false
}
