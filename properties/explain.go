package properties

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// lastSteps is how many steps an explanation shows, where what repeats counts once:
// enough to see the cause, few enough to read. keptSteps is how many it looks at.
const (
	lastSteps = 30
	keptSteps = 1 << 14
)

// Explain runs a trace again and prints what there is to know about it: how it
// fails, the last steps before, and what everything looked like. path is what
// the reader calls the trace. With turns, the steps have between them which descriptors had
// their turns, which tasks ran and were woken, and which flags changed. It returns the failure,
// nil if nothing broke.
func Explain(out io.Writer, t *traces.Trace, path string, turns bool) *Failure {
	w := WorldOf(t)
	f := w.Replay(t, Options{Record: lastSteps, Lines: true})
	if f != nil && (turns || f.ID == "I09") { // what a loop does without a call, and before it began
		f = w.Replay(t, Options{Record: keptSteps, Turns: true, Changes: turns, Lines: true})
	}
	if f == nil {
		fmt.Fprintf(out, "%s: passes, %d steps", path, w.sim.Steps())
		if t.Fail != "" {
			fmt.Fprintf(out, ", although it records: %s", t.Fail)
		}
		fmt.Fprintln(out)
	}
	for _, d := range w.Unasked() {
		fmt.Fprintf(out, "%s: choose %s %s %d was never asked for\n", path, d.Actor, d.Op, d.Ord)
	}
	if f == nil {
		return nil
	}
	fmt.Fprintf(out, "%s\n  %s\n", f.Identity(), f.What)
	if doc := Invariant(f.ID); doc != "" {
		fmt.Fprintf(out, "  %s: %s\n", f.ID, doc)
	}
	fmt.Fprintf(out, "\ntrace    %s\nreplay   %s\nat       %s of virtual time, step %d\n",
		path, w.program.Command(path), time.Duration(f.At-sim.Epoch), w.sim.Steps())
	for _, c := range t.Comments {
		if c != replayed+w.program.Command(path) { // which was said just now
			fmt.Fprintf(out, "         %s\n", c)
		}
	}
	if text := scenario(t); text != "" {
		fmt.Fprintf(out, "\n%s%s", text, mishaps(t))
	}
	fmt.Fprintf(out, "\nwho is who\n  %s\n\nlast steps\n", strings.Join(t.Legend(w.Steps()), "\n  "))
	most := lastSteps
	if turns {
		most *= 4 // there are more lines between the calls than of them
	}
	for v := range w.alive {
		if v.tale != nil {
			v.tale.over()
		}
	}
	w.printSteps(out, most)
	for v := range w.alive {
		if v.kernel.Open() > 0 {
			fmt.Fprintf(out, "\nsockets\n")
			if err := v.kernel.Sockets(out); err != nil {
				fmt.Fprintln(out, err)
			}
		}
		if p, ok := v.prog.(Printer); ok {
			fmt.Fprintf(out, "\nsessions\n")
			p.Print(out)
		}
	}
	return f
}

// mishaps says in words what the decisions of a trace do, each kind once.
func mishaps(t *traces.Trace) (text string) {
	var said []string
	for _, d := range t.Decisions {
		line := fmt.Sprintf("  %-14s %s\n", d.Op, d.Means())
		if !slices.Contains(said, line) {
			said = append(said, line)
		}
	}
	if len(said) > 0 {
		text = "\nwhat happens to it\n" + strings.Join(said, "")
	}
	return text
}

// scenario is what happens in a trace, if that is not too much to read.
func scenario(t *traces.Trace) string {
	const most = 12
	bare := Brief(t)
	bare.Comments, bare.Steps, bare.Fail = nil, nil, ""
	text := strings.TrimPrefix(string(bare.AppendText(nil)), traces.Magic+"\n")
	if strings.Count(text, "\n") > most {
		return ""
	}
	return text
}

// Show runs a trace and prints it with all its steps, the texts that they moved where peers talk, and
// how every session ended, and if asked for what became of the sockets. It returns the failure, nil
// if nothing broke. turns is as of Explain: they are comments, and so are texts.
func Show(out io.Writer, t *traces.Trace, sockets, turns bool) *Failure {
	w := WorldOf(t)
	f := w.Replay(t, Options{Record: -1, Turns: turns, Changes: turns, Lines: true})
	c := *t
	c.Steps = w.Steps()
	if f != nil {
		c.Fail = f.Line()
	}
	if err := printWoven(out, &c, 0, w.texts()); err != nil {
		return f
	}
	fmt.Fprintln(out)
	for label := range w.out {
		fmt.Fprintf(out, "# session %d: %s\n", label, w.Story(label))
	}
	var table strings.Builder
	for v := range w.alive {
		if p, ok := v.prog.(Printer); ok && f != nil {
			p.Print(out)
		}
		if err := v.kernel.Sockets(&table); err != nil {
			fmt.Fprintln(out, err)
		}
	}
	if sockets {
		for line := range strings.Lines(table.String()) {
			fmt.Fprint(out, "# ", line)
		}
	}
	return f
}

// texts is what was told between steps, with the text that each step moved behind it.
func (w *World) texts() (told []turn) {
	rest := w.turns
	for n, l := range w.lines {
		behind := uint64(n) + 1
		for len(rest) > 0 && rest[0].before < behind {
			told, rest = append(told, rest[0]), rest[1:]
		}
		if l.text != "" {
			told = append(told, turn{behind, l.text[1:]})
		}
	}
	return append(told, rest...)
}

// printSteps prints the last steps, with what was told between them where that was asked for.
func (w *World) printSteps(out io.Writer, most int) {
	steps, first := w.Steps(), w.rec.Skipped()
	steps = steps[:min(uint64(len(steps)), max(w.made, first)-first)]
	lines := Fold(woven(steps, first, w.turns, "; ", func(s *traces.Step, n uint64) string { return w.located(s.String(), n) }))
	for _, l := range lines[max(0, len(lines)-most):] {
		fmt.Fprintf(out, "  %s\n", l)
	}
}

// begins makes a tale of a life of the worker, if that is asked for.
func (w *World) begins() {
	w.tale = nil
	p, can := w.prog.(Looped)
	if !can || !w.opts.Changes {
		return
	}
	var view func(label int) []Note
	if v, ok := w.prog.(Viewer); ok {
		view = v.View
	}
	w.tale = newTale(p.EventLoop(), view, w.witnessed)
}

// Turn implements core.Witness. It takes the place of the program's own, which goes on to be told.
func (w *World) Turn(d *core.Desc) {
	if p, ok := w.prog.(core.Witness); ok {
		p.Turn(d)
	}
	who := w.kernel.Agent(d.Num()).Actor
	if w.tale != nil {
		w.tale.turn(who)
		return
	}
	w.witnessed("turn " + who.String())
}

// Task implements core.Witness.
func (w *World) Task(r core.Runner, timeout bool) {
	if p, ok := w.prog.(core.Witness); ok {
		p.Task(r, timeout)
	}
	if w.tale != nil {
		w.tale.task(r, timeout)
		return
	}
	what := taskName(r)
	if timeout {
		what += " timeout"
	}
	w.witnessed(what)
}

// witnessed keeps what is told between two steps: all of it, if all steps are kept.
func (w *World) witnessed(what string) {
	if w.over {
		return
	}
	w.turns = append(w.turns, turn{w.rec.Count(), what})
	if n := len(w.turns); w.opts.Record >= 0 && n > 2*keptSteps {
		w.turns = append(w.turns[:0], w.turns[n-keptSteps:]...)
	}
}
