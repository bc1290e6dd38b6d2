package traces

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"slices"
	"time"

	"millrace/core"
	"millrace/sim"
)

// tape is a ring of steps in few bytes, about nine each. It is
// overwritten a block at a time, so that what is left begins with a whole step:
//
//	| block | block | block ... |      a block: | step | step | ... | unused |
//
// A step is four bytes of marks and then its numbers, each in as many bytes as it needs:
// none if it is 0, and behind it the address of whom it makes a connection with, if that is
// kept. Where they end is known from the marks, so that nothing depends on what
// they are: a branch that is not foreseen costs more than a byte.
type tape struct {
	buf    []byte
	blocks []block // in the order of the memory
	at     int     // the block that is written to
	n, end int     // where in buf the next step goes, and where the block ends
	steps  uint64  // in the block that is written to
	kept   uint64  // in the others
}

// block is what is known of a part of the tape. Of the one that is written to the tape
// counts the steps itself.
type block struct {
	steps uint64    // in it
	began core.Time // the loop's time before its first step
}

const (
	// blockSize loses little of a ring of megabytes when a block is overwritten.
	blockSize = 32 << 10
	// minBlocks is how many there are in a small ring.
	minBlocks = 4
	// longestStep is more than any step needs, and what is written of it: its last
	// number may leave seven bytes behind that are none.
	longestStep = 64
	// MinRing is the size of the smallest ring, in bytes.
	MinRing = minBlocks * 4 * longestStep
)

// Where the marks are: of the call eight bits, of the actor's kind three, one for More, and
// how many bytes each number has.
const (
	markKind   = 8
	markMore   = 11
	markErr    = 12
	markNum    = 14
	markArg    = 16
	markAnswer = 20
	markAfter  = 24
)

// kinds are those of actors who make calls, by their last three bits, which differ.
var kinds = [8]sim.Actor{
	sim.PollerOf >> 24 & 7: sim.PollerOf, sim.Front >> 24 & 7: sim.Front, sim.Back >> 24 & 7: sim.Back,
	sim.Worker >> 24 & 7: sim.Worker, sim.Listener >> 24 & 7: sim.Listener,
}

func newTape(bytes int, now core.Time) *tape {
	bytes = max(bytes, MinRing)
	size := min(blockSize, bytes/minBlocks)
	t := &tape{buf: make([]byte, bytes/size*size), blocks: make([]block, bytes/size)}
	t.end = size
	t.blocks[0].began = now
	return t
}

// turn goes on to the next block, and forgets what was in it.
func (t *tape) turn(now core.Time) {
	size := len(t.buf) / len(t.blocks)
	t.blocks[t.at].steps = t.steps
	t.kept += t.steps
	t.at = (t.at + 1) % len(t.blocks)
	t.kept -= t.blocks[t.at].steps
	t.n, t.end, t.steps = t.at*size, (t.at+1)*size, 0
	t.blocks[t.at] = block{began: now}
}

// add writes a step down. now is the loop's time before it.
func (t *tape) add(s *Step, now core.Time) {
	if t.end-t.n < longestStep {
		t.turn(now)
	}
	b, n := (*[longestStep]byte)(t.buf[t.n:]), 4
	marks := uint32(s.Call) | uint32(s.Actor>>24&7)<<markKind | uint32(b2i(s.More))<<markMore
	put := func(v uint64, mark int) {
		size := (bits.Len64(v) + 7) >> 3
		marks |= uint32(size) << mark
		binary.LittleEndian.PutUint64(b[n:], v)
		n += size
	}
	put(uint64(s.Actor.Num()), markNum)
	put(uint64(s.Err), markErr)
	put(uint64(s.Arg+1), markArg) // never is -1
	put(uint64(s.Answer), markAnswer)
	put(uint64(s.After), markAfter)
	if s.Call.ciphers() {
		binary.LittleEndian.PutUint32(b[n:], uint32(s.Took))
		binary.LittleEndian.PutUint32(b[n+4:], uint32(s.Said))
		n += 8
	}
	binary.LittleEndian.PutUint32(b[:], marks)
	t.n += n
	t.steps++
}

// read calls f with each block that has anything in it, the oldest first.
func (t *tape) read(f func(b block, text []byte)) {
	size := len(t.buf) / len(t.blocks)
	for i := range t.blocks {
		k := (t.at + 1 + i) % len(t.blocks)
		b := t.blocks[k]
		if k == t.at {
			b.steps = t.steps
		}
		if b.steps > 0 {
			f(b, t.buf[k*size:(k+1)*size])
		}
	}
}

// all returns the steps, oldest first.
func (t *tape) all() []Step {
	list := make([]Step, 0, t.kept+t.steps)
	t.read(func(b block, text []byte) {
		r := reader{b: text}
		for range b.steps {
			list = append(list, r.step())
		}
	})
	return list
}

// reader reads steps off a block. What is torn panics.
type reader struct {
	b    []byte
	from netip.AddrPort // what follows the last step, if it is one with an address
}

func (r *reader) number(size uint32) (v uint64) {
	for i := range size {
		v |= uint64(r.b[i]) << (8 * i)
	}
	r.b = r.b[size:]
	return v
}

func (r *reader) step() (s Step) {
	marks := uint32(r.number(4))
	s.Call, s.More = Call(marks), marks>>markMore&1 != 0
	s.Actor = kinds[marks>>markKind&7] | sim.Actor(r.number(marks>>markNum&3))
	s.Err = core.Errno(r.number(marks >> markErr & 3))
	s.Arg = int64(r.number(marks>>markArg&15)) - 1
	s.Answer = int64(r.number(marks >> markAnswer & 15))
	s.After = int64(r.number(marks >> markAfter & 15))
	if s.Call.ciphers() {
		s.Took, s.Said = int32(r.number(4)), int32(r.number(4))
	}
	r.from = netip.AddrPort{}
	if s.hasAddress() {
		r.from, s.More = r.address(), false
	}
	return s
}

// NewRing makes a recorder for a loop that starts at start, which keeps the last steps
// in a ring of so many bytes, at least MinRing, taken now. A step needs about nine, so
// that a megabyte holds the last two thousand short sessions. Nothing is allocated for a
// step, and Hash is of no use.
func NewRing(start core.Time, bytes int) *Recorder {
	return &Recorder{tape: newTape(bytes, start), start: start, now: start}
}

// Age returns how long after its start, by the loop's clock, the first step that a ring
// has kept is.
func (r *Recorder) Age() (age time.Duration) {
	if r.tape != nil {
		first := true
		r.tape.read(func(b block, _ []byte) {
			if first {
				age, first = time.Duration(b.began-r.start), false
			}
		})
	}
	return age
}

// Freeze ends what is kept: steps from now on are not counted either.
func (r *Recorder) Freeze() { r.frozen = true }

// Forget loses all steps that a ring has kept.
func (r *Recorder) Forget() {
	t := r.tape
	clear(t.blocks)
	t.kept, t.steps = 0, 0
	t.turn(r.now)
}

// Copy returns a recorder with what a ring has kept so far, to be read only. It takes
// about a millisecond for some megabytes.
func (r *Recorder) Copy() *Recorder {
	tape := *r.tape
	tape.buf, tape.blocks = slices.Clone(tape.buf), slices.Clone(tape.blocks)
	return &Recorder{tape: &tape, count: r.count, start: r.start, now: r.now, server: r.server}
}
