package traces

import (
	"millrace/core"
	"millrace/sim"
)

var (
	_ core.Vectored = (*slot)(nil)
	_ core.Vectored = (*pipe)(nil)
)

// Readv implements core.Vectored, also where the descriptor does not: it has no such call then.
func (s *slot) Readv(p [][]byte) (n int, e core.Errno) {
	e = core.ENOSYS
	if fd, can := s.fd.(core.Vectored); can {
		n, e = fd.Readv(p)
	}
	s.vector(CallReadv, p, n, e)
	return n, e
}

// Writev implements core.Vectored.
func (s *slot) Writev(p [][]byte) (n int, e core.Errno) {
	e = core.ENOSYS
	if fd, can := s.fd.(core.Vectored); can {
		n, e = fd.Writev(p)
	}
	s.vector(CallWritev, p, n, e)
	return n, e
}

// vector records either. In how many pieces it was is not part of a trace.
func (s *slot) vector(call Call, p [][]byte, n int, e core.Errno) {
	var data []byte
	if s.r.Told != nil {
		data = core.Gather(nil, p, n)
	}
	s.r.moved(Step{Actor: s.actor, Call: call, Arg: int64(core.Size(p)), Answer: int64(n), Err: e}, data)
}

// Readv implements core.Vectored.
func (p *pipe) Readv(to [][]byte) (int, core.Errno) {
	n, e := p.tube().Readv(to)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeReadv, Arg: int64(core.Size(to)), Answer: int64(n), Err: e})
	return n, e
}

// Writev implements core.Vectored.
func (p *pipe) Writev(from [][]byte) (int, core.Errno) {
	n, e := p.tube().Writev(from)
	p.r.add(Step{Actor: sim.Worker, Call: CallPipeWritev, Arg: int64(core.Size(from)), Answer: int64(n), Err: e})
	return n, e
}
