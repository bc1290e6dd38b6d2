package sim

// Link says how one direction of a connection behaves when nothing is wrong.
type Link struct {
	Latency Time // from a write on an idle link to its arrival
	Gap     Time // between two deliveries: the bandwidth
	Segment int  // bytes per delivery at most
	SndBuf  int  // bytes the sender's kernel holds, at least 1
	RcvBuf  int  // bytes the receiver's kernel holds, at least 1
	// Merge keeps what arrives in one piece of memory, up to a segment, however many
	// deliveries that took. Linux's loopback interface does so, mostly.
	Merge bool
}

// End is what a stream tells the two ends that it joins.
type End interface {
	// Arrived: bytes or the FIN came in.
	Arrived()
	// Space: bytes left the sender's buffer.
	Space()
	// FinTaken: the FIN arrived at the other end.
	FinTaken()
	// Refused: bytes came for an end that was shut, see Stream.Refuse.
	Refused()
	// Reset: the other end is gone. No more arrives.
	Reset()
	// GaveUp: what was sent was lost too often, or, if it was only asked whether there
	// is anybody, or room, the question was.
	GaveUp(asked bool)
}

// Stream is one direction of a connection.
//
//	0 ....... read ........ arrived ..... pushed ... wrote
//	          | rcvbuf       | sndbuf                |
//
// Bytes are kept from write to read, so both buffers are one ring. The sender knows at once
// what has arrived, unless the other direction lets nothing through. What was written
// with the promise of more, and fills no segment, is not pushed before more comes,
// or the FIN, or corkSpan has passed.
type Stream struct {
	w       *World
	proc    Proc
	link    Link
	made    Link // link as it was at Init
	rx, tx  End
	ring    []byte  `digest:"-"` // as large as it had to be so far: a power of two
	pieces  []int32 // in which lies what is readable
	wrote   int64
	pushed  int64 // may leave
	arrived int64
	acked   int64 // arrived, and the sender knows
	read    int64
	edge    int64 // how far the receiver lets in, as it said last
	probe   Time  // when the sender asks how far that is, 0 = it need not
	uncork  Time  // when what is held back leaves all the same
	mark    int64 // where the receiver's urgent byte is
	markIn  bool  // it has one, which was not passed
	alarm   bool  // it came with what arrived last
	urgent  int64 // where the last one is that was sent
	marked  bool  // and the receiver does not know
	fin     bool  // the sender is done
	finIn   bool  // and the receiver knows
	rst     bool  // a RST is under way
	dead    bool  // nothing moves any more
	deaf    bool  // the receiver takes no more
	mute    bool  // the receiver does not say that it lets in more
	corked  bool  // it is scheduled for what is held back, or to ask, and for nothing else

	back     *Stream // the other direction
	finAcked bool    // finIn, and the sender knows
	orphan   bool    // the sender's socket is closed
	ill      bool    // one of the following is so, here or there, or was a moment ago
	gone     bool    // the sender is no more, and the receiver does not know
	vacant   bool    // whatever arrives is refused
	heals    Time    // before that nothing arrives
	resend   Time    // when what was lost is sent again
	since    Time    // when it was sent first; 0 = it was not lost twice
	rto      Time    // how long it was waited for last

	vigil Vigil
	heard Time // when the other end gave a sign of life
	asks  Time // when it is asked next whether it is there; 0 = nobody counts
	asked int  // how often it was, in vain
	lost  Time // since when nobody will ever answer; 0 = somebody may
	stuck Time // when enough is enough of a window that is shut; 0 = it is not
}

// Init starts a new stream of the agent's, which names its choices.
func (s *Stream) Init(w *World, a *Agent, link Link, tx, rx End) {
	*s = Stream{w: w, link: link, made: link, tx: tx, rx: rx, ring: s.ring[:0], pieces: s.pieces[:0], edge: int64(link.RcvBuf)}
	s.proc.Init(s, a)
}

// Free is how many bytes the sender may write.
func (s *Stream) Free() int { return max(0, s.link.SndBuf-s.Queued()) }

// Queued is how many written bytes have not arrived, as far as the sender knows.
func (s *Stream) Queued() int { return int(s.wrote - s.acked) }

