package sim

// Vigil is how a sender finds out that nobody is at the other end: Linux's keepalive, and
// its TCP_USER_TIMEOUT.
type Vigil struct {
	Idle       Time // of silence, after which who has nothing under way asks; 0 = never
	Interval   Time // between two questions that are not answered
	Count      int  // of them, after which it has had enough
	Unanswered Time // for which what was sent may be, and a window shut; 0 = the usual. Counts instead of Count
}

// Watch keeps a vigil from now on. What is not asked before there is trouble is not asked
// at all: it would be answered, and change nothing.
func (s *Stream) Watch(v Vigil) {
	if s.vigil = v; s.heard == 0 {
		s.heard = s.w.now
	}
	s.watch()
}

// troubled says that who asked now would get no answer, or a RST.
func (s *Stream) troubled() bool { return s.lossy() || s.unheard() || s.vacant }

// quiet says that nothing is under way, or waits to be.
func (s *Stream) quiet() bool { return !s.waits() && s.Held() == 0 }

// hears takes note of a sign of life of the other end.
func (s *Stream) hears() { s.heard, s.asks, s.asked = s.w.now, 0, 0 }

// loses takes note that nobody will ever answer.
func (s *Stream) loses() {
	if s.lost == 0 {
		s.lost = s.w.now
	}
}

// Deserted says since when a sender that has nothing under way has nobody at the other
// end, or nobody who hears, and heard nothing more itself; 0 if that is not so.
func (s *Stream) Deserted() Time {
	if s.lost == 0 || s.dead || s.gone || s.rst || !s.quiet() {
		return 0
	}
	return max(s.lost, s.heard)
}

// watch asks if it is time to, or waits for that.
func (s *Stream) watch() {
	v, now := &s.vigil, s.w.now
	switch {
	case v.Idle == 0 || s.dead || s.gone || s.rst || s.orphan || !s.ill || !s.troubled() || !s.quiet():
		return
	case s.asks == 0:
		s.heard += (now - s.heard) / v.Idle * v.Idle // it asked meanwhile, and was answered
		s.asks = s.heard + v.Idle
	}
	if now >= s.asks && s.enquire() {
		return
	}
	s.corked = s.corked || !s.proc.Scheduled()
	s.w.Wake(&s.proc, s.asks)
}

// enquire asks, and says whether that was the end: it is answered with a RST, or was asked
// in vain too often. Who has had enough sends a RST himself, unlike who gives up sending.
func (s *Stream) enquire() (over bool) {
	v, now := &s.vigil, s.w.now
	enough := s.asked >= v.Count
	if v.Unanswered != 0 {
		enough = s.asked > 0 && now-s.heard >= v.Unanswered
	}
	switch {
	case s.vacant && !s.lossy() && !s.unheard():
		s.dead = true
		s.rx.Refused()
	case enough:
		s.tx.GaveUp(true)
		s.Abort()
		if s.back != nil {
			s.back.Cut()
		}
	default:
		s.asked++
		s.asks = now + v.Interval
		return false
	}
	return true
}

// blocked says that bytes wait for nothing but room, as far as the sender knows.
func (s *Stream) blocked() bool {
	return s.pushed > s.arrived && s.arrived == s.acked && s.window() == 0
}

// endures waits for a window to open, no longer than its vigil says, from the first time
// that it asks: whether or not there is an answer.
func (s *Stream) endures() {
	if s.vigil.Unanswered == 0 || !s.blocked() {
		return
	}
	if s.stuck == 0 {
		s.stuck = s.w.now + s.firstRTO() + s.vigil.Unanswered
	}
	s.corked = s.corked || !s.proc.Scheduled()
	s.w.Wake(&s.proc, s.stuck)
}

// exhausted ends a sender whose window was shut for too long.
func (s *Stream) exhausted() bool {
	switch {
	case s.stuck == 0:
	case !s.blocked():
		s.stuck = 0
	case s.w.now >= s.stuck:
		s.surrender()
		return true
	}
	return false
}

// surrender is the end of a sender that gives up. What a router said of a question for
// room does not count.
func (s *Stream) surrender() {
	asked := s.blocked()
	s.Vanish()
	s.tx.GaveUp(asked)
}
