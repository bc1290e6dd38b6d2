package properties

import "millrace/traces"

// What tests of another package, which has a program, see of this one.

var DocText = docText

// Circling tells the checker of a round, at a time and with so many bytes moved.
func (w *World) Circling(now, bytes uint64) { w.check.circling(now, bytes) }

// Unlike runs the trace of the run that w just made once more, in a new world.
func (w *World) Unlike(t *traces.Trace) *Failure { return w.unlike(t) }

// Guarded has f done in a world that was just begun.
func (w *World) Guarded(f func()) { w.begin(); w.guard(f) }

// Again is how many runs were made twice.
func (w *World) Again() uint64 { return w.totals.Again }