// Untaken is the same, with the FIN counting as one more.
func (s *Stream) Untaken() int {
	n := s.Queued()
	if s.fin && !s.finAcked {
		n++
	}
	return n
}

// Unread is how many bytes have arrived that the receiver has not read.
func (s *Stream) Unread() int { return int(s.arrived - s.read) }

// Readable is how many of them it may read: all but an urgent one.
func (s *Stream) Readable() int {
	if s.inside() {
		return s.Unread() - 1
	}
	return s.Unread()
}

// FinIn says that the FIN has arrived: what is readable is the rest.
func (s *Stream) FinIn() bool { return s.finIn }

// FinAcked says that it has, and that the sender knows.
func (s *Stream) FinAcked() bool { return s.finAcked }

// Fin says that the sender is done.
func (s *Stream) Fin() bool { return s.fin }

// Read returns how many bytes were read so far, Wrote how many were written.
func (s *Stream) Read() int64 { return s.read }

// Wrote returns how many bytes were written so far.
func (s *Stream) Wrote() int64 { return s.wrote }

// Held is how many written bytes wait for more to come. None do after a reset:
// they are lost, and nobody broke a promise.
func (s *Stream) Held() int {
	if s.dead {
		return 0
	}
	return int(s.wrote - s.pushed)
}

// corkSpan is how long Linux holds back what more was promised behind.
const corkSpan = 200 * Millisecond

// Write takes the first Free bytes of p and returns how many. more says that
// others follow at once.
func (s *Stream) Write(p []byte, more bool) int {
	n := min(len(p), s.Free())
	s.put(p[:n])
	s.wrote += int64(n)
	if more && n == len(p) {
		s.pushed = s.wrote - int64(s.Held()%s.link.Segment)
	} else {
		s.pushed = s.wrote // a full buffer is no time to wait
	}
	if n > 0 {
		s.uncork = s.w.now + corkSpan
		s.kick()
	}
	return n
}

// Peek copies up to len(p) bytes and leaves them to be read. It returns how many. It
// looks past a mark that is next, and not past any other.
func (s *Stream) Peek(p []byte) int {
	from, n := s.ahead()
	n = min(len(p), n)
	s.look(p[:n], from)
	return n
}

// Get reads up to len(p) bytes and returns how many. Who reads at all passes a mark
// that is next.
func (s *Stream) Get(p []byte) int {
	if len(p) > 0 {
		s.pass()
	}
	n := s.Peek(p)
	if n > 0 {
		s.take(n)
	}
	return n
}

// take makes n bytes read, and room of them.
func (s *Stream) take(n int) {
	s.read += int64(n)
	s.taken(n)
	if s.dead {
		return
	}
	if twice := 2 * s.window(); twice <= s.link.RcvBuf {
		if room := s.room(); room > 0 && room >= twice {
			s.open(room)
		}
	}
	if !s.gone && (s.pushed > s.arrived && s.window() > 0 || s.fin && !s.finIn && s.wrote == s.arrived) && (s.corked || !s.proc.Scheduled()) {
		s.corked = false
		s.w.Wake(&s.proc, s.w.now+s.link.Gap)
	}
}

// End sends the FIN behind everything written.
func (s *Stream) End() {
	if !s.fin {
		s.fin, s.pushed = true, s.wrote
		s.kick()
	}
}

// Abort sends a RST. What is under way may still arrive before it.
func (s *Stream) Abort() {
	if s.dead || s.rst {
		return
	}
	s.rst = true
	s.w.Wake(&s.proc, s.w.now+s.link.Latency+s.delay())
}

// Refuse makes bytes that arrive from now on the end of the stream: they are
// dropped, and the receiver is told.
func (s *Stream) Refuse() { s.deaf = true }

// Resize changes the sizes of the buffers that are not given as 0. Neither gets
// larger than it was at Init. What was let in stays so, once anything was written, and
// that there is more room is not said.
func (s *Stream) Resize(sndBuf, rcvBuf int) {
	if sndBuf > 0 {
		s.link.SndBuf = min(s.made.SndBuf, sndBuf)
	}
	if rcvBuf > 0 {
		s.link.RcvBuf = min(s.made.RcvBuf, rcvBuf)
		if s.wrote == 0 {
			s.edge = int64(s.link.RcvBuf)
		}
		s.ask(s.room())
	}
}

