package sim

// How long a sender waits for an acknowledgement: on a fast link, at most, and, since
// each time in vain doubles it, in all before it gives up. Linux's are the same: 15 times
// in vain, counted as if the link were fast.
const (
	leastRTO = 200 * Millisecond
	mostRTO  = 120 * Second
	patience = 924600 * Millisecond
)

// partitions are how long nothing passes, by the value of OpPartition.
var partitions = [...]Time{1: Second, 5 * Second, 30 * Second, 200 * Second}

// Join makes two streams the two directions of one connection.
func Join(s, t *Stream) { s.back, t.back = t, s }

// strikes draws what goes wrong with a delivery, and says whether it does not take place.
func (s *Stream) strikes() bool {
	a := s.proc.Agent
	if !s.rst && a.Choose(OpHole, 2) != 0 {
		s.hole, s.ill = true, true
		s.vain()
		return true
	}
	if v := a.Choose(OpStall, 16); v != 0 {
		s.w.Wake(&s.proc, s.w.now+Time(v)*200*Millisecond)
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
		s.part(partitions[v])
		s.vain()
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
	case s.w.now < s.resend:
		s.w.Wake(&s.proc, s.resend)
		return true
	case s.lossy() || s.vacant && s.back.lossy():
		s.vain()
		return true
	case s.vacant:
		if s.waits() {
			s.dead = true
			s.rx.Refused()
		}
		return true
	}
	s.resend, s.since, s.rto, s.ill = 0, 0, 0, false
	return false
}

// lossy says that whatever is sent now is lost.
func (s *Stream) lossy() bool { return s.hole || s.w.now < s.heals }

// waits says that something has left that has not arrived.
func (s *Stream) waits() bool {
	return s.pushed > s.arrived || s.fin && !s.finIn || s.marked && !s.markIn
}

// firstRTO is how long the sender waits for the first time.
func (s *Stream) firstRTO() Time { return leastRTO + 2*s.link.Latency }

// part lets nothing pass for a while, in both directions. A sender that waits for its
// window asks in vain from now on.
func (s *Stream) part(span Time) {
	s.heals, s.ill = max(s.heals, s.w.now+span), true
	if t := s.back; t != nil {
		t.heals, t.ill = max(t.heals, s.heals), true
		if !t.dead && !t.gone && t.waits() {
			s.w.Wake(&t.proc, s.w.now)
		}
	}
}

// vain is a transmission that is lost. The next one is later, and the last one is when the
// sender has had enough.
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
	end := s.since + patience
	if now >= end {
		s.Vanish()
		s.tx.GaveUp()
		return
	}
	s.resend, s.corked = min(now+s.rto, end), false
	s.w.Wake(&s.proc, s.resend)
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
	if t.waits() {
		t.kick()
	}
}

// Gone says that the sender has vanished, and the other end has not been told.
func (s *Stream) Gone() bool { return s.gone && !s.dead }
