package sim

import (
	"cmp"
	"slices"
)

// Script is the source that takes its decisions from a list and says 0 to
// everything else: a recorded run.
type Script struct {
	// Clock tells the time, to decisions whose Ord is AnyOrd. Nil if there are none.
	Clock func() Time

	list  []Decision // by actor, op, ordinal, time
	asked []bool     // for each, whether its choice came up
}

// AnyOrd as the ordinal of a decision makes it that of the first question that
// comes at its time or later, and finds no other decision. Where somebody is
// taken out of a run, those who served them are asked less often, and when
// something happened matters more than how many questions came before.
const AnyOrd = 1<<32 - 1

// compare is the order of decisions in a Script.
func (d Decision) compare(e Decision) int {
	return cmp.Or(cmp.Compare(d.Actor, e.Actor), cmp.Compare(d.Op, e.Op), cmp.Compare(d.Ord, e.Ord), cmp.Compare(d.At, e.At))
}

// NewScript copies the decisions, of which the last counts where two have the
// same key.
func NewScript(list []Decision) *Script {
	s := &Script{list: slices.Clone(list)}
	for i := range s.list {
		if d := &s.list[i]; d.Ord != AnyOrd {
			d.At = 0 // it has its place, and needs no time
		}
	}
	slices.SortStableFunc(s.list, Decision.compare)
	s.asked = make([]bool, len(s.list))
	return s
}

// Unasked returns the decisions whose choice did not come up.
func (s *Script) Unasked() (list []Decision) {
	for i, d := range s.list {
		if !s.asked[i] {
			list = append(list, d)
		}
	}
	return list
}

// find returns what the list has for this key, 0 if nothing.
func (s *Script) find(a Actor, op Op, ord uint32) int {
	i := s.first(a, op, ord)
	at := func(i int, ord uint32) bool {
		return i < len(s.list) && s.list[i].Actor == a && s.list[i].Op == op && s.list[i].Ord == ord
	}
	if at(i, ord) {
		for at(i+1, ord) {
			i++
		}
		s.asked[i] = true
		return s.list[i].Val
	}
	if s.Clock == nil {
		return 0
	}
	for i = s.first(a, op, AnyOrd); at(i, AnyOrd) && s.list[i].At <= s.Clock(); i++ {
		if !s.asked[i] {
			s.asked[i] = true
			return s.list[i].Val
		}
	}
	return 0
}

// first returns the place of the first decision with this key or a later one.
func (s *Script) first(a Actor, op Op, ord uint32) int {
	i, _ := slices.BinarySearchFunc(s.list, Decision{Actor: a, Op: op, Ord: ord}, Decision.compare)
	return i
}

// Choose returns what the list says for this key, cut to what is possible now:
// after an edit there may be fewer bytes to choose from than there were.
func (s *Script) Choose(a Actor, op Op, ord uint32, n int) int {
	return max(0, min(s.find(a, op, ord), n-1))
}

// Named returns the victim that the list names for this key, 0 for nobody.
func (s *Script) Named(a Actor, op Op, ord uint32) Actor { return Actor(s.find(a, op, ord)) }
