package proxy

import (
	"fmt"

	"millrace/core"
	"millrace/streamif"
)

// checker is what the checks of a run know.
type checker struct {
	w       *run
	seen    []sessionSeen // by label
	next    int           `digest:"-"` // the session to look at first, when there are many; of a few all are looked at
	lacked  bool          // something, when accepting stopped
	stopped bool          // accepting has, as far as the observer was told
	in, out uint64        // bytes of ended sessions
	waits   []waiting
	lives   []life  // by server
	ring    []int32 // the servers that new sessions go to
	turn    int     // of these, for first attempts
	known   []guest
	taken   int `digest:"-"` // decisions before the round
}

// sessionSeen is what was seen of a session before.
type sessionSeen struct {
	front, back sideSeen
	reason      streamif.Reason
	tries       int
	start       core.Time
	began       core.Time // the last attempt
	open        bool
	left        bool // its server failed, and another one was up
	doubts      bool // its server was down when its attempt began
	spared      int  // attempts that failed like that while another server was up
	refused     bool // by TLS: the last attempt is the next one
	ended       bool
	up, down    int64 // bytes taken, at the end
}

// manySessions is how many are looked at in one step.
const manySessions = 8

// step checks everything after one round.
func (c *checker) step() {
	w := c.w
	live := w.proxy.Sessions()
	n := min(len(live), manySessions)
	for i := range n {
		c.session(live[(c.next+i)%len(live)])
		if w.Failed() != nil {
			return
		}
	}
	c.next += n
	next, now := w.Loop.Deadline(), w.Loop.Now()
	for _, s := range live {
		c.blame(s)
		c.timers(s, &c.seen[s.Peer().Label])
		c.leaves(s)
		c.lingers(s, &c.seen[s.Peer().Label])
		if at := s.Task().Deadline(); at != 0 && next != now && (next == 0 || next > at) {
			w.Breach("I50", "loop", "the loop sleeps until %d, and session %d is to run at %d", next, s.Peer().Label, at)
		}
	}
	if asleep := w.Look(); asleep {
		c.held()
	}
	c.limits()
	c.pausing()
	w.look()
}

func (c *checker) session(s *streamif.Session) {
	w := c.w
	seen := &c.seen[s.Peer().Label]
	if f := look(s, seen); f != nil {
		w.Breach(f.ID, f.Where, "%s", f.What)
		return
	}
	if (s.Req().Flags() | s.Rep().Flags()).Any(streamif.CannotSplice) && !w.kernel.SpliceRefused(s.Peer().Label) {
		w.Breach("I86", "session", "session %d gives up splicing, and none of its splices was refused", s.Peer().Label)
	}
	if s.Tries() > 1+w.proxy.Config().Retries+seen.spared {
		w.Breach("I47", "session", "session %d: attempt %d with %d retries, and %d spared", s.Peer().Label, s.Tries(), w.proxy.Config().Retries, seen.spared)
	}
	if s.Task().Deadline() == 0 && !s.Task().Queued() && !c.polled(s.Front()) && !c.polled(s.Back()) && !c.inLine(s) {
		w.Breach("I49", "session "+abstract(s), "session %d sleeps and nothing will wake it", s.Peer().Label)
	}
}

// clock notes when the side last moved bytes: since the round before, if it did.
func (v *sideSeen) clock(s *streamif.Session, in, out *streamif.Channel, now core.Time) {
	if v.readAt == 0 {
		v.readAt, v.wroteAt = s.Start(), s.Start()
	}
	if total, _ := in.Bytes(); total != v.timed.taken {
		v.readAt = now
	}
	if _, sent := out.Bytes(); sent != v.timed.sent {
		v.wroteAt = now
	}
}

// blame looks at the reason of a session when it is new. There is one, and if it
// is a timeout it has not come before its time: the side that is blamed did not
// move bytes both ways less than its timeout ago.
func (c *checker) blame(s *streamif.Session) {
	cfg, now := c.w.proxy.Config(), c.w.Loop.Now()
	seen := &c.seen[s.Peer().Label]
	seen.front.clock(s, s.Req(), s.Rep(), now)
	seen.back.clock(s, s.Rep(), s.Req(), now)
	before := seen.reason
	if before == s.Reason() {
		return
	}
	seen.reason = s.Reason()
	c.overlooked(s)
	if before != (streamif.Reason{}) {
		c.w.Breach("I46", "session", "session %d: reason %s became %s", s.Peer().Label, before, s.Reason())
	}
	c.named(s, seen)
	v, span, fin := &seen.front, cfg.ClientTimeout, cfg.ClientFin
	switch s.Reason() {
	case streamif.ClientTimeout, streamif.ClientLate:
	case streamif.ServerTimeout:
		v, span, fin = &seen.back, cfg.ServerTimeout, cfg.ServerFin
	default:
		return
	}
	if fin != 0 {
		span = min(span, fin)
	}
	if idle := now - min(v.readAt, v.wroteAt); idle < span {
		c.w.Breach("I50", "timer", "session %d: %s after only %d ns of silence", s.Peer().Label, s.Reason(), idle)
	}
}

func (c *checker) polled(si *streamif.StreamInterface) bool {
	_, _, curr := si.Conn().Levels()
	return curr != 0
}

