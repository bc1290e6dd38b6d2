package simfd

import "millrace/core"

var (
	_ core.Vectored = (*Socket)(nil)
	_ core.Vectored = (*Pipe)(nil)
)

// Readv implements core.Vectored.
func (s *Socket) Readv(p [][]byte) (int, core.Errno) {
	if e, over := pieces(p); over {
		s.call("readv")
		return 0, e
	}
	return readv(p, s.Recv)
}

// Writev implements core.Vectored.
func (s *Socket) Writev(p [][]byte) (int, core.Errno) {
	if e, over := pieces(p); over {
		s.call("writev")
		return 0, e
	}
	return s.Send(core.Gather(nil, p, core.Size(p)), false)
}

// Readv implements core.Vectored.
func (p *Pipe) Readv(to [][]byte) (int, core.Errno) {
	if e, over := pieces(to); over {
		p.k.count()
		return 0, e
	}
	return readv(to, p.Read)
}

// Writev implements core.Vectored.
func (p *Pipe) Writev(from [][]byte) (int, core.Errno) {
	if e, over := pieces(from); over {
		p.k.count()
		return 0, e
	}
	return p.Write(core.Gather(nil, from, core.Size(from)))
}

// pieces is the head of all: over says that nobody need be asked.
func pieces(p [][]byte) (e core.Errno, over bool) {
	if len(p) > core.MaxPieces {
		return core.EINVAL, true
	}
	return 0, core.Size(p) == 0
}

// readv reads as read does, and puts it where it belongs.
func readv(p [][]byte, read func([]byte) (int, core.Errno)) (int, core.Errno) {
	b := make([]byte, core.Size(p))
	n, e := read(b)
	core.Scatter(p, b[:n])
	return n, e
}
