package sim

import (
	"cmp"
	"slices"
)

// Lineup has a world ask, each time several are due at one time, which of them runs first.
// Drawn ranks say no more than that, and most of them the same. So that such a run can be
// had again, Ranks says it in ranks.
//
// A world with a Lineup is brought into an order, after each step, that does not depend on
// who was woken first: of two worlds with the same state the heaps are the same.
type Lineup struct {
	// First is asked which of n runs first; at least 2, and in the order of their names.
	First func(n int) int

	calls []call // in the order in which they were made
	turns []turnout
	due   []entry
}

// call is one activation of a process.
type call struct {
	who  Actor
	ord  uint32 // of its rank
	rank int
}

// turnout is who ran, and who was due at the same time and did not.
type turnout struct{ ran, waited int32 }

// Reset forgets the run before.
func (l *Lineup) Reset() { l.calls, l.turns = l.calls[:0], l.turns[:0] }

// woken takes note of an activation, whose rank was just asked for.
func (l *Lineup) woken(p *Proc) {
	p.call = int32(len(l.calls))
	l.calls = append(l.calls, call{who: p.Agent.Actor, ord: p.Agent.ord[OpRank] - 1})
}

// next returns who runs: the one that is said to be first, or the first one of the heap for
// who runs in the middle of another one's call.
func (l *Lineup) next(w *World) *Proc {
	first := w.heap[0]
	l.due = l.due[:0]
	for _, e := range w.heap {
		if e.at == first.at {
			l.due = append(l.due, e)
		}
	}
	if len(l.due) > 1 && !w.racing {
		slices.SortFunc(l.due, byName)
		first = l.due[l.First(len(l.due))]
	}
	for _, e := range l.due {
		if e.p != first.p {
			l.turns = append(l.turns, turnout{first.p.call, e.p.call})
		}
	}
	return first.p
}

func byName(d, e entry) int {
	return cmp.Or(cmp.Compare(d.at, e.at), cmp.Compare(d.p.Agent.Actor, e.p.Agent.Actor), cmp.Compare(d.seq, e.seq))
}

// settle brings the heap into an order that follows from what is in it.
func (l *Lineup) settle(w *World) {
	slices.SortFunc(w.heap, byName)
	for i := range w.heap {
		e := &w.heap[i]
		e.p.slot, e.seq = int32(i+1), uint64(i)
	}
	w.seq = uint64(len(w.heap))
}

// Ranks returns the decisions that make the order of the run from the order of arrival. ok
// says that there are ranks enough.
func (l *Lineup) Ranks() (list []Decision, ok bool) {
	ok = true
	for _, t := range l.turns {
		ran, waited := &l.calls[t.ran], &l.calls[t.waited]
		waited.rank = max(waited.rank, ran.rank+b2i(t.waited < t.ran))
	}
	for _, c := range l.calls {
		if c.rank > 0 {
			ok = ok && c.rank < numRanks
			list = append(list, Decision{Actor: c.who, Op: OpRank, Ord: c.ord, Val: c.rank})
		}
	}
	return list, ok
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
