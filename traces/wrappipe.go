package traces

import (
	"millrace/core"
	"millrace/sim"
)

var _ core.Tube = (*pipe)(nil)

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
	if tube, can := p.(core.Tube); can {
		r, w := tube.Ends()
		d.r.name(r)
		d.r.name(w)
	}
	return &pipe{d.r, p}, 0
}

// tube is the pipe as one with all that may be done to it, which all kernels here make.
func (p *pipe) tube() core.Tube { return p.p.(core.Tube) }

// Ends implements core.Tube.
func (p *pipe) Ends() (r, w int) { return p.tube().Ends() }

// Write implements core.Tube.
func (p *pipe) Write(b []byte) (int, core.Errno) {
	n, e := p.tube().Write(b)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeWrite, Arg: int64(len(b)), Answer: int64(n), Err: e})
	return n, e
}

// Move implements core.Tube.
func (p *pipe) Move(to core.Tube, limit int) (int, core.Errno) {
	n, e := p.tube().Move(to.(*pipe).tube(), limit)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeMove, Arg: int64(limit), Answer: int64(n), Err: e})
	return n, e
}

// Tee implements core.Tube.
func (p *pipe) Tee(to core.Tube, limit int) (int, core.Errno) {
	n, e := p.tube().Tee(to.(*pipe).tube(), limit)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeTee, Arg: int64(limit), Answer: int64(n), Err: e})
	return n, e
}

// CloseEnd implements core.Tube.
func (p *pipe) CloseEnd(write bool) {
	r, w := p.Ends()
	if write {
		p.r.ended(w)
	} else {
		p.r.ended(r)
	}
	p.tube().CloseEnd(write)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeEnd, More: write})
}

// Read implements core.Pipe.
func (p *pipe) Read(b []byte) (int, core.Errno) {
	n, e := p.p.Read(b)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeRead, Arg: int64(len(b)), Answer: int64(n), Err: e})
	return n, e
}

// Close implements core.Pipe.
func (p *pipe) Close() {
	if tube, can := p.p.(core.Tube); can {
		r, w := tube.Ends()
		p.r.ended(r)
		p.r.ended(w)
	}
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
