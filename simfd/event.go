package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// Event is an eventfd of the program's.
type Event struct {
	k      *Kernel
	num    int32
	closed bool
	count  uint64
	agent  sim.Agent
}

var (
	_ core.EventFD = (*Event)(nil)
	_ core.Eventer = (*Kernel)(nil)
)

// EventFD implements core.Eventer.
func (k *Kernel) EventFD(initial uint32) (core.EventFD, core.Errno) {
	k.count()
	if v := k.worker.Choose(sim.OpPipe, 1+len(pipeFails)); v != 0 {
		return nil, pipeFails[v-1]
	}
	num := k.lowest()
	if num == none {
		return nil, core.EMFILE
	}
	e := &Event{k: k, num: num, count: uint64(initial)}
	k.nums[num].event = e
	k.name(&e.agent)
	return e, 0
}

// Num implements core.EventFD.
func (e *Event) Num() int { return int(e.num) }

func (e *Event) call() {
	core.BugOn(e.closed, "I01", "kernel", "a call on a closed eventfd")
	e.k.count()
	e.k.Touched.Add(int(e.num))
}

// Add implements core.EventFD.
func (e *Event) Add(n uint64) core.Errno {
	e.call()
	switch {
	case n > core.MaxEvent:
		return core.EINVAL
	case n > core.MaxEvent-e.count:
		return core.EAGAIN
	}
	e.count += n
	e.k.watch.Changed(int(e.num), core.EvIn|one)
	return 0
}

// Take implements core.EventFD.
func (e *Event) Take() (uint64, core.Errno) {
	e.call()
	n := e.count
	if n == 0 {
		return 0, core.EAGAIN
	}
	e.count = 0
	e.k.watch.Changed(int(e.num), core.EvOut|one)
	return n, 0
}

// Close implements core.EventFD.
func (e *Event) Close() core.Errno {
	e.call()
	e.k.giveBack(e.num)
	e.closed = true
	return 0
}

// events is what poll says.
func (e *Event) events() (ev core.Events) {
	if e.count > 0 {
		ev |= core.EvIn
	}
	if e.count < core.MaxEvent {
		ev |= core.EvOut
	}
	return ev
}
