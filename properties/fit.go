package properties

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"millrace/core"
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
	Fail     *Failure // what breaks in the scenario
}

// String prints it for a reader.
func (f *Fit) String() string {
	return fmt.Sprintf("%d of %d calls are the same (%d %%), of %d here, and %d of %d sessions end in the same way",
		f.Same, f.Calls, 100*f.Same/max(1, f.Calls), f.Here, f.Ends, f.Sessions)
}

// retold is what a run tells of one session of a scenario.
type retold struct {
	calls []string
	asked [][]sim.Question // before each call was answered
	ended [2]string
}

// retelling watches a run for what its sessions' calls are.
type retelling struct {
	told     []*telling
	sessions []retold
	survey   []sim.Question
	seen     int
}

// Decided implements Watcher.
func (r *retelling) Decided(sim.Decision) {}

// Stepped implements Watcher.
func (r *retelling) Stepped() {}

// Called implements Watcher.
func (r *retelling) Called(s traces.Step) {
	asked := r.survey[r.seen:]
	r.seen = len(r.survey)
	k := s.Actor.Kind()
	if k != sim.Front && k != sim.Back {
		return
	}
	o, side := &r.sessions[s.Actor.Num()], b2i(k == sim.Back)
	if compares(s, r.told[s.Actor.Num()].sealed[side]) {
		o.calls = append(o.calls, s.Untimed())
		o.asked = append(o.asked, slices.Clone(asked))
	}
	switch s.Call {
	case traces.CallSocket:
		o.ended[1] = ""
	case traces.CallClose:
		o.ended[side] = s.Untimed()
	}
}

// retell runs a scenario.
func retell(w *World, c *traces.Trace, told []*telling) (*retelling, *Failure) {
	r := &retelling{told: told, sessions: make([]retold, len(c.Sessions))}
	f := w.Replay(c, Options{Record: 1, Watch: r, Survey: &r.survey})
	return r, f
}

// fitted adds decisions to a scenario for as long as they make it more like what was told:
// where a call is the recorded one and its answer is not, the choice that gives it.
func fitted(c *traces.Trace, told []*telling) *Fit {
	for i, o := range told {
		o.rename(i)
	}
	const most = 200_000 // steps: a second or two
	w := WorldOf(c)
	r, fail := retell(w, c, told)
	tried := map[sim.Question]bool{}
	for steps, i := uint64(0), 0; i < len(told) && steps < most; {
		at := common(told[i].calls, r.sessions[i].calls)
		d, ok := r.sessions[i].mend(told[i].calls, at, tried)
		if !ok {
			i++
			continue
		}
		tried[sim.Question{Actor: d.Actor, Op: d.Op, Ord: d.Ord}] = true
		next := c.Clone()
		next.Decisions = append(next.Decisions, d)
		again, f := retell(w, next, told)
		steps += w.sim.Steps()
		if common(told[i].calls, again.sessions[i].calls) > at {
			c.Decisions, r, fail = next.Decisions, again, f
		}
	}
	return compared(told, r, fail)
}

// mend returns the decision that gives a call the answer that was recorded.
func (o *retold) mend(want []string, at int, tried map[sim.Question]bool) (d sim.Decision, ok bool) {
	if at >= len(want) || at >= len(o.calls) {
		return d, false
	}
	call, answer, _ := strings.Cut(want[at], " = ")
	if is, _, _ := strings.Cut(o.calls[at], " = "); is != call {
		return d, false
	}
	for _, q := range o.asked[at] {
		key := sim.Question{Actor: q.Actor, Op: q.Op, Ord: q.Ord}
		if !q.Op.Fault() || tried[key] {
			continue
		}
		v, ok := q.Op.ParseValue(answer)
		if n, err := strconv.Atoi(answer); err == nil && !ok {
			v, ok = n, !q.Op.Victim()
		}
		if answer == core.EAGAIN.String() && (q.Op == sim.OpRecvAgain || q.Op == sim.OpSendAgain) {
			v, ok = 1, true
		}
		if ok && v > 0 && v < q.N {
			return sim.Decision{Actor: q.Actor, Op: q.Op, Ord: q.Ord, Val: v}, true
		}
	}
	return d, false
}

// rename has a session's calls be those of another label: its number in the scenario.
func (o *telling) rename(label int) {
	for i, call := range o.calls {
		who, rest, _ := strings.Cut(call, " ")
		o.calls[i] = fmt.Sprintf("%c%d %s", who[0], label, rest)
	}
	for i, call := range o.ended {
		if who, rest, ok := strings.Cut(call, " "); ok {
			o.ended[i] = fmt.Sprintf("%c%d %s", who[0], label, rest)
		}
	}
}

// common is how many calls two runs begin with.
func common(a, b []string) (n int) {
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// compared says how much of what was told the scenario is.
func compared(told []*telling, r *retelling, fail *Failure) *Fit {
	f := &Fit{Sessions: len(told), Fail: fail}
	for i, o := range told {
		is := &r.sessions[i]
		f.Calls += len(o.calls)
		f.Here += len(is.calls)
		f.Same += inOrder(o.calls, is.calls)
		if o.ended == is.ended {
			f.Ends++
		}
		if at := common(o.calls, is.calls); at < len(o.calls) {
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

// inOrder is how many lines two texts have in common, in their order. Of very long ones only
// what they begin with counts.
func inOrder(a, b []string) int {
	if len(a)*len(b) > 1<<24 {
		return common(a, b)
	}
	row := make([]int, len(b)+1)
	for i := range a {
		before := 0
		for j := range b {
			here := row[j+1]
			if a[i] == b[j] {
				row[j+1] = before + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			before = here
		}
	}
	return row[len(b)]
}
