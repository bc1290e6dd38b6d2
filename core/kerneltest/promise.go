package kerneltest

// promise follows what was sent with the promise of more, and says whether a step's answer can
// be compared: while bytes may be held back, nobody looks whether they have arrived. Linux
// lets them go with the next acknowledgement that comes, or after a while; and nothing is promised to
// who answers with a RST.
func (z *sizes) promise(s Step) bool {
	if s.Actor.Kind == Nobody || s.Actor.Kind == Twin {
		return z.owing == 0
	}
	if s.Actor.Kind > Far {
		return true
	}
	n, mine, theirs := s.Actor.N, s.Actor.Kind, other(s.Actor.Kind)
	held := &z.held[mine][n]
	switch s.Verb {
	case Send, Writev:
		if s.Count > 0 {
			z.owes(s.Actor, s.More)
		}
		return !s.More || !z.full[mine][n] && !z.shut[theirs][n] && !z.done[theirs][n]
	case Fill, ShutW, ShutRW:
		z.owes(s.Actor, false)
		return s.Verb != ShutRW || !z.held[theirs][n]
	case SpliceOut:
		return !*held
	case Close, Reset, Urgent, Connect, Dup:
		return !*held && !z.held[theirs][n]
	case Recv, Readv, Peek, Drain, Splice, ShutR, RcvLowat, RcvBuf, Poll, Watch, Add, Mod, Del:
		return !z.held[theirs][n]
	}
	return true
}

// owes notes whether more is to come of an end.
func (z *sizes) owes(a Actor, more bool) {
	held := &z.held[a.Kind][a.N]
	if a.Kind == Far && *held != more {
		z.owing += 2*b2i(more) - 1
	}
	*held = more
}
