package sim

// Exhaust is the source that goes through every sequence of choices: run the
// world once per call of Next, until it returns false.
//
//	var e sim.Exhaust
//	for e.Next() {
//		run(&e)
//	}
//
// Only the ops in Ops are explored; all others are 0. After Depth choices the
// rest of a run is 0 too, which keeps the tree finite.
type Exhaust struct {
	Ops   []Op
	Depth int // at least 1

	path    []digit
	pos     int
	started bool
}

type digit struct{ val, n int }

// Next moves on to the next sequence and reports whether there is one.
func (e *Exhaust) Next() bool {
	e.pos = 0
	if !e.started {
		e.started = true
		return true
	}
	for len(e.path) > 0 {
		last := &e.path[len(e.path)-1]
		if last.val++; last.val < last.n {
			return true
		}
		e.path = e.path[:len(e.path)-1]
	}
	return false
}

// Choose follows the current sequence, and takes 0 where it ends.
func (e *Exhaust) Choose(_ Actor, op Op, _ uint32, n int) int {
	explored := false
	for _, o := range e.Ops {
		explored = explored || o == op
	}
	if !explored || e.pos >= e.Depth {
		return 0
	}
	if e.pos == len(e.path) {
		e.path = append(e.path, digit{0, n})
	}
	d := e.path[e.pos]
	e.pos++
	return d.val
}
