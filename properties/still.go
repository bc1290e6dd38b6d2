package properties

import (
	"io"

	"millrace/sim"
	"millrace/traces"
)

// Harmless accidents change when something happens, and never what: where there are no
// others, a session's peers hear what they hear when nothing happens at all. Unlike a
// spared session, of which everything is known, this one may be whatever the program makes
// of it; it has to be the same.

// still runs a trace in a world in which nothing happens, and keeps the stories of the
// sessions that must be the same in the next run, where only what is harmless happens.
func (w *World) still(t *traces.Trace, harmless bool, journal io.Writer) {
	some := false
	for label := range t.Sessions {
		some = some || harmless && w.steady(t, label)
	}
	if !some {
		return
	}
	before := w.totals
	if w.Run(t, sim.Benign{}, Options{Journal: journal}) == nil {
		for label := range t.Sessions {
			story := ""
			if w.steady(t, label) {
				story = w.Story(label)
			}
			w.quiet = append(w.quiet, story)
		}
	}
	w.totals = before
}

// steady says whether a session's story must not depend on when things happen.
func (w *World) steady(t *traces.Trace, label int) bool {
	steady := w.program.Steady
	if steady == nil {
		steady = w.program.Calm
	}
	return (steady == nil || steady(t, label)) && w.program.both(t, label, even)
}

// even says whether what a peer hears, and what is heard of it, does not depend on when.
// With two who do not read before they have got rid of what they send it does: on how much
// there was room for.
func even(s traces.Script, comes int64) bool { return stays(s, comes) && !s.Has(traces.Hold) }

// same compares the stories of a world that has come to its end with those of the world
// where nothing happened.
func (c *contract) same() {
	w := c.w
	if c.harsh {
		return
	}
	for label, want := range w.quiet {
		if want == "" || c.hit[label] {
			continue
		}
		w.totals.Compared++
		if got := w.Story(label); got != want {
			w.Breach("I81", "session", "session %d: %s; and when nothing happens: %s", label, got, want)
		}
	}
}

// grave says that a decision may change what happens, and not only when.
func grave(d sim.Decision) bool {
	return !d.Op.Mild() && (d.Op != sim.OpConnect || d.Val != sim.ConnectAtOnce)
}

// gentle says whether accidents that are drawn at such rates are harmless, and whether
// there are any.
func gentle(rates *sim.Rates) bool {
	some := false
	for op := range sim.NumOps {
		if rates[op] != 0 && !op.Mild() {
			return false
		}
		some = some || rates[op] != 0 && op.Fault()
	}
	return some
}
