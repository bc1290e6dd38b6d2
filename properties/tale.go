package properties

import (
	"fmt"
	"io"
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// turn is something that the loop gave its time to, or what came of that, before a step.
type turn struct {
	before uint64
	what   string
}

// Looped is a Running on a core.Loop, whose turns and tasks can be told.
type Looped interface{ EventLoop() *core.Loop }

// tale is what goes on between the calls of a run, for who wants to read that: which
// descriptors have their turns and which tasks run, and of each what came of it beside its
// calls: which tasks it queued, and which flags it changed. All that is found out by comparing
// what is with what was: neither the loop nor the program tells it, and where nobody asks
// for it nothing is compared.
type tale struct {
	say     func(what string)
	loop    *core.Loop
	view    func(label int) []Note // nil: the program shows nothing
	doing   string                 // who has the loop's time, "" = nobody
	touched []int                  // the sessions that may have changed in it
	known   map[int][]Note         // what they were
	queued  []string               // the tasks that wait, by name
}

func newTale(loop *core.Loop, view func(label int) []Note, say func(what string)) *tale {
	return &tale{loop: loop, view: view, say: say, known: map[int][]Note{}}
}

// taskName is how a task is told.
func taskName(r core.Runner) string {
	if s, ok := r.(fmt.Stringer); ok {
		return "task " + s.String()
	}
	return "task"
}

// turn begins a turn of a descriptor.
func (a *tale) turn(who sim.Actor) {
	a.settle(nil, false)
	if k := who.Kind(); k == sim.Front || k == sim.Back {
		a.touch(who.Num())
	}
	a.begin("turn " + who.String())
}

// task begins a run of a task.
func (a *tale) task(r core.Runner, timeout bool) {
	a.settle(r, timeout)
	a.own(r)
	what := taskName(r)
	if timeout {
		what += " timeout"
	}
	a.begin(what)
}

// begin gives the loop's time to somebody. What others have done to his session, without a
// word to its task, is told in front.
func (a *tale) begin(what string) {
	for _, label := range a.touched {
		a.changes(label)
	}
	a.doing = what
	a.say(what)
}

// step hears of a call before it is written down. The calls of the poller come when all
// turns are over.
func (a *tale) step(s *traces.Step) {
	if s.Call == traces.CallSet || s.Call == traces.CallWait {
		a.over()
	} else if label, ok := s.Session(); ok && a.doing != "" {
		a.touch(label)
	}
}

// over says that nobody has the loop's time any more.
func (a *tale) over() {
	a.settle(nil, false)
	a.doing = ""
}

// settle tells what came of who had the loop's time. ran is the task that is about to run,
// which has left the queue already; nil if none is.
func (a *tale) settle(ran core.Runner, timeout bool) {
	before := a.queued
	if ran != nil {
		before = a.waits(before, ran, timeout)
	}
	a.queued = nil
	a.loop.Queue(func(r core.Runner, timeout bool) { before = a.waits(before, r, timeout) })
	for _, label := range a.touched {
		a.changes(label)
	}
	a.touched = a.touched[:0]
}

// waits takes note of a task that waits, tells who woke it if it did not before, and returns
// those that did without it.
func (a *tale) waits(before []string, r core.Runner, timeout bool) []string {
	name := taskName(r)
	a.queued = append(a.queued, name)
	if i := slices.Index(before, name); i >= 0 {
		return slices.Delete(slices.Clone(before), i, i+1)
	}
	switch {
	case a.doing != "":
		a.say(name + " is woken by " + a.doing)
		a.own(r)
	case timeout:
		a.say(name + " is woken by its timer")
	default:
		a.say(name + " is woken from outside of the loop")
	}
	return before
}

// own takes note of a task's session, if it has one.
func (a *tale) own(r core.Runner) {
	if s, ok := r.(interface{ Peer() core.Peer }); ok {
		a.touch(int(s.Peer().Label))
	}
}

func (a *tale) touch(label int) {
	if !slices.Contains(a.touched, label) {
		a.touched = append(a.touched, label)
	}
}

// changes tells what is not as it was of a session.
func (a *tale) changes(label int) {
	if a.view == nil {
		return
	}
	was, now := a.known[label], slices.DeleteFunc(a.view(label), func(n Note) bool { return !n.Flags })
	if len(now) == 0 && len(was) > 0 {
		a.say(fmt.Sprintf("session %d is gone", label))
	}
	a.known[label] = now
	for i, n := range now {
		before := "-" // as no flags are printed
		if i < len(was) {
			before = was[i].Value
		}
		if n.Value != before {
			a.say(fmt.Sprintf("session %d %s: %s -> %s", label, n.Name, before, n.Value))
		}
	}
}

// woven are the lines of steps, of which the first has a number, with what was told before
// each of them, behind a mark, and at the end.
func woven(steps []traces.Step, first uint64, told []turn, mark string, line func(s *traces.Step, n uint64) string) (lines []string) {
	for len(told) > 0 && told[0].before < first {
		told = told[1:]
	}
	for i := range steps {
		n := first + uint64(i)
		for len(told) > 0 && told[0].before == n {
			lines, told = append(lines, mark+told[0].what), told[1:]
		}
		lines = append(lines, line(&steps[i], n))
	}
	for _, t := range told {
		lines = append(lines, mark+t.what)
	}
	return lines
}

// printWoven prints a trace with its steps, and as comments what was told between them: it
// can still be read and played.
func printWoven(out io.Writer, t *traces.Trace, first uint64, told []turn) error {
	head := *t
	head.Steps, head.Recorded = nil, nil // whose checksum is of other lines
	if _, err := out.Write(head.AppendText(nil)); err != nil {
		return err
	}
	for _, l := range woven(t.Steps, first, told, "# ", func(s *traces.Step, _ uint64) string { return s.String() }) {
		if _, err := fmt.Fprintln(out, l); err != nil {
			return err
		}
	}
	return nil
}
