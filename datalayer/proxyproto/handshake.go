package proxyproto

import "millrace/core"

// Reader is the handshake that takes a header off the front of a connection, and
// not a byte more: what follows belongs to the next handshake or to the data. So
// it peeks first, and then reads as much as the parser knows to be the header's.
type Reader struct {
	Header Header // valid once Done
	have   []byte // of the header so far
	fault  Fault
	done   bool
}

var _ core.Handshake = (*Reader)(nil)

// firstLook holds every header without TLVs, and most with them.
const firstLook = 256

// Reset prepares for another connection.
func (r *Reader) Reset() {
	if cap(r.have) > firstLook {
		r.have = nil // one long header is no reason to keep its memory for ever
	}
	*r = Reader{have: r.have[:0]}
}

// Done says whether a whole header was read.
func (r *Reader) Done() bool { return r.done }

// Fault says what was wrong with the header; 0 if nothing was.
func (r *Reader) Fault() Fault { return r.fault }

// lasting are the events that may stand for something behind the bytes a short
// read returned.
const lasting = core.EvPri | core.EvErr | core.EvHup | core.EvRdHup

// Shake implements core.Handshake.
func (r *Reader) Shake(c *core.Conn) bool {
	for {
		room, look := r.room(), core.FD.Peek
		marked := c.Desc().Events().Any(core.EvPri)
		if marked {
			// Only a read passes an urgent byte, and a window that is full of it stays shut. One
			// more byte is the header's, whatever it is.
			room, look = room[:1], core.FD.Recv
		}
		n, e := look(c.FD(), room)
		switch {
		case e == core.EINTR:
			continue
		case r.stopped(c, n, e):
			return false
		}
		c.Moved()
		total, v, fault := Parse(r.have[:len(r.have)+n], &r.Header)
		if v == Bad {
			r.fault = fault
			c.Fail(core.EHEADER)
			return false
		}
		dry := n < len(room)
		if marked {
			r.have = r.have[:total]
		} else if n, e = r.take(c, room[:total-len(r.have)]); r.stopped(c, n, e) {
			return false
		}
		if v == Done && len(r.have) == total {
			r.done = true
			return true
		}
		if dry && !c.Desc().Events().Any(lasting) {
			c.SockPoll(core.R)
			return false
		}
	}
}

// take reads what was peeked.
func (r *Reader) take(c *core.Conn, p []byte) (int, core.Errno) {
	n, e := c.FD().Recv(p)
	for e == core.EINTR {
		n, e = c.FD().Recv(p)
	}
	r.have = r.have[:len(r.have)+n]
	return n, e
}

// stopped acts on a call that brought no bytes.
func (r *Reader) stopped(c *core.Conn, n int, e core.Errno) bool {
	switch {
	case c.Waits(core.R, e):
		c.SockPoll(core.R)
	case e != 0:
		c.Fail(e)
	case n == 0:
		c.Moved()
		c.Fail(core.ETRUNCATED)
	default:
		return false
	}
	return true
}

// room is where the next look goes.
func (r *Reader) room() []byte {
	if len(r.have) == cap(r.have) {
		have := make([]byte, len(r.have), min(MaxV2, max(firstLook, 4*cap(r.have))))
		copy(have, r.have)
		r.have = have
	}
	return r.have[len(r.have):cap(r.have)]
}

// Sender is the handshake that puts a header in front of everything else.
type Sender struct {
	text []byte
	sent int
	more bool
}

var _ core.Handshake = (*Sender)(nil)

// Use prepares for another connection. more says that other bytes follow at
// once.
func (s *Sender) Use(h *Header, more bool) {
	s.text, s.sent, s.more = h.Append(s.text[:0]), 0, more
}

// Shake implements core.Handshake.
func (s *Sender) Shake(c *core.Conn) bool {
	for s.sent < len(s.text) {
		left := s.text[s.sent:]
		n, e := c.FD().Send(left, s.more)
		switch {
		case e == core.EINTR:
			continue
		case c.Waits(core.W, e):
			c.SockPoll(core.W)
			return false
		case e != 0:
			c.Fail(e)
			return false
		}
		c.Moved()
		if s.sent += n; n < len(left) {
			c.SockPoll(core.W)
			return false
		}
	}
	return true
}

// SetAddrs makes h a header for a TCP connection between these addresses.
func (h *Header) SetAddrs(src, dst core.Addr) {
	h.Family, h.Src, h.Dst = IPv6, src, dst
	if [12]byte(src.IP[:12]) == prefix4 && [12]byte(dst.IP[:12]) == prefix4 {
		h.Family = IPv4
	}
}
