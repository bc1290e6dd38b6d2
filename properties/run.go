package properties

import (
	"fmt"
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// Hunt runs the world of one seed and returns the failing trace, nil if nothing
// broke. The trace holds all decisions of the run and what went wrong; it is not
// shrunk. What fails is run once more from its text, and so is one seed in w.Share
// that does not fail: a run that is another one then is a failure too.
func (w *World) Hunt(seed uint64) *traces.Trace {
	t, src := w.program.Generate(seed)
	w.still(t, gentle(&src.Rates), w.Journal)
	shared := w.Share != 0 && sim.Mix(seed)%w.Share == 0
	f := w.Run(t, src, w.compares(Options{Journal: w.Journal}, shared))
	w.totals.Hash += sim.Mix(w.hash ^ sim.Mix(seed))
	if f == nil && !shared {
		return nil
	}
	t.Decisions = slices.Clone(w.Decisions())
	t.Comments = []string{fmt.Sprintf("seed %#x", seed)}
	if unlike := w.unlike(t); unlike != nil {
		f = unlike
		t.Comments = append(t.Comments, replayed+w.program.history(seed))
	}
	if f == nil {
		return nil
	}
	t.Fail = f.Line()
	return t
}

// Replay runs a trace with its own decisions and returns what broke, nil if
// nothing did.
func (w *World) Replay(t *traces.Trace, opts Options) *Failure {
	var known slept
	if opts.asks() && Identity(t) == oversleeping { // which takes more than one run to see
		before := w.totals
		if w.once(t, w.source(t), Options{}); len(w.slept) > 0 {
			known, _ = w.oversleeps(t)
		}
		w.totals = before
	}
	w.still(t, len(t.Decisions) > 0 && !slices.ContainsFunc(t.Decisions, grave), opts.Journal)
	w.overslept = known
	return w.Run(t, w.source(t), opts)
}

// source is where a trace's own decisions come from.
func (w *World) source(t *traces.Trace) *sim.Script {
	s := sim.NewScript(t.Decisions)
	s.Clock = w.sim.Now
	return s
}

// Unasked returns the decisions of the trace replayed last that made no
// difference because their choice did not come up: a typing error, mostly.
func (w *World) Unasked() []sim.Decision { return w.script.Unasked() }

// Totals add up what worlds did.
type Totals struct {
	Worlds, Steps, Calls, Sessions uint64
	Again                          uint64 // worlds that were run twice, and compared
	Spared                         uint64 // sessions to which nothing happened, and that had to be perfect
	Struck, Stormy, Unkind         uint64 // sessions that were not: by accidents, by what Calm says, by what their peers do
	Compared                       uint64 // sessions whose stories had to be those of a world where nothing happens
	Virtual                        uint64 // nanoseconds
	Spent                          uint64 // nanoseconds of processor time, where that is known
	Claim                          Claim  // what was tried of scenarios, all of it
	Guided                         uint64 // hunts that were guided
	Kept                           []Kept // what they showed
	// Hash is the sum of what the runs' hashes and their seeds make: it is the same
	// in whatever order, and by however many, the worlds were run.
	Hash  uint64             `json:",string"`
	Fired [sim.NumOps]uint64 `json:"-"` // by number: an Account has them by name
	Reach Reach              `json:"-"`
}

// seal ends the hash of a run with how it ended.
func (w *World) seal() {
	for label, o := range w.Outcomes() {
		w.sim.Note(uint64(label)<<40 ^ uint64(o.UpGot)<<32 ^ uint64(o.DownGot))
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
	for _, v := range w.workers {
		t.Calls += v.kernel.Stats.Calls + v.poller.Stats.Sets + v.poller.Stats.Waits
	}
	t.Virtual += uint64(w.sim.Now() - sim.Epoch)
	t.Sessions += uint64(len(w.clients))
	for op, n := range w.sim.Choices.Fired {
		t.Fired[op] += n
	}
}

// Judged says of how many sessions it was known what they had to be, and what kept that
// from being known of the others.
func (t *Totals) Judged() string {
	return fmt.Sprintf("%d of %d sessions, each of which had to be perfect; of the others accidents struck %d, %d are not calm, and of %d a peer resets, holds, leaves early or is a function",
		t.Spared, t.Sessions, t.Struck, t.Stormy, t.Unkind)
}

// Flush moves the world's totals into t.
func (w *World) Flush(t *Totals) {
	t.Add(&w.totals)
	w.totals = Totals{}
}

// Add adds what other worlds did.
func (t *Totals) Add(o *Totals) {
	t.Worlds += o.Worlds
	t.Steps += o.Steps
	t.Calls += o.Calls
	t.Sessions += o.Sessions
	t.Again += o.Again
	t.Spared += o.Spared
	t.Struck += o.Struck
	t.Stormy += o.Stormy
	t.Unkind += o.Unkind
	t.Compared += o.Compared
	t.Virtual += o.Virtual
	t.Spent += o.Spent
	t.Hash += o.Hash
	t.Claim.add(&o.Claim)
	t.Guided += o.Guided
	t.Kept = append(t.Kept, o.Kept...)
	for op, n := range o.Fired {
		t.Fired[op] += n
	}
	t.Reach.Add(&o.Reach)
}
