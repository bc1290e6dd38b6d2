package sim

// Span is how long an accident of this kind lasts that goes by its value: a stall by so much, and what
// happens to a worker, or to its clock, by the square of it. 0 for all others.
func (op Op) Span(v int) Time {
	n := Time(v)
	switch op {
	case OpStall:
		return n * 200 * Millisecond
	case OpClockJump:
		return n * n * 4 * Millisecond
	case OpBusy:
		return n * n * Millisecond
	case OpSlow:
		return n * n * 10 * Millisecond
	}
	return 0
}

// HoldsUp is how long what a decision does may hold up a connection, or its worker: 0 for one that
// is over at once. A way that is shut is found open again by who sends then, which he does after
// waiting for up to twice as long.
func (d Decision) HoldsUp() Time {
	switch d.Op {
	case OpPartition:
		return 2 * partitions[d.Val]
	case OpHole:
		return min(2*holes[d.Val], mostOpen)
	case OpLost:
		return leastRTO << d.Val
	}
	return d.Op.Span(d.Val)
}
