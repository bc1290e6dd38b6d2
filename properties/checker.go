package properties

import (
	"fmt"
	"slices"
	"strings"

	"millrace/sim"
)

// checker looks at a world after every round of one of its workers, at what holds for any.
type checker struct {
	w      *World // the worker's view
	last   progress
	faults uint64
	spin   int // rounds in which nothing at all happened
	dull   int // rounds in which nothing but accidents did anything
	ring   circle
}

// step checks everything after one round.
func (c *checker) step() {
	if c.w.fail == nil {
		c.spinning()
	}
}

// end checks a world in which nothing will ever happen again.
func (w *World) end() {
	for v := range w.alive {
		v.check.over()
	}
	if w.fail != nil {
		return
	}
	w.peers.ends(w)
	for v := range w.alive {
		v.check.stop()
		if judge, is := v.prog.(Judge); is {
			judge.Stopped()
		}
	}
	for i := range w.clients {
		w.leftOut(&w.clients[i])
	}
	for _, s := range w.servers {
		w.leftOut(s)
	}
	if w.fail == nil {
		w.peers.judge(w)
	}
}

// over checks a worker who will never have anything to do again.
func (c *checker) over() {
	w := c.w
	if num := w.kernel.Overlooked(); num >= 0 {
		w.Breach("I92", "kernel", "nobody will ever answer on descriptor %d, and the program is not told", num)
	}
	if judge, is := w.prog.(Judge); is {
		judge.Over()
	}
	if n := w.kernel.Backlog(); n > 0 {
		w.Breach("I56", "listener", "connections that wait to be accepted, and nobody will: %d", n)
	}
}

// stop has the program end, and checks that it closes all that it has.
func (c *checker) stop() {
	w := c.w
	if w.wraps != nil && !w.drained {
		w.wraps.Stop()
	}
	w.prog.Stop()
	if n := w.kernel.Open(); n != 0 {
		w.Breach("I44", "end", "the program has ended, and has not closed %s", w.unclosed())
	}
}

// unclosed names the first descriptors that a worker has open, as its calls do.
func (w *World) unclosed() string {
	const most = 5
	var who []string
	for num := range w.kernel.Numbers() {
		if w.kernel.IsOpen(num) && len(who) < most {
			who = append(who, w.kernel.Agent(num).Actor.String())
		}
	}
	if more := w.kernel.Open() - len(who); more > 0 {
		who = append(who, fmt.Sprintf("%d more", more))
	}
	return strings.Join(who, ", ")
}

// leftOut finds a peer that was told nothing of the end. One whose link lost the end, or
// that does not listen, cannot be told; and two who wait for each other may do so for
// ever, unless the program says that it ends that.
func (w *World) leftOut(p *Peer) {
	if !p.Done && !p.Hold && (p.Fin || w.program.Leaves) && !w.untold(p.Label) {
		w.Breach("I40", "peer", "%s still waits%s, and nothing will happen", p.proc.Agent.Actor, p.pending())
	}
}

// untold says whether a link of a session lost something that is not sent again: a RST, or
// whatever goes into a hole; or may have been given up, since one end let nothing in for too
// long.
func (w *World) untold(label uint32) bool {
	return w.choked() || slices.ContainsFunc(w.sim.Choices.Taken, func(d sim.Decision) bool {
		return (d.Op == sim.OpHole || d.Op == sim.OpPartition || d.Op == sim.OpRstLost) && w.Session(d.Actor.Num()) == int(label)
	})
}

// choked says that a connection ended since one end let nothing in for too long.
func (w *World) choked() bool {
	return slices.ContainsFunc(w.workers, func(v *World) bool { return v.kernel.Stats.Choked > 0 })
}
