package streamif

import "millrace/core"

// shutR is our decision to read no more from the endpoint.
func (si *StreamInterface) shutR() {
	in := si.in
	in.flags &^= ShutRNow
	if in.flags.Any(ShutR) {
		return
	}
	si.cutShort()
	in.flags |= ShutR
	in.rex = 0
	si.flags &^= SIWaitRoom
	switch {
	case si.state != EST && si.state != CON:
	case si.out.flags.Any(ShutW):
		si.close()
	case si.flags.Any(SINoHalf) && si.flags.Any(SINoLinger):
		si.shutW() // it took too long: it is gone, and what is on its way to it
	default:
		si.conn.Stop(core.R) // what is on its way to it still gets there
	}
	si.s.wake()
}

// shutW is our decision to send no more to the endpoint: the FIN leaves now. It
// closes everything where no more can be received either, where the connection
// does not exist yet, and where the peer is not to be waited for.
func (si *StreamInterface) shutW() {
	out, in := si.out, si.in
	if !out.flags.Any(ShutW) && !si.farewell() {
		out.flags |= ShutWNow // and again when it is out
		return
	}
	out.flags &^= ShutWNow
	if out.flags.Any(ShutW) {
		return
	}
	out.flags |= ShutW
	out.wex = 0
	si.flags &^= SIWaitData
	switch {
	case si.state == CON:
		si.close()
	case si.flags.Any(SIErr):
		si.flags &^= SINoLinger // the error has said it all
		si.close()
	case si.flags.Any(SINoLinger) || in.flags.Any(ShutR):
		si.close()
	case si.app == nil:
		si.conn.ShutW()
		if si.fin != 0 {
			in.rto = si.fin
			in.rex = core.After(si.s.proxy.loop.Now(), si.fin)
			si.s.due(in.rex)
		}
	}
	si.s.wake()
}

// cutShort notes that the endpoint's stream ends in some other way than by its own
// end: for whoever gets it, that must not look like one.
func (si *StreamInterface) cutShort() {
	if si.app == nil && !si.in.flags.Any(ShutR) {
		si.in.flags |= Truncated
	}
}

// farewell lets the layer say goodbye, where there is somebody to say it to, and
// reports whether the FIN may follow. A stream that was cut short has no proper
// end, and its consumer gets none: a FIN where only a goodbye is an end, and a RST
// for a stream that had such an end to lose. Between plain ends it gets its FIN.
func (si *StreamInterface) farewell() bool {
	switch {
	case si.app != nil || si.flags.Any(SIErr|SINoLinger):
		return true
	case si.out.flags.Any(Truncated):
		from := si.out.prod
		if !si.layer.Marks() && si.conn.Open() && from.conn.Flags().Any(core.ConnConnected) && from.layer.Marks() {
			si.flags |= SINoLinger
		}
		return true
	case si.state != EST:
		return true
	case !si.layer.ShutW(&si.conn):
		return false
	}
	if si.conn.Flags().Any(core.ConnError) && !si.in.flags.Any(ShutR) {
		si.flags |= SIErr
	}
	return true
}

// saidAll says that the peer has said goodbye and that ours is all that is left to
// say. Many close as soon as they have said theirs, and do not hear it: what then
// fails is of no use to anybody.
func (si *StreamInterface) saidAll() bool {
	return si.state == EST && si.cipher() != nil && si.lower.secure.Said() && si.in.flags&(ShutR|Truncated) == ShutR
}

// read0 is the peer's end of stream.
func (si *StreamInterface) read0() {
	in := si.in
	in.flags &^= ShutRNow
	if in.flags.Any(ShutR) {
		return
	}
	in.flags |= ShutR | ReadNull
	in.rex = 0
	si.flags &^= SIWaitRoom
	// Undecided input must be decided on first: the session asks for the FIN.
	if !in.flags.Any(ShutW) && in.buf.In() == 0 {
		in.flags |= ShutWNow
	}
	switch {
	case si.state != EST && si.state != CON:
	case si.out.flags.Any(ShutW), si.flags.Any(SINoHalf):
		si.close()
	default:
		si.conn.Stop(core.R)
	}
	si.s.wake()
}

// close gives up the endpoint and leaves both channels shut on this side. It is
// the only way out of CON and EST but for a failed attempt.
func (si *StreamInterface) close() {
	ended := si.out.Closing() && si.out.Empty() || si.out.flags.Any(Truncated)
	if ended && si.conn.Open() && !si.conn.Flags().Any(core.ConnSockWrSh) {
		si.farewell() // what cannot be said at once is not said
	}
	si.hangUp(si.flags.Any(SINoLinger))
	si.cutShort()
	si.in.flags = si.in.flags&^ShutRNow | ShutR
	si.in.rex = 0
	si.out.flags = si.out.flags&^ShutWNow | ShutW
	si.out.wex = 0
	si.exp = 0
	si.flags &^= SIWaitRoom | SIWaitData | SINoLinger
	si.on(EvClose)
	si.s.wake()
}
