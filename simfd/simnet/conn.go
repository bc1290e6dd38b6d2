package simnet

import (
	"io"
	"net"
	"slices"
	"time"

	"millrace/core"
)

// Conn is a net.Conn with what a *net.TCPConn has beside that. Its methods may be called by
// several threads at once.
type Conn struct {
	n             *Net
	fd            core.FD
	on            *entry
	id            uint32
	name          string // as in traces: f0 was accepted, b0 dialled
	label         uint32
	local, remote net.Addr
	reads, writes core.Time // deadlines, 0 = none
	vigil         core.Vigil
	writing       bool // a Write is under way, and others wait for their turn
	shutR, shutW  bool
	closed        bool
	linger0       bool
}

var (
	_ net.Conn      = (*Conn)(nil)
	_ io.ReaderFrom = (*Conn)(nil)
	_ io.WriterTo   = (*Conn)(nil)
)

// conn makes a net.Conn of a descriptor.
func (n *Net) conn(fd core.FD, name string, label uint32, local, remote net.Addr) *Conn {
	n.names++
	c := &Conn{n: n, fd: fd, id: n.names, name: name, label: label, local: local, remote: remote}
	c.on = n.watch(fd.Num(), c.id, core.EvIn|core.EvOut|core.EvRdHup)
	c.watched()
	return c
}

// watched has the kernel keep the vigil that package net asks for.
func (c *Conn) watched() {
	c.vigil = usual
	if fd, can := c.fd.(core.Vigilant); can {
		fd.Watch(usual)
	}
}

// Read implements net.Conn. io.EOF is the other end's FIN.
func (c *Conn) Read(b []byte) (n int, err error) {
	c.do(verbRead, core.EvIn, &c.reads, func() bool {
		if err = c.barred("read", c.reads); err != nil || len(b) == 0 {
			return true
		}
		e := core.EINTR
		for e == core.EINTR {
			n, e = c.fd.Recv(b)
		}
		switch {
		case e == core.EAGAIN && c.shutR:
			err = io.EOF
		case e == core.EAGAIN:
			return false
		case e != 0:
			n, err = 0, c.failed("read", "read", e)
		case n == 0:
			err = io.EOF
		}
		return true
	})
	c.told("Read", len(b), n, err)
	return n, err
}

// Write implements net.Conn: it returns when all was taken, or with how much was.
func (c *Conn) Write(b []byte) (n int, err error) {
	mine := false
	c.do(verbWrite, core.EvOut, &c.writes, func() bool {
		if c.writing && !mine && !c.closed {
			return false
		}
		c.writing, mine = true, true
		for {
			if err = c.barred("write", c.writes); err != nil {
				break
			}
			if c.shutW {
				err = c.failed("write", "write", core.EPIPE)
				break
			}
			if n == len(b) && n > 0 {
				break
			}
			k, e := c.fd.Send(b[n:], false)
			n += max(0, k)
			if e == core.EAGAIN {
				return false
			}
			if e != 0 && e != core.EINTR {
				err = c.failed("write", "write", e)
				break
			}
			if n == len(b) {
				break
			}
		}
		c.writing = false
		c.n.revive(c.on, verbWrite)
		return true
	})
	c.told("Write", len(b), n, err)
	return n, err
}

// Close implements net.Conn. Calls under way fail with net.ErrClosed. If the program left
// bytes unread, or linger is 0, the other end is reset. With goroutines it does not wait for
// its turn, since many close what they have under a lock: the kernel hears of it a moment
// later, and what it says is lost.
func (c *Conn) Close() (err error) {
	n := c.n
	n.mu.Lock()
	first := !c.closed
	c.closed = true
	n.mu.Unlock()
	if !first {
		err = c.error("close", net.ErrClosed)
		c.told("Close", -1, 0, err)
		return err
	}
	n.revive(c.on, verbRead, verbWrite)
	var kernels error
	n.callLater(&call{id: c.id, verb: verbClose, on: c.on, try: func() bool {
		n.forget(c.on)
		if n.broken {
			return true
		}
		if e := c.fd.Close(c.linger0); e != 0 {
			kernels = c.failed("close", "close", e)
		}
		return true
	}})
	if !n.begun { // else it is not there yet
		err = kernels
	}
	c.told("Close", -1, 0, err)
	return err
}

