package traces

import (
	"millrace/core"
	"millrace/sim"
)

// playFD is a descriptor of a Player, or what it knows of the listener. It holds
// the proxy to what the simulated kernel holds it to, under the same names: a
// recording that ends because of a forbidden call shows it again in a replay.
type playFD struct {
	p       *Player
	num     int
	actor   sim.Actor
	key     core.Key    // what the poller was told last; 0 = nothing yet
	want    core.Events // what is registered
	got     int64       // bytes received
	sent    int64       // bytes sent
	refused core.Wish   // told EAGAIN or a short count, and nothing since
	closed  bool
	failed  bool // the proxy knows that it is of no use any more
	shut    bool // a FIN was sent
	intro   bool // what is sent is not in the recording yet
	head    head // what a client begins with
	sealed  *PlayedCipher
}

var _ core.Patient = (*playFD)(nil)

// Num implements core.FD.
func (f *playFD) Num() int { return f.num }

// call makes a call and returns its answer. w is the direction in which it must
// not have been refused.
func (f *playFD) call(what string, w core.Wish, s Step) *Step {
	if f.closed {
		core.BugOn(true, "I01", "kernel", what+" on a closed descriptor")
	}
	if f.failed && s.Call != CallClose {
		core.BugOn(true, "I17", "kernel", what+" after a fatal error")
	}
	if f.refused.Any(w) {
		core.BugOn(true, "I58", "kernel", what+" again before the poller reported anything")
	}
	s.Actor = f.actor
	a := f.p.answer(s)
	switch a.Err {
	case core.EAGAIN, core.EALREADY:
		f.refused |= w
	case 0, core.ENOMEM, core.ENOBUFS, core.EINTR, core.ENOTCONN, core.EINPROGRESS, core.EISCONN:
	case core.EINVAL, core.ENOSYS, core.EBADF, core.EPERM, core.EACCES, core.EIO:
		f.failed = s.Call != CallSplice && s.Call != CallSpliceOut // which are refused like that
	default:
		f.failed = true
	}
	return a
}

// Connect implements core.FD.
func (f *playFD) Connect() core.Errno { return f.call("connect", core.W, Step{Call: CallConnect}).Err }

// Recv implements core.FD.
func (f *playFD) Recv(b []byte) (int, core.Errno) {
	a := f.call("recv", core.R, Step{Call: CallRecv, Arg: int64(len(b))})
	if a.Err != 0 {
		return 0, a.Err
	}
	if a.Answer < 0 || a.Answer > int64(len(b)) {
		f.p.unplayable("%d bytes received of %d", a.Answer, len(b))
	}
	f.fill(b[:a.Answer], true)
	return int(a.Answer), 0
}

// Peek implements core.FD.
func (f *playFD) Peek(b []byte) (int, core.Errno) {
	f.head.look(f)
	a := f.call("peek", core.R, Step{Call: CallPeek, Arg: int64(len(b))})
	if a.Err != 0 {
		return 0, a.Err
	}
	f.fill(b[:a.Answer], false)
	return int(a.Answer), 0
}

// fill brings what is next, and takes it off the stream if told so.
func (f *playFD) fill(b []byte, take bool) {
	n := f.head.copy(b, take)
	payload(b[n:], f.incoming(), f.got)
	if take {
		f.got += int64(len(b) - n)
	}
}

// Local implements core.FD. No replay has addresses.
func (f *playFD) Local() (core.Addr, core.Errno) { return core.Addr{}, core.ENOTCONN }

// Watch implements core.Vigilant. What it leads to is in the recording.
func (f *playFD) Watch(core.Vigil) core.Errno { return 0 }

// RcvLowat implements core.Patient. What it leads to is in the recording.
func (f *playFD) RcvLowat(bytes int) core.Errno {
	return f.call("rcvlowat", 0, Step{Call: CallLowat, Arg: int64(bytes)}).Err
}

// Send implements core.FD.
func (f *playFD) Send(b []byte, more bool) (int, core.Errno) {
	core.BugOn(f.shut, "I41", "kernel", "send after our own FIN")
	if f.intro {
		return f.introduce(b, more)
	}
	a := f.call("send", core.W, Step{Call: CallSend, Arg: int64(len(b)), More: more})
	if at := f.right(b); at < len(b) && f.sealed == nil {
		f.mismatch(b, at)
	}
	if a.Err != 0 {
		return 0, a.Err
	}
	if a.Answer < 0 || a.Answer > int64(len(b)) {
		f.p.unplayable("%d bytes sent of %d", a.Answer, len(b))
	}
	if f.sent += a.Answer; a.Answer < int64(len(b)) {
		f.refused |= core.W
	}
	return int(a.Answer), 0
}

// Untaken implements core.FD.
func (f *playFD) Untaken() int { return int(f.call("untaken", 0, Step{Call: CallUntaken}).Answer) }

// ShutW implements core.FD.
func (f *playFD) ShutW() core.Errno {
	core.BugOn(f.shut, "I41", "kernel", "a second FIN")
	e := f.call("shutdown", 0, Step{Call: CallShutW}).Err
	f.shut = e == 0
	return e
}

// Close implements core.FD.
func (f *playFD) Close(reset bool) core.Errno {
	e := f.call("close", 0, Step{Call: CallClose, More: reset}).Err
	f.closed = true
	f.p.fds[f.num] = nil
	f.p.low = min(f.p.low, f.num)
	delete(f.p.open, f.actor)
	return e
}

// incoming is the stream that arrives here.
func (f *playFD) incoming() uint32 {
	if f.actor.Kind() == sim.Back {
		return sim.Downstream(uint32(f.actor.Num()))
	}
	return sim.Upstream(uint32(f.actor.Num()))
}

// right returns how many leading bytes of b are the ones that must be sent next.
func (f *playFD) right(b []byte) int {
	for ok := 0; ok < len(b); {
		want := f.must(f.sent+int64(ok), len(b)-ok)
		if len(want) == 0 {
			break // nobody knows
		}
		for _, must := range want {
			if b[ok] != must {
				return ok
			}
			ok++
		}
	}
	return len(b)
}

// must returns bytes that belong at an offset, n at most; none if nobody knows.
func (f *playFD) must(offset int64, n int) []byte {
	if f.p.of.Sends == nil {
		return nil
	}
	return f.p.of.Sends(&f.p.t.Settings, f.actor, offset, n)
}

// mismatch ends the replay for the byte of b at which it goes wrong.
func (f *playFD) mismatch(b []byte, at int) {
	offset := f.sent + int64(at)
	f.p.result.Mismatch = &Mismatch{Step: f.p.pos, Actor: f.actor, Offset: offset, Sent: b[at], Want: f.must(offset, 1)[0]}
	panic(halt{})
}
