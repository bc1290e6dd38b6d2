package sim

// Source answers choices. It returns a number below n, which is at least 2; 0 is
// the benign one. The key (a, op, ord) comes once in a run.
type Source interface {
	Choose(a Actor, op Op, ord uint32, n int) int
}

// Decision is a choice that was not 0.
type Decision struct {
	Actor Actor
	Op    Op
	Ord   uint32
	Val   int
}

// before is the order of decisions in a Script.
func (d Decision) before(e Decision) bool {
	if d.Actor != e.Actor {
		return d.Actor < e.Actor
	}
	if d.Op != e.Op {
		return d.Op < e.Op
	}
	return d.Ord < e.Ord
}

// Choices is the one place where a world's choices are made and counted.
type Choices struct {
	src   Source
	calm  bool
	Fired [NumOps]uint64 // choices that were not 0
	// Taken lists the decisions in the order in which they were made.
	Taken []Decision
}

// Reset starts over with another source, keeping memory.
func (c *Choices) Reset(src Source) {
	*c = Choices{src: src, Taken: c.Taken[:0]}
}

// Calm stops all faults for the rest of the run.
func (c *Choices) Calm() { c.calm = true }

// Agent is an actor that makes choices.
type Agent struct {
	Actor Actor
	c     *Choices
	ord   [NumOps]uint32
}

// Init gives the agent its name and its place in a world.
func (a *Agent) Init(actor Actor, c *Choices) { *a = Agent{Actor: actor, c: c} }

// Choose returns a number below n, 0 being benign. With n below 2 there is
// nothing to choose, and it does not count as asked.
func (a *Agent) Choose(op Op, n int) int {
	if n < 2 {
		return 0
	}
	ord := a.ord[op]
	a.ord[op]++
	c := a.c
	if c.calm && op.Fault() {
		return 0
	}
	v := c.src.Choose(a.Actor, op, ord, n)
	if v == 0 {
		return 0
	}
	c.Fired[op]++
	c.Taken = append(c.Taken, Decision{a.Actor, op, ord, v})
	return v
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
}

// Choose returns 0 unless the op's rate says otherwise, and then any of the
// other values alike.
func (s *Seeded) Choose(a Actor, op Op, ord uint32, n int) int {
	rate := s.Rates[op]
	if rate == 0 {
		return 0
	}
	h := Mix(s.Seed ^ Mix(uint64(a)<<32|uint64(ord)) ^ uint64(op)<<56)
	if uint16(h) >= rate {
		return 0
	}
	return 1 + int((h>>16)%uint64(n-1))
}

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
