package streamif

import (
	"slices"

	"millrace/core"
)

// spare has records of one kind, which are lent and come back. They are not new to who
// gets them, but empty.
type spare[T any] struct {
	made []*T // all of them
	free []*T
}

// reset takes back everything. The records stay where no run can see them, in the capacity.
func (s *spare[T]) reset() { s.made, s.free = s.made[:0], s.free[:0] }

// take lends a record.
func (s *spare[T]) take() *T {
	if n := len(s.free); n > 0 {
		r := s.free[n-1]
		s.free = s.free[:n-1]
		return r
	}
	n := len(s.made)
	s.made = slices.Grow(s.made, 1)[:n+1]
	if s.made[n] == nil {
		s.made[n] = new(T)
	}
	var empty T
	*s.made[n] = empty // it may be of an earlier run
	return s.made[n]
}

// give takes a record back, and empties it.
func (s *spare[T]) give(r *T) {
	var empty T
	*r = empty
	s.free = append(s.free, r)
}

// aside is what most sessions need at no time, and none while it rests: that of an applet,
// and of endpoints that linger.
type aside struct {
	applet Applet // from its first run to the end of the session
	front  lingering
	back   lingering
}

// lingering is what LINGER waits for.
type lingering struct {
	until core.Time // how long for what is left, 0 = for ever
	pause core.Time // between two looks
	left  int
}

// setAside returns the session's record, which it has until it ends.
func (s *Session) setAside() *aside {
	if s.aside == nil {
		s.aside = s.proxy.asides.take()
	}
	return s.aside
}

func (si *StreamInterface) lingering() *lingering {
	if a := si.s.setAside(); si == &si.s.front {
		return &a.front
	}
	return &si.s.aside.back
}

// giveBack ends what is lent to a session until it ends.
func (s *Session) giveBack() {
	p := s.proxy
	if s.aside != nil {
		p.asides.give(s.aside)
		s.aside = nil
	}
	for _, ch := range [...]*Channel{&s.req, &s.rep} {
		if ch.patience != nil {
			p.patiences.give(ch.patience)
			ch.patience = nil
		}
	}
}
