package properties

// progress is what changes whenever a round does anything but have accidents.
type progress struct {
	now, bytes, calls, moved uint64
}

// spinRounds is how many rounds may pass at one time without anything happening, and
// dullRounds how many in which accidents alone do.
const (
	spinRounds = 40
	dullRounds = 4000
)

// spinning finds a loop that is busy doing nothing: one whose rounds change nothing
// that is counted, and one that does something, over and over.
func (c *checker) spinning() {
	w := c.w
	k := &w.kernel.Stats
	now := progress{
		now: uint64(w.sim.Now()), bytes: k.Sent + k.Received, calls: k.Opened + k.Closed + w.poller.Stats.Sets + w.poller.Stats.Changes,
	}
	faults := w.sim.Choices.Faults
	if w.mover != nil {
		now.moved = w.mover.Moved()
	}
	c.circling(now.now, now.bytes)
	if now != c.last {
		c.last, c.faults, c.dull, c.spin = now, faults, 0, 0
		return
	}
	if c.dull++; c.dull > dullRounds {
		w.Breach("I09", "loop", "%d rounds with nothing but accidents", c.dull)
	}
	if faults != c.faults {
		c.faults, c.spin = faults, 0
		return
	}
	// An edge-triggered poller may report each descriptor once, one at a time,
	// to a proxy that wants none of it.
	if c.spin++; c.spin > spinRounds+w.kernel.Open() {
		w.Breach("I09", "loop", "%d rounds without a byte, a change or a pause", c.spin)
	}
}

// circle is what is known of a run that may have begun to go round in circles: no
// time passes and no byte moves, and yet the rounds go on.
type circle struct {
	now, bytes, faults uint64
	rounds             int    // since time passed or a byte moved
	look, pause        int    // rounds that states are still compared in, and then not
	anchor             uint64 // the digest of a state that may come back
	age, limit         int    // rounds since, and after how many another is taken
	times              int    // how often it came back
}

const (
	// suspicious is how many such rounds are put up with before states are compared;
	// for each open descriptor there may be two more.
	suspicious = 100
	// comebacks is how often a state has to come back. Once would do if the order
	// of what is ready, which may be drawn anew each time, did not matter.
	comebacks = 3
	// looks is how many rounds in a row states are compared in. A digest costs more than
	// a round, and what has not come back by then may never: there is a pause behind it,
	// longer each time.
	looks = 200
)

// circling finds a run whose state comes back, by Brent's method: it is compared
// with one that is remembered twice as long each time. Unlike a count of rounds it
// is no guess. An accident in between may be what brings the state back, and may
// not happen again: it counts for nothing.
func (c *checker) circling(now, bytes uint64) {
	w, r := c.w, &c.ring
	if now != r.now || bytes != r.bytes {
		*r = circle{now: now, bytes: bytes}
		return
	}
	if r.rounds++; r.rounds < suspicious+2*w.kernel.Open() {
		return
	}
	if r.pause > 0 {
		r.pause--
		return
	}
	if r.look++; r.look > looks {
		r.look, r.limit, r.pause = 0, 0, r.rounds
		return
	}
	d := w.Digest()
	switch {
	case w.sim.Choices.Faults != r.faults || r.limit == 0:
		r.faults, r.limit, r.anchor, r.age, r.times = w.sim.Choices.Faults, 1, d, 0, 0
		return
	case d != r.anchor:
		r.age++
	default:
		if r.times++; r.times == comebacks {
			w.Breach("I09", "loop", "the state of the world comes back every %d rounds, at one time, and no byte moves", r.age+1)
		}
		r.age = 0
		return
	}
	if r.age == r.limit {
		r.anchor, r.age, r.times, r.limit = d, 0, 0, 2*r.limit
	}
}

// Digest is the state of the world as a number that two states share only if they are
// the same in everything that a run can see.
func (w *World) Digest() uint64 {
	holders, roots := w.State()
	return digest(holders, roots)
}

// State returns what the state of the world consists of, and who holds that and is no
// part of it.
func (w *World) State() (holders, roots []any) {
	roots = []any{&w.sim}
	for _, v := range w.workers {
		holders, roots = append(holders, v), append(roots, &v.kernel, &v.poller, &v.rests, &v.dead)
		switch p, ok := v.prog.(Rooted); {
		case v.dead:
		case ok:
			holders = append(holders, v.prog)
			roots = append(roots, p.Roots()...)
		default:
			roots = append(roots, v.prog)
		}
	}
	return holders, append(roots, &w.clients, &w.servers)
}
