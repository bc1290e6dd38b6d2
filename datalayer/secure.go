package datalayer

import "millrace/core"

// Secure is the layer of a connection whose bytes go through a cipher. It is the
// connection's last handshake as well. There is one per connection, and it may be
// used for one after the other.
//
//	socket -- recv --> in --- cipher ---> channel's buffer
//	socket <-- send -- out <-- cipher --- channel's buffer
//	                        (and what the cipher itself has to say)
//
// Two queues make three things true that the layers above need not know:
//
//   - Plaintext the cipher holds back for lack of room is not forgotten: reading
//     counts as ready until the cipher has nothing left and the socket is dry.
//   - What the kernel did not take is owed (core.ConnOwes), whether it came from
//     the channel or from the cipher, and nothing more is sealed meanwhile. That is
//     not a handshake: reading goes on, since a peer that writes before it reads
//     would otherwise wait for us while we wait for it.
//   - The cipher never waits in the middle of anything but a handshake's input.
type Secure struct {
	cipher Cipher
	in     Bytes
	out    Bytes
	dry    bool // a read of this turn came short: the next would be told EAGAIN
	said   bool // the goodbye is in out, or gone
}

var (
	_ Layer          = (*Secure)(nil)
	_ core.Handshake = (*Secure)(nil)
)

// Use starts a connection's life with a cipher, which is the layer's from now on.
func (s *Secure) Use(c Cipher, stock *Stock) {
	core.BugOn(s.cipher != nil, "I44", "secure", "a second cipher")
	*s = Secure{cipher: c}
	s.in.Init(stock)
	s.out.Init(stock)
}

// Cipher returns the cipher in use, to be looked at only; nil if there is none.
func (s *Secure) Cipher() Cipher { return s.cipher }

// Unsent returns how many bytes the kernel has not taken.
func (s *Secure) Unsent() int { return s.out.Len() }

// Said says that the goodbye was said, and so that everything before it has left.
func (s *Secure) Said() bool { return s.said }

// Holder is a Cipher that can say, without opening anything, whether it could give
// plaintext of what was read.
type Holder interface {
	Holds(in *Bytes) bool
}

// Holds says that the layer could give bytes without a call on the descriptor. Nobody
// but the layer knows: no report will come for them. A cipher that cannot say holds none.
func (s *Secure) Holds() bool {
	return Holds(s.cipher, &s.in)
}

// Holds says whether a cipher could give plaintext of what was read, if it can say that.
func Holds(c Cipher, in *Bytes) bool {
	h, ok := c.(Holder)
	return ok && h.Holds(in)
}

// Clogged says that no more may be read before something has left, twice what SndBuf
// leaves behind at most. Reading makes the cipher answer, and a peer that asks for answers
// and takes none could fill all memory with them.
func (s *Secure) Clogged() bool {
	return s.out.Len() > 2*max(batch, s.out.stock.large.size)
}

// Pieces returns how many pieces of its stock the layer holds.
func (s *Secure) Pieces() int {
	n := 0
	for _, b := range [...]*Bytes{&s.in, &s.out} {
		if b.Len() > 0 {
			n++
		}
	}
	return n
}

// Free implements Layer.
func (s *Secure) Free() {
	if s.cipher != nil {
		s.cipher.Free()
		s.in.Clear()
		s.out.Clear()
		s.cipher = nil
	}
}

// Marks implements Layer: an end without a goodbye may be anybody's doing.
func (s *Secure) Marks() bool { return true }

// Shake implements core.Handshake. What is to be said goes out before anything
// is waited for, because the peer may be waiting for it.
func (s *Secure) Shake(c *core.Conn) bool {
	s.dry = false
	for {
		done, e := s.cipher.Shake(&s.in, &s.out)
		if e != 0 {
			s.lastWords(c)
			c.Fail(e)
			return false
		}
		switch st := s.flush(c, false); {
		case st.Any(Err):
			return false
		case done:
			// What is owed still goes out before the data, and need not be
			// waited for. Reading is still ready: the last that was read brought
			// the end of the handshake, and perhaps more.
			return true
		case st.Any(Full):
			c.SockPoll(core.W)
			return false
		}
		switch st := s.fill(c, 0); {
		case st.Any(Err):
			return false
		case st.Any(Dry):
			c.SockPoll(core.R)
			return false
		}
	}
}

// RcvBuf implements Layer.
func (s *Secure) RcvBuf(c *core.Conn, b *Buffer, limit int) (int, Status) {
	s.dry = false // anything may have come since
	moved, st, filled := 0, Status(0), false
	for moved < limit && st == 0 {
		n, why, e := s.cipher.Open(&s.in, &s.out, b.Room(limit-moved))
		b.Append(n)
		moved += n
		switch {
		case e != 0:
			s.lastWords(c)
			c.Fail(e)
			return moved, Err
		case why.Any(End):
			c.End()
			st = End
		case why.Any(Again) && c.Flags().Any(core.ConnSockWrSh):
			c.Fail(core.ETLS) // what it asks for we can no longer give
			return moved, Err
		case why.Any(Again):
			c.Rehandshake(core.ConnTLS, core.RW)
			st = Again
		case why.Any(Dry) && filled && !s.dry:
			// One read a call. A peer may send nothing but what has no plaintext,
			// and the others want their turns.
			return moved, s.answer(c, false)
		case why.Any(Dry):
			st, filled = s.fill(c, limit-moved), true
		}
	}
	return moved, st | s.answer(c, st.Any(Dry))
}

