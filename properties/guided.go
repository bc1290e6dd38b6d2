package properties

import (
	"fmt"
	"slices"

	"millrace/sim"
	"millrace/traces"
)

// guidedWorlds is how many worlds a guided hunt of one seed has, beside those that its corpus
// brings along.
var guidedWorlds = 4000

const (
	// drawn is that one world in so many is drawn and not made of another one, and
	// firstDrawn how many are before there is anything to go by.
	drawn, firstDrawn = 4, 500
	// maxAsked is how many questions a world may have had to go on from it. What large worlds
	// show is seen in smaller ones too, of which there are many more in the same time.
	maxAsked = 3000
	// rare is how many things that were seen are looked at, to go on from what was seen
	// least.
	rare = 4
)

// Kept is a world that showed something which none had before it in a guided hunt.
type Kept struct {
	Trace []byte   // its text
	Shows []uint64 // what was new, see Sights
}

// guided is a hunt that goes on from worlds in which there was something new to see.
type guided struct {
	w      *World
	r      *sim.Rand
	seed   uint64
	n      int // worlds so far
	tell   func(*traces.Trace) bool
	over   bool
	sights Sights
	asked  []sim.Question
	pool   []parent
	known  map[uint64]int // what was seen, to its place in the list
	list   []seen
}

// parent is a world to go on from.
type parent struct {
	t     *traces.Trace
	asked []sim.Question
}

// seen is something that was seen in worlds.
type seen struct {
	first  int // the place of the first one in the pool
	worlds int // how many there were
	last   int // the number of the last one
}

// guided hunts from one seed on, for as many worlds as it has, and keeps those that showed
// something new. It begins with the worlds of the corpus. The same seed and the same corpus
// are the same hunt.
func (w *World) guided(seed uint64, tell func(*traces.Trace) (more bool)) {
	g := guided{w: w, r: sim.NewRand(seed), seed: seed, tell: tell, known: map[uint64]int{}}
	w.totals.Guided++
	for _, t := range w.Corpus {
		g.run(t, nil)
	}
	own := len(g.pool)
	for range guidedWorlds {
		if g.over {
			break
		}
		g.world()
	}
	shows := make([][]uint64, len(g.pool))
	for what, at := range g.known {
		first := g.list[at].first
		shows[first] = append(shows[first], what)
	}
	for i := own; i < len(g.pool); i++ {
		slices.Sort(shows[i]) // a map has no order
		w.totals.Kept = append(w.totals.Kept, Kept{Trace: g.pool[i].t.AppendText(nil), Shows: shows[i]})
	}
}

// world runs one more world.
func (g *guided) world() {
	if g.n < firstDrawn || len(g.pool) == 0 || g.r.Intn(drawn) == 0 {
		t, src := g.w.program.Generate(uint64(g.r.Intn(1 << 62)))
		g.run(t, src)
		return
	}
	of, other := &g.pool[g.pick()], &g.pool[g.r.Intn(len(g.pool))]
	t := *of.t
	m := mutant{p: g.w.program, r: g.r, t: of.t, asked: of.asked}
	t.Decisions = m.mutate(other.t)
	t.Fail = ""
	g.run(&t, nil)
}

// pick returns the place of a world in the pool: the first one that showed what was seen in
// the fewest worlds, of a few things.
func (g *guided) pick() int {
	best := g.list[g.r.Intn(len(g.list))]
	for range rare - 1 {
		if s := g.list[g.r.Intn(len(g.list))]; s.worlds < best.worlds {
			best = s
		}
	}
	return best.first
}

// run runs a world, with its own decisions if there is no source, and keeps it if there was
// something new to see in it.
func (g *guided) run(t *traces.Trace, src *sim.Seeded) {
	w := g.w
	g.n++
	w.another(t)
	before := w.totals.Reach
	g.asked = g.asked[:0]
	opts := Options{Journal: w.Journal, Survey: &g.asked, Sights: &g.sights}
	var f *Failure
	if src != nil {
		w.still(t, gentle(&src.Rates), w.Journal)
		f = w.Run(t, src, opts)
	} else {
		f = w.Replay(t, opts)
	}
	w.totals.Hash += sim.Mix(w.hash ^ sim.Mix(g.seed+uint64(g.n)))
	g.sights.situations(&before, &w.totals.Reach)
	if f != nil {
		g.failed(t, f)
		return
	}
	may := w.program.may(t)
	g.asked = slices.DeleteFunc(g.asked, func(q sim.Question) bool { return may[q.Op] == 0 })
	if len(t.Sessions) > 0 && len(g.asked) <= maxAsked && g.look() {
		k := *t
		k.Decisions = slices.Clone(w.Decisions())
		k.Comments = []string{fmt.Sprintf("seed %#x, world %d of a guided hunt", g.seed, g.n)}
		g.pool = append(g.pool, parent{&k, slices.Clone(g.asked)})
	}
}

// look counts what was seen in the world that has just run, and says whether any of it was
// new.
func (g *guided) look() (news bool) {
	for _, what := range g.sights.Seen {
		at, known := g.known[what]
		if !known {
			at = len(g.list)
			g.known[what] = at
			g.list = append(g.list, seen{first: len(g.pool)})
			news = true
		}
		if s := &g.list[at]; s.last != g.n {
			s.last = g.n
			s.worlds++
		}
	}
	return news
}

// failed tells a world that failed, if it does so again.
func (g *guided) failed(t *traces.Trace, f *Failure) {
	k := *t
	k.Decisions = slices.Clone(g.w.Decisions())
	k.Comments = []string{fmt.Sprintf("seed %#x, world %d of a guided hunt", g.seed, g.n)}
	if unlike := g.w.unlike(&k); unlike != nil {
		f = unlike
	}
	k.Fail = f.Line()
	g.over = !g.tell(&k)
}
