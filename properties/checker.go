package properties

import (
	"slices"

	"millrace/sim"
)

// checker looks at a world after every round of its program, at what holds for any.
type checker struct {
	w      *World
	last   progress
	faults uint64
	spin   int // rounds in which nothing at all happened
	dull   int // rounds in which nothing but accidents did anything
	ring   circle
	peers  contract
}

// step checks everything after one round.
func (c *checker) step() {
	if c.w.fail == nil {
		c.spinning()
	}
}

// end checks a world in which nothing will ever happen again.
func (c *checker) end() {
	w := c.w
	if num := w.kernel.Overlooked(); num >= 0 {
		w.Breach("I92", "kernel", "nobody will ever answer on descriptor %d, and the program is not told", num)
	}
	judge, _ := w.prog.(Judge)
	if judge != nil {
		judge.Over()
	}
	if n := w.kernel.Backlog(); n > 0 {
		w.Breach("I56", "listener", "%d connections wait to be accepted and nobody will", n)
	}
	if w.fail != nil {
		return
	}
	c.peers.ends(w)
	c.stop()
	if judge != nil {
		judge.Stopped()
	}
	for i := range w.clients {
		c.left(&w.clients[i])
	}
	for _, s := range w.servers {
		c.left(s)
	}
	if w.fail == nil {
		c.peers.judge(w)
	}
}

// stop has the program end, and checks that it closes all that it has.
func (c *checker) stop() {
	w := c.w
	if w.rec != nil && !w.drained {
		w.rec.Stop()
	}
	w.prog.Stop()
	if n := w.kernel.Open(); n != 0 {
		w.Breach("I44", "end", "%d descriptors open in the kernel", n)
	}
}

// left finds a peer that was told nothing of the end. One whose link lost the end, or
// that does not listen, cannot be told; and two who wait for each other may do so for
// ever, unless the program says that it ends that.
func (c *checker) left(p *Peer) {
	if !p.Done && !p.Hold && (p.Fin || c.w.program.Leaves) && !c.untold(p.Label) {
		c.w.Breach("I40", "peer", "%s still waits, and nothing will happen", p.proc.Agent.Actor)
	}
}

// untold says whether a link of a session lost something that is not sent again: a RST, or
// whatever goes into a hole; or may have been given up, since one end let nothing in for too
// long.
func (c *checker) untold(label uint32) bool {
	return c.w.kernel.Stats.Choked > 0 || slices.ContainsFunc(c.w.sim.Choices.Taken, func(d sim.Decision) bool {
		return (d.Op == sim.OpHole || d.Op == sim.OpPartition || d.Op == sim.OpRstLost) && d.Actor.Num() == int(label)
	})
}
