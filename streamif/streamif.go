package streamif

import (
	"millrace/core"
	"millrace/datalayer"
)

// StreamInterface joins one endpoint, a connection or an applet, to the two
// channels of its session. It owns every loop and every decision to stop, and
// tells the session only what the session must know.
type StreamInterface struct {
	s     *Session
	lower *lower // what is below the data; nil if never more than TCP was
	conn  core.Conn
	flags SIFlags
	state State
}

// in is the channel of what this endpoint produces.
func (si *StreamInterface) in() *Channel {
	if si == &si.s.front {
		return &si.s.req
	}
	return &si.s.rep
}

// out is the channel of what it consumes.
func (si *StreamInterface) out() *Channel {
	if si == &si.s.front {
		return &si.s.rep
	}
	return &si.s.req
}

// State returns where the stream interface is.
func (si *StreamInterface) State() State { return si.state }

// Flags returns its flags.
func (si *StreamInterface) Flags() SIFlags { return si.flags }

// Conn returns its connection, to be looked at only; closed for an applet.
func (si *StreamInterface) Conn() *core.Conn { return &si.conn }

// Exp returns the deadline of the connect or pause timer; 0 = not running.
func (si *StreamInterface) Exp() core.Time { return si.lent().exp }

// IsApplet says whether the endpoint is an applet.
func (si *StreamInterface) IsApplet() bool {
	return si == &si.s.back && si.s.proxy.cfg.Applet != nil
}

// Turn implements core.Upper.
func (si *StreamInterface) Turn() { si.conn.Turn(si) }

// Recv is the read callback. It stops for one of: nothing left, no room, no
// buffer, the end, an error, or having read often enough for one turn; in the
// last case the descriptor is still ready and gets another turn.
func (si *StreamInterface) Recv(c *core.Conn) {
	in := si.in()
	done, doubt := si.splice(c)
	if done {
		return
	}
	before, dry := in.total, false
	for range si.s.proxy.cfg.MaxReads {
		if in.flags.Any(ShutR) || !in.acquire() {
			break
		}
		in.flags &^= Granted
		room := in.Room()
		if room == 0 {
			break
		}
		n, st := si.layer().RcvBuf(c, in.buf, room)
		if n > 0 {
			in.received(n)
		}
		if st.Any(datalayer.Sent) {
			si.flags |= SIWrote // an answer, and what was owed in front of it
		}
		if st.Any(datalayer.End) {
			si.read0()
		}
		dry = n == 0 && st == datalayer.Dry && !c.Desc().Paused().Any(core.R)
		if st != 0 || n == 0 {
			break
		}
	}
	in.giveBack()
	in.fold()
	if doubt && (!dry || in.total > before) {
		in.copies() // else it was right
	}
	in.watch(in.total - before)
	in.swells(in.total - before)
}

// Send is the write callback.
func (si *StreamInterface) Send(c *core.Conn) {
	if !si.settled() {
		si.push()
	}
}

// settled says that nothing is left to send: neither what the channel holds, nor
// what the layer owes, nor a goodbye that has to wait for the end of a handshake.
func (si *StreamInterface) settled() bool {
	f := si.conn.Flags()
	return si.out().Empty() && !f.Any(core.ConnOwes) && !(f.Any(core.ConnHandshake) && si.out().Closing())
}

// push sends what the connection takes, in one call of the layer: after a short
// write a second one would only be told EAGAIN.
func (si *StreamInterface) push() {
	out := si.out()
	if out.pipe() != nil && !si.pour() {
		return
	}
	if si.settled() {
		return // that was all
	}
	n, st := si.layer().SndBuf(&si.conn, out.buf, si.last())
	if n > 0 {
		out.gone(n)
	}
	if st.Any(datalayer.Sent) {
		si.flags |= SIWrote
	}
}

// last says that the FIN is next in line, so that the last bytes may travel with it.
// Without it they leave alone: nobody knows when others follow.
func (si *StreamInterface) last() bool { return si.out().Closing() && !si.broken() }

// Wake is the notifier, at the end of every turn of the connection.
func (si *StreamInterface) Wake(c *core.Conn, established bool) {
	in, out := si.in(), si.out()
	moved := si.flags & (SIRead | SIWrote)
	si.flags &^= SIRead | SIWrote
	if c.Flags().Any(core.ConnError) {
		si.flags |= SIErr
	}
	if established {
		si.setExp(0)
		out.flags |= WriteNull
	}
	now := si.s.proxy.loop.Now()
	if moved.Any(SIWrote) {
		si.wrote(now)
	}
	if moved.Any(SIRead) && in.rex != 0 {
		in.rex = core.After(now, in.rto())
	}
	si.finish()
	si.arm()
	// Fresh input goes out at once, without asking the session.
	if moved.Any(SIRead) && !in.Empty() {
		in.cons().chkSnd()
		si.arm() // it may have made room
	}
	if moved.Any(SIWrote) {
		out.prod().chkRcv()
	}
	if si.concernsSession(moved) {
		si.s.wake()
	}
}

