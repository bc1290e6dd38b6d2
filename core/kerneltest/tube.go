package kerneltest

import "millrace/core"

// tubeEnd is a pipe of a script, and what must be in it.
type tubeEnd struct {
	k    core.Pipe
	data []byte
	used bool
}

// tube is a step of a pipe.
func (r *run) tube(s Step) string {
	p := &r.pipes[s.Actor.N]
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
	case p.k == nil || s.Verb == Take && len(p.data) == 0:
		return absent // nobody may read an empty pipe
	case s.Verb == Take:
		n, e := p.k.Read(r.buf[:s.Count])
		if e == 0 && !p.leave(r.buf[:n]) {
			return corrupt
		}
		return counted(n, e)
	}
	p.k.Close()
	p.k, p.data = nil, nil
	return core.Errno(0).String()
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
	if p.k == nil || s.Verb == SpliceOut && len(p.data) == 0 {
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
	n, e := c.us.SpliceOut(p.k, len(p.data), false)
	if n > len(p.data) {
		return corrupt
	}
	c.down.sent = append(c.down.sent, p.data[:n]...)
	p.data = p.data[n:]
	return counted(n, e)
}
