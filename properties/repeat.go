package properties

import (
	"fmt"
	"strings"
	"time"

	"millrace/sim"
	"millrace/traces"
)

// unrepeatable is the invariant that a run is the same wherever it runs.
const unrepeatable = "I64"

// again runs a trace as whoever gets its file will: in a new world, from its text, and
// compared with a world where nothing happens if the run before was.
func (w *World) again(t *traces.Trace) (*World, error) {
	back, err := traces.Parse("printed", t.AppendText(nil))
	if err != nil {
		return nil, err
	}
	other := NewWorld(w.program)
	opts := w.compares(Options{}, w.rec != nil)
	if w.compared {
		other.Replay(back, opts)
	} else {
		other.Run(back, other.source(back), opts)
	}
	return other, nil
}

// unlike runs the trace of the run that w just made once more, and returns how that
// is another run; nil if it is the same.
func (w *World) unlike(t *traces.Trace) *Failure {
	w.totals.Again++
	other, err := w.again(t)
	f := &Failure{ID: unrepeatable, Where: "world", At: w.sim.Now()}
	switch {
	case err != nil:
		f.What = "the text of its trace does not parse: " + err.Error()
	case other.hash == w.hash:
		return nil
	default:
		f.What = parted(w, other, t)
	}
	return f
}

// parted says where two runs of a trace part, of which the second was in a new world.
func parted(used, fresh *World, t *traces.Trace) string {
	a, b := used.sim.Trail(), fresh.sim.Trail()
	step := 0
	for step < len(a) && step < len(b) && a[step] == b[step] {
		step++
	}
	what := fmt.Sprintf("here it %s (%016x), and in a new world, from its text, it %s (%016x): ",
		outcome(used.fail), used.hash, outcome(fresh.fail), fresh.hash)
	if !used.program.House { // in front, since the rest may be long
		what += "mostly that is the order of a map, the time of day, a goroutine or chance; "
	}
	what += calls(used, fresh)
	switch {
	case step == len(b) && step == len(a):
		what += "all steps are the same, and what the program does behind the last one is not"
	case step == len(b):
		what += fmt.Sprintf("there it ends after step %d", step)
	default:
		who, at := fresh.at(t, step)
		what += fmt.Sprintf("step %d is another, there of %s at %s", step+1, who, time.Duration(at-sim.Epoch))
	}
	return what
}

// at runs a trace up to a step, and says who runs in it, and when.
func (w *World) at(t *traces.Trace, step int) (sim.Actor, sim.Time) {
	w.within(func() {
		w.begin()
		w.guard(func() {
			w.reset(t, w.source(t), Options{})
			for w.ahead(); w.sim.Step() && len(w.sim.Trail()) <= step; w.ahead() {
			}
		})
		w.Abandon()
	})
	return w.sim.Running(), w.sim.Now()
}

// Elusive is the trace of a failure among the worlds of some seeds that did not come
// back when they were run again.
func (p *Program) Elusive(seed, n uint64, what string) *traces.Trace {
	t, _ := p.Generate(seed)
	t.Fail = oneLine(fmt.Sprintf("%s world: %s, and not again", unrepeatable, what))
	t.Comments = []string{
		fmt.Sprintf("seed %#x", seed),
		replayed + p.hunt(seed, n, false),
	}
	return t
}

func outcome(f *Failure) string {
	if f == nil {
		return "passes"
	}
	return "fails with " + f.Identity()
}

// longHistory is how many worlds before one are tried as the cause of its being
// another.
const longHistory = 256

// history returns the command that shows that a seed's world is another one behind
// others: with as few of these as will do.
func (p *Program) history(seed uint64) string {
	fresh := NewWorld(p)
	t, src := p.Generate(seed)
	fresh.Run(t, src, Options{})
	n := uint64(1)
	for ; n < longHistory && n <= seed; n *= 2 {
		w := NewWorld(p)
		for s := seed - n; s <= seed; s++ {
			t, src := p.Generate(s)
			w.Run(t, src, Options{})
		}
		if w.hash != fresh.hash {
			break
		}
	}
	n = min(n, seed)
	return p.hunt(seed-n, n+1, true)
}

// compares has a run of a stranger's program, which is run twice, write down its calls: one
// that is not the same twice nobody can run a third time to see where the two part.
func (w *World) compares(o Options, twice bool) Options {
	if twice && !w.program.House {
		o.Record, o.Lines = -1, true
	}
	return o
}

// calls says which is the first call of the program's in which two runs differ, "" if they
// were not written down.
func calls(a, b *World) string {
	if a.rec == nil || b.rec == nil {
		return ""
	}
	here, there := a.Steps(), b.Steps()
	for i := 0; i < max(len(here), len(there)); i++ {
		x, y := "none", "none"
		if i < len(here) {
			x = a.call(here[i], i)
		}
		if i < len(there) {
			y = b.call(there[i], i)
		}
		if x != y {
			return fmt.Sprintf("the first call that differs is number %d: here %s, and there %s; ", i+1, x, y)
		}
	}
	return ""
}

// call is a step, and the place in the program that asked for it.
func (w *World) call(s traces.Step, i int) string {
	return strings.Join(strings.Fields(w.located(s.String(), uint64(i))), " ")
}
