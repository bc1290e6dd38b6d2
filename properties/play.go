package properties

import (
	"fmt"
	"io"
	"slices"

	"millrace/core"
	"millrace/traces"
)

// Play plays the steps of a trace, as captured on either kernel, and has its program
// looked at after every round as in a world. So a run in production is held to the same
// properties as one in simulation, after the fact. The error says why the trace cannot
// be played.
func Play(t *traces.Trace) (*traces.Replay, *Failure, error) {
	_, r, f, err := played(t, nil)
	return r, f, err
}

// played is Play, and the program as it is then. It has told, unless that is nil, what there
// was between the steps.
func played(t *traces.Trace, told *[]turn) (traces.Running, *traces.Replay, *Failure, error) {
	p, err := traces.NewPlayer(t)
	if err != nil {
		return nil, nil, nil, err
	}
	a := &listener{p: p, told: told}
	if l, can := p.Running().(Looped); can && told != nil {
		a.listen(l.EventLoop(), t.Program)
	}
	look := func() *Failure { return nil }
	if of := Lookup(t.Program); of != nil && of.Played != nil {
		look = of.Played(p.Running())
	}
	var first *Failure
	for p.Round() && first == nil {
		rounds.Add(1)
		a.over()
		first = look()
	}
	a.over()
	r, err := p.Result()
	return p.Running(), r, first, err
}

// listener has the tale of a recording that is played; nobody listens without one.
type listener struct {
	p    *traces.Player
	told *[]turn
	tale *tale
}

func (l *listener) listen(loop *core.Loop, program string) {
	run := l.p.Running()
	var view func(label int) []Note
	if of := Lookup(program); of != nil && of.PlayedView != nil {
		view = func(label int) []Note { return of.PlayedView(run, label) }
	}
	l.tale = newTale(loop, view, func(what string) { *l.told = append(*l.told, turn{uint64(l.p.Played()), what}) })
	l.p.Told = l.tale.step
	loop.Watch(l)
}

func (l *listener) over() {
	if l.tale != nil {
		l.tale.over()
	}
}

// Turn implements core.Witness.
func (l *listener) Turn(d *core.Desc) { l.tale.turn(l.p.Actor(d.Num())) }

// Task implements core.Witness.
func (l *listener) Task(r core.Runner, timeout bool) { l.tale.task(r, timeout) }

// ShowPlay prints a recording as far as it is played as it was recorded, with what there is
// between its steps: turns, tasks, who woke them, and which flags changed. It says whether
// that is all of it.
func ShowPlay(out io.Writer, t *traces.Trace) (same bool, err error) {
	var told []turn
	_, r, f, err := played(t, &told)
	if err != nil {
		return false, err
	}
	shown := *t
	if t.Skipped > 0 {
		cut := t.Cut()
		shown.Steps = cut.Steps
		shown.Comments = append(slices.Clone(t.Comments), cut.String())
	}
	shown.Steps = shown.Steps[:r.Steps]
	if err := printWoven(out, &shown, 0, told); err != nil {
		return false, err
	}
	if !r.Same() {
		fmt.Fprintf(out, "# %s\n", r)
	}
	if f != nil {
		fmt.Fprintf(out, "# %s\n", f)
	}
	return r.Same() && f == nil, nil
}

// leadingSteps is how many steps before it explain how a replay ended.
const leadingSteps = 10

// ExplainPlay is Play that prints what there is to know of the replay: what is not whole, what
// was left out, and if it does not end as it was recorded where that is in the file, what
// was asked for instead, what the session was in at that time, and the last steps. part is
// the text of the trace and path what the reader calls the file. turns is as of Explain.
func ExplainPlay(out io.Writer, t *traces.Trace, part traces.Part, path string, turns bool) (*traces.Replay, *Failure, error) {
	if t.Torn != "" {
		fmt.Fprintf(out, "%s: torn: %s\n", path, t.Torn)
	}
	var told *[]turn
	if turns {
		told = new([]turn)
	}
	run, r, f, err := played(t, told)
	if err != nil {
		return r, f, err
	}
	name := path
	if t.Recorded != nil && t.Recorded.Worker > 0 {
		name = fmt.Sprintf("%s: worker %d", path, t.Recorded.Worker)
	}
	e := &parting{out: out, t: t, steps: t.Steps, lines: part.Lines(), path: path, told: told}
	if t.Skipped > 0 {
		cut := t.Cut()
		e.steps, e.of = cut.Steps, cut.Of
		fmt.Fprintf(out, "%s: %s\n", name, cut)
	}
	fmt.Fprintf(out, "%s: played: %s\n", name, r)
	if r.Breach != nil {
		fmt.Fprintf(out, "  %s: %s\n", r.Breach.ID, Invariant(r.Breach.ID))
	}
	if f != nil {
		fmt.Fprintf(out, "after step %d: %s\n  %s: %s\n", r.Steps, f, f.ID, Invariant(f.ID))
	}
	if !r.Same() || f != nil {
		e.explain(r, run)
	}
	return r, f, nil
}

// parting is a replay that did not end as it was recorded.
type parting struct {
	out   io.Writer
	t     *traces.Trace
	steps []traces.Step // that were played
	of    []int         // which of the recording's they are, if not all of them are
	lines []int         // that the recording's steps are on
	path  string
	told  *[]turn // between them; nil unless asked for
}

// line is that of the file that a played step is on.
func (e *parting) line(step int) int {
	if e.of != nil {
		step = e.of[step]
	}
	return e.lines[step]
}

func (e *parting) explain(r *traces.Replay, run traces.Running) {
	at := r.Steps - 1 // the last that was agreed with
	if r.Divergence != nil {
		at++
	}
	if at < 0 || at >= len(e.steps) {
		return
	}
	asked := []traces.Step{e.steps[at]}
	fmt.Fprintf(e.out, "\nat       %s:%d\n", e.path, e.line(at))
	if d := r.Divergence; d != nil {
		fmt.Fprintf(e.out, "recorded %s %s\nnow      %s\n", d.Was.Means(), d.Was.Answered(), d.Is.Means())
		asked = append(asked, d.Is)
	}
	e.sessions(run, asked)
	fmt.Fprintf(e.out, "\nlast steps\n")
	from, told := max(0, at+1-leadingSteps), []turn(nil)
	if e.told != nil {
		told = *e.told
	}
	for _, l := range woven(e.steps[from:at+1], uint64(from), told, "; ", func(s *traces.Step, n uint64) string {
		return fmt.Sprintf("%s:%d\t%s", e.path, e.line(int(n)), s)
	}) {
		fmt.Fprintf(e.out, "  %s\n", l)
	}
}

// sessions prints what the sessions are in that these steps are about.
func (e *parting) sessions(run traces.Running, steps []traces.Step) {
	of, seen := Lookup(e.t.Program), map[int]bool{}
	if of == nil || of.PlayedView == nil {
		return
	}
	for _, s := range steps {
		label, ok := s.Session()
		if !ok || seen[label] {
			continue
		}
		seen[label] = true
		fmt.Fprintf(e.out, "\nsession %d, as it is now\n", label)
		notes := of.PlayedView(run, label)
		if len(notes) == 0 {
			fmt.Fprintf(e.out, "  there is none\n")
		}
		for _, n := range notes {
			fmt.Fprintf(e.out, "  %-20s %s\n", n.Name, n.Value)
		}
	}
}
