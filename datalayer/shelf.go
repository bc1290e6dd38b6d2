package datalayer

// Shelf keeps memory for who starts over, where no run can see it: the pieces lie in the
// capacity of a slice that has no length. One that is never reset has an empty shelf.
type Shelf struct{ past [][]byte }

// Keep puts the free pieces of a run that is over on the shelf, and returns an empty list
// for those of the next one.
func (s *Shelf) Keep(free [][]byte) [][]byte {
	rest := s.past[:cap(s.past)]
	for _, mem := range rest {
		if mem != nil {
			free = append(free, mem)
		}
	}
	clear(rest)
	s.past = free[:0]
	return rest[:0]
}

// Take returns a piece of this size; nil if there is none, or the next one is smaller.
func (s *Shelf) Take(size int) []byte {
	rest := s.past[:cap(s.past)]
	if len(rest) == 0 || rest[0] == nil {
		return nil
	}
	mem := rest[0]
	copy(rest, rest[1:])
	rest[len(rest)-1] = nil
	if cap(mem) < size {
		return nil
	}
	return mem[:size]
}
