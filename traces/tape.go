package traces

import (
	"time"

	"millrace/core"
	"millrace/sim"
)

// tape is a ring of steps in as few bytes as they need, about seven each. It is
// overwritten a block at a time, so that what is left begins with a whole step:
//
//	| block | block | block ... |      a block: | step | step | ... | unused |
//
// A step is a byte of marks, a byte with its call, the actor's number, and of the rest
// only what is not 0. Numbers have seven bits a byte, the lowest first.
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
	// longestStep is more than any step needs: two bytes of marks and call, five of an
	// actor, three of an error, ten for each number, five for each count of a cipher.
	longestStep = 64
	// MinRing is the size of the smallest ring, in bytes.
	MinRing = minBlocks * 4 * longestStep
)

// The marks. Below them are three bits for the kind of the actor.
const (
	markMore = 1 << (3 + iota)
	markErr
	markArg
	markAnswer
	markAfter
)

// kinds are those of actors who make calls, by the number that a tape has for them.
var kinds = [8]sim.Actor{sim.PollerOf, sim.Front, sim.Back, sim.Worker, sim.Listener}

func kindNumber(k sim.Actor) byte {
	switch k {
	case sim.Front:
		return 1
	case sim.Back:
		return 2
	case sim.Worker:
		return 3
	case sim.Listener:
		return 4
	}
	return 0
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
	b, n := t.buf[t.n:t.end:t.end], 2
	_ = b[longestStep-1]
	marks := kindNumber(s.Actor.Kind())
	b[1] = byte(s.Call)
	n = put(b, n, uint64(s.Actor.Num()))
	if s.More {
		marks |= markMore
	}
	if s.Err != 0 {
		marks |= markErr
		n = put(b, n, uint64(s.Err))
	}
	if s.Arg != 0 {
		marks |= markArg
		n = put(b, n, uint64(s.Arg+1)) // never is -1
	}
	if s.Answer != 0 {
		marks |= markAnswer
		n = put(b, n, uint64(s.Answer))
	}
	if s.After != 0 {
		marks |= markAfter
		n = put(b, n, uint64(s.After))
	}
	if s.Call.ciphers() {
		n = put(b, n, uint64(s.Took))
		n = put(b, n, uint64(s.Said))
	}
	b[0] = marks
	t.n += n
	t.steps++
}

// put writes a number at b[n:] and returns what is behind it.
func put(b []byte, n int, v uint64) int {
	for v >= 0x80 {
		b[n] = byte(v) | 0x80
		v >>= 7
		n++
	}
	b[n] = byte(v)
	return n + 1
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
		r := reader{text}
		for range b.steps {
			list = append(list, r.step())
		}
	})
	return list
}

// reader reads steps off a block. What is torn panics.
type reader struct{ b []byte }

func (r *reader) number() (v uint64) {
	for shift := 0; ; shift += 7 {
		c := r.b[0]
		r.b = r.b[1:]
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

func (r *reader) step() (s Step) {
	marks := r.b[0]
	s.Call = Call(r.b[1])
	r.b = r.b[2:]
	s.Actor = kinds[marks&7] | sim.Actor(r.number())
	s.More = marks&markMore != 0
	if marks&markErr != 0 {
		s.Err = core.Errno(r.number())
	}
	if marks&markArg != 0 {
		s.Arg = int64(r.number()) - 1
	}
	if marks&markAnswer != 0 {
		s.Answer = int64(r.number())
	}
	if marks&markAfter != 0 {
		s.After = int64(r.number())
	}
	if s.Call.ciphers() {
		s.Took, s.Said = int32(r.number()), int32(r.number())
	}
	return s
}

// NewRing makes a recorder for a loop that starts at start, which keeps the last steps
// in a ring of so many bytes, at least MinRing, taken now. A step needs about seven, so
// that a megabyte holds the last few thousand short sessions. Nothing is allocated for a
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