// Link says what the stream is like now.
func (s *Stream) Link() Link { return s.link }

// Purge forgets what arrived, and the FIN. Nothing moves any more.
func (s *Stream) Purge() {
	s.Cut()
	s.read, s.finIn, s.markIn, s.pieces = s.arrived, false, false, s.pieces[:0]
}

// Cut makes the rest disappear: the receiver does not exist any more.
func (s *Stream) Cut() {
	s.dead = true
	s.w.Cancel(&s.proc)
}

// kick sees to it that what may leave does. While only held bytes were waited for,
// whatever may leave goes first.
func (s *Stream) kick() {
	waits := s.waits()
	switch {
	case s.dead || s.gone || s.proc.Scheduled() && !(s.corked && waits):
	case waits:
		s.corked = false
		s.w.Wake(&s.proc, s.w.now+s.link.Latency+s.delay())
	default:
		s.corked = true
		s.w.Wake(&s.proc, s.uncork)
	}
}

// delay is jitter of up to 64 steps that grow: mostly little, at times much. Or it is what
// makes bytes and a timer come together.
func (s *Stream) delay() Time {
	if spare := s.w.Due - s.w.now - s.link.Latency; spare > 0 && spare < 10*Second && s.proc.Agent.Choose(OpTick, 2) != 0 {
		return spare
	}
	v := Time(s.proc.Agent.Choose(OpDelay, 64))
	return v * v * 10 * Microsecond
}

// rest waits for what is held back, or to ask how much is let in.
func (s *Stream) rest() {
	switch {
	case s.Held() > 0 && s.pushed == s.arrived:
		s.corked = true
		s.w.Wake(&s.proc, s.uncork)
	case s.probe != 0:
		s.corked = true
		s.w.Wake(&s.proc, s.probe)
	}
	s.endures()
	s.watch()
}

// portion is how much a delivery carries.
func (s *Stream) portion() int {
	a, n := s.proc.Agent, min(int(s.pushed-s.arrived), s.window(), s.link.Segment)
	if n > 0 {
		if v := a.Choose(OpRcvBuf, min(n, 64)); v != 0 {
			n = v - 1 // a window that shut for a moment lets nothing through
		}
		if v := a.Choose(OpSegment, min(n, 512)); v != 0 {
			n = v
		}
	}
	return n
}

// Run makes one delivery.
func (s *Stream) Run() {
	if s.dead || s.ill && s.suffers() || s.strikes() {
		return
	}
	if s.Held() > 0 && s.w.now >= s.uncork {
		s.pushed = s.wrote
	}
	s.corked = false
	if s.probe != 0 && s.w.now >= s.probe {
		s.probe = 0
		s.let(s.room())
	}
	if s.exhausted() {
		return
	}
	n := s.portion()
	if s.deaf && n > 0 {
		s.dead = true
		if s.alarm = s.marked && s.arrived+int64(n) > s.urgent; s.alarm {
			s.move() // that is looked at before
		}
		s.rx.Refused()
		return
	}
	s.arrived += int64(n)
	if n > 0 {
		s.piece(n)
		s.let(s.room()) // every acknowledgement says it
	}
	last := s.fin && !s.finIn && s.wrote == s.arrived
	if last && n > 0 && s.proc.Agent.Choose(OpFinApart, 2) != 0 {
		last = false
	}
	s.finIn = s.finIn || last
	s.alarm = s.marked && s.arrived > s.urgent
	if s.alarm {
		s.move()
	}
	heard, space, taken := s.acknowledge(n > 0 || last)
	if s.rst {
		s.dead = true
		s.rx.Reset()
		return
	}
	more := s.fin && !s.finIn && s.wrote == s.arrived || s.pushed > s.arrived && s.window() > 0
	switch {
	case more:
		s.w.Wake(&s.proc, s.w.now+s.link.Gap+s.delay())
	case !heard && s.waits():
		s.vain()
	default:
		s.rest()
	}
	if n > 0 || last {
		s.rx.Arrived()
	}
	if space {
		s.tx.Space()
	}
	if taken {
		s.tx.FinTaken()
	}
}
