package properties

import (
	"fmt"
	"slices"

	"millrace/core"
	"millrace/streamif"
)

// checker looks at a world after every step of the proxy.
type checker struct {
	w     *World
	seen  []sessionSeen // by label
	spin  int           // rounds in which nothing at all happened
	last  progress
	ring  circle
	both  [2]side // of the session that is looked at
	dull  int     // rounds in which nothing but accidents did anything
	quiet progress
	next  int // the session to look at first, when there are many
	// stopped says that accepting has, as far as the observer was told.
	stopped bool
	in, out uint64 // bytes of ended sessions
	waits   []waiting
	taken   int // decisions before the round
}

// sessionSeen is what was seen of a session before.
type sessionSeen struct {
	front, back sideSeen
	reason      streamif.Reason
	open        bool
	up, down    int64 // bytes taken, at the end
}

func (c *checker) reset(w *World) {
	n := len(w.trace.Sessions)
	*c = checker{w: w, seen: slices.Grow(c.seen[:0], n)[:n], waits: c.waits[:0]}
	clear(c.seen)
}

// manySessions is how many are looked at in one step.
const manySessions = 8

// step checks everything after one round. asleep says that the proxy has
// nothing to do until time passes or something arrives.
func (c *checker) step(asleep bool) {
	w := c.w
	live := w.proxy.Sessions()
	n := min(len(live), manySessions)
	for i := range n {
		c.session(live[(c.next+i)%len(live)])
		if w.fail != nil {
			return
		}
	}
	c.next += n
	for _, s := range live {
		c.blame(s)
	}
	asleep = asleep && w.loop.Deadline() != w.loop.Now()
	c.table(asleep)
	if asleep {
		c.held()
	}
	c.limits()
	c.spinning()
	w.totals.Reach.look(w)
}

func (c *checker) session(s *streamif.Session) {
	w := c.w
	seen := &c.seen[s.Peer().Label]
	both := &c.both
	sides(both, s, seen)
	for i := range both {
		if f := both[i].look(); f != nil {
			w.breach(f.ID, f.Where, "%s", f.What)
			return
		}
	}
	v := &both[0]
	if s.Tries() > 1+w.proxy.Config().Retries {
		w.breach("I47", "session", "session %d: attempt %d with %d retries", s.Peer().Label, s.Tries(), w.proxy.Config().Retries)
	}
	if !v.busy && s.Task().Deadline() == 0 && !c.polled(s.Front()) && !c.polled(s.Back()) && !c.inLine(s) {
		w.breach("I49", "session "+v.abstract(), "session %d sleeps and nothing will wake it", s.Peer().Label)
	}
}

// clock notes when the side last moved bytes.
func (v *sideSeen) clock(s *streamif.Session, in, out *streamif.Channel, now core.Time) {
	if v.readAt == 0 {
		v.readAt, v.wroteAt = s.Start(), s.Start()
	}
	if total, _ := in.Bytes(); total != v.total {
		v.total, v.readAt = total, now
	}
	if _, sent := out.Bytes(); sent != v.sent {
		v.sent, v.wroteAt = sent, now
	}
}

// blame looks at the reason of a session when it is new. There is one, and if it
// is a timeout it has not come before its time: the side that is blamed did not
// move bytes both ways less than its timeout ago.
func (c *checker) blame(s *streamif.Session) {
	cfg, now := c.w.proxy.Config(), c.w.loop.Now()
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
		c.w.breach("I46", "session", "session %d: reason %s became %s", s.Peer().Label, before, s.Reason())
	}
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
		c.w.breach("I50", "timer", "session %d: %s after only %d ns of silence", s.Peer().Label, s.Reason(), idle)
	}
}

func (c *checker) polled(si *streamif.StreamInterface) bool {
	_, _, curr := si.Conn().Levels()
	return curr != 0
}

func (c *checker) inLine(s *streamif.Session) bool {
	return (s.Req().Flags() | s.Rep().Flags()).Any(streamif.WaitBuf)
}

