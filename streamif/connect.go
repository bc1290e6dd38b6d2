package streamif

import "millrace/core"

// turnaround is the pause after an attempt that the network refused: a server
// that restarts needs about that long.
const turnaround = core.Second

// connect takes the server side through its attempts until it has to wait:
//
//	INI -> REQ -> ASS -> CON -> EST
//	        ^      ^      |
//	        |      +-- TAR <-- CER     (CLO when no attempt is left)
//	        +-----------+
func (s *Session) connect() {
	si := &s.back
	if s.front.state == CON {
		return // who the client is, and whether it may come in, is not yet known
	}
	switch si.state {
	case INI:
		s.request(si)
	case TAR:
		s.paused(si)
	case CON:
		s.connecting(si)
	}
	for {
		switch si.state {
		case REQ:
			if r, now := &s.proxy.ring, s.proxy.loop.Now(); s.server < 0 {
				s.choose(r.pick(now))
			} else {
				// Not the next in turn: that one is the next session's, and if it
				// got what this server's neighbour should have, all would begin
				// with the one that is down.
				s.choose(r.behind(s.server, now))
			}
			si.on(EvPick)
		case ASS:
			s.dial(si)
		case CER:
			s.again(si)
		default:
			return
		}
	}
}

// request starts the server side, unless the client is gone already.
func (s *Session) request(si *StreamInterface) {
	switch {
	case s.aborted():
		s.end(ClientAbort)
		s.giveUp(si)
	case si.IsApplet():
		si.on(EvAttach)
	default:
		s.setAside().retries = int16(s.proxy.cfg.Retries)
		si.on(EvWant)
	}
}

// paused waits for the end of the turn-around.
func (s *Session) paused(si *StreamInterface) {
	switch {
	case s.aborted():
		s.end(ClientAbort)
		s.giveUp(si)
	case si.flags.Any(SIExpired):
		si.flags &^= SIExpired
		s.next(si)
	}
}

// connecting looks at a pending attempt. Establishment comes first: bytes that
// left must never be followed by another attempt.
func (s *Session) connecting(si *StreamInterface) {
	switch {
	case si.conn.Flags().Any(core.ConnConnected):
		s.established(si)
	case si.flags.Any(SIErr) && s.req.sent > 0:
		s.established(si) // bytes left in the turn that failed: it was up
	case si.flags.Any(SIErr):
		s.failed(si, si.conn.Err(), si.conn.Flags())
	case si.flags.Any(SIExpired):
		s.failed(si, core.ETIMEDOUT, si.conn.Flags())
	case s.aborted():
		s.end(ClientAbort)
		si.close()
	}
}

// aborted says that the client gave up before the server was there.
func (s *Session) aborted() bool {
	return s.req.flags.Any(ShutW) || s.rep.flags.Any(ShutW) ||
		s.req.Closing() && (s.req.Empty() || s.proxy.cfg.AbortOnClose)
}

// established turns the connect timer off, and with the state the server's timeouts on.
func (s *Session) established(si *StreamInterface) {
	si.on(EvUp)
	s.why = 0
	s.won()
	si.setExp(0)
	s.rest()
}

// dial begins one attempt.
func (s *Session) dial(si *StreamInterface) {
	p := s.proxy
	s.tries++
	p.Stats.Connects++
	s.trying()
	si.forgive()
	fd, e := p.dialer.Socket(int(s.server), s.peer.Label)
	if e == 0 {
		s.introduce()
		e = si.conn.Connect(&p.loop.Table, fd, si, si.Chain() != nil || !s.req.Empty())
	}
	if e != 0 {
		s.failed(si, e, core.ConnWaitL4)
		return
	}
	si.on(EvDial)
	si.setExp(core.After(p.loop.Now(), p.cfg.ConnectTimeout))
}

// Refusal returns the error of the last attempt to connect: of one that failed before there
// was a connection nothing else has it. It is 0 if none failed, or the last one succeeded.
func (s *Session) Refusal() core.Errno {
	if s.aside == nil {
		return 0
	}
	return s.why
}

// reasonOf says who is to blame for a connect that failed with this error and
// these flags: once the connection is there it is the handshake that failed.
func reasonOf(e core.Errno, flags core.ConnFlags) Reason {
	shaking := flags.Any(core.ConnTLS) && !flags.Any(core.ConnWaitL4)
	switch {
	case shaking && e == core.ETIMEDOUT:
		return ServerTLSLate
	case shaking:
		return ServerTLS
	case e.Exhausted() || e == core.EAGAIN || e == core.EADDRINUSE || e == core.EADDRNOTAVAIL:
		return ConnectNoRoom
	case e == core.ETIMEDOUT:
		return ConnectLate
	}
	return ConnectError
}

// failed ends one attempt. Trying the same server again at once is of no use if the
// network answered or this machine has run out of something; if there was no answer
// at all, the time is spent already.
func (s *Session) failed(si *StreamInterface, e core.Errno, flags core.ConnFlags) {
	core.BugOn(s.req.sent > 0, "I47", "session", "an attempt failed after bytes had left")
	s.proxy.Stats.ConnFailed++
	r := reasonOf(e, flags)
	final := e == core.ETLS // what is refused now is refused in a second
	s.lost(r, e)
	si.hangUp(si.abrupt())
	si.on(EvFail)
	si.flags &^= SIErr | SIExpired
	si.setExp(0)
	s.cause, s.why = r, e
	switch {
	case final && s.proxy.cfg.Redispatch:
		s.retries = min(s.retries, 1) // its neighbour may do better
	case final:
		s.retries = 0
	case r != ConnectLate && r != ServerTLSLate:
		si.setExp(core.After(s.proxy.loop.Now(), turnaround))
	}
}

// again decides what follows a failed attempt. Nobody waits for a server while
// another one is up.
func (s *Session) again(si *StreamInterface) {
	s.retries--
	switch {
	case s.retries < 0:
		si.setExp(0)
		s.end(s.cause)
		s.giveUp(si)
	case si.Exp() != 0 && (s.cause == ConnectNoRoom || !s.elsewhere()):
		si.on(EvPause)
	default:
		si.setExp(0)
		s.next(si)
	}
}

// next begins another attempt: with another server if that is allowed and one is up,
// and the last one in any case, since the first one had its chances.
func (s *Session) next(si *StreamInterface) {
	s.proxy.Stats.Retries++
	if s.retries == 0 && s.proxy.cfg.Redispatch || s.elsewhere() {
		si.on(EvElse)
	} else {
		si.on(EvAgain)
	}
}

// giveUp leaves the server side without a connection for good.
func (s *Session) giveUp(si *StreamInterface) {
	si.on(EvGiveUp)
	si.setExp(0)
	si.cutShort() // nobody is to take it for an empty answer
	si.in().flags = si.in().flags&^ShutRNow | ShutR
	si.out().flags = si.out().flags&^ShutWNow | ShutW
}