// wrote accounts for bytes that left: what was under way before is not all any more.
func (si *StreamInterface) wrote(now core.Time) {
	si.forget()
	si.progress(now)
	si.s.due(si.out().Look()) // which may be sooner than the last one was to be
}

// progress refreshes the timers that progress on the output concerns.
func (si *StreamInterface) progress(now core.Time) {
	if si.out().wex() != 0 {
		si.out().setWex(core.After(now, si.out().wto()))
	}
	if si.in().rex != 0 && !si.flags.Any(SIIndep) {
		si.in().rex = core.After(now, si.in().rto())
	}
}

// finish sends the FIN once the last byte is gone.
func (si *StreamInterface) finish() {
	if si.state == EST && si.out().Closing() && si.settled() {
		si.shutW()
		si.s.wake()
	}
}

// concernsSession tells whether the session must look at what a turn did.
func (si *StreamInterface) concernsSession(moved SIFlags) bool {
	in, out := si.in(), si.out()
	switch {
	case si.state != EST || si.flags.Any(SIErr):
	case in.flags.Any(ReadNull) || out.flags.Any(WriteNull):
	case moved.Any(SIRead) && (in.ToForward() == 0 || in.cons().state != EST):
	case moved.Any(SIWrote) && (out.flags.Any(ShutW) || out.prod().state != EST):
	case moved.Any(SIWrote) && out.ToForward() == 0 && out.Empty():
	default:
		return false
	}
	return true
}

// arm is the one place where the state of the channels becomes polling wishes
// and timers: read while there is room, write while there is something to send. A client
// who waits for his server has said what he had to say: he is not timed before it is there,
// which the connect timeout and the retries bound.
// It may be called at any time, and calling it twice changes nothing.
func (si *StreamInterface) arm() {
	if si.state != EST {
		return
	}
	now := si.s.proxy.loop.Now()
	if in := si.in(); !in.flags.Any(ShutR) {
		if in.Blocked() {
			si.flags |= SIWaitRoom
			si.conn.Stop(core.R)
			in.rex = 0
		} else {
			si.flags &^= SIWaitRoom
			si.conn.Want(core.R)
			if in.rex == 0 && !in.early() {
				in.rex = core.After(now, in.rto())
				si.s.due(in.rex)
			}
		}
	}
	if out := si.out(); !out.flags.Any(ShutW) {
		if si.settled() {
			si.conn.Stop(core.W)
			out.setWex(0)
			si.flags &^= SIWaitData
			if !out.Closing() {
				si.flags |= SIWaitData
			}
		} else {
			si.flags &^= SIWaitData
			si.conn.Want(core.W)
			if out.wex() == 0 {
				out.setWex(core.After(now, out.wto()))
				si.s.due(out.Look())
			}
		}
	}
}

// chkRcv is called by the consumer of our input: there may be room again.
func (si *StreamInterface) chkRcv() {
	if si.state != EST || si.in().flags.Any(ShutR) {
		return
	}
	if si.IsApplet() {
		si.s.wake()
		return
	}
	si.arm()
}

// chkSnd is called by the producer of our output: there may be something to
// send. If we were idle it is sent now, in the producer's turn, which saves a
// round through the poller for every message.
func (si *StreamInterface) chkSnd() {
	out := si.out()
	if si.state != EST || out.flags.Any(ShutW) || out.Empty() {
		return
	}
	if si.IsApplet() {
		si.s.wake()
		return
	}
	idle := si.flags.Any(SIWaitData) && !si.conn.Flags().Any(core.ConnError|core.ConnPollSock)
	if idle && si.conn.Desc().Ready().Any(core.W) && !si.conn.Drain() {
		si.push()
		if si.flags.Any(SIWrote) { // what did not leave puts nothing off
			si.flags &^= SIWrote
			si.wrote(si.s.proxy.loop.Now())
		}
		if si.conn.Flags().Any(core.ConnError) {
			si.flags |= SIErr
			si.s.wake()
			return
		}
		si.finish()
		if out.Empty() && out.ToForward() == 0 {
			si.s.wake()
		}
	}
	si.arm()
}
