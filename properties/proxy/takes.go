package proxy

import (
	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
)

// underway is what is under way to a side: given to its kernel, and not yet taken.
type underway struct {
	n     int
	taken core.Time // when some of it was, last
	wrote int64     // what the kernel was given in all
	looks int       // how often it was asked how much is under way, and
	base  int       // how often that was when it was given something last
	at    core.Time // when it was asked last, and
	said  int       // what was under way then
}

// underway finds out what is under way to a side, which was last as was says.
func (c *checker) underway(si *streamif.StreamInterface, was *underway, shut bool) underway {
	if !si.Conn().Open() {
		return underway{}
	}
	sock := c.w.kernel.FD(si.Conn().Desc().Num())
	if sock == nil {
		return underway{}
	}
	is := underway{wrote: sock.Out().Wrote(), looks: sock.Looks(), base: was.base, at: was.at, said: was.said}
	n, taken := sock.Under()
	is.n, is.taken = n, core.Time(taken)
	if is.looks != was.looks {
		is.at, is.said = c.w.Loop.Now(), is.n
	}
	if shut || is.wrote != was.wrote {
		is.base = was.looks
	}
	return is
}

// again says that timers that were due may run once more: some of what is under way was taken
// since it was looked at, or it was looked at for the first time, or at one time twice. For a first
// look there was time enough if it is writing that was due, and none leapt.
func (is *timed) again(before *timed, looked core.Time, leapt bool) bool {
	writes := before.wex != 0 && before.wex <= looked
	due := before.rex != 0 && before.rex <= looked || writes
	first := (is.under.base == before.under.looks || is.under.at == before.under.at) && is.under.n > 0 && (!writes || leapt)
	less := is.under.taken >= before.under.at || is.under.n < before.under.said // as it is too when the peer is gone
	return due && is.under.looks > before.under.looks && (first || less)
}

// takes checks that who is blamed for a timeout, with bytes under way to him, had not taken any
// for most of it: since that was looked at, which has to be so soon that little is missed.
func (c *checker) takes(s *streamif.Session, si *streamif.StreamInterface, was *timed, span core.Time, silent bool) {
	w, front := c.w, si == s.Front()
	if silent && w.proxy.Config().Indep || w.sim.Choices.Fired[sim.OpRenew] > 0 || !front && s.Tries() > 1 {
		return
	}
	is := c.underway(si, &was.under, false)
	if si.Conn().Open() {
		is.n -= int(is.wrote - was.under.wrote + b2i(si.Conn().Flags().Any(core.ConnSockWrSh))) // what left since
	} else if reset, idle := w.kernel.Slain(s.Peer().Label, front); reset && idle >= 0 && was.under.n > 0 {
		is.n, is.taken = 1, w.Loop.Now()-core.Time(idle) // and maybe more
	}
	idle := w.Loop.Now() - is.taken
	switch {
	case is.n <= 0, idle == 0: // that may have been after the look
	case was.under.looks == was.under.base:
		w.Breach("I87", "timer", "session %d: %s, and whether any of what is under way was taken nobody looked", s.Peer().Label, s.Reason())
	case is.taken > was.under.at, idle < span*3/4 && !w.leapt():
		w.Breach("I87", "timer", "session %d: %s, and some of what was under way was taken %d ns ago", s.Peer().Label, s.Reason(), idle)
	}
}
