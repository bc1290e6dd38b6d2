package properties

import "sync/atomic"

// states are those that a run came to, each with how many accidents were left there at most.
// There may be many millions: a state is 61 bits of its digest, in eight bytes with what was left,
// in a table that is at most three quarters full. While it grows there is the old one too. That
// takes 11 to 32 bytes a state, and of ten million states two are taken for one, which hides one
// of them, in one hunt of fifty thousand.
type states struct {
	table []uint64 // a power of two; 0 is nobody
	n     int
}

const (
	// maxLeft is how many accidents may be left.
	maxLeft  = 1<<leftBits - 2
	leftBits = 3
	leftMask = 1<<leftBits - 1
)

// find returns the place of a state in the table, or where it is to be.
func (s *states) find(state uint64) *uint64 {
	if s.table == nil {
		s.table = make([]uint64, 1024)
	}
	mask := uint64(len(s.table) - 1)
	for i := state >> leftBits; ; i++ {
		if p := &s.table[i&mask]; *p == 0 || *p&^leftMask == state&^leftMask {
			return p
		}
	}
}

// left returns how many accidents were left in a state, or -1 if no run came to it.
func (s *states) left(state uint64) int { return int(*s.find(state)&leftMask) - 1 }

// put takes note of a state.
func (s *states) put(state uint64, left int) {
	p := s.find(state)
	if *p == 0 {
		s.n++
		explored.Add(1)
	}
	if *p = state&^leftMask | uint64(left+1); 4*s.n < 3*len(s.table) {
		return
	}
	old := s.table
	s.table = make([]uint64, 2*len(old))
	for _, is := range old {
		if is != 0 {
			*s.find(is) = is
		}
	}
}

var explored atomic.Uint64

// Explored returns how many states of small worlds this process has come to: for who watches,
// from another thread, how it gets on.
func Explored() uint64 { return explored.Load() }
