package streamif

import (
	"millrace/core"
	"millrace/datalayer"
)

// PipePool lends pipes to channels, each for as long as there are bytes in it. A
// pipe that comes back with a residue is destroyed: whatever it holds is nobody
// else's.
type PipePool struct {
	plumber core.Plumber // nil: this kernel has none
	limit   int
	free    []*datalayer.Pipe
	used    int
	owed    int  // how many of those that come back the kernel gets
	closed  bool // pipes that come back are not kept
	Stats   PipeStats
}

// PipeStats counts what the pool did since it was made.
type PipeStats struct {
	Made      uint64
	Destroyed uint64 // with a residue
	Missed    uint64 // times there was none to be had
}

func (p *PipePool) init(d core.Dialer, limit int) {
	*p = PipePool{limit: limit}
	p.plumber, _ = d.(core.Plumber)
}

// Used returns how many pipes are lent, Free how many wait to be.
func (p *PipePool) Used() int { return p.used }

// Free returns how many pipes wait to be lent.
func (p *PipePool) Free() int { return len(p.free) }

// acquire lends a pipe; nil if there is none to be had, now.
func (p *PipePool) acquire() *datalayer.Pipe {
	if n := len(p.free); n > 0 {
		pipe := p.free[n-1]
		p.free = p.free[:n-1]
		p.used++
		return pipe
	}
	if p.plumber == nil || p.used >= p.limit {
		p.Stats.Missed++
		return nil
	}
	k, e := p.plumber.Pipe()
	if e != 0 {
		p.Stats.Missed++
		return nil
	}
	p.used++
	p.Stats.Made++
	return datalayer.NewPipe(k)
}

// release takes a pipe back.
func (p *PipePool) release(pipe *datalayer.Pipe) {
	p.used--
	if pipe.Len() > 0 {
		p.Stats.Destroyed++
	}
	if p.owed > 0 {
		p.owed--
		pipe.Close()
		return
	}
	if pipe.Len() > 0 || p.closed {
		pipe.Close()
		return
	}
	p.free = append(p.free, pipe)
}

// Shed gives a pipe back to the kernel, whose descriptors are needed for something
// else, and reports whether one was free. If none was, the next that comes back is
// not kept.
func (p *PipePool) Shed() bool {
	n := len(p.free)
	if n == 0 {
		p.owed = min(p.owed+1, p.used)
		return false
	}
	p.free[n-1].Close()
	p.free = p.free[:n-1]
	return true
}

// close gives the free ones back to the kernel, and the others as they come.
func (p *PipePool) close() {
	p.closed = true
	for _, pipe := range p.free {
		pipe.Close()
	}
	p.free = nil
}
