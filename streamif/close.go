package streamif

import "millrace/core"

// close gives up the endpoint and leaves both channels shut on this side. It is
// the only way out of CON and EST but for a failed attempt. What the kernel has
// accepted for the endpoint is not taken with it: a close that may be a RST waits
// until that has arrived.
func (si *StreamInterface) close() {
	if si.whole() && !si.conn.Flags().Any(core.ConnSockWrSh) {
		si.farewell() // what cannot be said at once is not said
	}
	reset := si.abrupt()
	waits := si.parting(reset)
	si.cutShort()
	si.in().flags = si.in().flags&^ShutRNow | ShutR
	si.in().rex = 0
	si.out().flags = si.out().flags&^ShutWNow | ShutW
	si.out().setWex(0)
	si.setExp(0)
	si.flags &^= SIWaitRoom | SIWaitData | SINoLinger
	if reset {
		si.flags |= SINoLinger
	}
	if waits {
		si.linger()
	} else {
		si.depart()
	}
	si.s.wake()
}

// whole says that the endpoint has got its stream with a proper end, or that only
// the end is left to tell.
func (si *StreamInterface) whole() bool {
	f := si.conn.Flags()
	return f.Any(core.ConnSockWrSh) || si.out().Closing() && si.out().Empty() && !f.Any(core.ConnOwes) && !si.out().flags.Any(Truncated)
}

// abrupt says that closing has to be a RST: with a FIN, a stream would look complete
// that is not.
func (si *StreamInterface) abrupt() bool {
	switch c := &si.conn; {
	case !c.Open() || c.Err().Gone():
		return false // there is nobody
	case si.flags.Any(SINoLinger):
		return true
	}
	return !si.layer().Marks() && !si.whole() && si.out().prod().begun()
}

// parting says whether a close has to wait for what is on its way to the endpoint.
// It has not if it cannot be a RST: the peer's FIN was read, and nothing is unread.
// A FIN of ours goes first, so that what follows it undoes nothing.
func (si *StreamInterface) parting(reset bool) bool {
	f := si.conn.Flags()
	switch {
	case si.state != EST || !si.conn.Open() || f.Any(core.ConnError|core.ConnHandshake):
		return false
	case reset:
		return si.out().sent > 0 && !si.flags.Any(SIGone)
	case f.Any(core.ConnSockRdSh):
		return false
	}
	si.conn.ShutW()
	return (si.out().sent > 0 || si.layer().Marks()) && !si.flags.Any(SIGone)
}

// How long after another what is under way is looked at: there is no event for it.
const (
	lookSoon = core.Millisecond
	lookLate = 64 * core.Millisecond
)

// linger looks whether what is on its way to an endpoint that is closed otherwise
// has arrived, and comes back until it has. That is timed as sending is: who takes
// nothing is not waited for.
func (si *StreamInterface) linger() {
	now, left, u := si.s.proxy.loop.Now(), si.untaken(), &si.half().underway
	if !si.flags.Any(SILinger) {
		si.free()
		si.conn.Stop(core.RW)
		si.flags |= SILinger
		*u = underway{pause: lookSoon}
	}
	if u.less(left, now) {
		u.until = core.After(now, si.out().wto())
	}
	switch {
	case left == 0:
		si.depart()
	case u.until != 0 && now >= u.until:
		si.flags |= SINoLinger
		si.s.end(si.late())
		si.depart()
	default:
		si.setExp(core.First(now+u.pause, u.until))
		u.pause = min(2*u.pause, lookLate)
		si.s.due(si.Exp())
	}
}

// late is the reason of a session whose endpoint takes nothing.
func (si *StreamInterface) late() Reason {
	if si == &si.s.front {
		return ClientTimeout
	}
	return ServerTimeout
}

// depart closes the descriptor.
func (si *StreamInterface) depart() {
	si.hangUp(si.flags.Any(SINoLinger))
	si.setExp(0)
	si.flags &^= SINoLinger | SILinger | SIGone
	si.on(EvClose)
	si.s.wake()
}
