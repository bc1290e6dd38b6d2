package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// Pipe is a pipe of the program's. It holds bytes in slots, each of which was
// filled by one piece of one segment: many small segments fill a pipe with few
// bytes.
type Pipe struct {
	k     *Kernel
	nums  [2]int32 // the end to read, the one to write; none if closed
	slots []int    // bytes in each, oldest first
	limit int      // slots
	data  []byte
	open  bool
	end   int // of what was written in the page of the last slot
}

var (
	_ core.Pipe    = (*Pipe)(nil)
	_ core.Plumber = (*Kernel)(nil)
)

// Pipe implements core.Plumber. It takes two descriptors.
func (k *Kernel) Pipe() (core.Pipe, core.Errno) {
	k.count()
	if v := k.worker.Choose(sim.OpPipe, 4); v != 0 {
		return nil, [...]core.Errno{core.EMFILE, core.ENFILE, core.ENOMEM}[v-1]
	}
	p := &Pipe{k: k, limit: k.params.PipeSlots, open: true}
	for i := range p.nums {
		if p.nums[i] = k.lowest(); p.nums[i] == none {
			if i == 1 {
				k.giveBack(p.nums[0])
			}
			return nil, core.EMFILE
		}
		k.nums[p.nums[i]].pipe = p
	}
	// More room than the smallest is asked for, and not always granted.
	if v := k.worker.Choose(sim.OpPipeSize, p.limit+1); v != 0 {
		p.limit = v
	}
	k.pipes++
	return p, 0
}

// Pipes returns how many are open.
func (k *Kernel) Pipes() int { return k.pipes }

// Close implements core.Pipe.
func (p *Pipe) Close() {
	core.BugOn(!p.open, "I01", "kernel", "a pipe closed twice")
	p.open = false
	p.k.count()
	p.k.pipes--
	p.CloseEnd(false)
	p.CloseEnd(true)
}

// CloseEnd closes the end that is written to, or the one that is read. What is in
// the pipe stays in it.
func (p *Pipe) CloseEnd(write bool) {
	if num := &p.nums[b2i(write)]; *num != none {
		p.k.giveBack(*num)
		*num = none
	}
}

// shut says that one end is closed.
func (p *Pipe) shut(write bool) bool { return p.nums[b2i(write)] == none }

// Len returns how many bytes the pipe holds.
func (p *Pipe) Len() int { return len(p.data) }

// Read implements core.Pipe.
func (p *Pipe) Read(b []byte) (int, core.Errno) {
	p.k.count()
	empty := len(p.data) == 0
	core.BugOn(!p.open || empty && p.k.params.House, "I01", "kernel", "read of a pipe that is closed, or empty")
	switch {
	case len(b) == 0:
		return 0, 0
	case empty:
		return 0, p.nothing()
	}
	n := copy(b, p.data)
	p.drop(n)
	return n, 0
}

// nothing is what an empty pipe says: that its writer is gone, or may not be.
func (p *Pipe) nothing() core.Errno {
	if p.shut(true) {
		return 0
	}
	return core.EAGAIN
}

// page is how many bytes that are written share a slot. A splice asks the socket for
// no more than as many pages as there are slots free, whatever a slot then takes.
const page = 4096

// Write puts bytes into the pipe, as many as there is room for. They share pages,
// whose beginnings do not come free by being read, and what fits into one is never
// split.
func (p *Pipe) Write(b []byte) (int, core.Errno) {
	p.k.count()
	switch {
	case len(b) == 0:
		return 0, 0
	case p.shut(false):
		return 0, core.EPIPE
	}
	n := 0
	if last := len(p.slots) - 1; last >= 0 {
		// Only the odd part, so that the rest fills whole pages.
		if odd := len(b) % page; odd > 0 && p.end+odd <= page {
			p.slots[last] += odd
			p.end += odd
			n = odd
		}
	}
	for n < len(b) && len(p.slots) < p.limit {
		part := min(page, len(b)-n)
		p.slots = append(p.slots, part)
		p.end = part
		n += part
	}
	p.data = append(p.data, b[:n]...)
	if n == 0 {
		return 0, core.EAGAIN
	}
	return n, 0
}

func (p *Pipe) drop(n int) {
	p.data = append(p.data[:0], p.data[n:]...)
	for n > 0 {
		if n < p.slots[0] {
			p.slots[0] -= n
			return
		}
		n -= p.slots[0]
		p.slots = append(p.slots[:0], p.slots[1:]...)
	}
}

