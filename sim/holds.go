package sim

// HoldsUp is how long what a decision does may hold up a connection, or its worker: 0 for one that
// is over at once. A way that is shut is found open again by who sends then, which he does after
// waiting for up to twice as long.
func (d Decision) HoldsUp() Time {
	v := Time(d.Val)
	switch d.Op {
	case OpPartition:
		return 2 * partitions[d.Val]
	case OpHole:
		return min(2*holes[d.Val], mostOpen)
	case OpLost:
		return leastRTO << v
	case OpStall:
		return v * stall
	case OpClockJump:
		return v * v * Jump
	case OpBusy:
		return v * v * Busy
	case OpSlow:
		return v * v * Stand
	}
	return 0
}

// Units of what takes time, and of how long: the first by its value, the others by the square of it.
const (
	stall = 200 * Millisecond
	Jump  = 4 * Millisecond
	Busy  = Millisecond
	Stand = 10 * Millisecond
)