// answer sends what Open made the cipher say, if there is nothing left to read: a
// send that fails would end that. After our FIN it is too late for an answer.
func (s *Secure) answer(c *core.Conn, dry bool) Status {
	switch {
	case c.Flags().Any(core.ConnError) || s.out.Len() == 0:
		return 0
	case c.Flags().Any(core.ConnSockWrSh):
		s.out.Clear()
		return 0
	case !dry || c.Drain():
		c.Owe(true)
		return 0
	}
	return s.flush(c, false) & (Err | Sent)
}

// batch is how much plaintext is sealed before it is sent: a few records, so that
// one call takes them all. If the buffer holds more than that it is bulk, and if there is
// memory for that much it is one batch: calls are most of what bulk costs.
const batch = 64 << 10

// RecordSpace is what a cipher adds to n bytes, and a little more.
func RecordSpace(n int) int { return 1024 + n>>16<<8 }

// share is how much of b is sealed now.
func (s *Secure) share(b *Buffer) int {
	if n := b.Out(); n > batch && s.out.Expect(n+RecordSpace(n)) {
		return n
	}
	return batch
}

// SndBuf implements Layer: the rest of what was sealed before, then one batch.
func (s *Secure) SndBuf(c *core.Conn, b *Buffer, more bool) (int, Status) {
	st := s.flush(c, more || b.Out() > 0)
	if st.Any(Full|Err) || b.Out() == 0 {
		return 0, st
	}
	moved, most := 0, s.share(b)
	for moved < most && b.Out() > 0 {
		p := b.Output()
		p = p[:min(len(p), most-moved)]
		if e := s.cipher.Seal(&s.out, p); e != 0 {
			c.Fail(e)
			return moved, st | Err
		}
		b.Drop(len(p))
		moved += len(p)
	}
	return moved, st | s.flush(c, more || b.Out() > 0)
}

// ShutW implements Layer.
func (s *Secure) ShutW(c *core.Conn) Status {
	switch f := c.Flags(); {
	case f.Any(core.ConnError) || c.Desc().Events().Any(core.EvErr):
		return 0 // nobody can be told, and bytes may be left to read
	case f.Any(core.ConnPollSock):
		return Full // not in the middle of a handshake
	}
	if !s.said {
		s.said = true
		s.cipher.Goodbye(&s.out)
	}
	return s.flush(c, true)
}

// fill reads once, as many records as make up so much plaintext if they are there: calls are
// most of what bulk costs, and each has the peer's kernel wake who waits for a window. The end of
// the stream is never clean here: a goodbye would have come before it.
func (s *Secure) fill(c *core.Conn, plain int) Status {
	if s.dry || !c.Desc().Ready().Any(core.R) {
		c.Cant(core.R)
		return Dry
	}
	s.in.Expect(plain + RecordSpace(plain) - s.in.Len())
	room := s.in.Room()
	n, e := c.FD().Recv(room)
	for e == core.EINTR {
		n, e = c.FD().Recv(room)
	}
	s.in.Added(n)
	switch {
	case c.Waits(core.R, e):
		return Dry
	case e != 0:
		c.Fail(e)
		return Err
	case n == 0:
		c.Moved()
		c.Fail(core.ETRUNCATED)
		return Err
	}
	c.Moved()
	s.dry = n < len(room) && !c.Desc().Events().Any(unproven)
	return 0
}

// flush sends what is queued, if the socket is ready for it. What is left is owed.
func (s *Secure) flush(c *core.Conn, more bool) (st Status) {
	for s.out.Len() > 0 {
		if !c.Desc().Ready().Any(core.W) {
			c.Owe(true)
			return st | Full
		}
		p := s.out.Held()
		n, e := c.FD().Send(p, more)
		switch {
		case e == core.EINTR:
			continue
		case c.Waits(core.W, e):
			continue
		case e != 0:
			c.Fail(e)
			return st | Err
		}
		c.Moved()
		st |= Sent
		s.out.Drop(n)
		if n < len(p) {
			c.Cant(core.W)
		}
	}
	c.Owe(false)
	return st
}

// drains is how many reads a failed connection gets: closing with unread bytes
// makes a RST, which would take the alert away from the peer.
const drains = 4

// lastWords sends the alert that the cipher left, if the socket takes it now,
// and empties the socket.
func (s *Secure) lastWords(c *core.Conn) {
	fd, flags := c.FD(), c.Flags()
	if s.out.Len() > 0 && c.Desc().Ready().Any(core.W) && !flags.Any(core.ConnSockWrSh) && !c.Drain() {
		_, e := fd.Send(s.out.Held(), false)
		for e == core.EINTR {
			_, e = fd.Send(s.out.Held(), false)
		}
		if e != 0 && e != core.EAGAIN {
			return
		}
	}
	s.in.Clear()
	for range drains {
		if s.dry || !c.Desc().Ready().Any(core.R) {
			break
		}
		room := s.in.Room()
		n, e := fd.Recv(room)
		s.in.Added(n)
		s.in.Clear()
		if e != core.EINTR && (e != 0 || n < len(room)) {
			break
		}
	}
	s.out.Clear()
}
