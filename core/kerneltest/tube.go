package kerneltest

import "millrace/core"

// tubeEnd is a pipe of a script, and what must be in it.
type tubeEnd struct {
	k      Pipe
	data   []byte
	wrote  int // by write
	used   bool
	closed [2]bool // the end to read, the one to write
}

// tube is a step of a pipe.
func (r *run) tube(s Step) string {
	p := &r.pipes[s.Actor.N]
	write := s.Verb == Write || s.Verb == Fill || s.Verb == CloseWrite
	switch {
	case s.Verb == Make && p.used:
		return used
	case s.Verb == Make:
		p.used = true
		k, e := r.m.Pipe(s.Count)
		if e == 0 {
			p.k = k
		}
		return e.String()
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
		return counted(p.write(r.buf[:s.Count]))
	case Fill:
		return p.fill(r.buf)
	case CloseRead, CloseWrite:
		p.k.CloseEnd(write)
		p.closed[b2i(write)] = true
		return core.Errno(0).String()
	}
	p.k.Close()
	p.k, p.data = nil, nil
	return core.Errno(0).String()
}

// write puts bytes into the pipe that no socket sent.
func (p *tubeEnd) write(b []byte) (int, core.Errno) {
	for i := range b {
		b[i] = ^payload(p.wrote + i)
	}
	n, e := p.k.Write(b)
	p.wrote += n
	p.data = append(p.data, b[:n]...)
	return n, e
}

// fill writes until nothing more fits.
func (p *tubeEnd) fill(b []byte) string {
	for {
		switch _, e := p.write(b); e {
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
