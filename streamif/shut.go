package streamif

import "millrace/core"

// shutR is our decision to read no more from the endpoint.
func (si *StreamInterface) shutR() {
	in := si.in
	in.flags &^= ShutRNow
	if in.flags.Any(ShutR) {
		return
	}
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
		si.layer.ShutW(&si.conn, true)
		si.conn.ShutW()
		if si.fin != 0 {
			in.rto = si.fin
			in.rex = core.After(si.s.proxy.loop.Now(), si.fin)
			si.s.due(in.rex)
		}
	}
	si.s.wake()
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
	reset := si.flags.Any(SINoLinger)
	if si.conn.Open() && !si.conn.Flags().Any(core.ConnSockWrSh|core.ConnError|core.ConnWaitL4) {
		si.layer.ShutW(&si.conn, !reset)
	}
	si.conn.Close(reset)
	si.in.flags = si.in.flags&^ShutRNow | ShutR
	si.in.rex = 0
	si.out.flags = si.out.flags&^ShutWNow | ShutW
	si.out.wex = 0
	si.exp = 0
	si.flags &^= SIWaitRoom | SIWaitData | SINoLinger
	si.on(EvClose)
	si.s.wake()
}
