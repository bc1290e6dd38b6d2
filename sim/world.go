package sim

// Time is virtual time in nanoseconds. It starts at Epoch, since 0 as a deadline
// means never.
type Time int64

// Epoch is when every world begins.
const Epoch Time = 1e6

// Spans, in the unit of Time.
const (
	Microsecond Time = 1e3
	Millisecond Time = 1e6
	Second      Time = 1e9
)

// Process is something that runs at points in time. Its agent may be shared
// with whatever else the same actor does.
type Process interface {
	Run()
}

// Proc is a Process's place in a world.
type Proc struct {
	Agent *Agent
	run   Process
	slot  int32 // place in the heap + 1, 0 = not scheduled
	prio  int32 // lasting rank
	drawn bool
	call  int32 `digest:"-"` // the activation's place in a Lineup, which is of the past
}

// Init binds the process and its agent. It must not be scheduled.
func (p *Proc) Init(run Process, a *Agent) { *p = Proc{Agent: a, run: run} }

// Scheduled says whether the process is going to run.
func (p *Proc) Scheduled() bool { return p.slot != 0 }

// World is a clock, a heap of what happens next, and the choices.
type World struct {
	Choices Choices
	now     Time
	seq     uint64 `digest:"-"`
	heap    []entry
	trail   []uint32 `digest:"-"` // the hash after each step
	running Actor    `digest:"-"` // and who does next is another one
	racing  bool
	// Due, set by who runs the program under test, is when it has something to do by
	// itself; 0 if it has not.
	Due Time
	// Lineup, unless nil, is asked for the order of those who are due at one time, which is
	// not to be drawn then. Reset takes it away.
	Lineup *Lineup `digest:"-"`
}

// Reset starts over at Epoch, keeping memory. Every Proc must be initialised
// again.
func (w *World) Reset(src Source) {
	clear(w.heap)
	c := w.Choices
	*w = World{now: Epoch, heap: w.heap[:0], trail: w.trail[:0]}
	w.Choices.Taken = c.Taken
	w.Choices.reset(src, &w.now)
}

// Now returns the virtual time.
func (w *World) Now() Time { return w.now }

// Steps returns how many processes have run.
func (w *World) Steps() uint64 { return uint64(len(w.trail)) }

// Running returns the actor whose process runs, or ran last.
func (w *World) Running() Actor { return w.running }

// Note makes x part of the run's hash: whoever answers the program under test
// notes the answers.
func (w *World) Note(x uint64) { w.Choices.note(x) }

// Hash is a number that two runs have in common only if the same was asked, of
// the same number of possibilities, and answered and noted the same, in the same
// order and at the same times.
func (w *World) Hash() uint64 { return Mix(w.Choices.hash) }

// Trail returns what the hash was after each step, shortened: where two runs part
// is the first entry in which theirs differ. The slice is the world's own.
func (w *World) Trail() []uint32 { return w.trail }

// numRanks is how many ranks there are: enough to order what is due at one time.
const numRanks = 16

// Wake makes p run at a time, or earlier if it already was to.
func (w *World) Wake(p *Proc, at Time) {
	at = max(at, w.now)
	if p.slot != 0 {
		e := &w.heap[p.slot-1]
		if at >= e.at {
			return
		}
		e.at = at
		w.up(int(p.slot) - 1)
		return
	}
	if !p.drawn {
		p.drawn = true
		p.prio = int32(p.Agent.Choose(OpPriority, numRanks))
	}
	if d := p.Agent.Choose(OpDemote, numRanks); d != 0 {
		p.prio = int32(d)
	}
	rank := p.prio + int32(p.Agent.Choose(OpRank, numRanks))
	w.heap = append(w.heap, entry{at: at, seq: w.seq, rank: rank, p: p})
	w.seq++
	if w.Lineup != nil {
		w.Lineup.woken(p)
	}
	w.up(len(w.heap) - 1)
}

// Cancel takes p out of the heap.
func (w *World) Cancel(p *Proc) {
	if p.slot == 0 {
		return
	}
	i, last := int(p.slot)-1, len(w.heap)-1
	p.slot = 0
	w.heap[i] = w.heap[last]
	w.heap[last] = entry{}
	w.heap = w.heap[:last]
	if i != last {
		w.up(i)
		w.down(i)
	}
}

// NextBut returns when the next process runs that is none of some, and false if none will.
func (w *World) NextBut(some func(p *Proc) bool) (at Time, ok bool) {
	for _, e := range w.heap {
		if !some(e.p) && (!ok || e.at < at) {
			at, ok = e.at, true
		}
	}
	return at, ok
}

// Next returns when the next process runs, and false if none will.
func (w *World) Next() (Time, bool) {
	if len(w.heap) == 0 {
		return 0, false
	}
	return w.heap[0].at, true
}

// Step runs one process and reports whether there was one.
func (w *World) Step() bool {
	if len(w.heap) == 0 {
		return false
	}
	p := w.heap[0].p
	if w.Lineup != nil {
		p = w.Lineup.next(w)
	}
	w.now = max(w.now, w.heap[p.slot-1].at)
	w.Cancel(p)
	w.running = p.Agent.Actor
	w.Note(uint64(w.now) ^ uint64(w.running)<<32)
	place := len(w.trail)
	w.trail = append(w.trail, 0) // others may run in the middle of this one
	p.run.Run()
	w.trail[place] = uint32(w.Hash())
	if w.Lineup != nil && !w.racing {
		w.Lineup.settle(w)
	}
	return true
}

// Leap lets time pass with nobody running.
func (w *World) Leap(d Time) { w.now += d }

// raceSpan is how long a call may last, as far as the others are concerned.
const raceSpan = Millisecond

// Race lets up to three others run while a makes a call, if a choice says so:
// a segment may arrive between any two calls of the program under test.
func (w *World) Race(a *Agent) {
	if w.racing {
		return
	}
	n := a.Choose(OpRace, 4)
	if n == 0 {
		return
	}
	w.racing = true
	for range n {
		if at, ok := w.Next(); !ok || at > w.now+raceSpan {
			break
		}
		if w.heap[0].p.Agent.Actor.Kind() == Worker {
			break // it is the one that is making the call
		}
		w.Step()
	}
	w.racing = false
}
