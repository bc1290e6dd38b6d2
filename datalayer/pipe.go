package datalayer

import "millrace/core"

// Pipe is the other place where bytes rest: inside the kernel, where nobody looks
// at them.
//
//	rest    taken out again, because the descriptor they go to cannot splice
//	kernel  in the kernel's pipe
//
// In a channel, bytes in a pipe come before those in its buffer.
type Pipe struct {
	k      core.Pipe
	kernel int
	rest   []byte
	mem    []byte // of rest
}

// NewPipe wraps an empty pipe of the kernel's.
func NewPipe(k core.Pipe) *Pipe { return &Pipe{k: k} }

// Len is how many bytes it holds.
func (p *Pipe) Len() int { return p.kernel + len(p.rest) }

// Close gives the pipe back to the kernel, with what is in it.
func (p *Pipe) Close() { p.k.Close() }

// Piper is a Layer that can leave bytes in the kernel on their way. Being one is
// the capability: there is no flag beside it.
type Piper interface {
	Layer
	// RcvPipe moves up to limit bytes, more than 0, from the socket into the
	// pipe, in one call. Full says that the pipe may be full, or the socket dry:
	// with bytes in the pipe nobody can tell, and who has taken some out should
	// try again. Refused says that this socket cannot do it, Unsure that it does not
	// do it now, or says that this is the end: nothing moved, and RcvBuf can tell.
	RcvPipe(c *core.Conn, p *Pipe, limit int) (int, Status)
	// SndPipe sends what the pipe holds, of which there is some. more is
	// SndBuf's. Refused says that it had to be copied.
	SndPipe(c *core.Conn, p *Pipe, more bool) (int, Status)
}

var _ Piper = Raw{}

// refused says that a descriptor cannot splice, or may not, or that the kernel has no
// memory for it: copying needs less, and whatever else is wrong it tells.
func refused(e core.Errno) bool {
	switch e {
	case core.EINVAL, core.ENOSYS, core.EBADF, core.EPERM, core.EACCES, core.EIO:
		return true
	}
	return e.Exhausted()
}

// RcvPipe implements Piper. A splice does not take everything that a socket may have
// at its head: it stops at an urgent mark for ever, with EAGAIN, and with 0 once the
// FIN is in, whatever there is behind the mark. So an end is not taken for one, and
// neither is EAGAIN for a dry socket where that contradicts what was reported.
func (Raw) RcvPipe(c *core.Conn, p *Pipe, limit int) (int, Status) {
	n, e := c.FD().SpliceIn(p.k, limit)
	for e == core.EINTR {
		n, e = c.FD().SpliceIn(p.k, limit)
	}
	switch dry := e == core.EAGAIN || e == core.ENOTCONN; {
	case dry && p.kernel > 0:
		return 0, Full
	case dry && (c.Desc().News() || c.Desc().Events().Any(core.EvPri)):
		return 0, Unsure
	case dry:
		c.Waits(core.R, e)
		return 0, Dry
	case e.Exhausted() || e == 0 && n == 0:
		return 0, Unsure
	case refused(e):
		return 0, Refused
	case e != 0:
		c.Fail(e)
		return 0, Err
	}
	c.Moved()
	p.kernel += n
	return n, 0
}

// restSize is how much is taken out of a pipe at a time where it must be.
const restSize = 16384

// SndPipe implements Piper. A short count proves nothing here: a pipe gives what
// it has in pieces. So it goes on until the pipe is empty or the socket says no.
func (Raw) SndPipe(c *core.Conn, p *Pipe, more bool) (int, Status) {
	moved, st := 0, Status(0)
	for p.Len() > 0 {
		n, e := p.out(c.FD(), more)
		if p.mem != nil {
			st |= Refused
		}
		switch {
		case e == core.EINTR:
			continue
		case c.Waits(core.W, e):
			return moved, st | Full
		case e != 0:
			c.Fail(e)
			return moved, st | Err
		}
		c.Moved()
		moved += n
		if len(p.rest) > 0 { // of a send, on the other hand, it says that the socket is full
			c.Cant(core.W)
			return moved, st | Full
		}
	}
	p.mem = nil // the next who has the pipe may do better
	return moved, st
}

// out makes one call that moves bytes to the socket, after one that takes them out
// of the kernel's pipe if the socket wants none from there.
func (p *Pipe) out(fd core.FD, more bool) (int, core.Errno) {
	if len(p.rest) == 0 {
		n, e := fd.SpliceOut(p.k, p.kernel, more)
		if !refused(e) {
			core.BugOn(n > p.kernel || n == 0 && e == 0, "I24", "pipe", "more came out than went in, or nothing")
			p.kernel -= n
			return n, e
		}
		if p.mem == nil {
			p.mem = make([]byte, restSize)
		}
		if n, e = p.k.Read(p.mem[:min(restSize, p.kernel)]); e != 0 {
			return 0, e
		}
		p.kernel -= n
		p.rest = p.mem[:n]
	}
	n, e := fd.Send(p.rest, more || p.kernel > 0)
	p.rest = p.rest[n:]
	return n, e
}
