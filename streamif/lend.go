package streamif

import (
	"math"
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

// aside is what no session needs while it rests: that of attempts to connect, until the
// server is there, and of endpoints that take what they get so slowly that it has to be looked at;
// and what few need, that of an applet.
type aside struct {
	began      core.Time  // the attempt
	retries    int16      // attempts left after this one
	cause      Reason     // why the last one failed
	why        core.Errno // and by what error
	doubts     bool       // its server was down when it began
	frontTakes underway
	backTakes  underway
	applet     Applet // from its first run to the end of the session
}

// underway is what was under way to an endpoint when that was looked at last: given to the
// kernel, and not taken. There is no event for it.
type underway struct {
	at     core.Time // when that was, 0 = never
	left   int
	before int // what was left at the look before that one, anything if there was none
	// While the endpoint lingers:
	until core.Time // how long what is left is waited for, 0 = for ever
	pause core.Time // between two looks
}

// anything is more than there ever is.
const anything = math.MaxInt

// less takes note of a look, and says whether some was taken since the last one, or anything
// is left at the first. Looks at one time are one, and have one answer.
func (u *underway) less(left int, now core.Time) bool {
	switch u.at {
	case now:
	case 0:
		u.before = anything
	default:
		u.before = u.left
	}
	u.at, u.left = now, left
	return left < u.before && (left > 0 || u.before != anything)
}

// setAside returns the session's record, of which it gets one if it has none.
func (s *Session) setAside() *aside {
	if s.aside == nil {
		s.aside = s.proxy.asides.take()
	}
	return s.aside
}

// underway returns the endpoint's, empty if it was not looked at.
func (si *StreamInterface) underway() *underway {
	a := si.s.setAside()
	if si == &si.s.front {
		return &a.frontTakes
	}
	return &a.backTakes
}

// looked says whether it was looked at what is under way to the endpoint.
func (si *StreamInterface) looked() bool { return si.s.aside != nil && si.underway().at != 0 }

// forget has the next look at what is under way to the endpoint be the first.
func (si *StreamInterface) forget() {
	if !si.looked() {
		return
	}
	*si.underway() = underway{}
	si.flags &^= SIGone
	if si.s.back.state == EST {
		si.s.rest()
	}
}

// rest gives back what was needed to connect, but for what is known of an endpoint.
func (s *Session) rest() {
	if a := s.aside; a != nil && a.frontTakes == (underway{}) && a.backTakes == (underway{}) && a.applet == nil {
		s.giveAside()
	}
}

// giveAside gives the session's record back, if it has one.
func (s *Session) giveAside() {
	if s.aside != nil {
		s.proxy.asides.give(s.aside)
		s.aside = nil
	}
}

// empty gives back what a session has until it ends.
func (s *Session) empty() {
	s.giveAside()
	for _, ch := range [...]*Channel{&s.req, &s.rep} {
		if ch.duct != nil {
			s.proxy.ducts.give(ch.duct)
			ch.duct = nil
		}
	}
}
