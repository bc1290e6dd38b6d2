package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// What goes wrong with a call for no reason of the connection's, and what becomes of it.

// refuse notes that the program was told to wait; waited, that it did.
func (s *Socket) refuse(w core.Wish) {
	s.refused |= w
	s.deny(w)
	s.contradicts()
}

func (s *Socket) waited(w core.Wish, what string) {
	if s.refused.Any(w) && s.minded() {
		core.BugOn(true, "I58", "kernel", what+" again before the poller reported anything")
	}
	lacking := &s.lacking[b2i(w == core.W)]
	if s.k.w.Now() < *lacking && s.minded() {
		core.BugOn(true, "I58", "kernel", what+" again at once where the kernel lacks something")
	}
	*lacking = 0
}

// patience is how many calls in a row may be told that there is nothing before it is reasonable
// to leave a descriptor alone for a while, whatever is reported.
const patience = 3

// deny counts a call that is told so.
func (s *Socket) deny(w core.Wish) {
	if s.denied < patience {
		s.denied++
	} else {
		s.moody |= w
	}
}

// Moody are the directions which there was a reason to leave alone for a while: call after call was
// told that there is nothing, or one that the kernel lacks something.
func (s *Socket) Moody() core.Wish { return s.moody }

// apart is asked before something is sent: what goes before it in the same turn said that it
// would come, or has made a segment of its own.
func (s *Socket) apart() {
	core.BugOn(s.alone == s.k.turn && s.alone != 0 && s.minded(), "I61", "kernel", "two sends in a turn, and the first did not promise the other")
}

// Lacked are the directions whose last call was told that the kernel lacks something.
func (s *Socket) Lacked() (w core.Wish) {
	if s.lacking[0] != 0 {
		w |= core.R
	}
	if s.lacking[1] != 0 {
		w |= core.W
	}
	return w
}

// lack is an error for want of something of the kernel's own, which takes time.
func (s *Socket) lack(op sim.Op, w core.Wish) core.Errno {
	v := s.agent.Choose(op, 3)
	if v == 0 {
		return 0
	}
	s.lacking[b2i(w == core.W)] = s.k.looked + sim.Millisecond
	s.came = s.k.w.Now() // who was told that has looked
	s.moody |= w
	return [...]core.Errno{core.ENOMEM, core.ENOBUFS}[v-1]
}

// Lacks says that a call failed for want of something, and that it was not tried again since.
func (s *Socket) Lacks() bool { return s.lacking != [2]sim.Time{} }

// contradicts counts the calls that find nothing where something is reported: a
// program that believes report after report spins. A new accident begins anew: of
// those there may be any number, and none is the program's fault.
func (s *Socket) contradicts() {
	now := s.k.w.Now()
	if !s.torn && now >= s.fades || !s.minded() {
		return
	}
	if now > s.vainAt+sim.Millisecond {
		s.vain, s.vainAt = 0, now
	}
	s.vain++
	core.BugOn(s.vain > 20, "I09", "kernel", "a report that every call contradicts is believed for ever")
}

// disagree goes on reporting for a while what a call has just denied.
func (s *Socket) disagree(ev core.Events) {
	if s.ours() && s.agent.Choose(sim.OpDisagree, 2) != 0 {
		s.phantom, s.fades, s.vain = ev, s.k.w.Now()+20*sim.Millisecond, 0
		s.changed(ev)
	}
}

// Invented says that this was reported, and made up.
func (s *Socket) Invented(ev core.Events) {
	s.vain = 0
	s.lies |= ev
}

// Lies is what was ever reported of it and made up.
func (s *Socket) Lies() core.Events { return s.lies }

// Reported says that the program was told that these directions may be tried.
func (s *Socket) Reported(w core.Wish) {
	s.refused &^= w
	s.unspliced = s.unspliced && !w.Any(core.R)
}

// again makes up for an EAGAIN or a short count without a cause. What contradicts a report
// is no call of the program's then.
func (s *Socket) again() {
	s.vain = 0
	s.k.w.Wake(&s.nudge, s.k.w.Now()+50*sim.Microsecond)
}

// Owed says that a wake-up is on its way to this end, whatever poll says now.
func (s *Socket) Owed() bool { return s.nudge.Scheduled() || s.k.w.Now() < s.fades }

// notNow is what a call says that has to wait. Of a connection that is being made some
// kernels say that there is none.
func (s *Socket) notNow() core.Errno {
	if s.state == connecting && s.ours() && s.agent.Choose(sim.OpNotYet, 2) != 0 {
		return core.ENOTCONN
	}
	return core.EAGAIN
}
