package properties

import (
	"slices"
	"time"
	"unsafe"

	"millrace/sim"
	"millrace/traces"
)

// maxSmall bounds the questions of a world without accidents, for each of its sessions.
const maxSmall = 1000

// explorer goes through all runs of one scenario, depth first, and leaves each where it
// comes to a state that was there before. It cannot go back, so it begins each run anew and
// follows the path that it has come.
type explorer struct {
	w       *World
	t       *traces.Trace
	budget  int // accidents in a run
	tell    func(*traces.Trace) bool
	may     sim.Rates
	quiet   []quiet
	order   sim.Lineup
	path    []fork
	pos     int
	known   int // forks that the run before has made
	left    int // accidents that are left in this run
	cyclic  bool
	gone    []sim.Decision // grave accidents of this run
	any     bool           // there was an accident
	seen    states
	stack   []visit // states of this run
	digest  *digester
	over    bool
	bounds  Bounds
	since   time.Time
	unended bool // there were too many states
	small   Small
	run     *World // of all runs
	apart   bool   // no two states are the same
	ended   func() // a run has come to its end, unless nil
}

// fork is a place where a run may go on in several ways.
type fork struct{ way, ways int }

// visit is a state that the path has led to, behind so many forks.
type visit struct {
	state uint64
	forks int
}

// Exhaust goes through all orders in which those can run who are due at one time, and all
// accidents that can strike a scenario, at most so many in one run, within w.Bounds: each that has a name,
// and of numbers the least, half, and all but one. That others run in the middle of a call,
// that a segment is late, and whatever else is no fault and not benign, are accidents too.
// What two states have in common has to happen to them: of those that are the same only the
// first is gone on from, and a state is all that the world, the program and the checks know
// (see digester). No two steps are taken to be independent, since none was shown to be:
// what commutes meets again in the same state, a step later.
//
// It tells the failing traces, and says what it has tried in the totals.
func (w *World) Exhaust(t *traces.Trace, accidents int, tell func(*traces.Trace) (more bool)) {
	e := newExplorer(w, t, accidents, tell)
	e.all()
	w.totals.Claim.Small.add(&e.small)
}

func newExplorer(w *World, t *traces.Trace, accidents int, tell func(*traces.Trace) bool) *explorer {
	e := &explorer{w: w, t: t, budget: accidents, tell: tell, may: w.program.may(t), digest: newDigester(true), bounds: w.Bounds, since: time.Now()}
	e.small = Small{Sessions: len(t.Sessions), Accidents: accidents}
	e.order.First = e.fork
	return e
}

// large says that a scenario is not begun: it is too large, or there is something in it that
// nobody can look into.
func (e *explorer) large() bool {
	for _, s := range e.t.Sessions {
		if s.Client.Has(traces.Do) || s.Server.Has(traces.Do) {
			e.small.Opaque = "the stack of a deed"
		}
	}
	if e.w.program.Main != nil {
		e.small.Opaque = "the stack of a function"
	}
	w := NewWorld(e.w.program)
	var asked []sim.Question
	w.Run(e.t, sim.Benign{}, Options{Survey: &asked})
	w.still(e.t, true, nil)
	e.quiet = slices.Clone(w.quiet)
	return e.small.Opaque != "" || len(asked) > maxSmall*len(e.t.Sessions)
}

// all tries all runs, unless there are too many, or one that failed is enough.
func (e *explorer) all() {
	if e.large() {
		e.small.Large = 1
		return
	}
	for more := true; more; more = e.next() {
		if e.world(); e.over || e.unended || e.digest.opaque != "" {
			break
		}
	}
	switch {
	case e.digest.opaque != "":
		e.small.Opaque, e.small.Large = e.digest.opaque, 1
	case e.unended || e.over:
		e.small.GivenUp, e.small.Unended = 1, uint64(e.seen.n)
	default:
		e.small.Scenarios, e.small.States = 1, uint64(e.seen.n)
	}
}

// next goes back to the last fork at which there is another way.
func (e *explorer) next() bool {
	for n := len(e.path); n > 0; n-- {
		if f := &e.path[n-1]; f.way+1 < f.ways {
			f.way++
			e.path = e.path[:n]
			for len(e.stack) > 0 && e.stack[len(e.stack)-1].forks >= n {
				e.stack = e.stack[:len(e.stack)-1]
			}
			return true
		}
	}
	return false
}

// fork is a place with several ways. The first one is the benign one, and taken first.
func (e *explorer) fork(ways int) int {
	if e.pos < len(e.path) {
		e.pos++
		return e.path[e.pos-1].way
	}
	if e.cyclic {
		return 0
	}
	e.path = append(e.path, fork{0, ways})
	e.pos++
	return 0
}

// Choose implements sim.Source.
func (e *explorer) Choose(a sim.Actor, op sim.Op, ord uint32, n int) int {
	if e.left == 0 || e.may[op] == 0 || op == sim.OpRank || op == sim.OpPriority || op == sim.OpDemote {
		return 0
	}
	answers := sim.Question{Actor: a, Op: op, Ord: ord, N: n}.Answers(nil)
	if op.Victim() {
		answers = answers[:0]
		for v := 1; v < n; v++ {
			answers = append(answers, sim.Accident{Val: v})
		}
	}
	way := e.fork(1 + len(answers))
	if way == 0 {
		return 0
	}
	e.left--
	v := answers[way-1].Val
	if d := (sim.Decision{Actor: a, Op: op, Val: v}); grave(d) {
		e.gone = append(e.gone, d)
		e.run.quiet = e.run.quiet[:0] // what happened explains what is heard
	}
	e.any = true
	return v
}

