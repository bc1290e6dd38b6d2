package properties

import (
	"fmt"
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// Fit says how much of a recording a scenario is.
type Fit struct {
	Sessions int      // that were made into some of the scenario
	Calls    int      // of these sessions in the recording
	Same     int      // of them, those that the scenario has too, in their order
	Here     int      // calls that the scenario has of these sessions
	Ends     int      // sessions whose connections are closed in the same way
	Differ   []string // for each session that is not the same throughout, where it first is not
	Refused  int      // sessions that are left out, of clients who had their share
	Fail     *Failure // what breaks in the scenario
}

// String prints it for a reader.
func (f *Fit) String() string {
	until := ""
	if f.Fail != nil {
		until = ", up to where it breaks"
	}
	if f.Refused > 0 {
		until += fmt.Sprintf("; left out: %d that were refused, of clients who had their share", f.Refused)
	}
	return fmt.Sprintf("%d of %d calls are the same (%d %%), of %d here, and %d of %d sessions end in the same way%s",
		f.Same, f.Calls, 100*f.Same/max(1, f.Calls), f.Here, f.Ends, f.Sessions, until)
}

// retold is what a run tells of one session of a scenario.
type retold struct {
	heard
	asked [][]sim.Question // before each call was answered
}

// retelling watches a run for what its sessions' calls are.
type retelling struct {
	sessions []retold
	survey   []sim.Question
	seen     int
	fail     *Failure
}

// Decided implements Watcher.
func (r *retelling) Decided(sim.Decision) {}

// Stepped implements Watcher.
func (r *retelling) Stepped() {}

// Called implements Watcher.
func (r *retelling) Called(s traces.Step) {
	k := s.Actor.Kind()
	if s.Ciphers() && s.Call != traces.CallSeal && s.Call != traces.CallBye {
		return // in the middle of a call, or of none
	}
	asked := r.survey[r.seen:]
	r.seen = len(r.survey)
	if k != sim.Front && k != sim.Back || s.Actor.Num() >= len(r.sessions) {
		return
	}
	if o := &r.sessions[s.Actor.Num()]; o.hear(s) {
		o.asked = append(o.asked, slices.Clone(asked))
	}
}

// retell runs a scenario of what was told.
func retell(w *World, c *traces.Trace, told []*telling) *retelling {
	r := &retelling{sessions: make([]retold, len(told))}
	for i, o := range told {
		r.sessions[i].heard = o.like()
	}
	r.fail = w.Replay(c, Options{Record: 1, Ciphers: true, Watch: r, Survey: &r.survey})
	return r
}

// trialSteps bound how long it is looked for decisions: a second or two in all, and a share
// of it for one session.
const (
	trialSteps   = 2_000_000
	sessionSteps = 50_000
)

// fitted adds to a scenario the decisions that make it more like what was told. They are
// looked for with each session by itself, as a run of all of them costs too much to be
// tried for each. Where sessions have to do with one another they may be no good: if they
// make it worse in all none is taken, unless something breaks, which is what one is after.
func fitted(c *traces.Trace, told []*telling) *Fit {
	w := WorldOf(c)
	plain := compared(told, retell(w, c, told))
	better := c.Clone()
	better.Decisions = nil
	left := trialSteps
	for i, o := range told {
		alone := c.Clone()
		alone.Sessions, alone.Decisions = alone.Sessions[i:i+1], o.rude(0)
		most := min(left, sessionSteps)
		for _, d := range o.trials(w, alone, most, &left) {
			d.Actor = d.Actor.Kind() | sim.Actor(i)
			better.Decisions = append(better.Decisions, d)
		}
	}
	if len(better.Decisions) == len(c.Decisions) {
		return plain
	}
	fit := compared(told, retell(w, better, told))
	if fit.Same < plain.Same && fit.Fail == nil {
		return plain
	}
	c.Decisions = better.Decisions
	return fit
}

// trials returns the decisions that a session needs, by itself, for its calls to be answered
// as they were: of each call that is the recorded one and whose answer is not, the choice
// that gives it, if more is the same up to there. What follows may be less: a fault that
// strikes at once ends a session that went on for as long as its peer read slowly. left is
// what there is left of the steps, of which these take most.
func (o *telling) trials(w *World, alone *traces.Trace, most int, left *int) []sim.Decision {
	one := []*telling{o}
	tried := map[sim.Question]bool{}
	best := retell(w, alone, one)
	for most > 0 && *left > 0 {
		spent := int(w.sim.Steps())
		most, *left = most-spent, *left-spent
		at, d := best.sessions[0].mend(o.calls, tried)
		if at < 0 {
			break
		}
		tried[sim.Question{Actor: d.Actor, Op: d.Op, Ord: d.Ord}] = true
		next := alone.Clone()
		next.Decisions = append(next.Decisions, d)
		again := retell(w, next, one)
		upTo := o.calls[:at+1]
		if inOrder(upTo, again.sessions[0].calls) > inOrder(upTo, best.sessions[0].calls) {
			alone, best = next, again
		}
	}
	return alone.Decisions
}

// mend returns the next decision to try that gives a call the answer that was recorded, and
// which of the recorded calls that is; -1 if there is none.
func (o *retold) mend(want []string, tried map[sim.Question]bool) (at int, d sim.Decision) {
	for _, p := range Align(want, o.calls, asksLike) {
		if want[p[0]] == o.calls[p[1]] {
			continue
		}
		_, answer := asked(want[p[0]])
		for _, q := range o.asked[p[1]] {
			if k := q.Actor.Kind(); k != sim.Front && k != sim.Back || tried[sim.Question{Actor: q.Actor, Op: q.Op, Ord: q.Ord}] {
				continue
			}
			if v := cure(q, answer); v != 0 {
				return p[0], sim.Decision{Actor: q.Actor, Op: q.Op, Ord: q.Ord, Val: v}
			}
		}
	}
	return -1, d
}

// asksLike says that two calls are the same one, whatever came of them.
func asksLike(a, b string) bool {
	x, _ := asked(a)
	y, _ := asked(b)
	return x == y
}

// inOrder is how many calls are the same in two runs, in their order.
func inOrder(a, b []string) int { return len(Align(a, b, func(x, y string) bool { return x == y })) }

// compared says how much of what was told the scenario is.
func compared(told []*telling, r *retelling) *Fit {
	f := &Fit{Sessions: len(told), Fail: r.fail}
	for i, o := range told {
		is := &r.sessions[i]
		f.Calls += len(o.calls)
		f.Here += len(is.calls)
		f.Same += inOrder(o.calls, is.calls)
		if o.ended == is.ended {
			f.Ends++
		}
		at := 0
		for at < len(o.calls) && at < len(is.calls) && o.calls[at] == is.calls[at] {
			at++
		}
		if at < len(o.calls) {
			got := "nothing more"
			if at < len(is.calls) {
				got = is.calls[at]
			}
			f.Differ = append(f.Differ, fmt.Sprintf("session %d, of recorded session %d: recorded `%s`, here `%s`, behind %d calls that are the same",
				i, o.label, o.calls[at], got, at))
		}
	}
	return f
}
