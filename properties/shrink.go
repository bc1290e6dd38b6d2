package properties

import (
	"fmt"
	"slices"
	"strings"

	"millrace/traces"
)

// shrinkSteps is how many steps of worlds shrinking may cost: some seconds.
const shrinkSteps = 20_000_000

// enough is how many steps show that a world has no end, while it is shrunk: what is
// found has to stand its own limit afterwards.
const enough = 4000

// Shrink makes a failing trace small: it keeps failing in the same way. The result
// says in its comments what it is and how to run it from a file called path. stop,
// unless nil, says when to be content with what there is. What is returned fails in a
// new world, from its text, or says that it does not.
func Shrink(t *traces.Trace, path string, stop func() bool) *traces.Trace {
	if Unrepeatable(t) {
		return t // of another world there is nothing to take away
	}
	s := &shrinking{w: NewWorld(), want: Identity(t), stop: stop}
	small := s.least(t)
	if s.fails(small) {
		small.Fail = oneLine(s.last.String())
	}
	small = Shrunk(t, small, path, s.fails, s.tired)
	s.fails(small)
	if f := s.w.unlike(small); f != nil {
		small.Fail = oneLine(f.String())
	}
	return small
}

// Shrunk writes down in a trace that was shrunk from another one what it is, and how to
// run it from a file called path.
func Shrunk(from, small *traces.Trace, path string, fails func(*traces.Trace) bool, tired func() bool) *traces.Trace {
	small.Comments = append(others(from.Comments), fmt.Sprintf("shrunk from %d to %d lines", lines(from), lines(small)))
	if !tired() {
		if i := traces.LastFlip(small, fails); i >= 0 {
			small.Comments = append(small.Comments, without+flip(small, i)+" it passes")
		}
	}
	small.Comments = append(small.Comments, replayed+Command(path))
	return small
}

// shrinking is what one shrinking knows.
type shrinking struct {
	w     *World
	want  string // the identity
	last  *Failure
	spent uint64
	limit int64 // of steps, if it is lower than the trace's own; 0 = none
	stop  func() bool
}

// least shrinks. A world that fails because it does not end costs all of its steps at
// each try: there a lower limit is taken first, and a higher one if what is left of
// the world then does end.
func (s *shrinking) least(t *traces.Trace) *traces.Trace {
	if s.want == noEnd {
		for s.limit = enough; s.limit < t.Settings[traces.Steps]; s.limit *= 8 {
			small := traces.Shrink(t, s.fails, s.tired)
			limit := s.limit
			s.limit = 0
			if s.fails(small) || s.tired() {
				return small
			}
			s.limit = limit
		}
		s.limit = 0
	}
	return traces.Shrink(t, s.fails, s.tired)
}

// fails runs a candidate. One that fails in the same way gets the decisions that were
// taken: without those that nobody asked for, and with their times.
func (s *shrinking) fails(c *traces.Trace) bool {
	run := c
	if s.limit != 0 {
		run = c.Clone()
		run.Settings[traces.Steps] = min(s.limit, c.Settings[traces.Steps])
	}
	f := s.w.Replay(run, Options{})
	s.spent += s.w.sim.Steps()
	if f == nil || f.Identity() != s.want {
		return false
	}
	s.last = f
	c.Decisions = slices.Clone(s.w.Decisions())
	return true
}

func (s *shrinking) tired() bool { return s.spent > shrinkSteps || s.stop != nil && s.stop() }

// others returns the comments that shrinking does not write itself.
func others(comments []string) (list []string) {
	for _, c := range comments {
		if !strings.HasPrefix(c, "shrunk from ") && !strings.HasPrefix(c, without) && !strings.HasPrefix(c, replayed) {
			list = append(list, c)
		}
	}
	return list
}

func flip(t *traces.Trace, i int) string {
	d := t.Decisions[i]
	return fmt.Sprintf("%s %s %d", d.Actor, d.Op, d.Ord)
}
