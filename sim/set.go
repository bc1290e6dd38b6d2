package sim

// Set is a set of small numbers, in the order in which they came: what has to be looked
// at, without a look at all the others.
type Set struct {
	list []int32 `digest:"-"` // in which order says nothing of what is in it
	has  []bool  // by number
}

// Add puts a number into the set, once however often it is called.
func (s *Set) Add(n int) {
	for n >= len(s.has) {
		s.has = append(s.has, false)
	}
	if !s.has[n] {
		s.has[n] = true
		s.list = append(s.list, int32(n))
	}
}

// Has says whether a number is in the set.
func (s *Set) Has(n int) bool { return n < len(s.has) && s.has[n] }

// All returns the numbers. The slice is the set's own, and may grow while it is read.
func (s *Set) All() []int32 { return s.list }

// Keep takes out all those of which keep does not say that they stay. It must not add any.
func (s *Set) Keep(keep func(n int) bool) {
	kept := s.list[:0]
	for _, n := range s.list {
		if keep(int(n)) {
			kept = append(kept, n)
		} else {
			s.has[n] = false
		}
	}
	s.list = kept
}

// Clear takes all out.
func (s *Set) Clear() {
	for _, n := range s.list {
		s.has[n] = false
	}
	s.list = s.list[:0]
}

// Reset is a set with nothing in it and the memory of this one, for another run.
func (s *Set) Reset() Set { return Set{list: s.list[:0], has: s.has[:0]} }