// after looks where a run is behind a step, and says whether to go on.
func (e *explorer) after() bool {
	if e.pos < e.known || e.cyclic {
		return true // it was here before
	}
	state := e.state()
	if e.digest.opaque != "" {
		return false
	}
	if e.seen.left(state) >= e.left && !e.apart {
		// Who comes back to where he was has nothing new before him but to go round in
		// circles. Whether that is for ever is seen by who goes on.
		e.cyclic = slices.ContainsFunc(e.stack, func(v visit) bool { return v.state == state })
		return e.cyclic
	}
	if e.unended = e.bounds.over(e.seen.n, e.since); e.unended {
		return false
	}
	e.seen.put(state, e.left)
	e.stack = append(e.stack, visit{state, e.pos})
	return true
}

// state is all that what comes can depend on, and what will be said of it: the state of the
// world, what the program's checks know, and of the accidents so far that somebody was hit,
// or that something of his was lost, which explains what he will not hear.
func (e *explorer) state() uint64 {
	w := e.run
	hash := w.whole(e.digest)
	for _, flag := range [...]bool{w.drained, w.stopped, w.deserted, len(w.quiet) > 0, e.any, w.choked()} {
		hash = sim.Mix(hash<<1 | uint64(b2i(flag)))
	}
	sum := uint64(w.reloads)
	for _, d := range e.gone {
		lost := d.Op == sim.OpHole || d.Op == sim.OpPartition || d.Op == sim.OpRstLost
		sum += sim.Mix(uint64(d.Actor)<<1 | uint64(b2i(lost))) // in whatever order
	}
	return sim.Mix(hash ^ sum)
}

// whole is the state of the world, what is under way in it, byte by byte, and what is known of
// its past.
func (w *World) whole(d *digester) uint64 {
	holders, roots := w.State()
	d.of(holders, append(roots, w.Books()...))
	for i := range w.clients {
		d.underway(&w.clients[i])
	}
	for _, s := range w.servers {
		d.underway(s)
	}
	return sim.Mix(d.hash)
}

// underway adds what a peer's connection holds, either way.
func (d *digester) underway(p *Peer) {
	if p.Sock == nil {
		return
	}
	for _, s := range [...]*sim.Stream{p.Sock.In(), p.Sock.Out()} {
		d.bytes = s.AppendHeld(d.bytes[:0])
		d.memory(unsafe.Pointer(unsafe.SliceData(d.bytes)), uintptr(len(d.bytes)))
	}
}

// WholeDigest is Digest, of the payload and of the books of the checks too: who takes two
// runs for the same may go on with one of them. opaque is the type of what nobody can look
// into, if there is such a thing: then it may not.
func (w *World) WholeDigest() (state uint64, opaque string) {
	d := newDigester(true)
	state = w.whole(d)
	return state, d.opaque
}

// Books returns what is known of the past of the world and of its program, and is no part
// of their state.
func (w *World) Books() []any {
	books := []any{&w.out}
	for v := range w.alive {
		books = append(books, &v.slow, &v.deaths)
		if !w.program.House { // see ticks.next
			books = append(books, &v.ticks)
		}
		if p, ok := v.prog.(Bookish); ok {
			books = append(books, p.Books()...)
		}
	}
	return books
}

// world makes one run.
func (e *explorer) world() {
	if e.run == nil {
		// One for all runs. What lies in its memory of others, such as bytes in a buffer behind
		// those that it holds, may tell states apart that are one, and makes none the same.
		e.run = NewWorld(e.w.program)
	}
	w := e.run
	e.pos, e.known, e.left, e.cyclic, e.gone, e.any = 0, len(e.path), e.budget, false, e.gone[:0], false
	e.order.Reset()
	w.quiet = append(w.quiet, e.quiet...)
	e.w.another(e.t)
	f := w.Run(e.t, e, Options{Journal: e.w.Journal, Order: &e.order, After: e.after})
	e.w.totals.Hash += sim.Mix(w.hash)
	w.totals.Hash = 0
	w.Flush(&e.w.totals)
	switch {
	case f != nil:
		e.failed(f)
	case !w.left && e.ended != nil:
		e.ended()
	}
}

// failed tells a world that failed, as it is when its order is one of ranks.
func (e *explorer) failed(f *Failure) {
	t := *e.t
	t.Decisions = slices.Clone(e.run.Decisions())
	ranks, _ := e.order.Ranks()
	t.Decisions = append(t.Decisions, ranks...)
	t.Comments = append(slices.Clone(e.t.Comments), "one of all small worlds")
	t.Fail = f.Line()
	w := NewWorld(e.w.program)
	if again := w.Replay(&t, Options{}); again == nil {
		t.Fail = (&Failure{ID: unrepeatable, Where: "world", What: "with an order that cannot be said: " + f.Line()}).Line()
	} else {
		t.Decisions, t.Fail = slices.Clone(w.Decisions()), again.Line()
		if unlike := w.unlike(&t); unlike != nil {
			t.Fail = unlike.Line()
		}
	}
	e.small.Failures++
	e.over = !e.tell(&t)
}
