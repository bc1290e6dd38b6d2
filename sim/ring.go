package sim

// What was written and not yet read lies in a ring, each byte at its offset modulo the
// ring's length. Most connections of a large world are idle, so a ring is made when there
// are bytes, and no larger than these.

// leastRing is the length of the smallest.
const leastRing = 64

// put adds bytes behind those that were written.
func (s *Stream) put(p []byte) {
	if need := int(s.wrote-s.read) + len(p); need > len(s.ring) {
		s.widen(need)
	}
	if len(p) == 0 {
		return
	}
	k := copy(s.ring[int(s.wrote)&(len(s.ring)-1):], p)
	copy(s.ring, p[k:])
}

// look copies bytes from an offset on, all of which are there.
func (s *Stream) look(p []byte, from int64) {
	if len(p) == 0 {
		return
	}
	k := copy(p, s.ring[int(from)&(len(s.ring)-1):])
	copy(p[k:], s.ring)
}

// AppendHeld appends what was written and not yet read to p: also what the receiver cannot see yet.
func (s *Stream) AppendHeld(p []byte) []byte {
	n := len(p)
	p = append(p, make([]byte, s.wrote-s.read)...)
	s.look(p[n:], s.read)
	return p
}

// widen makes room for so many bytes in the ring: in the memory that it has, if it can.
func (s *Stream) widen(need int) {
	size := max(leastRing, len(s.ring))
	for size < need {
		size *= 2
	}
	old := s.ring
	if cap(old) < size {
		s.ring = make([]byte, size)
	} else {
		s.ring = old[:size]
	}
	// In both rings a byte's place is its offset in the lower bits, so it either stays where
	// it is or moves behind the old ring, where there is none yet.
	for at := s.read; at < s.wrote; at++ {
		s.ring[int(at)&(size-1)] = old[int(at)&(len(old)-1)]
	}
}
