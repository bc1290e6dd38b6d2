package properties

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// lastSteps is how many steps an explanation shows, where what repeats counts once:
// enough to see the cause, few enough to read. keptSteps is how many it looks at.
const (
	lastSteps = 30
	keptSteps = 1 << 14
)

// maxShown is how many sessions its table has.
const maxShown = 20

// Explain runs a trace again and prints what there is to know about it: how it
// fails, the last steps before, and what everything looked like. path is what
// the reader calls the trace. It returns the failure, nil if nothing broke.
func Explain(out io.Writer, t *traces.Trace, path string) *Failure {
	w := NewWorld()
	f := w.Replay(t, Options{Record: lastSteps})
	if f != nil && f.ID == "I09" { // what a loop does without a call, and before it began
		f = w.Replay(t, Options{Record: keptSteps, Turns: true})
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
		path, Command(path), time.Duration(f.At-sim.Epoch), w.sim.Steps())
	for _, c := range t.Comments {
		fmt.Fprintf(out, "         %s\n", c)
	}
	fmt.Fprintf(out, "\nlast steps\n")
	w.printSteps(out)
	fmt.Fprintf(out, "\nsessions\n")
	w.printSessions(out)
	return f
}

// Show runs a trace and prints it with all its steps and how every session
// ended. It returns the failure, nil if nothing broke.
func Show(out io.Writer, t *traces.Trace) *Failure {
	w := NewWorld()
	f := w.Replay(t, Options{Record: -1})
	c := *t
	c.Steps = w.Steps()
	if f != nil {
		c.Fail = oneLine(f.String())
	}
	out.Write(c.AppendText(nil))
	fmt.Fprintln(out)
	for label, o := range w.Outcomes() {
		fmt.Fprintf(out, "# session %d: %s\n", label, o)
	}
	if f != nil {
		w.printSessions(out)
	}
	return f
}

// printSteps prints the last steps, with turns and tasks where they were asked for.
func (w *World) printSteps(out io.Writer) {
	var lines []string
	seen := w.rec.Skipped()
	turns := w.turns
	for len(turns) > 0 && turns[0].before < seen {
		turns = turns[1:]
	}
	for _, s := range w.Steps() {
		for len(turns) > 0 && turns[0].before == seen {
			lines = append(lines, "; "+turns[0].what)
			turns = turns[1:]
		}
		lines = append(lines, s.String())
		seen++
	}
	for _, t := range turns {
		lines = append(lines, "; "+t.what)
	}
	lines = Fold(lines)
	for _, l := range lines[max(0, len(lines)-lastSteps):] {
		fmt.Fprintf(out, "  %s\n", l)
	}
}

// turn is something that the loop gave its time to, before a step.
type turn struct {
	before uint64
	what   string
}

// Turn implements core.Witness.
func (w *World) Turn(d *core.Desc) {
	w.witnessed("turn " + w.kernel.Agent(d.Num()).Actor.String())
}

// Task implements core.Witness.
func (w *World) Task(r core.Runner, timeout bool) {
	what := "task"
	if s, ok := r.(*streamif.Session); ok {
		what = fmt.Sprintf("task session %d", s.Peer().Label)
	}
	if timeout {
		what += " timeout"
	}
	w.witnessed(what)
}

func (w *World) witnessed(what string) {
	w.turns = append(w.turns, turn{w.rec.Count(), what})
	if n := len(w.turns); n > 2*keptSteps {
		w.turns = append(w.turns[:0], w.turns[n-keptSteps:]...)
	}
}

// printSessions prints a table of the live sessions, as netstat would.
func (w *World) printSessions(out io.Writer) {
	if w.proxy == nil {
		return
	}
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "# session\tside\tstate\tconnection\tpolls\tfd\tinterface\tin\tout\tbuffer")
	for i, s := range w.proxy.Sessions() {
		if i == maxShown {
			fmt.Fprintf(tw, "# and %d more\n", len(w.proxy.Sessions())-i)
			break
		}
		for _, si := range []*streamif.StreamInterface{s.Front(), s.Back()} {
			side, in, sends := "front", s.Req(), s.Rep()
			if si == s.Back() {
				side, in, sends = "back", s.Rep(), s.Req()
			}
			c := si.Conn()
			_, _, curr := c.Levels()
			fd := "-"
			if c.Open() {
				fd = fmt.Sprintf("active=%s ready=%s polled=%s kernel=%s", c.Desc().Active(), c.Desc().Ready(),
					c.Desc().Polled(), w.kernel.Events(c.Desc().Num()))
			}
			fmt.Fprintf(tw, "# %d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d+%d\n", s.Peer().Label, side, si.State(), c.Flags(),
				curr, fd, si.Flags(), in.Flags(), sends.Flags(), in.Buf().Out(), in.Buf().In())
		}
	}
	if err := tw.Flush(); err != nil {
		fmt.Fprintln(out, "#", err)
	}
}
