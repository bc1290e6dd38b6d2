package simpoller

import "millrace/core"

// Changed is a change for the pollers of one kernel, as simfd.Watcher has it: first for all
// registrations that are not exclusive, and then for the others, in turn. If one of those is
// enough, the first that wakes somebody who slept is the last that hears of it; but where
// nobody sleeps, all do.
func Changed(pollers []*Poller, num int, ev core.Events) {
	enough := ev.Any(core.EvExclusive)
	ev &^= core.EvExclusive
	for _, p := range pollers {
		p.tell(num, ev, false, false)
	}
	for _, p := range pollers {
		if p.tell(num, ev, true, enough) {
			return
		}
	}
}

// tell is a change for those registrations of a number that are exclusive, or that are not.
// It stops, and says so, behind the one that is enough.
func (p *Poller) tell(num int, ev core.Events, exclusive, enough bool) bool {
	numbers := []int32{int32(num)}
	if s := p.k.FD(num); s != nil && s.Shared() {
		numbers = p.numbers(s)
	} else if num >= len(p.regs) {
		return false
	}
	for _, num := range numbers {
		slept := p.Asleep
		if p.at(num).exclusive() == exclusive && p.stir(num, ev) && enough && slept {
			return true
		}
	}
	return false
}

// fit is all that a wish with EvExclusive may have.
const fit = core.EvExclusive | core.EvIn | core.EvOut | core.EvErr | core.EvHup

// unfit says that an exclusive wish cannot be, or not as a change of another one.
func (p *Poller) unfit(want core.Events, change bool) bool {
	return change || p.Oneshot || want&^fit != 0
}

// exclusive says that there is a registration that cannot be changed.
func (r *reg) exclusive() bool { return r.there && r.want.Any(core.EvExclusive) }
