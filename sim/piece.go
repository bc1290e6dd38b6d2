package sim

// Piece is how many readable bytes lie in one piece of memory: the first segment's, or
// what is left of it.
func (s *Stream) Piece() int {
	if len(s.pieces) == 0 {
		return 0
	}
	return int(s.pieces[0])
}

// piece notes that n bytes have arrived at once.
func (s *Stream) piece(n int) {
	if last := len(s.pieces) - 1; s.link.Merge && last >= 0 && int(s.pieces[last])+n <= s.link.Segment {
		s.pieces[last] += int32(n)
		return
	}
	s.pieces = append(s.pieces, int32(n))
}

// taken notes that n bytes were read.
func (s *Stream) taken(n int) {
	if len(s.pieces) == 1 && n == int(s.pieces[0]) { // mostly
		s.pieces = s.pieces[:0]
		return
	}
	whole := 0
	for n > 0 && n >= int(s.pieces[whole]) {
		n -= int(s.pieces[whole])
		whole++
	}
	if whole > 0 {
		s.pieces = append(s.pieces[:0], s.pieces[whole:]...)
	}
	if n > 0 {
		s.pieces[0] -= int32(n)
	}
}
