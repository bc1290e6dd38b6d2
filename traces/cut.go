package traces

import (
	"fmt"

	"millrace/sim"
)

// Cut is the part of a recording that lost its beginning which can be played: the sessions
// that were accepted in it, once the listener is known to be asked only when it was
// reported. What else is in it is left out.
type Cut struct {
	*Trace         // with the steps that are left; the others are the recording's
	Of       []int // which of the recording's steps each is, counted from 0
	Sessions int   // that are in it
	Others   int   // of which there are steps in the recording, and that are left out
	Dropped  int   // steps that are left out, or say less: a report to one who is
}

// String says in one line what is left of the recording.
func (c *Cut) String() string {
	return fmt.Sprintf("of %d steps that the ring has kept, %d are of %d sessions that are wholly in it; left out: %d steps of %d that are not, and %d steps before them",
		len(c.Of)+c.Dropped, len(c.Of), c.Sessions, c.Dropped, c.Others, c.Skipped)
}

// Cut returns the part of the recording that can be played by itself. The program is
// then another one, with fewer sessions, and some of what it does depends on them all.
// So a Player of a cut
//
//   - does not compare how long a wait is, only that it is not shorter than it was: the
//     timer of somebody else may have ended it,
//   - has a round first in which nothing happens, since it has just begun,
//   - registers the listener, and makes and closes pipes, without the recording: whose they
//     are, others decided,
//   - says whose handshake goes on, where the loop takes one at a time (see MayTurn),
//   - takes the server that a session went to from the recording (see Redirector).
//
// A program that was at one of its limits in the meantime (sessions, handshakes, buffers)
// may do what it did not, as it has fewer of them.
func (t *Trace) Cut() *Cut {
	c := &Cut{Trace: &Trace{
		Live: t.Live, Program: t.Program, Settings: t.Settings, Recorded: t.Recorded, Fail: t.Fail, Comments: t.Comments, Skipped: t.Skipped,
	}}
	inside, outside := map[int]bool{}, map[int]bool{}
	from := t.firstAccept()
	for i, s := range t.Steps {
		keep := i >= from
		switch s.Actor.Kind() {
		case sim.Front, sim.Back:
			if keep = inside[s.Actor.Num()]; !keep {
				outside[s.Actor.Num()] = true
			}
		case sim.Listener:
			keep = keep && s.Call != CallSet
			if accepted := s.Call == CallAccept && s.Err == 0; accepted && keep {
				inside[sim.Actor(s.Answer).Num()] = true
			}
		case sim.Worker:
			keep = keep && (s.Call == CallStop || s.Call == CallDelay)
		}
		if s.Call == CallEvent && i >= from && !keep {
			s.Actor, s.More, keep = sim.PollerOf, false, true // a line of the report it still is
		}
		if keep {
			c.Steps, c.Of = append(c.Steps, s), append(c.Of, i)
		} else {
			c.Dropped++
		}
	}
	c.Sessions, c.Others = len(inside), len(outside)
	return c
}

// firstAccept returns the wait whose report is the first that the listener is asked after:
// before, it may have been asked because of one that is lost. There may be none.
func (t *Trace) firstAccept() int {
	wait, reported := len(t.Steps), false
	for i, s := range t.Steps {
		switch {
		case s.Call == CallWait:
			wait, reported = i, false
		case s.Call == CallEvent && s.Actor == sim.Listener && wait < i:
			reported = true
		case s.Call == CallAccept && reported:
			return wait
		}
	}
	return len(t.Steps)
}
