package traces

import (
	"slices"

	"millrace/sim"
)

// MaxRuns bounds how often Shrink asks whether a trace fails.
const MaxRuns = 5000

// Shrink returns the smallest scenario it finds that still fails, with no more
// lines than t. It is deterministic if fails is.
//
// t is a world with sessions and decisions that fails; it is not changed, and its
// steps are not part of the result, since they are those of another run. fails
// runs a scenario and says whether it fails in the same way; of the trace it gets
// it may change Fail and Comments, and put the decisions that were taken, with
// their times, in the place of those it was given. If t itself does not fail, a
// copy comes back. stop, nil for never, is asked before each run whether to be
// content with the best so far.
//
// A round takes out peers, then decisions, then makes sizes smaller, and rounds go
// on until one changes nothing, or until MaxRuns. Peers come first because every
// later run is faster without them, and their decisions go with them: with many
// sessions, decisions first costs hundreds of runs of the largest world. Nothing
// is lost by that, as the next round looks at the peers again. What can go only
// with something else, or in exchange for less, comes last, when little is left.
func Shrink(t *Trace, fails func(*Trace) bool, stop func() bool) *Trace {
	s := &shrinker{best: t.Clone(), fails: fails, stop: stop, talked: talked(t), timed: t.program().Timed}
	s.best.Steps, s.best.Skipped = nil, 0
	if !s.try(func(*Trace) {}) {
		return s.best
	}
	for before := -1; s.gains > before && !s.tired(); {
		for before = -1; s.gains > before && !s.tired(); {
			before = s.gains
			s.peers()
			s.workers()
			s.decisions()
			s.sizes()
		}
		s.twos()
		s.exchange()
	}
	return s.best
}

// LastFlip returns the index of the last decision without which t does not fail:
// the one whose flip makes it pass. -1 if t fails without any one of them. It
// does not change t.
func LastFlip(t *Trace, fails func(*Trace) bool) int {
	for i := len(t.Decisions) - 1; i >= 0; i-- {
		c := t.Clone()
		c.Decisions = slices.Delete(c.Decisions, i, i+1)
		if !fails(c) {
			return i
		}
	}
	return -1
}

type shrinker struct {
	best   *Trace
	fails  func(*Trace) bool
	stop   func() bool
	runs   int
	gains  int  // edits that were kept
	talked bool // see there
	timed  bool // see Program
}

func (s *shrinker) tired() bool { return s.runs == MaxRuns || s.stop != nil && s.stop() }

// try keeps an edit if the trace still fails with it. Where an edit makes the
// poller, or the loop, be asked less often, the ordinals of their decisions mean
// something else: then it is tried once more with these decisions at their times.
func (s *shrinker) try(edit func(*Trace)) bool {
	return s.keep(edit, false) || s.placed() && s.keep(edit, true)
}

func (s *shrinker) keep(edit func(*Trace), timed bool) bool {
	if s.tired() {
		return false // before the copy, which of a long trace costs most
	}
	c := s.best.Clone()
	if timed {
		for i := range c.Decisions {
			if d := &c.Decisions[i]; shared(*d) {
				d.Ord = sim.AnyOrd
			}
		}
	}
	edit(c)
	if c.Invalid() != "" || !answers(s.best, c) || s.talked && echoes(s.best, c) || s.timed && quieter(s.best, c) {
		return false
	}
	s.runs++
	if !s.fails(c) || slices.ContainsFunc(c.Decisions, unplaced) {
		return false
	}
	s.best = c
	s.gains++
	return true
}

// shared says that a decision is of somebody who serves all sessions, and knows when
// it was taken.
func shared(d sim.Decision) bool {
	switch d.Actor.Kind() {
	case sim.Worker, sim.PollerOf, sim.Listener:
		return d.At != 0
	}
	return false
}

// unplaced says that a decision has a time instead of an ordinal, which no text can
// hold: whoever ran the trace has not said what was taken.
func unplaced(d sim.Decision) bool { return d.Ord == sim.AnyOrd }

func (s *shrinker) placed() bool { return slices.ContainsFunc(s.best.Decisions, shared) }

// drop takes pieces out of a list: all of it, halves, quarters, single entries.
// It goes backwards, which leaves the places still to be tried where they are,
// and what happens last is the least likely to matter. The list may become shorter
// than by what was cut.
func (s *shrinker) drop(length func() int, cut func(t *Trace, from, to int)) {
	for size := length(); size > 0; size /= 2 {
		for to := length(); to > 0; {
			from := max(0, to-size)
			s.try(func(t *Trace) { cut(t, from, to) })
			to = min(from, length())
		}
	}
}

// lower makes a number smaller: as small as can be if that will do, else by
// bisection.
func (s *shrinker) lower(v, least int64, set func(t *Trace, v int64)) {
	if v <= least || s.try(func(t *Trace) { set(t, least) }) {
		return
	}
	for step := (v - least) / 2; step > 0; {
		if v-step >= least && s.try(func(t *Trace) { set(t, v-step) }) {
			v -= step
		} else {
			step /= 2
		}
	}
}

// shorten makes a span shorter and rounder: none at all, one digit, then 5, 2, 1
// and so on, for as long as the trace fails. Exactness is worth nothing here: who
// reads at=354.188µs looks for a reason that does not exist.
func (s *shrinker) shorten(v int64, set func(t *Trace, v int64)) {
	if v == 0 || s.try(func(t *Trace) { set(t, 0) }) {
		return
	}
	unit := int64(1)
	for v/unit >= 10 {
		unit *= 10
	}
	if short := v / unit * unit; short < v && s.try(func(t *Trace) { set(t, short) }) {
		v = short
	}
	for ; unit > 0; unit /= 10 {
		for _, digit := range [...]int64{5, 2, 1} {
			short := digit * unit
			if short < v && !s.try(func(t *Trace) { set(t, short) }) {
				return
			}
		}
	}
}

func (s *shrinker) peers() { s.drop(func() int { return len(s.best.Sessions) }, cutSessions) }

// cutSessions takes sessions out. Actors are numbered by session, so the
// decisions of and about later sessions get new names, and those of and about the
// dropped ones go.
func cutSessions(t *Trace, from, to int) {
	t.Sessions = slices.Delete(t.Sessions, from, to)
	kept := t.Decisions[:0]
	for _, d := range t.Decisions {
		about, left := renamed(sim.Actor(d.Val), from, to)
		if d.Op.Victim() {
			d.Val = int(about)
		} else {
			left = true
		}
		if by, stays := renamed(d.Actor, from, to); stays && left {
			d.Actor = by
			kept = append(kept, d)
		}
	}
	t.Decisions = kept
}

// renamed is what an actor is called without some sessions, if it is still there.
func renamed(a sim.Actor, from, to int) (sim.Actor, bool) {
	switch a.Kind() {
	case sim.Front, sim.Back, sim.Client, sim.Server:
		if n := a.Num(); n >= to {
			return a - sim.Actor(to-from), true
		} else if n >= from {
			return 0, false
		}
	}
	return a, true
}

// decisions drops all of one kind at a time, since most kinds have nothing to do
// with a failure, and then pieces of the list.
func (s *shrinker) decisions() {
	for op := range sim.NumOps {
		is := func(d sim.Decision) bool { return d.Op == op }
		if slices.ContainsFunc(s.best.Decisions, is) {
			s.try(func(t *Trace) { t.Decisions = slices.DeleteFunc(t.Decisions, is) })
		}
	}
	s.drop(func() int { return len(s.best.Decisions) }, func(t *Trace, from, to int) {
		t.Decisions = slices.Delete(t.Decisions, from, to)
	})
}
