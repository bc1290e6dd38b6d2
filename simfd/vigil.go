package simfd

import (
	"cmp"

	"millrace/core"
	"millrace/sim"
)

var _ core.Vigilant = (*Socket)(nil)

// What Linux has where nothing else is said.
const (
	usualInterval = 75 * sim.Second
	usualCount    = 9
)

// vigil is how a stream's sender keeps one.
func vigil(v core.Vigil) sim.Vigil {
	return sim.Vigil{
		Idle: sim.Time(v.Idle), Unanswered: sim.Time(v.Unanswered),
		Interval: cmp.Or(sim.Time(v.Interval), usualInterval), Count: cmp.Or(v.Count, usualCount),
	}
}

// most is how long a vigil lasts at most, from the last sign of life on.
func most(v sim.Vigil) sim.Time {
	if v.Unanswered != 0 {
		return max(v.Idle, v.Unanswered) + v.Interval
	}
	return v.Idle + v.Interval*sim.Time(v.Count)
}

// deserted says since when nobody answers on a connection of the program's, of which the
// kernel's vigil is to tell it; 0 if that is not so.
func (s *Socket) deserted() sim.Time {
	if s.far || s.num == none || s.watched || s.state != connected || s.k.params.Vigil.Idle == 0 || s.finished() {
		return 0
	}
	return s.out.Deserted()
}

// noticed checks that the program is told in time, or leaves before.
func (s *Socket) noticed() {
	since := s.deserted()
	late := since != 0 && s.k.w.Now() > since+most(vigil(s.k.params.Vigil))+sim.Second
	fired := &s.k.w.Choices.Fired
	core.BugOn(late && fired[sim.OpClockJump]+fired[sim.OpBusy] == 0, "I92", "kernel",
		"nobody is at the other end, and the program was not told in time")
}

// Overlooked returns the number of a connection of the program's that nobody answers, of
// which it was not told; -1 if there is none.
func (k *Kernel) Overlooked() int {
	for i := range k.nums {
		if s := k.nums[i].sock; s != nil && s.deserted() != 0 {
			return i
		}
	}
	return -1
}

// Watch implements core.Vigilant.
func (s *Socket) Watch(v core.Vigil) core.Errno {
	s.call("setsockopt")
	s.watched = true
	s.watch(v)
	return 0
}

// watch sets a vigil, which begins when there is a connection.
func (s *Socket) watch(v core.Vigil) {
	s.vigil = v
	if s.state == connected {
		s.out.Watch(vigil(v))
	}
}