// splice is the head of both splices.
func (s *Socket) splice(what string, pipe core.Pipe) (*Pipe, core.Errno) {
	s.call(what)
	p := pipe.(*Pipe)
	if !p.open {
		core.BugOn(true, "I01", "kernel", what+" on a closed pipe")
	}
	v := s.agent.Choose(sim.OpSplice, sim.NumSplice)
	switch v {
	case 0:
	case sim.SpliceStuck:
		s.stuck = true
	default:
		s.k.session(s.label).refused = true
	}
	return p, [sim.NumSplice]core.Errno{
		0, core.EINVAL, core.ENOSYS, core.EPERM, core.EACCES, core.EBADF, core.EIO, core.ENOMEM, 0,
	}[v]
}

// SpliceIn implements core.FD. A full pipe hides everything: bytes, the FIN, and
// the error that waits.
func (s *Socket) SpliceIn(pipe core.Pipe, limit int) (int, core.Errno) {
	p, e := s.splice("splice", pipe)
	core.BugOn(limit < 1 && s.judged(), "I26", "kernel", "a splice of nothing")
	s.waited(core.R, "splice")
	core.BugOn(s.unspliced && s.minded(), "I58", "kernel", "splice again before the poller reported anything")
	avail := s.in.Ahead()
	switch {
	case e != 0:
		return 0, e
	case limit == 0:
		return 0, 0
	case s.agent.Choose(sim.OpRecvIntr, 2) != 0:
		return 0, core.EINTR
	case p.shut(false):
		return 0, core.EPIPE
	case len(p.slots) == p.limit:
		return 0, core.EAGAIN
	case avail > 0 && (s.stuck || s.agent.Choose(sim.OpRecvAgain, 2) != 0):
		s.again()
		return 0, s.dry(p)
	case avail > 0:
		n := s.fill(p, min(avail, limit, (p.limit-len(p.slots))*page))
		s.k.Stats.Received += uint64(n)
		s.k.Stats.Reads++
		s.vain = 0
		s.k.Stats.Spliced += uint64(n)
		return n, 0
	}
	if e, over := s.over(); over {
		return 0, e
	}
	return 0, s.dry(p)
}

// dry is EAGAIN for want of bytes that a splice would take, which the program knows
// only if the pipe is empty.
func (s *Socket) dry(p *Pipe) core.Errno {
	if len(p.data) == 0 {
		s.unspliced = true
		s.disagree(core.EvIn)
	}
	return core.EAGAIN
}

// fill moves up to limit bytes into the pipe's free slots, one of the pieces in which
// they arrived in each.
func (s *Socket) fill(p *Pipe, limit int) int {
	moved := 0
	slots := p.limit - len(p.slots)
	if v := s.agent.Choose(sim.OpShortSplice, slots); v != 0 {
		slots = v
	}
	for ; slots > 0 && moved < limit; slots-- {
		n := min(s.in.Piece(), limit-moved)
		at := len(p.data)
		p.data = append(p.data, make([]byte, n)...)
		n = s.in.Get(p.data[at:])
		p.data = p.data[:at+n]
		p.slots = append(p.slots, n)
		p.end = page // nothing is written behind it
		moved += n
	}
	return moved
}

// SpliceOut implements core.FD.
func (s *Socket) SpliceOut(pipe core.Pipe, n int, more bool) (int, core.Errno) {
	p, e := s.splice("splice out", pipe)
	core.BugOn(n != len(p.data) && p.k.params.House, "I24", "kernel", "the program has lost count of a pipe")
	s.waited(core.W, "splice out")
	switch {
	case e != 0:
		return 0, e
	case s.agent.Choose(sim.OpSendIntr, 2) != 0:
		return 0, core.EINTR
	case len(p.data) == 0:
		return 0, p.nothing()
	}
	if e, barred := s.barred(); barred {
		return 0, e
	}
	if s.out.Free() > 0 && s.agent.Choose(sim.OpSendAgain, 2) != 0 {
		s.again()
		s.refuse(core.W)
		return 0, core.EAGAIN
	}
	if v := s.agent.Choose(sim.OpShortWrite, min(n, 4096)); v != 0 {
		n = v
		s.again()
	}
	all := n
	if n = s.out.Write(p.data[:n], more && n == len(p.data)); n < all {
		s.nospace = true
	}
	if n == 0 {
		s.refuse(core.W)
		return 0, core.EAGAIN
	}
	p.drop(n)
	s.k.Stats.Sent += uint64(n)
	s.vain = 0
	return n, 0
}
