package properties

import (
	"fmt"
	"io"
	"strings"

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
	if w.Run(t, sim.Benign{}, Options{Journal: journal}) == nil && !w.stopped {
		for label, out := range w.Outcomes() {
			q := quiet{told: w.told(label), out: out}
			q.known = w.steady(t, label) && !w.peers.late[label] && !w.several(label)
			w.quiet = append(w.quiet, q)
		}
	}
	w.totals = before
}

// quiet is how a session ends when nothing happens.
type quiet struct {
	known bool // and must end in the same way when something does
	told  string
	out   Outcome
}

// steady says whether a session's story must not depend on when things happen.
func (w *World) steady(t *traces.Trace, label int) bool {
	steady := w.program.Steady
	switch {
	case steady != nil:
	case w.program.Together:
		return false
	default:
		steady = w.program.Calm
	}
	return (steady == nil || steady(t, label)) && w.program.both(t, label, even)
}

// even says whether what a peer hears, and what is heard of it, does not depend on when.
// With two who do not read before they have got rid of what they send it does: on how much
// there was room for. And so does who is blamed where nobody ends the session.
func even(s traces.Script, comes int64) bool {
	return stays(s, comes) && !s.Has(traces.Hold) && s.Has(traces.ShutW, traces.Close, traces.Say)
}

// several says that a program that Dials made several connections of one session: which of them
// comes first, and does what, may well depend on when things happen.
func (w *World) several(label int) bool {
	first := w.ends[label]
	return w.program.Dials && first != nil && first.beside != nil
}

// same compares the stories of a world that has come to its end with those of the world
// where nothing happened.
func (c *contract) same() {
	w := c.w
	if c.harsh {
		return
	}
	outcomes := w.Outcomes()
	for label := range w.quiet {
		q := &w.quiet[label]
		if !q.known || c.hit[label] || c.late[label] || w.several(label) {
			continue
		}
		w.totals.Compared++
		what := outcomes[label].unlike(&q.out)
		if told := w.told(label); told != q.told {
			what = append(what, fmt.Sprintf("the program says %q, and %q without", told, q.told))
		}
		if len(what) > 0 {
			w.Breach("I81", "session", "session %d is another one with harmless accidents than without any: %s%s", label, strings.Join(what, "; "), w.mayDiffer())
		}
	}
}

// mayDiffer is what a stranger's program can do about sessions that may well differ.
func (w *World) mayDiffer() string {
	if p := w.program; p.House || p.Steady != nil {
		return ""
	}
	return "; if that is right, since it depends on what others do, or on when, the program is Together, or says of which sessions it is not, with Steady"
}

// unlike lists how an outcome differs from another one.
func (o *Outcome) unlike(p *Outcome) (what []string) {
	count := func(text string, a, b int64) {
		if a != b {
			what = append(what, fmt.Sprintf(text, a, b))
		}
	}
	count("the client sends %d bytes, and %d without", o.UpSent, p.UpSent)
	count("the client gets %d bytes, and %d without", o.DownGot, p.DownGot)
	count("the server sends %d bytes, and %d without", o.DownSent, p.DownSent)
	count("the server gets %d bytes, and %d without", o.UpGot, p.UpGot)
	end := func(who string, eof, rst, wasEOF, wasRst bool) {
		if eof != wasEOF || rst != wasRst {
			what = append(what, fmt.Sprintf("the %s gets %s, and %s without", who, ending(eof, rst), ending(wasEOF, wasRst)))
		}
	}
	end("client", o.ClientEOF, o.ClientRst, p.ClientEOF, p.ClientRst)
	end("server", o.ServerEOF, o.ServerRst, p.ServerEOF, p.ServerRst)
	return what
}

// ending names how a stream ended for who gets it.
func ending(eof, rst bool) string {
	switch {
	case rst:
		return "a reset"
	case eof:
		return "its end"
	}
	return "no end"
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
