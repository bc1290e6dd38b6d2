package properties

import (
	"fmt"
	"io"
	"iter"
	"syscall"

	"millrace/core"
	"millrace/sim"
)

// Conn is a peer's connection for a function that blocks: a deed of a script (see
// Program.Deeds). The function is a coroutine, which rests where it has to wait; it uses
// nothing but its connection, and starts no goroutine.
type Conn struct {
	p     *Peer
	yield func(struct{}) bool
	next  func() (struct{}, bool)
	stop  func()
	over  bool // it is to be closed when the function returns
	rst   bool // with a reset
}

// do goes on with a deed, and says whether it is done.
func (p *Peer) do(name string) bool {
	if p.deed == nil {
		f := p.w.program.Deeds[name]
		core.BugOn(f == nil, "deed", "peer", "the program has no deed "+name)
		c := &Conn{p: p}
		c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
			defer func() {
				if r := recover(); r != nil {
					p.w.panicked(r)
				}
			}()
			c.yield = yield
			f(c)
		})
		p.deed = c
	}
	c := p.deed
	if _, more := c.next(); more {
		return false
	}
	p.deed = nil
	switch {
	case c.rst:
		p.close(true)
	case c.over:
		p.leave()
	}
	return !c.over
}

// rest waits until there may be something to do, and says whether there is any sense in
// that.
func (c *Conn) rest() bool { return !c.p.Done && c.yield(struct{}{}) }

// Read implements io.Reader. io.EOF is the other end's FIN.
func (c *Conn) Read(b []byte) (int, error) {
	for {
		switch n := copy(b, c.p.heard); {
		case n > 0:
			c.p.heard = c.p.heard[n:]
			return n, nil
		case c.p.Rst || c.p.Done:
			return 0, syscall.ECONNRESET
		case c.p.EOF:
			return 0, io.EOF
		case !c.rest():
			return 0, syscall.ECONNRESET
		}
	}
}

// Write implements io.Writer: it comes back when all is sent.
func (c *Conn) Write(b []byte) (int, error) {
	for sent := 0; ; {
		if c.p.Rst || c.p.Done {
			return sent, syscall.ECONNRESET
		}
		if c.p.Fin {
			return sent, syscall.EPIPE
		}
		n, e := c.p.wire.Send(b[sent:])
		if e == 0 {
			c.p.Sent += int64(n)
			if sent += n; sent == len(b) {
				return sent, nil
			}
			continue
		}
		if e != core.EAGAIN {
			c.p.Rst = true
			return sent, syscall.Errno(e)
		}
		if !c.rest() {
			return sent, syscall.ECONNRESET
		}
	}
}

// Now is the time in the world.
func (c *Conn) Now() core.Time { return core.Time(c.p.w.sim.Now()) }

// Sleep lets so many nanoseconds pass, or less if the connection is over before that.
func (c *Conn) Sleep(d core.Time) {
	until := c.p.w.sim.Now() + sim.Time(d)
	for c.p.w.sim.Now() < until {
		c.p.w.sim.Wake(&c.p.proc, until)
		if !c.rest() {
			return
		}
	}
}

// Close ends the connection when the function returns, and the peer's script with it.
func (c *Conn) Close() { c.over = true }

// Reset is Close with a RST.
func (c *Conn) Reset() { c.over, c.rst = true, true }

// Failf says that the program did what it must not do: the world fails with that.
func (c *Conn) Failf(format string, args ...any) { c.p.w.Breach("deed", "peer", format, args...) }

// Doubtf says that something went wrong that must not where nothing goes wrong: at its end the
// world fails with that, if nothing happened to the session that explains it, and neither of its
// peers resets, holds or leaves early by its script. What the deed itself did it knows best.
func (c *Conn) Doubtf(format string, args ...any) {
	if c.p.doubt == "" {
		c.p.doubt = fmt.Sprintf(format, args...)
	}
}

// CloseWrite sends the FIN.
func (c *Conn) CloseWrite() { c.p.shut() }
