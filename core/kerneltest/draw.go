package kerneltest

import (
	"math/rand/v2"

	"millrace/core"
)

// Draw makes a script at random, the same for the same seed.
func Draw(seed uint64) *Script {
	return DrawFrom(rand.New(rand.NewPCG(seed, 0)).IntN)
}

// DrawFrom makes a script by choices, each of which is one of the first n numbers:
// up to five connections in any of the ways in which they begin, then calls of
// both ends in any order, with looks in between. Smaller choices make shorter
// scripts.
func DrawFrom(below func(n int) int) *Script {
	d := &draft{below: below, script: &Script{Name: "drawn"}}
	if d.below(16) == 15 {
		d.sleepers()
		return d.script
	}
	conns := 1 + d.below(1+d.below(5))
	for n := 1; n <= conns; n++ {
		d.open(n)
	}
	for range 4 + d.below(1+d.below(maxActs)) {
		d.act(1 + d.below(conns))
	}
	return d.script
}

// maxActs is, with the looks and the beginnings, about sixty steps.
const maxActs = 40

type draft struct {
	below  func(n int) int
	script *Script
	sizes  sizes
	heard  bool // somebody listens
	deaf   bool // there is a listener that was shut
	calls  [maxActors + 1]bool
	made   [maxActors + 1]bool
	filled [maxActors + 1]bool // perhaps: spliced into last
	counts [maxActors + 1]bool
	parted [maxActors + 1]bool           // one of two numbers was closed
	gone   [numKinds][maxActors + 1]bool // closed
}

// often says yes n times in ten.
func (d *draft) often(n int) bool { return d.below(10) >= 10-n }

// add appends a step and, at times, looks. A step is left out if the answers
// would depend on the sizes of buffers.
func (d *draft) add(s Step) {
	after := d.sizes
	if !after.step(s) {
		return
	}
	d.sizes = after
	d.script.Add(s)
	if s.Verb != Watch && d.often(4) {
		return
	}
	looks := [...]Step{{Verb: Level}, {Verb: Edge}, {Verb: Oneshot}, {Actor: Actor{Us, s.Actor.N}, Verb: Poll, Mask: All}}
	switch {
	case s.Actor.Kind == Tube:
		looks[3].Actor.Kind = Outlet + Kind(d.below(2))
	case s.Actor.Kind == Counter, s.Actor.Kind == Twin:
		looks[3].Actor.Kind = s.Actor.Kind
	case d.sizes.urgent[s.Actor.N]:
		looks[3].Mask |= core.EvPri
	}
	for _, look := range looks {
		if look.Actor.Kind == Nobody && d.often(1) {
			look.Count = 1 - 2*d.below(2) // or naught
		}
		d.look(look)
	}
}

// look adds a look, at times.
func (d *draft) look(s Step) {
	if after := d.sizes; d.often(5) && after.step(s) {
		d.script.Add(s)
	}
}

// open brings connection n to life.
func (d *draft) open(n int) {
	us, peer := Actor{Us, n}, Actor{Far, n}
	if d.often(5) {
		d.listen()
		d.add(Step{Actor: peer, Verb: Dial})
		for d.often(3) {
			d.move(n)
		}
		if d.often(1) {
			d.deafen()
		}
		d.add(Step{Actor: us, Verb: Accept})
		d.watch(n)
		return
	}
	d.calls[n] = true
	to := Open
	if d.often(2) {
		to = Target(d.below(int(NumTargets)))
	}
	d.add(Step{Actor: us, Verb: Socket, Target: to})
	if d.often(5) {
		d.watch(n)
	}
	d.shut(us, 2)
	if d.often(1) {
		d.add(Step{Actor: us, Verb: RcvBuf, Count: mean + d.below(1<<(1+d.below(14)))})
		defer d.pinch(n)
	}
	d.add(Step{Actor: us, Verb: Connect})
	for d.often(2) {
		d.move(n)
	}
	d.shut(us, 1)
	for d.often(6) {
		d.add(Step{Actor: us, Verb: Connect})
	}
	if d.often(5) {
		d.watch(n)
	}
}

// shut shuts an end that may not be connected, n times in ten.
func (d *draft) shut(a Actor, n int) {
	if d.often(n) {
		d.add(Step{Actor: a, Verb: []Verb{ShutR, ShutW, ShutRW}[d.below(3)]})
	}
}

// deafen closes or shuts the listener.
func (d *draft) deafen() {
	for d.often(5) {
		d.add(Step{Actor: Actor{Listener, 1}, Verb: []Verb{ShutR, ShutW, ShutRW}[d.below(3)]})
		d.look(Step{Actor: Actor{Listener, 1}, Verb: Poll, Mask: All})
		d.heard, d.deaf = false, true
	}
	if d.often(5) {
		d.heard, d.deaf = false, false
		d.add(Step{Actor: Actor{Listener, 1}, Verb: Close})
	}
}

