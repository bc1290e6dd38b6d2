package kerneltest

import (
	"strconv"

	"millrace/core"
)

// tubeEnd is a pipe of a script, and what must be in it.
type tubeEnd struct {
	k      core.Tube
	data   []byte
	wrote  int // by write
	used   bool
	closed [2]bool // the end to read, the one to write
	regs   [2]registration
}

// tube is a step of a pipe.
func (r *run) tube(s Step) string {
	p := &r.pipes[s.Actor.N]
	write := s.Verb == Write || s.Verb == Writev || s.Verb == Fill || s.Verb == CloseWrite
	switch {
	case s.Verb == Make && p.used:
		return used
	case s.Verb == Make:
		return r.makeTube(s, p).String()
	case p.k == nil || s.Verb != Close && p.closed[b2i(write)]:
		return absent
	}
	switch s.Verb {
	case Take:
		n, e := p.k.Read(r.buf[:s.Count])
		if e == 0 && !p.leave(r.buf[:n]) {
			return corrupt
		}
		return counted(n, e)
	case Write:
		return counted(p.write(r.buf[:s.Count], p.k.Write))
	case Readv:
		n, e := p.k.Readv(cut(r.buf[:s.Count], s.Pieces))
		if e == 0 && !p.leave(r.buf[:n]) {
			return corrupt
		}
		return counted(n, e)
	case Writev:
		return counted(p.write(r.buf[:s.Count], func(b []byte) (int, core.Errno) { return p.k.Writev(cut(b, s.Pieces)) }))
	case Fill:
		return p.fill(r.buf)
	case Splice, Tee:
		return p.flow(s, &r.pipes[s.Pipe])
	case CloseRead, CloseWrite:
		p.k.CloseEnd(write)
		p.closed[b2i(write)], p.regs[b2i(write)] = true, registration{}
		return core.Errno(0).String()
	}
	p.k.Close()
	p.k, p.data, p.regs = nil, nil, [2]registration{}
	return core.Errno(0).String()
}

// makeTube makes a pipe.
func (r *run) makeTube(s Step, p *tubeEnd) core.Errno {
	p.used = true
	k, e := r.m.Pipe(s.Count)
	if e == 0 {
		p.k = k
		read, write := k.Ends()
		p.regs = [2]registration{r.born(read, Actor{Outlet, s.Actor.N}), r.born(write, Actor{Inlet, s.Actor.N})}
	}
	return e
}

// flow moves bytes from pipe to pipe, or lets them be in both.
func (p *tubeEnd) flow(s Step, to *tubeEnd) string {
	if to.k == nil || to.closed[1] {
		return absent
	}
	move := p.k.Move
	if s.Verb == Tee {
		move = p.k.Tee
	}
	n, e := move(to.k, s.Count)
	if n > len(p.data) {
		return corrupt
	}
	to.data = append(to.data, p.data[:n]...)
	if s.Verb == Splice {
		p.data = p.data[n:]
	}
	return counted(n, e)
}

// counter is an eventfd of a script.
type counter struct {
	k    core.EventFD
	used bool
	reg  registration
}

// counter is a step of an eventfd.
func (r *run) counter(s Step) string {
	c := &r.counters[s.Actor.N]
	switch {
	case s.Verb == Make && c.used:
		return used
	case s.Verb == Make:
		c.used = true
		k, e := r.m.EventFD(uint32(s.Count))
		if e == 0 {
			c.k, c.reg = k, r.born(k.Num(), s.Actor)
		}
		return e.String()
	case c.k == nil:
		return absent
	}
	switch s.Verb {
	case Write:
		return c.k.Add(uint64(s.Count)).String()
	case Fill:
		return c.fill()
	case Drain:
		n, e := c.k.Take()
		if e != 0 {
			return e.String()
		}
		return strconv.FormatUint(n, 10)
	}
	k := c.k
	c.k, c.reg = nil, registration{}
	return closed(k, k.Close)
}

// fill adds as much as there is room for.
func (c *counter) fill() string {
	for n := uint64(core.MaxEvent); n > 0; n /= 2 {
		if e := c.k.Add(n); e != 0 && e != core.EAGAIN {
			return e.String()
		}
	}
	if e := c.k.Add(1); e != core.EAGAIN {
		return "not " + full
	}
	return full
}

// write puts bytes into the pipe that no socket sent.
func (p *tubeEnd) write(b []byte, call func([]byte) (int, core.Errno)) (int, core.Errno) {
	for i := range b {
		b[i] = ^payload(p.wrote + i)
	}
	n, e := call(b)
	p.wrote += n
	p.data = append(p.data, b[:n]...)
	return n, e
}

// fill writes until nothing more fits.
func (p *tubeEnd) fill(b []byte) string {
	for {
		switch _, e := p.write(b, p.k.Write); e {
		case 0:
		case core.EAGAIN:
			return full
		default:
			return e.String()
		}
	}
}

// leave takes bytes off the front, if they are the right ones.
func (p *tubeEnd) leave(b []byte) bool {
	if len(b) > len(p.data) || string(p.data[:len(b)]) != string(b) {
		return false
	}
	p.data = p.data[len(b):]
	return true
}

// splice moves bytes between a socket and a pipe. Which they are shows where they
// come out.
func (r *run) splice(s Step, c *conn) string {
	p := &r.pipes[s.Pipe]
	if p.k == nil || p.closed[b2i(s.Verb == Splice)] {
		return absent
	}
	if s.Verb == Splice {
		n, e := c.us.SpliceIn(p.k, s.Count)
		if n > len(c.up.sent)-c.up.got {
			return corrupt
		}
		p.data = append(p.data, c.up.sent[c.up.got:c.up.got+n]...)
		c.up.got += n
		return counted(n, e)
	}
	n, e := c.us.SpliceOut(p.k, max(len(p.data), 1), false)
	if n > len(p.data) {
		return corrupt
	}
	c.down.sent = append(c.down.sent, p.data[:n]...)
	p.data = p.data[n:]
	return counted(n, e)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
