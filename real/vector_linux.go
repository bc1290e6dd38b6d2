package real

import (
	"golang.org/x/sys/unix"

	"millrace/core"
)

var (
	_ core.Vectored = (*socket)(nil)
	_ core.Vectored = (*pipe)(nil)
)

// Readv implements core.Vectored.
func (s *socket) Readv(p [][]byte) (int, core.Errno) {
	n, e := s.to.k.readv(s.num, p)
	s.to.k.received[s.side] += uint64(n)
	return n, e
}

// Writev implements core.Vectored. A broken connection raises a signal here, which Go's
// runtime ignores.
func (s *socket) Writev(p [][]byte) (int, core.Errno) {
	if s.nagle == nagleOn {
		s.noDelay()
	}
	n, e := s.to.k.writev(s.num, p)
	s.to.k.sent[s.side] += uint64(n)
	if n > 0 && s.nagle == nagleFirst {
		s.nagle = nagleOn
	}
	return n, e
}

// Readv implements core.Vectored.
func (p *pipe) Readv(to [][]byte) (int, core.Errno) { return p.k.readv(p.r, to) }

// Writev implements core.Vectored.
func (p *pipe) Writev(from [][]byte) (int, core.Errno) { return p.k.writev(p.w, from) }

func (k *Sockets) readv(fd int32, p [][]byte) (int, core.Errno) {
	k.calls[CallReadv]++
	return counted(unix.Readv(int(fd), p))
}

func (k *Sockets) writev(fd int32, p [][]byte) (int, core.Errno) {
	k.calls[CallWritev]++
	return counted(unix.Writev(int(fd), p))
}
