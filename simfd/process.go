package simfd

import (
	"slices"

	"millrace/core"
	"millrace/sim"
)

// A program's workers are processes, as far as the kernel goes: each has numbers of its
// own, and dies alone. What they have in common is the network, and the port that clients
// come to, on which each listens with a socket of its own (SO_REUSEPORT).

// common is what the kernels of a program's workers share.
type common struct {
	net     Network
	linker  Linker      // net, if it is one
	actors  []*agents   // by label
	links   []*link     `digest:"-"` // all connections of this run: who can still do something is led to by somebody else
	origins []origin    // by server
	group   []*Listener // on the port, in the order in which they came
}

// Join resets k as the kernel of the program's n-th worker, counted from 0, beside that of the
// first one, which was just reset.
func (k *Kernel) Join(first *Kernel, n int, watch Watcher) {
	k.number = n
	k.reset(first.w, first.params, watch)
	k.common = first.common
}

// Number says which worker's kernel this is.
func (k *Kernel) Number() int { return k.number }

// leads returns the listener that a client's connection comes to, nil if nobody listens.
// Linux goes by a hash of the addresses, which is as good as a turn: each of the listeners
// has its own, unless a choice names another one.
func (k *Kernel) leads(client *Socket) *Listener {
	n := len(k.group)
	if n == 0 {
		return nil
	}
	turn := int(client.label) % n
	if n == 1 {
		return k.group[turn]
	}
	other := func(i int) *Listener { return k.group[(turn+1+i)%n] }
	if v := client.agent.Pick(sim.OpShare, n-1, func(i int) sim.Actor { return other(i).agent.Actor }); v >= 0 {
		return other(v)
	}
	return k.group[turn]
}

// leave takes a listener off the port: who waits in its queue is reset, whoever else listens
// there, as Linux does without tcp_migrate_req.
func (l *Listener) leave() {
	l.dismiss()
	l.k.group = slices.DeleteFunc(l.k.group, func(o *Listener) bool { return o == l })
}

// holds takes note of a client that came to this worker.
func (k *Kernel) holds(label uint32) {
	s := k.session(label)
	s.holder, s.life = k, k.deaths
}

// Holder returns the worker whose listener a session's client came to; -1 if it has not come.
func (k *Kernel) Holder(label uint32) int {
	if of := k.session(label).holder; of != nil {
		return of.number
	}
	return -1
}

// Lost says that this worker has died since.
func (k *Kernel) Lost(label uint32) bool {
	s := k.session(label)
	return s.holder != nil && s.life != s.holder.deaths
}

// maxCalls is more than any round of an event loop needs.
const maxCalls = 1_000_000

// Round says that the program under test begins a round of its loop. One that
// never ends would otherwise end nothing: all checks are between rounds.
func (k *Kernel) Round() { k.last, k.doomed = k.Stats.Calls+maxCalls, false }

// Died is what a call panics with whose process dies in it.
type Died struct{}

// Doom has the process die with so many calls from now on, as if it was killed. The call, and
// those that come behind it, do not return. Who has the process's loop run has to look for
// that, and to call Kill.
func (k *Kernel) Doom(calls int) { k.last, k.doomed = k.Stats.Calls+uint64(calls), true }

// Doomed says that the process is to die, or has.
func (k *Kernel) Doomed() bool { return k.doomed }

// count is a call of the process's.
func (k *Kernel) count() {
	if k.Stats.Calls >= k.last {
		k.spent()
	}
	k.Stats.Calls++
	k.w.Note(k.Stats.Sent<<32 ^ k.Stats.Received)
}

// spent is a call too many.
func (k *Kernel) spent() {
	if k.doomed {
		panic(Died{})
	}
	core.BugOn(k.last != 0, "I09", "kernel", "a round of the loop does not end")
}

// Kill closes all that the process has, as the end of a process does: what was sent is still
// delivered, and whoever sent what nobody has read is reset. Another process may take its place.
func (k *Kernel) Kill() {
	k.deaths++
	for num := range k.nums {
		switch d := k.nums[num]; {
		case d.sock != nil:
			d.sock.dies(int32(num))
		case d.lst != nil:
			d.lst.leave()
			k.lst = nil
			k.giveBack(int32(num))
		case d.pipe != nil:
			d.pipe.open = false
			d.pipe.CloseEnd(int32(num) == d.pipe.nums[1])
		case d.event != nil:
			d.event.closed = true
			k.giveBack(int32(num))
		}
	}
	k.pipes = 0 // whatever the call that it died in had begun
}

// dies is the end of a socket's process: its numbers are given back one by one.
func (s *Socket) dies(num int32) {
	if len(s.others) > 0 {
		s.drops(num)
		return
	}
	s.num = none
	s.end(s.lingers)
	s.k.giveBack(num)
}
