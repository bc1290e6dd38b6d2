package proxy

import (
	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// waiting is what could be reported of a side of a session before a round.
type waiting struct {
	can   core.Wish // wanted, and true; nothing if 0
	sock  *simfd.Socket
	read  int64
	wrote int64
}

// glance notes before a round what waits to be reported.
func (c *checker) glance() {
	w := c.w
	c.taken = len(w.sim.Choices.Taken)
	c.glanced = w.poller.Pending() && w.set[proxytrace.Buffers] == 0 // without a buffer nobody reads
	if !c.glanced {
		return
	}
	for _, num := range w.kernel.Touched.All() {
		c.stale.Add(int(num))
	}
	for num := 0; w.Thorough() && num < w.kernel.Numbers(); num++ {
		c.stale.Add(num)
	}
	c.stale.Keep(func(num int) bool {
		conn, s := w.owner(num)
		if s == nil {
			return false
		}
		seen := &c.seen[s.Peer().Label]
		if conn == s.Front().Conn() {
			return c.waits(s.Front(), &seen.front.waits)
		}
		return c.waits(s.Back(), &seen.back.waits)
	})
}

// moves has it found out anew what waits for a connection that was looked at. For one that
// is closed nothing does.
func (c *checker) moves(conn *core.Conn, seen *sideSeen) {
	if conn.Open() {
		c.stale.Add(conn.Desc().Num())
	} else {
		seen.waits = waiting{}
	}
}

// pauses checks that nobody leaves a descriptor alone for a while without a reason: what comes
// meanwhile comes late.
func (c *checker) pauses(conn *core.Conn) {
	if !conn.Open() || conn.Desc().Paused() == 0 {
		return
	}
	num := conn.Desc().Num()
	if sock := c.w.kernel.FD(num); sock != nil && conn.Desc().Paused()&^sock.Moody() != 0 {
		c.w.Breach("I32", "fd", "number %d is left alone for a while in %s, and the kernel gave a reason to in %s", num, conn.Desc().Paused(), sock.Moody())
	}
}

// waits finds out what waits on one side, and says whether that may change with nobody
// touching it.
func (c *checker) waits(si *streamif.StreamInterface, v *waiting) (again bool) {
	w, conn := c.w, si.Conn()
	*v = waiting{}
	if !conn.Open() || si.Flags().Any(streamif.SILinger) {
		return false
	}
	num, paused := conn.Desc().Num(), conn.Desc().Paused()
	asked, can := w.poller.Registered(num), conn.Desc().Active()&^paused
	if asked == 0 || can == 0 {
		return paused != 0
	}
	sock := w.kernel.FD(num)
	if sock.Owed() {
		return true // it was told that there is nothing, and the wake-up that is due comes late
	}
	can &^= sock.Lacked() // what it tried in vain it tries again when its turn comes
	ev := w.kernel.Events(num) & asked
	if !ev.Any(core.EvIn|core.EvRdHup) || sock.In().Readable() == 0 {
		can &^= core.R
	}
	if !ev.Any(core.EvOut) {
		can &^= core.W
	}
	*v = waiting{can, sock, sock.In().Read(), sock.Out().Wrote()}
	return paused != 0
}

// Failing implements simfd.Witness: nothing is sent where an error is known, in front of
// which there are bytes to be read. The call would be told of it, and they would be lost.
func (w *run) Failing(num int) {
	conn, s := w.owner(num)
	if s == nil || !conn.Flags().Any(core.ConnConnected) || conn.Flags().Any(core.ConnPollSock|core.ConnSockRdSh) {
		return
	}
	other := s.Back()
	if conn == other.Conn() {
		other = s.Front()
	}
	if other.State() == streamif.CLO || other.Conn().Flags().Any(core.ConnSockWrSh) {
		return // nobody is left who would get them: its connection is closed, or has its FIN
	}
	d, in := conn.Desc(), w.kernel.FD(num).In()
	if d.Events().Any(core.EvErr) && (d.Active() & d.Ready()).Any(core.R) && in.Readable() > 0 {
		w.Breach("I48", "session", "session %d: a write is told of an error that was known, and %d bytes were there to be read",
			s.Peer().Label, in.Readable())
	}
}

// Closing implements simfd.Witness: no close takes back what was sent, for bytes that came
// meanwhile and that nobody read; a FIN goes before it. And no connection is closed for what
// is no error: one that fails and is closed within a round is seen here only.
func (w *run) Closing(num int, cut bool) {
	conn, s := w.owner(num)
	if s == nil {
		return
	}
	w.check.touch(s)
	w.kill(num)
	if e := conn.Err(); noError(e) {
		w.Breach("I28", "data", "session %d: %s was taken for an error", s.Peer().Label, e)
	}
	if cut && conn.Flags().Any(core.ConnConnected) && !conn.Flags().Any(core.ConnPollSock|core.ConnError) {
		w.Breach("I90", "session", "session %d: closed with bytes unread and no FIN before, which is a reset: %s", s.Peer().Label, conn.Flags())
	}
}

// noError says that an answer tells nothing about a connection's end.
func noError(e core.Errno) bool { return e == core.EINTR || e == core.EAGAIN || e == core.ENOTCONN }

// overlooked checks, when the reason of a session is new, that it is not a timeout
// while something waited for the program that it has not looked at. What came after
// the last look at everything may be late, and so may what a fault withholds.
func (c *checker) overlooked(s *streamif.Session) {
	si, seen := s.Back(), &c.seen[s.Peer().Label].back
	switch s.Reason()[0] {
	case 'c':
		si, seen = s.Front(), &c.seen[s.Peer().Label].front
	case 's':
	default:
		return
	}
	for _, d := range c.w.sim.Choices.Taken[c.taken:] {
		if d.Op.Fault() && d.Op != sim.OpWaitIntr && d.Op != sim.OpClockJump {
			return
		}
	}
	taken := c.w.sim.Choices.Taken
	for i := len(taken) - 1; i >= 0 && core.Time(taken[i].At) >= c.w.Looked(); i-- {
		switch taken[i].Op {
		case sim.OpRotate, sim.OpAhead, sim.OpLate, sim.OpTruncate, sim.OpSplit:
			return // who was first in a line that one report does not hold may be last in it now
		case sim.OpSpurious, sim.OpStale:
			return // and a line that is nobody's takes the place of somebody's
		case sim.OpSetFail:
			return // and who could not be registered was in none
		}
	}
	v := &seen.waits
	if !c.glanced || v.can == 0 || si.Conn().Flags().Any(core.ConnError|core.ConnSockRdSh) || v.sock.Out().Wrote() != v.wrote ||
		core.Time(v.sock.Came()) >= c.w.Looked() {
		return
	}
	if v.sock.In().Read() == v.read {
		c.w.Breach("I63", "session", "session %d: %s, and the kernel had something for %s to do",
			s.Peer().Label, s.Reason(), v.can)
	}
}
