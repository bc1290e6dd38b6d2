package proxy

import (
	"fmt"
	"slices"

	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/streamif"
)

// checker is what the checks of a run know. Whom they look at, and what they found out for one
// round, is no part of that: where states are compared they look at all, in each round.
type checker struct {
	w       *run
	seen    []sessionSeen // by label
	touched sim.Set       `digest:"-"` // labels of the sessions that the round touched, or what came before it
	drowsy  sim.Set       `digest:"-"` // of those to be looked at when the loop sleeps
	stale   sim.Set       `digest:"-"` // numbers of which it has to be found out anew what waits there
	looked  []int32       `digest:"-"` // of those that the last look was at
	sums    sums          // over all sessions
	due     earliest      // when each session is to run
	scratch properties.Scratch
	glanced bool    `digest:"-"` // it is known what waited to be reported before the round
	lacked  bool    // something, when accepting stopped
	stopped bool    // accepting has, as far as the observer was told
	busy    bool    // and that was for too many handshakes
	in, out uint64  // bytes of ended sessions
	lives   []life  // by server
	ring    []int32 // the servers that new sessions go to
	turn    int     // of these, for first attempts
	tally   tally   `digest:"-"` // beside counters, which are left out too
	known   []guest
	taken   int `digest:"-"` // decisions before the round
}

// sessionSeen is what was seen of a session before.
type sessionSeen struct {
	live        *streamif.Session // nil if it is not
	front, back sideSeen
	sums        sums
	guest       core.Addr // who counts as its client
	known       bool      // and that is known
	reason      streamif.Reason
	tries       int
	start       core.Time
	began       core.Time // the last attempt
	open        bool
	early       bool      // nobody waited for its client yet: its server was not there
	left        bool      // its server failed, and another one was up
	doubts      bool      // its server was down when its attempt began
	spared      int       // attempts that failed like that while another server was up
	failed      core.Time // the last attempt that did
	pause       core.Time // and how long another one is to wait
	most        int       // attempts there may be, if TLS refused one
	refused     bool      // by TLS: the last attempt is the next one
	ended       bool
	copied      bool  // a splice was refused
	said        bool  // and who is blamed had said that it was the end
	up, down    int64 // bytes taken, at the end
}

// reset begins another run of so many sessions, with the memory of the one before.
func (c *checker) reset(w *run, sessions int) {
	*c = checker{
		w: w, seen: slices.Grow(c.seen[:0], sessions)[:sessions],
		touched: c.touched.Reset(), drowsy: c.drowsy.Reset(), stale: c.stale.Reset(), looked: c.looked[:0],
		due: c.due.reset(sessions), lives: c.lives[:0], ring: c.ring[:0], known: c.known[:0],
		tally: tally{servers: c.tally.servers[:0]},
	}
	clear(c.seen)
}

// step checks everything after one round: each session that was touched, and what is so of
// all together.
func (c *checker) step() {
	w := c.w
	c.gather()
	if w.Thorough() || c.scratch.Due(w.proxy.Live()) {
		c.recount()
		c.everything()
	}
	c.sessions()
	if int(c.sums[inLine]) != w.proxy.Pool().Waiting() { // somebody left the line whom nobody touched
		c.everything()
		c.sessions()
	}
	c.wakes()
	for _, num := range w.kernel.Touched.All() {
		c.stale.Add(int(num))
	}
	if asleep := w.Look(); asleep {
		c.drowsy.Keep(func(label int) bool {
			c.held(c.seen[label].live)
			return false
		})
	}
	c.limits()
	c.pausing()
	w.look()
	c.looked = append(c.looked[:0], c.touched.All()...)
	c.touched.Keep(func(label int) bool {
		s := c.seen[label].live
		return s != nil && c.waitsAgain(s)
	})
}

// sessions looks at those that were touched. Of another one all is as it was when it was
// looked at last, and was found right.
func (c *checker) sessions() {
	for _, label := range c.touched.All() {
		if s := c.seen[label].live; s != nil && c.w.Failed() == nil {
			c.session(s)
		}
	}
	for _, label := range c.touched.All() {
		seen := &c.seen[label]
		if s := seen.live; s != nil {
			c.blame(s)
			c.timers(s, seen)
			c.leaves(s)
			c.lingers(s, seen)
			c.bulk(s)
			c.promises(s, s.Front(), &seen.front)
			c.promises(s, s.Back(), &seen.back)
		}
		c.drowsy.Add(int(label))
	}
}

func (c *checker) session(s *streamif.Session) {
	w := c.w
	seen := &c.seen[s.Peer().Label]
	c.count(s, seen)
	c.guest(s, seen)
	c.moves(s.Front().Conn(), &seen.front)
	c.moves(s.Back().Conn(), &seen.back)
	if f := look(s, seen); f != nil {
		w.Breach(f.ID, f.Where, "%s", f.What)
		return
	}
	c.pauses(s.Front().Conn())
	c.pauses(s.Back().Conn())
	if (s.Req().Flags() | s.Rep().Flags()).Any(streamif.CannotSplice) && !w.kernel.SpliceRefused(s.Peer().Label) {
		w.Breach("I86", "session", "session %d gives up splicing, and none of its splices was refused", s.Peer().Label)
	}
	if s.Tries() > 1+w.proxy.Config().Retries+seen.spared {
		w.Breach("I47", "session", "session %d: attempt %d with %d retries, and %d spared", s.Peer().Label, s.Tries(), w.proxy.Config().Retries, seen.spared)
	}
	if (s.Req().Reserved() || s.Rep().Reserved()) && c.inLine(s) {
		w.Breach("I56", "pool", "session %d waits for a buffer, and has the reserve, of which it is not to wait for any", s.Peer().Label)
	}
	if s.Task().Deadline() == 0 && !s.Task().Queued() && !c.polled(s.Front()) && !c.polled(s.Back()) && !c.inLine(s) {
		w.Breach("I49", "session "+abstract(s), "session %d sleeps and nothing will wake it", s.Peer().Label)
	}
}

