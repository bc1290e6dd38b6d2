package proxy

import (
	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
)

// underway is what is under way to a side: given to its kernel, and not yet taken.
type underway struct {
	n     int
	taken sim.Time  // when some of it was, last
	wrote int64     // what the kernel was given in all, and
	since core.Time // when it was given something last
	looks int       // how often it was asked how much is under way, and
	base  int       // how often that was when it was given something last
	at    core.Time // when it was asked last, by the loop's clock, which may be coarse, and
	then  sim.Time  // by the world's, and
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
	is := underway{wrote: sock.Out().Wrote(), base: was.base, at: was.at, then: was.then, since: was.since}
	is.looks, is.said = sock.Looks()
	is.n, is.taken = sock.Under()
	if is.looks != was.looks {
		is.at, is.then = c.w.Loop.Now(), c.w.sim.Now()
	}
	if shut || is.wrote != was.wrote {
		is.base, is.since = was.looks, c.w.Loop.Now()
	}
	return is
}

// premature checks that nobody asks what is under way, which is a call, before it has been there for
// some of the time that it may take, unless the time of who takes it is up.
func (c *checker) premature(s *streamif.Session, si *streamif.StreamInterface, was *timed, is *underway, span core.Time) {
	asked := si.Conn().Open() && !si.Flags().Any(streamif.SILinger) && is.looks > was.under.looks
	up := was.rex != 0 && was.rex <= c.w.Looked()
	excused := up || c.w.leapt() || c.w.renewed()
	if idle := c.w.Loop.Now() - was.under.since; asked && !excused && idle < span/8 {
		c.w.Breach("I96", "session", "session %d: asked what is under way %d ns after something left", s.Peer().Label, idle)
	}
}

// again says that timers that were due may run once more: some of what is under way was taken
// since it was looked at, or it was looked at for the first time, or at one time twice, or a moment
// before, of all the time that there is. For a first look there was time enough if it is writing that
// was due, and none leapt.
func (is *timed) again(before *timed, looked, span core.Time, leapt bool) bool {
	writes := before.wex != 0 && before.wex <= looked
	due := before.rex != 0 && before.rex <= looked || writes
	seen := before.under.looks > is.under.base && is.under.at != before.under.at
	first := !seen || is.under.at-before.under.at < span/4
	first = first && is.under.said > 0 && (!writes || leapt)
	less := seen && (is.under.taken >= before.under.then || is.under.said < before.under.said) // as it is too when the peer is gone
	return due && is.under.looks > before.under.looks && (first || less)
}

// takes checks that who is blamed for a timeout, with bytes under way to him, had not taken any
// for most of it: since that was looked at, which has to be so soon that little is missed.
func (c *checker) takes(s *streamif.Session, si *streamif.StreamInterface, was *timed, span core.Time, silent bool) {
	w, front := c.w, si == s.Front()
	if silent && w.proxy.Config().Indep || !front && s.Tries() > 1 || w.renewed() {
		return
	}
	is := c.underway(si, &was.under, false)
	if si.Conn().Open() {
		is.n -= int(is.wrote - was.under.wrote + b2i(si.Conn().Flags().Any(core.ConnSockWrSh))) // what left since
	} else if reset, idle := w.kernel.Slain(s.Peer().Label, front); reset && idle >= 0 && was.under.n > 0 {
		is.n, is.taken = 1, w.sim.Now()-idle // and maybe more
	}
	idle := w.sim.Now() - is.taken
	switch {
	case is.n <= 0, idle == 0: // that may have been after the look
	case was.under.looks == was.under.base:
		w.Breach("I87", "timer", "session %d: %s, and whether any of what is under way was taken nobody looked", s.Peer().Label, s.Reason())
	case is.taken > was.under.then, idle < sim.Time(span*3/4) && !w.leapt():
		w.Breach("I87", "timer", "session %d: %s, and some of what was under way was taken %d ns ago", s.Peer().Label, s.Reason(), idle)
	}
}