// CloseWrite sends the FIN. The other direction goes on.
func (c *Conn) CloseWrite() (err error) {
	c.do(verbCloseWrite, 0, nil, func() bool {
		if err = c.barred("close", 0); err != nil || c.shutW {
			return true
		}
		if e := c.fd.ShutW(); e != 0 {
			err = c.failed("close", "shutdown", e)
		}
		c.shutW = true
		return true
	})
	c.told("CloseWrite", -1, 0, err)
	return err
}

// CloseRead has reads come to an end behind what has arrived. The other end is told nothing.
func (c *Conn) CloseRead() (err error) {
	c.do(verbCloseRead, 0, nil, func() bool {
		if err = c.barred("close", 0); err == nil {
			c.shutR = true
			c.n.revive(c.on, verbRead)
		}
		return true
	})
	c.told("CloseRead", -1, 0, err)
	return err
}

// SetLinger with 0 makes Close a reset, which drops what was not sent. With anything else it
// is as it always is: what was written is sent behind a Close.
func (c *Conn) SetLinger(sec int) error { return c.set(func() { c.linger0 = sec == 0 }) }

// SetDeadline implements net.Conn. In a bubble t is of the time package's clock, and else of
// Net.Now's: a time of day is none of the world's, and refused.
func (c *Conn) SetDeadline(t time.Time) error {
	at := c.n.deadlineOf(t)
	return c.set(func() { c.reads, c.writes = at, at })
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	at := c.n.deadlineOf(t)
	return c.set(func() { c.reads = at })
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	at := c.n.deadlineOf(t)
	return c.set(func() { c.writes = at })
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetNoDelay is taken note of by nobody: nothing is held back here.
func (c *Conn) SetNoDelay(bool) error { return c.set(func() {}) }

// SetReadBuffer changes nothing: the size is a setting of the world.
func (c *Conn) SetReadBuffer(int) error { return c.set(func() {}) }

// SetWriteBuffer changes nothing, as SetReadBuffer.
func (c *Conn) SetWriteBuffer(int) error { return c.set(func() {}) }

// ReadFrom implements io.ReaderFrom with Read and Write: there is no sendfile here.
func (c *Conn) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.Copy(struct{ io.Writer }{c}, r)
	return n, c.copied("readfrom", err)
}

// WriteTo implements io.WriterTo in the same way.
func (c *Conn) WriteTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, struct{ io.Reader }{c})
	return n, c.copied("writeto", err)
}

// copied is what package net makes of an error of either side.
func (c *Conn) copied(op string, err error) error {
	if err == nil {
		return nil
	}
	return c.error(op, err)
}

// Label is the session that the connection is of: the number of its client.
func (c *Conn) Label() uint32 { return c.label }

// do makes a call on the connection.
func (c *Conn) do(v verb, dir core.Events, deadline *core.Time, try func() bool) {
	c.n.call(&call{id: c.id, verb: v, on: c.on, dir: dir, deadline: deadline, try: try})
}

// barred is why a call is not made, nil if it may be.
func (c *Conn) barred(op string, deadline core.Time) error {
	switch {
	case c.closed || c.n.over:
		return c.error(op, net.ErrClosed)
	case deadline != 0 && deadline <= c.n.h.Now():
		return c.error(op, errTimeout)
	}
	return nil
}

// set changes what is not the kernel's.
func (c *Conn) set(change func()) error {
	n := c.n
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.closed {
		return &net.OpError{Op: "set", Net: "tcp", Addr: c.local, Err: net.ErrClosed}
	}
	change()
	n.poke()
	return nil
}

// deadlineOf is a time of the program's as one of the host's.
func (n *Net) deadlineOf(t time.Time) core.Time {
	switch {
	case t.IsZero():
		return 0
	case !n.clock && n.w != nil && t != t.Round(0):
		panic("simnet: a deadline by the clock of the machine, which no world has: use Net.Now, or give the properties.Program a Within")
	case !n.clock && n.w == nil:
		return max(1, n.h.Now()+core.Time(time.Until(t)))
	}
	return max(1, core.Time(t.Sub(n.epoch)))
}

// revive lets calls on a descriptor be tried.
func (n *Net) revive(on *entry, verbs ...verb) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.parked {
		c.live = c.live || c.on == on && slices.Contains(verbs, c.verb)
	}
}
