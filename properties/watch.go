package properties

import (
	"io"

	"millrace/core"
	"millrace/sim"
	"millrace/traces"
)

// Options are the ways to run a world.
type Options struct {
	// Record keeps the steps: all if negative, else that many of the last.
	Record int
	// Turns keeps the last turns and tasks too, for a run that is recorded.
	Turns bool
	// Changes keeps what came of them too: which tasks were woken, by whom, and which flags
	// changed.
	Changes bool
	// Ciphers records what came of the program's ciphers too, where it has some and says so
	// (see World.CipherRecorder): what is sent through one can be told from its handshake.
	Ciphers bool
	// Lines keeps where in the program each step was asked for.
	Lines bool
	// Journal, unless nil, gets a line for each decision and each step at once: for a
	// run that does not come back.
	Journal io.Writer
	// Survey, unless nil, gets each question that comes up in the run, behind what it has.
	Survey *[]sim.Question
	// Sights, unless nil, get what is seen of the states that the run goes through.
	Sights *Sights
	// Order, unless nil, says in which order those run who are due at one time.
	Order *sim.Lineup
	// After, unless nil, is called behind each step, and says whether to go on. A run that
	// does not is over where it is, and nobody looks at its end.
	After func() (more bool)
	// Watch, unless nil, hears of everything; not together with Lines, Sights or Journal.
	Watch Watcher
}

// asks says that more is wanted of a run than how it ends, and what was called: it is made once.
func (o *Options) asks() bool {
	return o.Survey != nil || o.Sights != nil || o.Order != nil || o.After != nil || o.Watch != nil
}

// Watcher hears of a run while it goes on. It may look at all of the world, and must
// change nothing: a run that is watched is the same run.
type Watcher interface {
	// Decided hears of a choice that was not benign, before it has any effect.
	Decided(d sim.Decision)
	// Called hears of a call of the program's that was answered, and of each line of a
	// wait's report. What the program makes of it is still to come.
	Called(s traces.Step)
	// Stepped is called when one of the world's processes has run: a peer, a delivery, or a
	// round of the program, with all its calls.
	Stepped()
}

// Listener is a Watcher that hears of texts too.
type Listener interface {
	// Moved hears of the beginning of the text that a call moved, quoted behind a blank, in front of
	// Called; "" if it moved none, or no peer talks.
	Moved(text string)
}

// Note is one thing that there is to see of a program: what it is called, and what it is.
type Note struct {
	Name, Value string
	Flags       bool // a state, or flags, of which it is told how they change
}

// Viewer is a Running that shows what it knows of a session, for who steps through a run.
// Names that begin with "front " or "back " are of one of its connections; of these "want",
// "ready" and "polled" are sets of R and W, as core.Wish prints them.
type Viewer interface {
	View(label int) []Note
}

// Directions are those that a poller is asked for by a registration: R for IN, W for OUT.
func Directions(e core.Events) (w core.Wish) {
	if e.Any(core.EvIn) {
		w |= core.R
	}
	if e.Any(core.EvOut) {
		w |= core.W
	}
	return w
}

// Position says how far the peer is in its script: the number of the act that it is at,
// from 0, and the act, "" if none is left.
func (p *Peer) Position() (at int, act string) {
	if p.pc >= len(p.Script) {
		return p.pc, ""
	}
	return p.pc, p.Script[p.pc : p.pc+1].String()
}
