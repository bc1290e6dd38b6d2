package datalayer

import "millrace/core"

// Raw is the layer that adds nothing: plain TCP.
type Raw struct{}

var _ Layer = Raw{}

// unproven are the events after which a short read does not prove that the
// socket is empty: an end or an error waits behind the bytes, or an urgent mark
// cut the read short.
const unproven = core.EvPri | core.EvErr | core.EvHup | core.EvRdHup

// RcvBuf reads once, and a second time only if the first read filled the room
// up to the wrap.
func (Raw) RcvBuf(c *core.Conn, b *Buffer, limit int) (int, Status) {
	moved := 0
	for moved < limit {
		room := b.Room(limit - moved)
		n, e := c.FD().Recv(room)
		for e == core.EINTR {
			n, e = c.FD().Recv(room)
		}
		switch {
		case c.Waits(core.R, e):
			return moved, Dry
		case e != 0:
			c.Fail(e)
			return moved, Err
		case n == 0:
			c.Moved()
			c.End()
			return moved, End
		}
		c.Moved()
		b.Append(n)
		moved += n
		if n < len(room) {
			// One call saved on every message: what a short read leaves
			// behind is nothing, unless something else is queued there.
			if !c.Desc().Events().Any(unproven) {
				c.Cant(core.R)
				return moved, Dry
			}
			return moved, 0
		}
	}
	return moved, 0
}

// SndBuf sends once, and a second time only if the first send took all there
// was up to the wrap. A short send means that the socket is full: it is not
// tried again.
func (Raw) SndBuf(c *core.Conn, b *Buffer, more bool) (int, Status) {
	moved := 0
	for b.Out() > 0 {
		p := b.Output()
		n, e := c.FD().Send(p, more || len(p) < b.Out())
		for e == core.EINTR {
			n, e = c.FD().Send(p, more || len(p) < b.Out())
		}
		switch {
		case c.Waits(core.W, e):
			return moved, Full
		case e != 0:
			c.Fail(e)
			return moved, Err
		}
		c.Moved()
		b.Drop(n)
		moved += n
		if n < len(p) {
			c.Cant(core.W)
			return moved, Full
		}
	}
	return moved, 0
}

// ShutW has nothing to say.
func (Raw) ShutW(*core.Conn) Status { return 0 }

// Marks is false: the FIN is the end.
func (Raw) Marks() bool { return false }

// Free has nothing to give back.
func (Raw) Free() {}
