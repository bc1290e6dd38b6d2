package sim

import "slices"

// Script is the source that takes its decisions from a list and says 0 to
// everything else: a recorded run.
type Script struct {
	list  []Decision // in the order of Decision.before
	asked []bool     // for each, whether its choice came up
}

// NewScript copies the decisions, of which the last counts where two have the
// same key.
func NewScript(list []Decision) *Script {
	s := &Script{list: slices.Clone(list)}
	slices.SortStableFunc(s.list, func(a, b Decision) int {
		switch {
		case a.before(b):
			return -1
		case b.before(a):
			return 1
		}
		return 0
	})
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

// Choose returns what the list says for this key, cut to what is possible now:
// after an edit there may be fewer bytes to choose from than there were.
func (s *Script) Choose(a Actor, op Op, ord uint32, n int) int {
	key := Decision{Actor: a, Op: op, Ord: ord}
	lo, hi := 0, len(s.list)
	for lo < hi {
		mid := (lo + hi) / 2
		if key.before(s.list[mid]) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if lo == 0 || key.before(s.list[lo-1]) || s.list[lo-1].before(key) {
		return 0
	}
	s.asked[lo-1] = true
	return max(0, min(s.list[lo-1].Val, n-1))
}