// table checks the descriptor table against the kernel and the poller.
func (c *checker) table(asleep bool) {
	w := c.w
	t := &w.loop.Table
	if n := w.kernel.Open() - 2*w.kernel.Pipes(); t.Opened() != n {
		w.breach("I01", "fd", "the table has %d descriptors, the kernel %d", t.Opened(), n)
		return
	}
	if what := t.Audit(); what != "" {
		w.breach("I05", "fd", "%s", what)
	}
	if asleep && (t.Pending() > 0 || w.loop.Runnable() > 0) {
		w.breach("I08", "loop", "sleeps with %d descriptors and %d tasks ready", t.Pending(), w.loop.Runnable())
	}
	for num := range w.kernel.Numbers() {
		d := t.At(num)
		sock := w.kernel.FD(num)
		if !d.Open() {
			if sock != nil || w.poller.Registered(num) != 0 {
				w.breach("I01", "fd", "number %d is open and has no owner", num)
			}
			continue
		}
		c.desc(d, num, asleep)
	}
}

func (c *checker) desc(d *core.Desc, num int, asleep bool) {
	w := c.w
	if got := w.poller.Registered(num); got != d.Polled() {
		w.breach("I03", "fd", "number %d: the table thinks %s is registered, it is %s", num, d.Polled(), got)
	}
	if !w.poller.Edge() && d.Active() == 0 && d.Polled() != 0 {
		w.breach("I04", "fd", "number %d: nothing is wanted and %s is registered", num, d.Polled())
	}
	// HUP and RDHUP last, but for a failed connect that was told, after which
	// the socket is as new. One that the kernel does not confirm was reported for
	// an earlier life of the number.
	const lasting = core.EvHup | core.EvRdHup
	sock, ev := w.kernel.FD(num), w.kernel.Events(num)
	if foreign := d.Events() & lasting &^ ev; foreign != 0 && (sock == nil || !sock.Fresh()) {
		w.breach("I07", "fd", "number %d: took a report of %s that is not its own", num, foreign)
	}
	if !asleep {
		return
	}
	if d.Active()&d.Ready() != 0 {
		w.breach("I10", "fd", "number %d: %s is wanted and ready, and the loop sleeps", num, d.Active()&d.Ready())
	}
	// The oracle of lost wake-ups: what the kernel has and the proxy wants,
	// nobody is going to tell it.
	var can core.Wish
	if ev.Any(core.EvIn | core.EvErr | core.EvHup) {
		can |= core.R
	}
	if ev.Any(core.EvOut | core.EvErr | core.EvHup) {
		can |= core.W
	}
	if lost := can & d.Active() &^ d.Paused(); lost != 0 && !w.kernel.Owes(num) && !w.loop.Table.Deaf() {
		id := "I32"
		if lost.Any(core.W) {
			id = "I31"
		}
		w.breach(id, "fd", "number %d: kernel says %s, %s is wanted, and no report will come", num, ev, lost)
	}
}

// limits checks what must never be exceeded, and that a limit that is gone does
// not go on limiting.
func (c *checker) limits() {
	w := c.w
	cfg := w.proxy.Config()
	pool := w.proxy.Pool()
	if n := len(w.proxy.Sessions()); n > cfg.MaxConn {
		w.breach("I56", "proxy", "%d sessions with maxconn %d", n, cfg.MaxConn)
	}
	if pool.Used() > cfg.Buffers {
		w.breach("I56", "pool", "%d buffers lent of %d", pool.Used(), cfg.Buffers)
	}
	pieces := 0
	for _, s := range w.proxy.Sessions() {
		pieces += s.Front().Pieces() + s.Back().Pieces()
	}
	if n := w.proxy.Stock().Lent(); n != pieces {
		w.breach("I44", "pool", "%d pieces of memory lent to ciphers, which hold %d", n, pieces)
	}
	if pipes := w.proxy.Pipes(); pipes.Used() > cfg.MaxPipes || pipes.Used()+pipes.Free() != w.kernel.Pipes() {
		w.breach("I56", "pipes", "%d pipes lent and %d free, of %d allowed and %d open", pipes.Used(), pipes.Free(), cfg.MaxPipes, w.kernel.Pipes())
	}
	if pool.Waiting() > 0 && pool.Used() == 0 {
		w.breach("I56", "pool", "%d channels in line for a free pool", pool.Waiting())
	}
}

