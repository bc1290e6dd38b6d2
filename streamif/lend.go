package streamif

import (
	"math"

	"millrace/core"
)

// spare has records of one kind, which are lent and come back. They are not new to who
// gets them, but empty.
type spare[T any] struct {
	made core.Pile[T]  `digest:"-"` // all of them: one that is lent is reached from who has it,
	free core.Pile[*T] `digest:"-"` // and these are all empty
}

// reset takes back everything. No run can see the records of the one before.
func (s *spare[T]) reset() { s.made, s.free = s.made.Emptied(), s.free.Emptied() }

// spareRest is how many records are not worth giving up.
const spareRest = 128

// trim gives up what a crowd has left, when nobody has a record: those in use must not move.
func (s *spare[T]) trim() {
	if n := s.made.Len(); n > spareRest && n == s.free.Len() {
		*s = spare[T]{}
	}
}

// take lends a record.
func (s *spare[T]) take() *T {
	if n := s.free.Len(); n > 0 {
		r := *s.free.At(n - 1)
		s.free.Pop()
		return r
	}
	var empty T
	s.made.Push(empty)
	return s.made.At(s.made.Len() - 1)
}

// give takes a record back, and empties it.
func (s *spare[T]) give(r *T) {
	var empty T
	*r = empty
	s.free.Push(r)
}

// aside is what no session needs while it rests: that of attempts to connect, until the
// server is there, and of endpoints that take what they get so slowly that it has to be looked at;
// of handshakes; and what few need, a bound on what may pass, and that of an applet.
type aside struct {
	began   core.Time  // the attempt
	retries int16      // attempts left after this one
	cause   Reason     // why the last one failed
	why     core.Errno // and by what error
	doubts  bool       // its server was down when it began
	front   half
	back    half
	applet  Applet // from its first run to the end of the session
}

// half is what belongs to one endpoint, and to the channel that it consumes.
type half struct {
	exp       core.Time // connect or pause timer, or the next look of LINGER; 0 = not running
	wex       core.Time // when sending to it times out, 0 = not running
	toForward int64     // bytes that may pass to it without asking the session, unless all may
	underway
}

// underway is what was under way to an endpoint when that was looked at last: given to the
// kernel, and not taken. There is no event for it.
type underway struct {
	at     core.Time // when that was, 0 = never: the first look at which as much was left as at the last one
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
	if u.at == 0 || left != u.left {
		u.at, u.left = now, left
	}
	return left < u.before && (left > 0 || u.before != anything)
}

// setAside returns the session's record, of which it gets one if it has none.
func (s *Session) setAside() *aside {
	if s.aside == nil {
		s.aside = s.proxy.asides.take()
	}
	return s.aside
}

// half returns the endpoint's, to be written in.
func (si *StreamInterface) half() *half { return si.s.setAside().of(si) }

// nothing is the half of endpoints that have none.
var nothing half

// lent returns the endpoint's, to be looked at only.
func (si *StreamInterface) lent() *half {
	if a := si.s.aside; a != nil {
		return a.of(si)
	}
	return &nothing
}

func (a *aside) of(si *StreamInterface) *half {
	if si == &si.s.front {
		return &a.front
	}
	return &a.back
}

// setExp sets the endpoint's own timer, 0 stops it.
func (si *StreamInterface) setExp(at core.Time) {
	if at != si.lent().exp {
		si.half().exp = at
		si.s.rest()
	}
}

// setWex says when writing times out, 0 = never.
func (ch *Channel) setWex(at core.Time) {
	if si := ch.cons(); at != si.lent().wex {
		si.half().wex = at
		si.s.rest()
	}
}

// allow says how many more bytes may pass unasked.
func (ch *Channel) allow(n int64) {
	if ch.endless = n == Infinite; ch.endless {
		n = 0 // nobody counts them
	}
	if si := ch.cons(); n != si.lent().toForward {
		si.half().toForward = n
		si.s.rest()
	}
}

// looked says whether it was looked at what is under way to the endpoint.
func (si *StreamInterface) looked() bool { return si.lent().at != 0 }

// forget has the next look at what is under way to the endpoint be the first.
func (si *StreamInterface) forget() {
	if !si.looked() {
		return
	}
	si.half().underway = underway{}
	si.flags &^= SIGone
	si.s.rest()
}

// rest gives back what was needed to connect when there is a connection, unless something is
// known of an endpoint.
func (s *Session) rest() {
	if a := s.aside; a != nil && s.back.state == EST && a.front == (half{}) && a.back == (half{}) && a.applet == nil {
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
	if s.ducts != nil {
		s.proxy.ducts.give(s.ducts)
		s.ducts = nil
	}
}
