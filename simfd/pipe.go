package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// Pipe is a pipe of the program's. It holds bytes in slots, each of which was
// filled by one piece of one segment: many small segments fill a pipe with few
// bytes.
type Pipe struct {
	k      *Kernel
	nums   [2]int32 // the end to read, the one to write; none if closed
	agents [2]sim.Agent
	slots  []slot // oldest first
	limit  int    // slots
	data   []byte
	open   bool
}

// slot is a page, or a part of one, with bytes in it.
type slot struct {
	bytes int
	end   int // of them in their page; page if nothing may be written behind them
}

var (
	_ core.Tube    = (*Pipe)(nil)
	_ core.Plumber = (*Kernel)(nil)
)

// pipeFails are the values of sim.OpPipe.
var pipeFails = [...]core.Errno{core.EMFILE, core.ENFILE, core.ENOMEM}

// Pipe implements core.Plumber. It takes two descriptors.
func (k *Kernel) Pipe() (core.Pipe, core.Errno) {
	k.count()
	if v := k.worker.Choose(sim.OpPipe, 1+len(pipeFails)); v != 0 {
		k.Stats.Pipeless++
		return nil, pipeFails[v-1]
	}
	p := &Pipe{k: k, limit: k.params.PipeSlots, open: true}
	for i := range p.nums {
		if p.nums[i] = k.lowest(); p.nums[i] == none {
			if i == 1 {
				k.giveBack(p.nums[0])
			}
			k.Stats.Pipeless++
			return nil, core.EMFILE
		}
		k.nums[p.nums[i]].pipe = p
		k.name(&p.agents[i])
	}
	// More room than the smallest is asked for, and not always granted.
	if v := k.worker.Choose(sim.OpPipeSize, p.limit+1); v != 0 {
		p.limit = v
	}
	k.pipes++
	k.Stats.Piped++
	return p, 0
}

// name makes an actor of something that is neither a socket nor the listener: the worker's
// first, second and so on, so that what is chosen for one is not chosen for another.
func (k *Kernel) name(a *sim.Agent) {
	k.things++
	a.Init((sim.Worker | sim.Actor(k.things)).Of(k.number), &k.w.Choices)
}

// Pipes returns how many are open.
func (k *Kernel) Pipes() int { return k.pipes }

// Ends implements core.Tube.
func (p *Pipe) Ends() (r, w int) { return int(p.nums[0]), int(p.nums[1]) }

// Close implements core.Pipe.
func (p *Pipe) Close() {
	core.BugOn(!p.open, "I01", "kernel", "a pipe closed twice")
	p.open = false
	p.k.count()
	p.k.pipes--
	if p.Len() > 0 {
		p.k.Stats.Spilt++
	}
	p.CloseEnd(false)
	p.CloseEnd(true)
}

// CloseEnd implements core.Tube. The other end is woken.
func (p *Pipe) CloseEnd(write bool) {
	if num := &p.nums[b2i(write)]; *num != none {
		p.touch()
		p.k.giveBack(*num)
		*num = none
		p.wake(!write, allEvents)
	}
}

// touch takes note that something of either end may change.
func (p *Pipe) touch() {
	for _, num := range p.nums {
		if num != none {
			p.k.Touched.Add(int(num))
		}
	}
}

// wake tells whoever watches an end.
func (p *Pipe) wake(write bool, ev core.Events) {
	if num := p.nums[b2i(write)]; num != none {
		p.k.watch.Changed(int(num), ev)
	}
}

// full says that no slot is free.
func (p *Pipe) full() bool { return len(p.slots) == p.limit }

// events is what poll says of an end.
func (p *Pipe) events(num int32) (e core.Events) {
	if num == p.nums[0] {
		if len(p.slots) > 0 {
			e |= core.EvIn
		}
		if p.shut(true) {
			e |= core.EvHup
		}
		return e
	}
	if !p.full() {
		e |= core.EvOut
	}
	if p.shut(false) {
		e |= core.EvErr
	}
	return e
}

// shut says that one end is closed.
func (p *Pipe) shut(write bool) bool { return p.nums[b2i(write)] == none }

// Len returns how many bytes the pipe holds.
func (p *Pipe) Len() int { return len(p.data) }

// Read implements core.Pipe. Who waits for room hears of it only if there was none.
func (p *Pipe) Read(b []byte) (int, core.Errno) {
	p.k.count()
	p.touch()
	empty := len(p.data) == 0
	core.BugOn(!p.open || empty && p.k.params.House, "I01", "kernel", "read of a pipe that is closed, or empty")
	switch {
	case len(b) == 0:
		return 0, 0
	case empty:
		return 0, p.nothing()
	}
	n := copy(b, p.data)
	if full := p.full(); p.drop(n) && full {
		p.wake(true, core.EvOut|one)
	}
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

// Write implements core.Tube. Bytes share pages, whose beginnings do not come free by being
// read, and what fits into one is never split. Who waits for bytes is woken even if there
// was no room for any.
func (p *Pipe) Write(b []byte) (int, core.Errno) {
	p.k.count()
	p.touch()
	switch {
	case len(b) == 0:
		return 0, 0
	case p.shut(false):
		return 0, core.EPIPE
	}
	n := 0
	if last := len(p.slots) - 1; last >= 0 {
		// Only the odd part, so that the rest fills whole pages.
		if odd, s := len(b)%page, &p.slots[last]; odd > 0 && s.end+odd <= page {
			s.bytes += odd
			s.end += odd
			n = odd
		}
	}
	for n < len(b) && !p.full() {
		part := min(page, len(b)-n)
		p.slots = append(p.slots, slot{part, part})
		n += part
	}
	p.data = append(p.data, b[:n]...)
	p.wake(false, core.EvIn|one)
	if n == 0 {
		return 0, core.EAGAIN
	}
	return n, 0
}

// drop takes bytes off the front, and says whether a slot came free.
func (p *Pipe) drop(n int) (freed bool) {
	p.data = append(p.data[:0], p.data[n:]...)
	for n > 0 {
		if n < p.slots[0].bytes {
			p.slots[0].bytes -= n
			return freed
		}
		n -= p.slots[0].bytes
		p.slots = append(p.slots[:0], p.slots[1:]...)
		freed = true
	}
	return freed
}
