package properties

import (
	"millrace/sim"
	"millrace/traces"
)

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

// AsBytes returns in how many worlds of seeds below n nothing changes when their decisions
// are made bytes and read back.
func (p *Program) AsBytes(n uint64) (same int) {
	w, alphabet := NewWorld(p), p.alphabet()
	for seed := range n {
		t, src := p.Generate(seed)
		w.Run(t, src, Options{})
		hash := w.hash
		t.Decisions = p.decode(alphabet, t, encode(alphabet, w.Decisions()))
		w.Run(t, w.source(t), Options{})
		same += b2i(w.hash == hash)
	}
	return same
}

// BeginWithNothing has a fuzzer begin with a world in which nothing happens.
func BeginWithNothing() { fuzzSeeds = 0 }

// ShortHunts makes guided hunts as short as a test can afford.
func ShortHunts() { guidedWorlds = 800 }

// Shows says whether a world of the corpus shows something.
func (c *Corpus) Shows(what uint64) bool { return c.first[what] != "" }

// Ends returns how all runs of a small world end, and in how many of them something was
// wrong: found by going through all of them, or through those that come to no state that
// was there before.
func (w *World) Ends(t *traces.Trace, accidents int, all bool) (ends map[string]bool, small Small, runs uint64) {
	ends = map[string]bool{}
	e := newExplorer(w, t, accidents, func(f *traces.Trace) bool { ends[Identity(f)] = true; return true })
	e.apart = all
	e.ended = func() {
		for label := range t.Sessions {
			ends[e.run.Story(label)] = true
		}
	}
	e.all()
	return ends, e.small, w.totals.Worlds
}

// Strange goes through all orders of a small world, and then through so many drawn ones. It
// returns in how many states of these it never was, and how many different ones they came to.
func (w *World) Strange(t *traces.Trace, drawn uint64) (strange, met int) {
	e := newExplorer(w, t, 0, func(*traces.Trace) bool { return true })
	e.all()
	all := map[uint64]bool{}
	e.run, e.any = NewWorld(w.program), false
	for seed := range drawn {
		order := sim.Lineup{First: sim.NewRand(seed).Intn}
		e.run.quiet = append(e.run.quiet, e.quiet...)
		e.run.Run(t, sim.Benign{}, Options{Order: &order, After: func() bool {
			if state := e.state(); !all[state] {
				all[state] = true
				strange += b2i(e.seen.left(state) < 0)
			}
			return true
		}})
	}
	return strange, len(all)
}

// All is what the worlds show that are there.
func (c *Corpus) All() map[uint64]bool {
	all := map[uint64]bool{}
	for _, shows := range c.shows {
		for _, what := range shows {
			all[what] = true
		}
	}
	return all
}
