package traces

import (
	"millrace/core"
	"millrace/sim"
)

// pipe is a pipe whose calls are recorded.
type pipe struct {
	r *Recorder
	p core.Pipe
}

// Pipe implements core.Plumber, also where the dialer does not: it has none then.
func (d *dialer) Pipe() (core.Pipe, core.Errno) {
	plumber, ok := d.d.(core.Plumber)
	if !ok {
		return nil, core.ENOSYS
	}
	p, e := plumber.Pipe()
	d.r.add(Step{Actor: sim.Worker, Call: CallPipe, Err: e})
	if e != 0 {
		return nil, e
	}
	return &pipe{d.r, p}, 0
}

// Read implements core.Pipe.
func (p *pipe) Read(b []byte) (int, core.Errno) {
	n, e := p.p.Read(b)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeRead, Arg: int64(len(b)), Answer: int64(n), Err: e})
	return n, e
}

// Close implements core.Pipe.
func (p *pipe) Close() {
	p.p.Close()
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeClose})
}

// SpliceIn implements core.FD.
func (s *slot) SpliceIn(p core.Pipe, limit int) (int, core.Errno) {
	n, e := s.fd.SpliceIn(p.(*pipe).p, limit)
	s.r.add(Step{Actor: s.actor, Call: CallSplice, Arg: int64(limit), Answer: int64(n), Err: e})
	return n, e
}

// SpliceOut implements core.FD.
func (s *slot) SpliceOut(p core.Pipe, n int, more bool) (int, core.Errno) {
	moved, e := s.fd.SpliceOut(p.(*pipe).p, n, more)
	s.r.add(Step{Actor: s.actor, Call: CallSpliceOut, Arg: int64(n), More: more, Answer: int64(moved), Err: e})
	return moved, e
}
