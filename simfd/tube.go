package simfd

import "millrace/core"

// Move implements core.Tube. What is moved as a whole goes on to be written behind, as it
// was, and a part is not.
func (p *Pipe) Move(to core.Tube, limit int) (int, core.Errno) {
	o := to.(*Pipe)
	if e, over := p.flow(o, limit); over {
		return 0, e
	}
	moved, freed := 0, false
	for moved < limit && len(p.data) > 0 && !o.full() {
		part := p.slots[0]
		if part.bytes > limit-moved {
			part = slot{limit - moved, page}
		}
		o.put(p.data[:part.bytes], part.end)
		freed = p.drop(part.bytes) || freed
		moved += part.bytes
	}
	o.wake(false, allEvents|one)
	if freed {
		p.wake(true, allEvents|one)
	}
	return moved, 0
}

// Tee implements core.Tube.
func (p *Pipe) Tee(to core.Tube, limit int) (int, core.Errno) {
	o := to.(*Pipe)
	if e, over := p.flow(o, limit); over {
		return 0, e
	}
	seen := 0
	for _, s := range p.slots {
		if seen == limit || o.full() {
			break
		}
		n := min(s.bytes, limit-seen)
		o.put(p.data[seen:seen+n], page)
		seen += n
	}
	o.wake(false, allEvents|one)
	return seen, 0
}

// put adds a slot.
func (p *Pipe) put(b []byte, end int) {
	p.data = append(p.data, b...)
	p.slots = append(p.slots, slot{len(b), end})
}

// flow is the head of both. Over says that nothing flows.
func (p *Pipe) flow(o *Pipe, limit int) (e core.Errno, over bool) {
	p.k.count()
	p.touch()
	o.touch()
	core.BugOn(!p.open || !o.open, "I01", "kernel", "bytes of a closed pipe are moved, or into one")
	switch {
	case limit == 0:
		return 0, true
	case p == o:
		return core.EINVAL, true
	case len(p.data) == 0 && !p.shut(true):
		return core.EAGAIN, true
	case o.shut(false):
		return core.EPIPE, true
	case o.full():
		return core.EAGAIN, true
	case len(p.data) == 0:
		return 0, true
	}
	return 0, false
}
