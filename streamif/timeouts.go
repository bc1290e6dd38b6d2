package streamif

import "millrace/core"

// timeouts acts on what has expired, as far as it is known that nothing came. A shut direction
// has no deadline left, and every expired one is cleared by the deed it leads to. Writing comes
// first: it may put off reading.
func (s *Session) timeouts() {
	now := s.proxy.loop.Looked()
	for _, si := range [...]*StreamInterface{&s.front, &s.back} {
		if si.Exp() != 0 && si.Exp() <= now {
			si.setExp(0)
			si.flags |= SIExpired
		}
	}
	for _, ch := range [...]*Channel{&s.req, &s.rep} {
		if at := ch.Look(); at != 0 && at <= now {
			ch.stalls(now)
		}
	}
	for _, ch := range [...]*Channel{&s.req, &s.rep} {
		ch.starves(now)
	}
}

// stalls looks at a consumer that has not taken what there is for it.
func (ch *Channel) stalls(now core.Time) {
	si := ch.cons()
	switch {
	case ch.wex() > now:
		si.half().less(si.untaken(), ch.s.proxy.loop.Now())
	case si.conn.Drain():
		// It failed, which is told when what it said before that has been read. Until
		// then nothing is sent, and that is not because it takes nothing.
		ch.setWex(core.After(ch.s.proxy.loop.Now(), ch.wto()))
	case si.takes(ch.wto()):
		si.progress(ch.s.proxy.loop.Now())
	default:
		ch.flags |= WriteTimeout
		si.flags |= SINoLinger | SIGone // it takes nothing: do not wait for it
		si.shutW()
	}
}

// starves looks at a producer that has said nothing. Who is still taking what he gets is not
// silent, as he is not when a byte leaves to him.
func (ch *Channel) starves(now core.Time) {
	late := ch.rex != 0 && ch.rex <= now
	switch si := ch.prod(); {
	case !late && !ch.patience().over(now):
	case ch.hurry(): // the next look tells whether there is anything
	case !late:
	case !si.flags.Any(SIIndep) && si.takes(ch.rto()):
		si.progress(ch.s.proxy.loop.Now())
	default:
		ch.flags |= ReadTimeout
		if si.looked() && si.lent().left > 0 {
			si.flags |= SIGone // it takes nothing either
		}
		si.shutR()
		if to := si.out(); si.flags.Any(SINoHalf) && !to.flags.Any(ShutR) {
			to.flags |= ShutRNow // it is gone, and gets no more than there is
		}
	}
}

// Timeouts returns the spans behind Deadlines; 0 = never.
func (ch *Channel) Timeouts() (rto, wto core.Time) { return ch.rto(), ch.wto() }

// rto is how long the producer may say nothing, 0 = for ever.
func (ch *Channel) rto() core.Time {
	if si := ch.prod(); si.out().flags.Any(ShutW) && si.fin() != 0 {
		return si.fin()
	}
	return ch.prod().span()
}

// wex is when writing times out, 0 = not running.
func (ch *Channel) wex() core.Time { return ch.cons().lent().wex }

// wto is how long the consumer may take nothing, 0 = for ever.
func (ch *Channel) wto() core.Time { return ch.cons().span() }

// Look returns when it has to be looked at whether the consumer takes anything, 0 = never: soon
// after the last byte left, to know what is under way then, and when its time is up.
//
//	last byte left            look                                    wex
//	|-------- 1/8 ------------|--------------- 7/8 of wto -------------|  less under way: once more,
//	                                                                      else it is late
//
// The kernel reports no room before a third of a buffer has been taken. Of that alone nobody
// can tell who takes nothing, and who takes a little all the time.
func (ch *Channel) Look() core.Time {
	si, up := ch.cons(), ch.wex()
	if up == 0 || si.looked() {
		return up
	}
	if rex := si.in().rex; rex != 0 && !si.flags.Any(SIIndep) {
		up = min(up, rex) // what is known by then is asked for reading's sake too
	}
	return up - ch.wto()/8*7
}

// takes says, when an endpoint's time is up, which is so much, whether it has taken anything since
// the last look at what is under way to it. Who is looked at for the first time has all his time
// again, and so has who was looked at only just before: it is reading that is late, and sending has
// begun meanwhile.
func (si *StreamInterface) takes(most core.Time) bool {
	left, now := si.untaken(), si.s.proxy.loop.Now()
	if ago := now - si.lent().at; left > 0 && si.looked() && ago > 0 && ago < most/4 {
		si.half().at = 0
	}
	return (left > 0 || si.looked()) && si.half().less(left, now)
}

// untaken looks at how much is under way to the endpoint.
func (si *StreamInterface) untaken() int {
	if si.state != EST || si.IsApplet() || si.conn.Flags().Any(core.ConnError) {
		return 0
	}
	return si.conn.FD().Untaken()
}

// span is how long an endpoint may do nothing that it is waited for. A server has none
// before it is connected, and an applet never.
func (si *StreamInterface) span() core.Time {
	cfg := &si.s.proxy.cfg
	switch {
	case si == &si.s.front:
		return cfg.ClientTimeout
	case si.state == EST && cfg.Applet == nil:
		return cfg.ServerTimeout
	}
	return 0
}

// fin is how long it may say nothing once our FIN is out, 0 = as before.
func (si *StreamInterface) fin() core.Time {
	cfg := &si.s.proxy.cfg
	switch {
	case si == &si.s.front:
		return cfg.ClientFin
	case cfg.Applet == nil:
		return cfg.ServerFin
	}
	return 0
}