// listen makes sure that somebody does, and at times that it is watched. If it was shut a
// client may as well find that out.
func (d *draft) listen() {
	if d.heard || d.deaf && d.often(3) {
		return
	}
	d.add(Step{Actor: Actor{Listener, 1}, Verb: Close})
	d.heard, d.deaf = true, false
	d.add(Step{Actor: Actor{Listener, 1}, Verb: Listen})
	if d.often(5) {
		d.register(Actor{Listener, 1}, core.EvIn)
	}
}

// watch registers connection n, mostly for everything.
func (d *draft) watch(n int) {
	want := All
	if d.often(2) {
		want |= core.EvPri
	}
	if d.often(2) {
		masks := []core.Events{0, core.EvIn, core.EvOut, core.EvRdHup, core.EvIn | core.EvRdHup, core.EvIn | core.EvOut, core.EvPri, core.EvIn | core.EvPri}
		want = masks[d.below(len(masks))]
	}
	d.register(Actor{Us, n}, want)
}

// register tells the pollers, mostly by whatever call it takes, what is wanted of somebody.
func (d *draft) register(a Actor, want core.Events) {
	verb := Watch
	if d.often(2) {
		verb = []Verb{Add, Mod, Del}[d.below(3)]
	}
	switch {
	case verb == Del:
		want = 0
	case d.often(1):
		want = want&^(core.EvRdHup|core.EvPri) | core.EvExclusive
		if d.often(1) {
			want |= core.EvRdHup // which is not allowed
		}
	}
	d.add(Step{Actor: a, Verb: verb, Mask: want})
}

// act is something that happens to connection n.
func (d *draft) act(n int) {
	switch d.below(16) {
	case 0:
		d.watch(n)
	case 2, 3:
		d.tube(n)
	case 4:
		if d.often(5) {
			d.narrow(n)
		} else {
			d.tube(n)
		}
	case 6:
		switch {
		case d.often(3):
			d.counter()
		case d.often(3):
			d.double(n)
		default:
			d.move(n)
		}
	case 5:
		switch {
		case d.often(3):
			d.urgent(n)
		case d.often(5):
			d.window(n)
		case d.often(3):
			d.pinch(n)
		case d.often(4):
			d.brimming(n)
		}
	case 1:
		if d.calls[n] || d.often(2) {
			d.gone[Far][n] = false // it may be another one
			d.add(Step{Actor: Actor{Us, n}, Verb: Connect})
		}
	default:
		d.move(n)
	}
}

// deeds are what either end may do, as often as they stand here.
var deeds = [...]Verb{
	Send, Send, Send, Send, Send, Send, Send, Writev, Recv, Recv, Recv, Recv, Recv, Recv, Recv, Readv,
	Peek, Peek, Urgent, ShutW, ShutW, ShutW, ShutR, ShutRW, Error, SndBuf, RcvBuf, RcvLowat, RcvLowat, Reset, Reset, Close, Fill, Drain, Drain,
}

// count is how many bytes are asked for: mostly few, and at times none.
func (d *draft) count() int {
	if d.below(20) == 19 {
		return 0
	}
	return 1 + d.below(1<<d.below(12))
}

// pieces is how many pieces of memory they are in: a few, and at times too many.
func (d *draft) pieces() int {
	if d.below(20) == 19 {
		return maxPieces
	}
	return 1 + d.below(4)
}

// move is a call of one end of connection n.
func (d *draft) move(n int) {
	s := Step{Actor: Actor{Us + Kind(d.below(2)), n}, Verb: deeds[d.below(len(deeds))]}
	gone := &d.gone[s.Actor.Kind][n]
	if *gone || !has(s.Verb, s.Actor.Kind) {
		return
	}
	*gone = s.Verb == Close || s.Verb == Reset
	switch verbs[s.Verb].arg {
	case count, countAndMore:
		s.Count = d.count()
	case countAndPieces:
		s.Count, s.Pieces = d.count(), d.pieces()
	}
	if s.Verb == RcvLowat {
		s.Count = []int{0, naught, 1, d.count(), d.count(), maxCount}[d.below(6)]
	}
	if s.Verb == SndBuf || s.Verb == RcvBuf {
		s.Count = ample + d.below(1000)
		if d.often(3) {
			s.Count = 0
		}
	}
	d.add(s)
	if s.Verb == Send && d.often(1) {
		d.promise(s.Actor)
	}
}

// Shrink takes away as many lines as possible of a script that differs.
func Shrink(s *Script, differs func(*Script) bool) *Script {
	for n := s.Len() / 2; n >= 1; n /= 2 {
		for i := 0; i+n <= s.Len(); {
			if less := s.Without(i, n); less.Comparable() && differs(less) {
				s = less
			} else {
				i += n
			}
		}
	}
	return s
}
