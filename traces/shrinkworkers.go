package traces

import (
	"slices"

	"millrace/sim"
)

// workers takes workers out, one at a time, the last one first. Their decisions go with them,
// and the later ones get new names.
func (s *shrinker) workers() {
	for n := int(s.best.Settings[Workers]) - 1; n >= 0 && s.best.Settings[Workers] > 1; n-- {
		s.try(func(t *Trace) { cutWorker(t, n) })
	}
}

// cutWorker takes worker n out, and whatever is decided by it or about it.
func cutWorker(t *Trace, n int) {
	t.Settings[Workers]--
	t.Decisions = slices.DeleteFunc(t.Decisions, func(d sim.Decision) bool {
		_, stays := without(d.Actor, n)
		if d.Op.Victim() {
			_, about := without(sim.Actor(d.Val), n)
			stays = stays && about
		}
		return !stays
	})
	for i := range t.Decisions {
		d := &t.Decisions[i]
		d.Actor, _ = without(d.Actor, n)
		if d.Op.Victim() {
			about, _ := without(sim.Actor(d.Val), n)
			d.Val = int(about)
		}
	}
}

// without is what an actor is called without worker n, if it is still there.
func without(a sim.Actor, n int) (sim.Actor, bool) {
	of, one := a.Owner()
	switch {
	case !one || of < n:
		return a, true
	case of == n:
		return 0, false
	}
	return a.Of(of - 1), true
}