func (c *checker) opened(s *streamif.Session) { c.seen[s.Peer().Label] = sessionSeen{open: true} }

func (c *checker) closed(s *streamif.Session) {
	seen := &c.seen[s.Peer().Label]
	if !seen.open {
		c.w.breach("I43", "session", "session %d ended twice", s.Peer().Label)
	}
	seen.open = false
	c.blame(s)
	label := s.Peer().Label
	c.introduced(s)
	c.shaken(s)
	front := s.Reason() == streamif.ClientError
	blamed := front && !c.w.marks(true) || s.Reason() == streamif.ServerError && !c.w.marks(false)
	if blamed && c.w.kernel.Told(label, front) == 0 {
		c.w.breach("I27", "session", "session %d ends with %s and the kernel told no error there", label, s.Reason())
	}
	switch s.Reason() {
	case streamif.ConnectError, streamif.ConnectLate, streamif.ConnectNoRoom:
		// What TLS refuses is not tried again, but perhaps with another server.
		if want := 1 + c.w.proxy.Config().Retries; s.Tries() != want && !c.w.marks(false) {
			c.w.breach("I47", "session", "session %d gave up after %d attempts of %d", label, s.Tries(), want)
		}
	}
	in, _ := s.Req().Bytes()
	took, out := s.Rep().Bytes()
	seen.up, seen.down = in, took
	c.in, c.out = c.in+uint64(in), c.out+uint64(out)
	c.w.totals.Reach.closed(c.w, s)
}

func (c *checker) accepting(on bool, why core.Errno) {
	if why != 0 && !why.Exhausted() {
		c.w.breach("I56", "listener", "accepting stops for %s, which is one connection's business", why)
	}
	if on != c.stopped {
		c.w.breach("I56", "listener", "told twice that accepting is %v", on)
	}
	c.stopped = !on
	c.w.totals.Reach.accepting(on, why)
}

// end checks a world in which nothing will ever happen again.
func (c *checker) end() {
	w := c.w
	if n := len(w.proxy.Sessions()); n > 0 {
		s := w.proxy.Sessions()[0]
		w.breach("I49", fmt.Sprintf("session %s/%s", s.Front().State(), s.Back().State()),
			"%d sessions are left and nothing will happen; first: %d", n, s.Peer().Label)
		return
	}
	if n := w.kernel.Backlog(); n > 0 {
		w.breach("I56", "listener", "%d connections wait to be accepted and nobody will", n)
		return
	}
	if w.rec != nil {
		w.rec.Stop()
	}
	w.proxy.Stop()
	pool := w.proxy.Pool()
	for _, r := range []struct {
		what string
		n    int
	}{
		{"descriptors open in the kernel", w.kernel.Open()},
		{"descriptors in the table", w.loop.Table.Opened()},
		{"timers", w.loop.Timers()},
		{"buffers lent", pool.Used()},
		{"pieces of memory in ciphers", w.proxy.Stock().Lent()},
		{"ciphers in use", w.ciphers},
		{"channels in line", pool.Waiting()},
		{"pipes lent", w.proxy.Pipes().Used()},
	} {
		if r.n != 0 {
			w.breach("I44", "end", "%d %s", r.n, r.what)
		}
	}
	if st := &w.proxy.Stats; st.BytesIn != c.in || st.BytesOut != c.out {
		w.breach("I44", "end", "counted %d bytes in and %d out, it was %d and %d", st.BytesIn, st.BytesOut, c.in, c.out)
	}
	for i := range w.clients {
		c.left(&w.clients[i])
	}
	for _, s := range w.servers {
		c.left(s)
	}
	for label, o := range w.Outcomes() {
		c.delivered(label, o)
	}
}