// early says that a session's server is not there yet: nobody waits for its client.
func early(s *streamif.Session) bool { return s.Back().State() < streamif.EST }

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
	if seen.early && seen.front.timed.wex == 0 { // nothing waits to be taken either
		seen.front.readAt, seen.front.wroteAt = now, now
	}
	seen.early = early(s)
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
	if !slices.Contains(streamif.Reasons[:], s.Reason()) {
		c.w.Breach("I46", "session", "session %d: %s is no reason", s.Peer().Label, s.Reason())
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
	if idle := now - min(v.readAt, v.wroteAt); idle < core.First(span, fin) {
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
	if n := w.proxy.Live(); n > cfg.MaxConn {
		w.Breach("I56", "proxy", "%d sessions with maxconn %d", n, cfg.MaxConn)
	}
	if pool.Used() > cfg.Buffers {
		w.Breach("I56", "pool", "%d buffers lent of %d", pool.Used(), cfg.Buffers)
	}
	if n := w.proxy.Stock().Lent(); n != int(c.sums[pieces]) {
		w.Breach("I44", "pool", "%d pieces of memory lent to ciphers, which hold %d", n, c.sums[pieces])
	}
	if pipes := w.proxy.Pipes(); pipes.Used() > cfg.MaxPipes || pipes.Used()+pipes.Free() != w.kernel.Pipes() {
		w.Breach("I56", "pipes", "%d pipes lent and %d free, of %d allowed and %d open", pipes.Used(), pipes.Free(), cfg.MaxPipes, w.kernel.Pipes())
	}
	c.greets()
	if n := pool.Large(); n != int(c.sums[large]) || n > cfg.BulkBuffers {
		w.Breach("I56", "pool", "%d large buffers lent of %d, and %d channels have one", n, cfg.BulkBuffers, c.sums[large])
	}
	if n := pool.Waiting(); n != int(c.sums[inLine]) {
		w.Breach("I56", "pool", "%d channels in line, and %d wait for a buffer", n, c.sums[inLine])
	} else if n > 0 && pool.Used() == 0 {
		w.Breach("I56", "pool", "%d channels in line for a free pool", n)
	}
}

func (c *checker) opened(s *streamif.Session) {
	label := int(s.Peer().Label)
	c.tally.accepted++
	c.seen[label] = sessionSeen{live: s, open: true, start: s.Start(), early: true}
	c.touched.Add(label)
}

func (c *checker) closed(s *streamif.Session) {
	w, seen := c.w, &c.seen[s.Peer().Label]
	if !seen.open {
		c.w.Breach("I43", "session", "session %d ended twice", s.Peer().Label)
	}
	seen.open, seen.ended, seen.tries = false, true, s.Tries()
	c.blame(s)
	c.lingers(s, seen)
	c.leaves(s)
	c.forget(s)
	label := s.Peer().Label
	c.tally.ended++
	if s.Reason() == streamif.Normal {
		c.tally.clean++
	}
	seen.copied = w.kernel.SpliceRefused(label)
	seen.live = nil
	c.sums.add(&seen.sums, -1)
	seen.sums = sums{}
	c.due.set(int(label), 0)
	c.introduced(s)
	c.shaken(s)
	c.logged(s)
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
	case streamif.ConnectError, streamif.ConnectLate, streamif.ConnectNoRoom, streamif.ServerTLS, streamif.ServerTLSLate:
		// What TLS refuses is not tried again, but perhaps with another server.
		if want := 1 + c.w.proxy.Config().Retries + seen.spared; s.Tries() != want && !seen.refused {
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
	c.stopped, c.lacked, c.busy = !on, why.Exhausted(), !on && why == core.EBUSY
	c.w.reachAccepting(on, why)
}

// Over implements properties.Judge.
func (w *run) Over() {
	if n := w.proxy.Live(); n > 0 {
		s := w.proxy.Session(0)
		w.Breach("I49", fmt.Sprintf("session %s/%s", s.Front().State(), s.Back().State()),
			"%d sessions are left and nothing will happen; first: %d", n, s.Peer().Label)
		return
	}
	w.check.everything()
	w.Everything()
	w.check.step()
}

// Stopped implements properties.Judge.
func (w *run) Stopped() {
	w.returned()
	for label, o := range w.Outcomes() {
		w.check.delivered(label, o)
	}
}

// returned checks that everything lent is back, and what was counted.
func (w *run) returned() {
	pool := w.proxy.Pool()
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
	w.check.counters()
}
