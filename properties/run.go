package properties

import (
	"fmt"
	"slices"
	"strings"

	"millrace/sim"
	"millrace/traces"
)

// Hunt runs the world of one seed and returns the failing trace, nil if nothing
// broke. The trace holds all decisions of the run and what went wrong; it is not
// shrunk.
func (w *World) Hunt(seed uint64) *traces.Trace {
	t, src := Generate(seed)
	f := w.Run(t, src, Options{})
	if f == nil {
		return nil
	}
	t.Decisions = slices.Clone(w.Decisions())
	t.Fail = oneLine(f.String())
	t.Comments = []string{fmt.Sprintf("seed %#x", seed)}
	return t
}

// Replay runs a trace with its own decisions and returns what broke, nil if
// nothing did.
func (w *World) Replay(t *traces.Trace, opts Options) *Failure {
	src := sim.NewScript(t.Decisions)
	src.Clock = w.sim.Now
	return w.Run(t, src, opts)
}

// Unasked returns the decisions of the trace replayed last that made no
// difference because their choice did not come up: a typing error, mostly.
func (w *World) Unasked() []sim.Decision { return w.script.Unasked() }

// shrinkSteps is how many steps of worlds shrinking may cost: some seconds. A
// world that fails because it does not end costs most of them at each try.
const shrinkSteps = 20_000_000

// Shrink makes a failing trace small: it keeps failing in the same way. The
// result says in its comments what it is and how to run it from a file called
// path. stop, unless nil, says when to be content with what there is.
func (w *World) Shrink(t *traces.Trace, path string, stop func() bool) *traces.Trace {
	want := identity(t.Fail)
	var last *Failure
	spent := uint64(0)
	fails := func(c *traces.Trace) bool {
		f := w.Replay(c, Options{})
		spent += w.sim.Steps()
		if f == nil || f.Identity() != want {
			return false
		}
		last = f
		return true
	}
	tired := func() bool { return spent > shrinkSteps || stop != nil && stop() }
	small := traces.Shrink(t, fails, tired)
	if fails(small) {
		small.Fail = oneLine(last.String())
	}
	small.Comments = append(others(t.Comments), fmt.Sprintf("shrunk from %d to %d lines", lines(t), lines(small)))
	if !tired() {
		if i := traces.LastFlip(small, fails); i >= 0 {
			small.Comments = append(small.Comments, fmt.Sprintf("without %s it passes", flip(small, i)))
		}
	}
	small.Comments = append(small.Comments, "replay: "+Command(path))
	return small
}

// others returns the comments that shrinking does not write itself.
func others(comments []string) (list []string) {
	for _, c := range comments {
		if !strings.HasPrefix(c, "shrunk from ") && !strings.HasPrefix(c, "without ") && !strings.HasPrefix(c, "replay: ") {
			list = append(list, c)
		}
	}
	return list
}

func flip(t *traces.Trace, i int) string {
	d := t.Decisions[i]
	return fmt.Sprintf("%s %s %d", d.Actor, d.Op, d.Ord)
}

// Command is what to type to run a trace again.
func Command(path string) string { return "go run ./traces/cmd/trace replay " + path }

// identity is the part of a fail line that two failures must share to be the
// same.
func identity(fail string) string {
	id, _, _ := strings.Cut(fail, ":")
	return id
}

// FileName returns a name for the trace of a failure: the same for all failures
// of one identity.
func FileName(t *traces.Trace) string {
	clean := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}
	name := strings.Trim(strings.Map(clean, identity(t.Fail)), "-")
	return name[:min(len(name), 60)] + ".trace"
}

func lines(t *traces.Trace) int { return strings.Count(t.String(), "\n") - len(t.Comments) }

// oneLine keeps the beginning of a text that may be a stack.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return s[:min(len(s), 300)]
}

// Totals add up what worlds did.
type Totals struct {
	Worlds, Steps, Calls, Sessions uint64
	Virtual                        uint64 // nanoseconds
	Fired                          [sim.NumOps]uint64
	Reach                          Reach
}

// seal ends the hash of a run with how it ended.
func (w *World) seal() {
	for label, o := range w.Outcomes() {
		w.sim.Note(uint64(label)<<40 ^ uint64(o.Tries)<<16 ^ uint64(o.Reason[0])<<8 ^ uint64(o.Reason[1]))
		w.sim.Note(uint64(o.UpGot)<<32 ^ uint64(o.DownGot))
	}
	if w.fail != nil {
		for _, b := range []byte(w.fail.Identity()) {
			w.sim.Note(uint64(b))
		}
	}
	w.hash = w.sim.Hash()
}

// Hash is a number that two runs share only if they were the same from their first
// step to their last.
func (w *World) Hash() uint64 { return w.hash }

// tally adds the run that just ended to the world's own totals.
func (w *World) tally() {
	t := &w.totals
	t.Worlds++
	t.Steps += w.sim.Steps()
	t.Calls += w.kernel.Stats.Calls + w.poller.Stats.Sets + w.poller.Stats.Waits
	t.Virtual += uint64(w.sim.Now() - sim.Epoch)
	if w.proxy != nil {
		t.Sessions += w.proxy.Stats.Accepted
	}
	for op, n := range w.sim.Choices.Fired {
		t.Fired[op] += n
	}
}

// Flush moves the world's totals into t.
func (w *World) Flush(t *Totals) {
	o := &w.totals
	t.Worlds += o.Worlds
	t.Steps += o.Steps
	t.Calls += o.Calls
	t.Sessions += o.Sessions
	t.Virtual += o.Virtual
	for op, n := range o.Fired {
		t.Fired[op] += n
	}
	t.Reach.Add(&o.Reach)
	w.totals = Totals{}
}
