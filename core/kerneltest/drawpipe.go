package kerneltest

import "millrace/core"

// wide is a pipe that no splice fills: how many slots what it moves takes is a
// kernel's own affair, unless it is a byte.
const wide = 256

// tube is something that happens to a pipe, mostly with connection n.
func (d *draft) tube(n int) {
	pipe := 1 + d.below(2)
	if !d.made[pipe] {
		d.made[pipe] = true
		d.add(Step{Actor: Actor{Tube, pipe}, Verb: Make, Count: wide})
	}
	deed := d.below(13)
	if deed >= 10 {
		d.flow(pipe, pipe%2+1)
		return
	}
	if !d.filled[pipe] && !d.often(1) {
		deed = 3 // what is empty has nothing to give
		if d.often(6) {
			d.add(Step{Actor: Actor{Far, n}, Verb: Send, Count: 1 + d.below(1000)})
		}
	}
	d.filled[pipe] = deed >= 2 && deed <= 4
	switch deed {
	case 0:
		d.add(Step{Actor: Actor{Tube, pipe}, Verb: []Verb{Take, Readv}[d.below(2)], Count: d.count(), Pieces: d.pieces()})
	case 1:
		if d.often(4) {
			d.add(Step{Actor: Actor{Tube, pipe}, Verb: []Verb{Close, CloseRead, CloseWrite}[d.below(3)]})
		}
	case 4:
		d.add(Step{Actor: Actor{Tube, pipe}, Verb: []Verb{Write, Writev}[d.below(2)], Count: d.count(), Pieces: d.pieces()})
	case 2, 3:
		d.add(Step{Actor: Actor{Us, n}, Verb: Splice, Pipe: pipe, Count: d.count()})
	default:
		d.add(Step{Actor: Actor{Us, n}, Verb: SpliceOut, Pipe: pipe})
	}
}

// narrow is a pipe of few slots, which single bytes fill.
func (d *draft) narrow(n int) {
	pipe := 5 + d.below(2)
	if !d.made[pipe] {
		d.made[pipe] = true
		d.add(Step{Actor: Actor{Tube, pipe}, Verb: Make, Count: 1 << d.below(3)})
	}
	if d.often(5) {
		d.add(Step{Actor: Actor{Far, n}, Verb: Send, Count: 1 + d.below(1000)})
	}
	for range 1 + d.below(4) {
		switch d.below(9) {
		case 8:
			d.ends()
		case 7:
			d.behind(pipe, 11-pipe)
		case 6:
			d.flow(pipe, 11-pipe)
		case 0:
			d.add(Step{Actor: Actor{Tube, pipe}, Verb: Take, Count: d.count()})
		case 1:
			d.add(Step{Actor: Actor{Tube, pipe}, Verb: Write, Count: d.count()})
		case 2:
			d.add(Step{Actor: Actor{Us, n}, Verb: SpliceOut, Pipe: pipe})
		default:
			d.add(Step{Actor: Actor{Us, n}, Verb: Splice, Pipe: pipe, Count: 1})
		}
	}
}

// behind writes behind what came from another pipe, as a whole or a part of it, and asks how
// much room that took: nothing shows it but a pipe that is full.
func (d *draft) behind(from, to int) {
	if !d.made[to] {
		d.made[to] = true
		d.add(Step{Actor: Actor{Tube, to}, Verb: Make, Count: 1 << d.below(2)})
	}
	n := 2 + d.below(1<<d.below(12))
	d.add(Step{Actor: Actor{Tube, from}, Verb: Write, Count: n})
	d.add(Step{Actor: Actor{Tube, from}, Verb: []Verb{Splice, Splice, Tee}[d.below(3)], Pipe: to, Count: 1 + d.below(n)})
	for range 1 + d.below(3) {
		d.add(Step{Actor: Actor{Tube, to}, Verb: Write, Count: d.count()})
	}
}

// ends asks for what flows between two pipes of which either may have lost its other end, or
// the one may be empty and the other one full: which of that is told first.
func (d *draft) ends() {
	const from, to = 7, 8
	if d.made[from] {
		return
	}
	d.made[from], d.made[to] = true, true
	d.add(Step{Actor: Actor{Tube, from}, Verb: Make, Count: 1})
	d.add(Step{Actor: Actor{Tube, to}, Verb: Make, Count: 1})
	may := []Step{
		{Actor: Actor{Tube, from}, Verb: CloseWrite}, {Actor: Actor{Tube, to}, Verb: CloseRead},
		{Actor: Actor{Tube, to}, Verb: Write, Count: page}, {Actor: Actor{Tube, from}, Verb: Write, Count: 1},
	}
	for _, s := range may {
		if d.often(5) {
			d.add(s)
		}
	}
	d.add(Step{Actor: Actor{Tube, from}, Verb: []Verb{Splice, Tee}[d.below(2)], Pipe: to, Count: d.count()})
}

// brimming is a pipe that holds more than a socket ever takes, on its way out through
// connection n. The first splice that is short is all that is known of its content.
func (d *draft) brimming(n int) {
	pipe := 3 + d.below(2)
	if d.made[pipe] {
		return
	}
	d.made[pipe] = true
	d.add(Step{Actor: Actor{Tube, pipe}, Verb: Make, Count: wide})
	d.add(Step{Actor: Actor{Tube, pipe}, Verb: Fill})
	d.add(Step{Actor: Actor{Us, n}, Verb: SpliceOut, Pipe: pipe})
	if d.often(7) {
		d.add(Step{Actor: Actor{Far, n}, Verb: Drain})
	}
}

// flow is something that happens between two pipes, of which the second may not be there
// yet, or between one and the pollers.
func (d *draft) flow(from, to int) {
	switch d.below(4) {
	case 0:
		ends := []core.Events{core.EvIn, core.EvOut, core.EvIn | core.EvOut, 0}
		d.register(Actor{Outlet + Kind(d.below(2)), from}, ends[d.below(len(ends))])
	case 1:
		d.register(Actor{Outlet, from}, core.EvIn)
		d.register(Actor{Inlet, from}, core.EvOut)
	case 2:
		d.add(Step{Actor: Actor{Tube, from}, Verb: Tee, Pipe: to, Count: d.count()})
	default:
		d.add(Step{Actor: Actor{Tube, from}, Verb: Splice, Pipe: to, Count: d.count()})
	}
}

// counter is something that happens to an eventfd, mostly to the first.
func (d *draft) counter() {
	a := Actor{Counter, 1 + d.below(1+d.below(2))}
	if !d.counts[a.N] {
		d.counts[a.N] = true
		d.add(Step{Actor: a, Verb: Make, Count: d.below(3)})
		d.register(a, core.EvIn|core.EvOut)
	}
	for range 1 + d.below(3) {
		switch d.below(12) {
		case 0:
			d.register(a, []core.Events{core.EvIn, core.EvOut, 0}[d.below(3)])
		case 1:
			d.add(Step{Actor: a, Verb: Fill})
		case 2:
			if d.often(2) {
				d.add(Step{Actor: a, Verb: Close})
			}
		case 3, 4, 5, 6:
			d.add(Step{Actor: a, Verb: Drain})
		default:
			d.add(Step{Actor: a, Verb: Write, Count: d.count()})
		}
	}
}
