package kerneltest

import "millrace/core"

// urgent sends urgent data over connection n, mostly between other data, and reads up to
// the mark or further.
func (d *draft) urgent(n int) {
	us, peer := Actor{Us, n}, Actor{Far, n}
	for range 1 + d.below(3) {
		if d.often(6) {
			d.add(Step{Actor: peer, Verb: Send, Count: 1 + d.below(10)})
		}
		d.add(Step{Actor: peer, Verb: Urgent})
		if d.often(5) {
			d.add(Step{Actor: us, Verb: []Verb{Recv, Recv, Peek}[d.below(3)], Count: d.below(20)})
		}
	}
	if d.often(3) {
		d.tube(n)
	}
}

// window fills connection n from one end. Then the other one reads much, in several
// pieces, and there is more to send; or a FIN waits, and has to come late.
func (d *draft) window(n int) {
	k := Us + Kind(d.below(2))
	if d.often(4) {
		d.add(Step{Actor: Actor{other(k), n}, Verb: Drain})
	}
	if !d.sizes.full[k][n] {
		d.add(Step{Actor: Actor{k, n}, Verb: Fill})
	}
	if !d.sizes.full[k][n] {
		return // it cannot be filled
	}
	if d.often(4) {
		d.add(Step{Actor: Actor{other(k), n}, Verb: Recv, Count: 1 + d.below(1<<d.below(14))})
		d.add(Step{Actor: Actor{k, n}, Verb: Send, Count: 1 + d.below(maxCount)})
		return
	}
	if d.often(3) {
		d.add(Step{Actor: Actor{k, n}, Verb: ShutW})
		if d.often(4) {
			d.distract(other(k), n)
		}
		d.add(Step{Actor: Actor{other(k), n}, Verb: Drain})
		d.look(Step{Verb: Edge})
		return
	}
	for range 1 + d.below(6) {
		d.add(Step{Actor: Actor{other(k), n}, Verb: Recv, Count: maxCount - d.below(1<<d.below(16))})
	}
	for d.often(5) {
		d.add(Step{Actor: Actor{k, n}, Verb: Send, Count: 1 + d.below(maxCount)})
	}
}

// distract has us hear of bytes and of nothing else, so that whatever else we are woken by is
// told by their being there.
func (d *draft) distract(sender Kind, n int) {
	d.register(Actor{Us, n}, core.EvIn)
	d.add(Step{Actor: Actor{sender, n}, Verb: Send, Count: 1 + d.below(scant)})
	d.script.Add(Step{Verb: Edge})
}

// pinch makes a buffer for sending small, and has it filled and read.
func (d *draft) pinch(n int) {
	k := Us + Kind(d.below(2))
	writer, reader := Actor{k, n}, Actor{other(k), n}
	if d.often(6) {
		d.add(Step{Actor: writer, Verb: SndBuf, Count: 1 + d.below(1<<(1+d.below(14)))})
	}
	for range 1 + d.below(3) {
		if d.often(5) {
			d.add(Step{Actor: writer, Verb: Send, Count: 1 + d.below(scant)})
		}
		if d.often(7) {
			d.add(Step{Actor: writer, Verb: Fill})
		}
		for d.often(6) {
			d.add(Step{Actor: reader, Verb: []Verb{Recv, Recv, Peek, Readv}[d.below(4)], Count: 1 + d.below(1<<d.below(12)), Pieces: 2})
		}
		for d.often(4) {
			d.add(Step{Actor: writer, Verb: Send, Count: d.count()})
		}
		if d.often(2) {
			d.add(Step{Actor: writer, Verb: ShutW})
		}
		if d.often(6) {
			d.add(Step{Actor: reader, Verb: Drain})
		}
	}
}

// double gives connection n another number, or takes one away.
func (d *draft) double(n int) {
	names := [...]Actor{{Us, n}, {Twin, n}}
	if d.parted[n] || d.gone[Us][n] {
		return // who finds a registration by its number is a matter of who else takes numbers
	}
	d.add(Step{Actor: names[1], Verb: Dup})
	for range 1 + d.below(4) {
		a := names[d.below(2)]
		switch d.below(5) {
		case 0, 1:
			d.register(a, []core.Events{core.EvIn, core.EvOut, All, 0, core.EvIn | core.EvExclusive, core.EvIn | core.EvExclusive}[d.below(6)])
		case 2:
			d.add(Step{Actor: Actor{Far, n}, Verb: Send, Count: d.count()})
		case 3:
			d.add(Step{Actor: names[1], Verb: []Verb{Recv, Send, Readv, Writev}[d.below(4)], Count: d.count(), Pieces: 1 + d.below(3)})
		default:
			d.parted[n] = true
			d.gone[Us][n] = d.gone[Us][n] || a.Kind == Us
			d.add(Step{Actor: a, Verb: []Verb{Close, Close, Reset, ShutW}[d.below(4)]})
		}
	}
}

// promise sends with the promise of more, and keeps it in one of the ways there are: when
// what waits goes is only seen by who looks before.
func (d *draft) promise(a Actor) {
	d.add(Step{Actor: a, Verb: Send, Count: d.count(), More: true})
	for d.often(3) {
		d.add(Step{Actor: a, Verb: Send, Count: d.count(), More: true})
	}
	if d.often(2) {
		d.move(a.N)
	}
	d.add(Step{Actor: a, Verb: []Verb{Send, Send, Writev, ShutW, ShutRW, Fill}[d.below(6)], Count: 1 + d.below(1<<d.below(12)), Pieces: 2})
	d.add(Step{Actor: Actor{other(a.Kind), a.N}, Verb: []Verb{Recv, Drain, Peek}[d.below(3)], Count: d.count()})
}
