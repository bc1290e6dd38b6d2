package sim

// How long a sender waits for an acknowledgement: on a fast link, at most, and, since
// each time in vain doubles it, from the second time on before it gives up. Linux's are the same: 15 times
// in vain, or 8 times if nobody has the socket any more, counted as if the link were fast.
const (
	leastRTO  = 200 * Millisecond
	mostRTO   = 120 * Second
	mostOpen  = 924600 * Millisecond
	mostAlone = 102200 * Millisecond
)

const forEver Time = 1 << 62

// How long nothing passes: in one direction, by the value of OpHole, and in both, by that
// of OpPartition.
var (
	holes      = [...]Time{1: forEver, Second, 5 * Second, 30 * Second, 200 * Second}
	partitions = [...]Time{1: Second, 5 * Second, 30 * Second, 200 * Second}
)

// Join makes two streams the two directions of one connection.
func Join(s, t *Stream) { s.back, t.back = t, s }

// strikes draws what goes wrong with a delivery, and says whether it does not take place.
func (s *Stream) strikes() bool {
	a := s.proc.Agent
	if !s.rst {
		if v := a.Choose(OpHole, len(holes)); v != 0 {
			s.vain()
			s.block(holes[v])
			return true
		}
	}
	if v := a.Choose(OpStall, 16); v != 0 {
		s.w.Wake(&s.proc, s.w.now+OpStall.Span(v))
		return true
	}
	if s.rst && a.Choose(OpRstLost, 2) != 0 {
		s.Vanish()
		return true
	}
	if s.rst || !s.waits() {
		return false
	}
	if v := a.Choose(OpLost, 4); v != 0 {
		s.ill, s.corked = true, false
		s.resend = s.w.now + (1<<v-1)*s.firstRTO()
		s.w.Wake(&s.proc, s.resend)
		return true
	}
	if v := a.Choose(OpPartition, len(partitions)); v != 0 {
		s.vain()
		s.block(partitions[v])
		if s.back != nil {
			s.back.block(partitions[v])
		}
		return true
	}
	return false
}

// suffers goes on with what went wrong before, and says whether no delivery takes place.
func (s *Stream) suffers() bool {
	switch {
	case s.rst && s.lossy() && !s.gone:
		s.Vanish() // nobody sends a RST twice
		return true
	case s.rst && (s.gone || s.w.now < s.resend):
		s.dead = true // it overtakes what was lost
		s.rx.Reset()
		return true
	case s.rst:
		return false
	case s.quiet() && s.troubled():
		s.watch()
		return true
	case s.w.now < s.resend:
		s.w.Wake(&s.proc, s.resend)
		return true
	case s.lossy() || s.unheard() && (s.since != 0 || s.vacant):
		s.vain()
		return true
	case s.vacant:
		if s.waits() {
			s.dead = true
			s.rx.Refused()
		}
		return true
	}
	s.resend, s.since, s.rto = 0, 0, 0
	if s.ill = s.unheard(); !s.ill {
		s.let(s.room())
		s.hears()
	}
	return false
}

// lossy says that whatever is sent now is lost.
func (s *Stream) lossy() bool { return s.w.now < s.heals }

// unheard says that whatever arrives is not acknowledged: that would go the other way.
func (s *Stream) unheard() bool { return s.back != nil && s.back.lossy() }

// acknowledge has the sender know what has arrived, if it can be heard of: that there is
// space, or that the FIN was taken, is then news to it. Anything that arrives is a sign of
// life.
func (s *Stream) acknowledge(something bool) (heard, space, taken bool) {
	heard = !s.unheard()
	if something && s.back != nil {
		s.back.hears()
	}
	if !heard {
		return
	}
	if something {
		s.hears()
	}
	space, taken = s.arrived > s.acked, s.finIn && !s.finAcked
	s.acked, s.finAcked = s.arrived, s.finIn
	return
}

// waits says that something has left of which the sender does not know that it arrived.
func (s *Stream) waits() bool {
	return s.pushed > s.acked || s.fin && !s.finAcked
}

// firstRTO is how long the sender waits for the first time.
func (s *Stream) firstRTO() Time { return leastRTO + 2*s.link.Latency }

// block lets nothing pass for a while: nothing that is sent here, and no acknowledgement of
// what is sent the other way. Who waits there for his window asks in vain from now on.
func (s *Stream) block(span Time) {
	s.heals, s.ill = max(s.heals, s.w.now+span), true
	if span == forEver {
		s.loses()
	}
	s.watch()
	if t := s.back; t != nil {
		t.ill = true
		if span == forEver {
			t.loses()
		}
		if !t.dead && !t.gone && t.waits() && (t.corked || !t.proc.Scheduled()) {
			s.w.Wake(&t.proc, s.w.now)
		}
		t.watch()
	}
}

// Orphan says that nobody has the sender's socket any more, who then gives up earlier.
func (s *Stream) Orphan() { s.orphan = true }

// Rests is Orphan of a sender to whom all was acknowledged. Only one who asks whether the other
// end is there still makes a difference.
func (s *Stream) Rests() { s.orphan = s.orphan || s.vigil.Idle == 0 }

// vain is a transmission that is lost, or whose acknowledgement is: from then on nothing
// new is sent. The next one is later, and the last one is when the sender has had enough.
func (s *Stream) vain() {
	now := s.w.now
	if s.Held() > 0 && now >= s.uncork {
		s.pushed = s.wrote
	}
	if !s.waits() {
		if s.Held() > 0 {
			s.rest()
		}
		return
	}
	if s.since == 0 {
		s.since, s.rto = now, s.firstRTO()
	} else {
		s.rto = min(2*s.rto, mostRTO)
	}
	end := s.since + s.firstRTO() + s.patience()
	if s.stuck != 0 {
		end = min(end, s.stuck)
	}
	if now >= end {
		s.surrender()
		return
	}
	s.resend, s.corked = min(now+s.rto, end), false
	s.w.Wake(&s.proc, s.resend)
}

// patience is how long it is tried again, from the second time on.
func (s *Stream) patience() Time {
	switch {
	case s.vigil.Unanswered != 0:
		return s.vigil.Unanswered
	case s.orphan:
		return mostAlone
	}
	return mostOpen
}

// Vanish ends the sender without a word: nothing that has not arrived ever does, and what
// is sent to it from now on is refused. That may have been refused before, and the RST
// that said so was lost.
func (s *Stream) Vanish() {
	if s.dead {
		return
	}
	s.rst, s.gone, s.ill = false, true, true
	s.w.Cancel(&s.proc)
	t := s.back
	if t == nil || t.rst || t.gone {
		return
	}
	t.dead, t.vacant, t.ill = false, true, true
	t.loses()
	if t.waits() {
		t.kick()
	}
	t.watch()
}

// Gone says that the sender has vanished, and the other end has not been told.
func (s *Stream) Gone() bool { return s.gone && !s.dead }
