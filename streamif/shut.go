package streamif

import (
	"millrace/core"
	"millrace/datalayer"
)

// shutR is our decision to read no more from the endpoint. What is on its way to it
// still gets there.
func (si *StreamInterface) shutR() {
	in := si.in()
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
	case si.out().flags.Any(ShutW):
		si.close()
	default:
		si.conn.Stop(core.R)
	}
	si.s.wake()
}

// shutW is our decision to send no more to the endpoint: the FIN leaves now. It
// closes everything where no more can be received either, where the connection
// does not exist yet, and where the end is not one that a FIN could tell of.
func (si *StreamInterface) shutW() {
	out, in := si.out(), si.in()
	switch {
	case out.flags.Any(ShutW):
		out.flags &^= ShutWNow
	case !si.farewell():
		out.flags |= ShutWNow // and again when it is out
	case si.state == CON || si.flags.Any(SIErr|SINoLinger) || in.flags.Any(ShutR) || si.broken():
		si.close()
	default:
		out.flags = out.flags&^ShutWNow | ShutW
		out.setWex(0)
		si.flags &^= SIWaitData
		if !si.IsApplet() {
			si.conn.ShutW()
			si.forget() // the FIN is under way too
			if fin := si.fin(); fin != 0 {
				in.rex = core.After(si.s.proxy.loop.Now(), fin)
				si.s.due(in.rex)
			}
		}
		si.s.wake()
	}
}

// cutShort notes that the endpoint's stream ends in some other way than by its own
// end: for whoever gets it, that must not look like one.
func (si *StreamInterface) cutShort() {
	if !si.in().flags.Any(ShutR) {
		si.in().flags |= Truncated
	}
}

// broken says that what the endpoint gets was cut short, and that it takes any FIN
// for a proper end.
func (si *StreamInterface) broken() bool {
	return !si.IsApplet() && si.out().flags.Any(Truncated) && !si.layer().Marks() && si.out().prod().begun()
}

// begun says that there is, or was, somebody to send a stream. What nobody began
// is not cut short: a client whose server cannot be reached gets a FIN.
func (si *StreamInterface) begun() bool {
	return si.IsApplet() || si.conn.Flags().Any(core.ConnConnected)
}

// farewell lets the layer say goodbye, where there is somebody to say it to, and
// reports whether the end may follow. A stream that was cut short has no proper
// one, and its consumer gets none.
func (si *StreamInterface) farewell() bool {
	if si.IsApplet() || si.flags.Any(SIErr|SINoLinger) || si.out().flags.Any(Truncated) || si.state != EST {
		return true
	}
	st := si.layer().ShutW(&si.conn)
	if st.Any(datalayer.Sent) {
		si.wrote(si.s.proxy.loop.Now())
	}
	if st.Any(datalayer.Full) {
		return false
	}
	if si.conn.Flags().Any(core.ConnError) && !si.in().flags.Any(ShutR) {
		si.flags |= SIErr
	}
	return true
}

// saidAll says that the peer has said goodbye and that ours is all that is left to
// say. Many close as soon as they have said theirs, and do not hear it: what then
// fails is of no use to anybody.
func (si *StreamInterface) saidAll() bool {
	return si.state == EST && si.cipher() != nil && si.lower.secure.Said() && si.in().flags&(ShutR|Truncated) == ShutR
}

// read0 is the peer's end of stream.
func (si *StreamInterface) read0() {
	in := si.in()
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
	case si.out().flags.Any(ShutW), si.flags.Any(SINoHalf):
		si.close()
	default:
		si.conn.Stop(core.R)
	}
	si.s.wake()
}
