package sim

import "math/bits"

// Source answers choices. It returns a number below n, which is at least 2; 0 is
// the benign one. The key (a, op, ord) comes once in a run.
type Source interface {
	Choose(a Actor, op Op, ord uint32, n int) int
}

// namer is a Source that knows victims by their names and not by their places: a
// Script. 0 is nobody.
type namer interface {
	Named(a Actor, op Op, ord uint32) Actor
}

// Decision is a choice that was not 0.
type Decision struct {
	Actor Actor
	Op    Op
	Ord   uint32 // how often the actor asked for that before
	Val   int    // of an op that names a victim, the victim's Actor
	At    Time   // when it was taken; 0 if that is not known
}

// Choices is the one place where a world's choices are made and counted.
type Choices struct {
	src   Source `digest:"-"` // what comes next is not part of what is
	names namer  `digest:"-"` // src, if it is one
	rates *Rates `digest:"-"` // of src, if it has any: what never comes up need not be asked for
	clock *Time
	hash  uint64 `digest:"-"` // of all that was asked, answered and noted
	calm  bool
	Fired [NumOps]uint64 `digest:"-"` // choices that were not 0
	// Faults counts those that are faults.
	Faults uint64 `digest:"-"`
	// Taken lists the decisions in the order in which they were made.
	Taken []Decision `digest:"-"`
	// Told, unless nil, hears of each decision before it has any effect.
	Told func(Decision)
	// Survey, unless nil, gets each question as it is asked: what could have been decided.
	Survey *[]Question `digest:"-"`
}

// reset starts over with another source, keeping memory.
func (c *Choices) reset(src Source, clock *Time) {
	*c = Choices{src: src, clock: clock, Taken: c.Taken[:0]}
	c.names, _ = src.(namer)
	if s, ok := src.(*Seeded); ok {
		c.rates = &s.Rates
	}
}

// note makes x part of what tells this run from others.
func (c *Choices) note(x uint64) {
	c.hash = bits.RotateLeft64((c.hash^x)*0x9e3779b97f4a7c15, 29)
}

// Calm stops all faults for the rest of the run.
func (c *Choices) Calm() { c.calm = true }

// Agent is an actor that makes choices.
type Agent struct {
	Actor Actor
	c     *Choices
	ord   [NumOps]uint32 `digest:"-"`
}

// Init gives the agent its name and its place in a world.
func (a *Agent) Init(actor Actor, c *Choices) { *a = Agent{Actor: actor, c: c} }

// Choose returns a number below n, 0 being benign. With n below 2 there is
// nothing to choose, and it does not count as asked. n must be a function of the
// simulated state: one of memory kept from an earlier run would make the same seed
// another run.
func (a *Agent) Choose(op Op, n int) int {
	if n < 2 {
		return 0
	}
	ord, c := a.ask(op, n), a.c
	if c.rates != nil && c.rates[op] == 0 || c.calm && op.Fault() {
		return 0
	}
	v := c.src.Choose(a.Actor, op, ord, n)
	if v != 0 {
		c.take(Decision{Actor: a.Actor, Op: op, Ord: ord, Val: v})
	}
	return v
}

// Pick chooses one of n candidates, and returns its place, or -1: nobody, which is
// benign. The decision is the victim's name, so that it means the same one when
// there are others around; who tells the candidates' names, 0 where there is none.
func (a *Agent) Pick(op Op, n int, who func(i int) Actor) int {
	if n < 1 {
		return -1
	}
	ord, c := a.ask(op, n), a.c
	if c.calm && op.Fault() {
		return -1
	}
	victim := -1
	if c.names == nil {
		victim = c.src.Choose(a.Actor, op, ord, n+1) - 1
	} else if name := c.names.Named(a.Actor, op, ord); name != 0 {
		for i := 0; i < n && victim < 0; i++ {
			if who(i) == name {
				victim = i
			}
		}
	}
	if victim < 0 || who(victim) == 0 {
		return -1
	}
	c.take(Decision{Actor: a.Actor, Op: op, Ord: ord, Val: int(who(victim))})
	return victim
}

// ask counts a question. What could have been the answer tells runs apart, even
// where the answer is the same.
func (a *Agent) ask(op Op, n int) (ord uint32) {
	ord = a.ord[op]
	a.ord[op]++
	a.c.note(uint64(a.Actor)<<32 | uint64(op)<<24 ^ uint64(n))
	if a.c.Survey != nil {
		*a.c.Survey = append(*a.c.Survey, Question{a.Actor, op, ord, n})
	}
	return ord
}

// take writes a decision down.
func (c *Choices) take(d Decision) {
	c.Fired[d.Op]++
	if d.Op.Fault() {
		c.Faults++
	}
	d.At = *c.clock
	c.Taken = append(c.Taken, d)
	if c.Told != nil {
		c.Told(d)
	}
	c.note(uint64(d.Val))
}

// Benign is the source that always says 0: a healthy network.
type Benign struct{}

// Choose returns 0.
func (Benign) Choose(Actor, Op, uint32, int) int { return 0 }

// Rates gives each op's probability, in units of 1/65536.
type Rates [NumOps]uint16

// Seeded answers from a hash of the seed and the key.
type Seeded struct {
	Seed  uint64
	Rates Rates
	// Runs says that accidents have a memory: what has gone wrong goes wrong again, in the
	// same way, for the next few times that the actor asks.
	Runs bool
}

// runBits is how many questions in a row have one answer in a run: 2 to the power of it.
const runBits = 3

// Choose returns 0 unless the op's rate says otherwise, and then any of the
// other values alike.
func (s *Seeded) Choose(a Actor, op Op, ord uint32, n int) int {
	rate := s.Rates[op]
	if rate == 0 {
		return 0
	}
	if s.Runs && op.Fault() {
		ord >>= runBits // all of a run ask as one
	}
	h := Mix(s.Seed ^ Mix(uint64(a)<<32|uint64(ord)) ^ uint64(op)<<56)
	if uint16(h) >= rate {
		return 0
	}
	if n > few && h>>62 == 0 {
		return [...]int{1, n / 2, n - 1, n - 1}[h>>60&3]
	}
	return 1 + int((h>>16)%uint64(n-1))
}

// few is how many answers are all drawn in time. Of more than that, a quarter of the answers are
// the least, half, or all but one: code that is wrong by one byte is so there, and a number
// drawn of thousands is never one of them.
const few = 32

// Mix is the finaliser of splitmix64: every bit of the result depends on every
// bit of x.
func Mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Rand is a stream of numbers from one seed, for drawing scenarios. It is not a
// Source: what it gives depends on the order of the questions.
type Rand struct{ state uint64 }

// NewRand starts a stream.
func NewRand(seed uint64) *Rand { return &Rand{Mix(seed)} }

// Intn returns a number below n, which must be at least 1.
func (r *Rand) Intn(n int) int {
	r.state += 0x9e3779b97f4a7c15
	return int(Mix(r.state) % uint64(n))
}

// Of returns one of the values.
func Of[T any](r *Rand, values ...T) T { return values[r.Intn(len(values))] }
