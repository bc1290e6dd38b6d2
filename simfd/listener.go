package simfd

import (
	"millrace/core"
	"millrace/sim"
)

// Listener is the program's listening socket.
type Listener struct {
	k     *Kernel
	agent *sim.Agent
	num   int
	queue []*Socket
	vigil core.Vigil
	over  bool     // shut, and a socket like a fresh one
	shut  [2]bool  // since then, for reading and for writing
	lacks sim.Time // until when what was lacking may not be there
}

// lacking is how soon accept() must not be called again for want of descriptors or memory:
// a tenth of a second is usual, from the beginning of a round whose calls may have taken
// some of it.
const lacking = 50 * sim.Millisecond

var _ core.Listener = (*Listener)(nil)

// Listen opens the listener. A process has at most one.
func (k *Kernel) Listen() *Listener {
	core.BugOn(k.lst != nil, "I01", "kernel", "listening twice")
	l := &Listener{k: k, agent: &k.accepts, num: int(k.lowest()), vigil: k.params.Vigil}
	k.nums[l.num].lst = l
	k.lst = l
	k.group = append(k.group, l)
	return l
}

// Num implements core.Listener.
func (l *Listener) Num() int { return l.num }

// acceptFails are the values of sim.OpAccept.
var acceptFails = [...]core.Errno{
	core.EMFILE, core.ENFILE, core.ENOMEM, core.ECONNABORTED, core.EINTR, core.ENOBUFS, core.EPROTO, core.EHOSTUNREACH, core.EPERM,
}

// Accept implements core.Listener.
func (l *Listener) Accept() (core.FD, core.Peer, core.Errno) {
	k := l.k
	core.BugOn(k.lst != l, "I01", "kernel", "accept on a closed listener")
	core.BugOn(k.params.House && k.w.Now() < l.lacks, "I58", "kernel", "accept again at once where the kernel lacks something")
	k.count()
	k.Touched.Add(l.num)
	k.w.Race(l.agent)
	if l.over {
		return nil, core.Peer{}, core.EINVAL
	}
	if len(l.queue) == 0 {
		return nil, core.Peer{}, core.EAGAIN
	}
	if v := l.agent.Choose(sim.OpAccept, 1+len(acceptFails)); v != 0 {
		e := acceptFails[v-1]
		k.Stats.Refused++
		if e.Passed() {
			l.pop().drop() // the error takes the place of a connection
		}
		if e.Exhausted() {
			l.lacks = k.looked + lacking
		}
		return nil, core.Peer{}, e
	}
	num := k.lowest()
	if num == none {
		k.Stats.Refused++
		l.lacks = k.looked + lacking
		return nil, core.Peer{}, core.EMFILE
	}
	s := l.pop()
	s.opened(num)
	return s, core.Peer{Addr: k.ClientAddr(s.label), Label: s.label}, 0
}

func (l *Listener) pop() *Socket {
	s := l.queue[0]
	l.queue = append(l.queue[:0], l.queue[1:]...)
	return s
}

// drop ends a connection that was never accepted.
func (s *Socket) drop() {
	if s.state == connected {
		s.out.Abort()
	}
	s.state = closed
}

// Close implements core.Listener: whoever waits in the queue is reset.
func (l *Listener) Close() core.Errno {
	core.BugOn(l.k.lst != l, "I01", "kernel", "listener closed twice")
	l.leave()
	l.k.lst = nil
	l.k.giveBack(int32(l.num))
	return 0
}

// dismiss resets whoever waits in the queue.
func (l *Listener) dismiss() {
	l.k.Stats.Dropped += uint64(len(l.queue))
	for _, s := range l.queue {
		s.drop()
	}
	l.queue = nil
}

// Shut is shutdown(2): without reading nobody listens any more, as if it was closed,
// but for the number. Without writing nothing changes, but for whoever is woken.
func (l *Listener) Shut(r, w bool) core.Errno {
	l.k.count()
	l.k.Touched.Add(l.num)
	defer l.k.watch.Changed(l.num, allEvents)
	if l.over {
		l.shut = [2]bool{l.shut[0] || r, l.shut[1] || w}
		return core.ENOTCONN
	}
	if r {
		l.over = true
		l.leave()
	}
	return 0
}

// events is what poll says.
func (l *Listener) events() core.Events {
	switch {
	case l.over && l.shut[0]:
		return core.EvIn | core.EvOut | core.EvHup | core.EvRdHup
	case l.over:
		return core.EvOut | core.EvHup
	case len(l.queue) > 0:
		return core.EvIn
	}
	return 0
}
