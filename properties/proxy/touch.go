package proxy

import (
	"fmt"
	"slices"

	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
)

// What a round touches: whose task runs, whose time has come, and whose descriptor has a
// turn, is reported, closed, or changes its sets.

// touch takes note that a session has to be looked at.
func (c *checker) touch(s *streamif.Session) { c.touched.Add(int(s.Peer().Label)) }

// gather adds whose descriptors have other sets, and whose time has come. What happens at
// the kernel's end of a descriptor changes nothing of its session before that is told.
func (c *checker) gather() {
	for _, num := range c.w.Changed.All() {
		if _, s := c.w.owner(int(num)); s != nil {
			c.touch(s)
		}
	}
	for now := c.w.Loop.Now(); c.due.first() != 0 && c.due.first() <= now; {
		label := c.due.who()
		c.due.set(label, 0) // until it is looked at
		c.touched.Add(label)
	}
}

// owner returns the connection that has a descriptor, and its session; nil if none has.
// The kernel knows whose it is.
func (w *run) owner(num int) (*core.Conn, *streamif.Session) {
	if w.kernel.FD(num) == nil {
		return nil, nil
	}
	actor := w.kernel.Agent(num).Actor
	if actor.Num() >= len(w.check.seen) {
		return nil, nil
	}
	s := w.check.seen[actor.Num()].live
	if s == nil {
		return nil, nil
	}
	conn := s.Back().Conn()
	if actor.Kind() == sim.Front {
		conn = s.Front().Conn()
	}
	if !conn.Open() || conn.Desc().Num() != num {
		return nil, nil
	}
	return conn, s
}

// everything has the next look be at all sessions.
func (c *checker) everything() {
	for _, s := range c.w.proxy.Sessions() {
		c.touch(s)
	}
}

// What is counted of each session, so that nobody has to count all of them.
const (
	pieces   = iota // of memory that its ciphers hold
	inLine          // channels that wait for a buffer
	large           // channels that have a large one
	greeting        // it is in its client's handshakes
	bytes           // that it took
	numSums
)

type sums [numSums]int64

func (s *sums) add(o *sums, times int64) {
	for i := range s {
		s[i] += times * o[i]
	}
}

// counted is what there is to count of a session.
func (c *checker) counted(s *streamif.Session) (n sums) {
	if c.w.shakes { // else there is nobody to hold any
		n[pieces] = int64(s.Front().Pieces() + s.Back().Pieces())
	}
	if s.Front().State() == streamif.CON {
		n[greeting] = 1
	}
	for _, ch := range [...]*streamif.Channel{s.Req(), s.Rep()} {
		if ch.Flags().Any(streamif.WaitBuf) {
			n[inLine]++
		}
		if ch.Buf().Size() > c.w.proxy.Config().BufSize {
			n[large]++
		}
	}
	in, _ := s.Req().Bytes()
	out, _ := s.Rep().Bytes()
	n[bytes] = in + out
	return n
}

// count counts a session anew.
func (c *checker) count(s *streamif.Session, seen *sessionSeen) {
	c.sums.add(&seen.sums, -1)
	seen.sums = c.counted(s)
	c.sums.add(&seen.sums, 1)
	c.due.set(int(s.Peer().Label), s.Task().Deadline())
}

// recount finds out whether what was counted is still so of those whom nobody touched. Only
// in line anybody may take another one's place.
func (c *checker) recount() {
	for _, s := range c.w.proxy.Sessions() {
		label := int(s.Peer().Label)
		is, was := c.counted(s), c.seen[label].sums
		is[inLine] = was[inLine]
		if !c.touched.Has(label) && (is != was || c.due.of(label) != s.Task().Deadline()) {
			panic(fmt.Sprintf("session %d is another one than it was, and nobody touched it", label))
		}
	}
}

// wakes checks that the loop sleeps no longer than until the first session is to run.
func (c *checker) wakes() {
	w := c.w
	next, now := w.Loop.Deadline(), w.Loop.Now()
	if at := c.due.first(); at == 0 || next == now || next != 0 && next <= at {
		return
	}
	for _, s := range w.proxy.Sessions() {
		if at := s.Task().Deadline(); at != 0 && (next == 0 || next > at) {
			w.Breach("I50", "loop", "the loop sleeps until %d, and session %d is to run at %d", next, s.Peer().Label, at)
		}
	}
}

// earliest is the first of many times, each of which may change: a tournament.
type earliest struct {
	n  int         // the players, who stand behind the matches
	at []core.Time // at[i] is the first of at[2i] and at[2i+1]; 0 = never
}

// reset begins with n times that never come.
func (e *earliest) reset(n int) earliest {
	n = max(1, n)
	at := slices.Grow(e.at[:0], 2*n)[:2*n]
	clear(at)
	return earliest{n, at}
}

// of returns one of them.
func (e *earliest) of(i int) core.Time { return e.at[e.n+i] }

// set changes one of the times.
func (e *earliest) set(i int, at core.Time) {
	i += e.n
	for e.at[i] != at {
		e.at[i] = at
		if i /= 2; i == 0 {
			return
		}
		at = core.First(e.at[2*i], e.at[2*i+1])
	}
}

// who returns whose time is the first.
func (e *earliest) who() int {
	i := 1
	for i < e.n {
		if i *= 2; e.at[i] != e.at[i/2] {
			i++
		}
	}
	return i - e.n
}

// first returns the first of them.
func (e *earliest) first() core.Time {
	return e.at[1] // with one player he is the first match
}