func (c *checker) inLine(s *streamif.Session) bool {
	return (s.Req().Flags() | s.Rep().Flags()).Any(streamif.WaitBuf)
}

// limits checks what must never be exceeded, and that a limit that is gone does
// not go on limiting.
func (c *checker) limits() {
	w := c.w
	cfg := w.proxy.Config()
	pool := w.proxy.Pool()
	if n := len(w.proxy.Sessions()); n > cfg.MaxConn {
		w.Breach("I56", "proxy", "%d sessions with maxconn %d", n, cfg.MaxConn)
	}
	if pool.Used() > cfg.Buffers {
		w.Breach("I56", "pool", "%d buffers lent of %d", pool.Used(), cfg.Buffers)
	}
	pieces := 0
	if w.shakes { // else there is nobody to hold any
		for _, s := range w.proxy.Sessions() {
			pieces += s.Front().Pieces() + s.Back().Pieces()
		}
	}
	if n := w.proxy.Stock().Lent(); n != pieces {
		w.Breach("I44", "pool", "%d pieces of memory lent to ciphers, which hold %d", n, pieces)
	}
	if pipes := w.proxy.Pipes(); pipes.Used() > cfg.MaxPipes || pipes.Used()+pipes.Free() != w.kernel.Pipes() {
		w.Breach("I56", "pipes", "%d pipes lent and %d free, of %d allowed and %d open", pipes.Used(), pipes.Free(), cfg.MaxPipes, w.kernel.Pipes())
	}
	c.shares()
	if pool.Waiting() > 0 && pool.Used() == 0 {
		w.Breach("I56", "pool", "%d channels in line for a free pool", pool.Waiting())
	}
}

func (c *checker) opened(s *streamif.Session) {
	c.seen[s.Peer().Label] = sessionSeen{open: true, start: s.Start()}
}

func (c *checker) closed(s *streamif.Session) {
	seen := &c.seen[s.Peer().Label]
	if !seen.open {
		c.w.Breach("I43", "session", "session %d ended twice", s.Peer().Label)
	}
	seen.open, seen.ended, seen.tries = false, true, s.Tries()
	c.blame(s)
	c.lingers(s, seen)
	c.leaves(s)
	c.forget(s)
	label := s.Peer().Label
	c.introduced(s)
	c.shaken(s)
	front := s.Reason() == streamif.ClientError
	err := s.Back().Conn().Err()
	if front {
		err = s.Front().Conn().Err()
	}
	blamed := front || s.Reason() == streamif.ServerError
	if blamed && c.w.kernel.Told(label, front) == 0 && err != core.ETLS && err != core.ETRUNCATED {
		c.w.Breach("I27", "session", "session %d ends with %s and the kernel told no error there", label, s.Reason())
	}
	switch s.Reason() {
	case streamif.ConnectError, streamif.ConnectLate, streamif.ConnectNoRoom:
		// What TLS refuses is not tried again, but perhaps with another server.
		if want := 1 + c.w.proxy.Config().Retries + seen.spared; s.Tries() != want && !c.w.marks(false) {
			c.w.Breach("I47", "session", "session %d gave up after %d attempts of %d", label, s.Tries(), want)
		}
	}
	in, _ := s.Req().Bytes()
	took, out := s.Rep().Bytes()
	seen.up, seen.down = in, took
	c.in, c.out = c.in+uint64(in), c.out+uint64(out)
	c.w.closed(s)
}

func (c *checker) accepting(on bool, why core.Errno) {
	if why != 0 && why != core.EBUSY && !why.Exhausted() {
		c.w.Breach("I56", "listener", "accepting stops for %s, which is one connection's business", why)
	}
	if on != c.stopped {
		c.w.Breach("I56", "listener", "told twice that accepting is %v", on)
	}
	c.stopped, c.lacked = !on, why.Exhausted()
	c.w.reachAccepting(on, why)
}

// Over implements properties.Judge.
func (w *run) Over() {
	if n := len(w.proxy.Sessions()); n > 0 {
		s := w.proxy.Sessions()[0]
		w.Breach("I49", fmt.Sprintf("session %s/%s", s.Front().State(), s.Back().State()),
			"%d sessions are left and nothing will happen; first: %d", n, s.Peer().Label)
	}
}

// Stopped implements properties.Judge.
func (w *run) Stopped() {
	c, pool := &w.check, w.proxy.Pool()
	for _, r := range []struct {
		what string
		n    int
	}{
		{"descriptors in the table", w.Table.Opened()},
		{"timers", w.Timers()},
		{"buffers lent", pool.Used()},
		{"pieces of memory in ciphers", w.proxy.Stock().Lent()},
		{"ciphers in use", w.ciphers},
		{"channels in line", pool.Waiting()},
		{"pipes lent", w.proxy.Pipes().Used()},
	} {
		if r.n != 0 {
			w.Breach("I44", "end", "%d %s", r.n, r.what)
		}
	}
	if w.applets != 0 {
		w.Breach("I69", "applet", "%d applets were not told that their sessions are over", w.applets)
	}
	if st := &w.proxy.Stats; st.BytesIn != c.in || st.BytesOut != c.out {
		w.Breach("I44", "end", "counted %d bytes in and %d out, it was %d and %d", st.BytesIn, st.BytesOut, c.in, c.out)
	}
	for label, o := range w.Outcomes() {
		c.delivered(label, o)
	}
}
