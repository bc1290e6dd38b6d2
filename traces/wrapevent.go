package traces

import (
	"millrace/core"
	"millrace/sim"
)

// eventFD is an eventfd whose calls are recorded.
type eventFD struct {
	core.EventFD
	r *Recorder
}

var _ core.Eventer = (*dialer)(nil)

// EventFD implements core.Eventer, also where the dialer does not: it has none then.
func (d *dialer) EventFD(initial uint32) (core.EventFD, core.Errno) {
	eventer, ok := d.d.(core.Eventer)
	if !ok {
		return nil, core.ENOSYS
	}
	fd, e := eventer.EventFD(initial)
	d.r.add(Step{Actor: sim.Worker, Call: CallEventFD, Arg: int64(initial), Err: e})
	if e != 0 {
		return nil, e
	}
	d.r.name(fd.Num())
	return eventFD{fd, d.r}, 0
}

// Add implements core.EventFD.
func (f eventFD) Add(n uint64) core.Errno {
	e := f.EventFD.Add(n)
	f.r.add(Step{Actor: sim.Worker, Call: CallEventAdd, Arg: bounded(n), Err: e})
	return e
}

// Take implements core.EventFD.
func (f eventFD) Take() (uint64, core.Errno) {
	n, e := f.EventFD.Take()
	f.r.add(Step{Actor: sim.Worker, Call: CallEventTake, Answer: bounded(n), Err: e})
	return n, e
}

// Close implements core.EventFD.
func (f eventFD) Close() core.Errno {
	f.r.ended(f.Num())
	e := f.EventFD.Close()
	f.r.add(Step{Actor: sim.Worker, Call: CallEventClose, Err: e})
	return e
}

// bounded is a count as a step has it, which ends at a quarter of what an eventfd can hold.
func bounded(n uint64) int64 { return int64(min(n, 1<<numberBits-1)) }
