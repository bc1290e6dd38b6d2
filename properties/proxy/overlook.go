package proxy

import (
	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
	"millrace/streamif"
	"millrace/traces/proxytrace"
)

// waiting is a side of a session for which something could be reported before a
// round.
type waiting struct {
	s     *streamif.Session
	conn  *core.Conn
	sock  *simfd.Socket
	can   core.Wish // wanted, and true
	read  int64
	wrote int64
}

// glance notes before a round what waits to be reported.
func (c *checker) glance() {
	w := c.w
	c.waits, c.taken = c.waits[:0], len(w.sim.Choices.Taken)
	if !w.poller.Pending() || w.set[proxytrace.Buffers] != 0 { // without a buffer nobody reads
		return
	}
	live := w.proxy.Sessions()
	for _, s := range live[:min(len(live), manySessions)] {
		for _, si := range [...]*streamif.StreamInterface{s.Front(), s.Back()} {
			conn := si.Conn()
			if !conn.Open() || si.Flags().Any(streamif.SILinger) {
				continue
			}
			num := conn.Desc().Num()
			asked, can := w.poller.Registered(num), conn.Desc().Active()&^conn.Desc().Paused()
			if asked == 0 || can == 0 {
				continue
			}
			sock, ev := w.kernel.FD(num), w.kernel.Events(num)&asked
			if sock.Owed() {
				continue // it was told that there is nothing, and the wake-up that is due comes late
			}
			if !ev.Any(core.EvIn|core.EvRdHup) || sock.In().Readable() == 0 {
				can &^= core.R
			}
			if !ev.Any(core.EvOut) {
				can &^= core.W
			}
			if can != 0 {
				c.waits = append(c.waits, waiting{s, conn, sock, can, sock.In().Read(), sock.Out().Wrote()})
			}
		}
	}
}

// overlooked checks, when the reason of a session is new, that it is not a timeout
// while something waited for the program that it has not looked at. What came after
// the last look at everything may be late, and so may what a fault withholds.
func (c *checker) overlooked(s *streamif.Session) {
	si := s.Back()
	switch s.Reason()[0] {
	case 'c':
		si = s.Front()
	case 's':
	default:
		return
	}
	for _, d := range c.w.sim.Choices.Taken[c.taken:] {
		if d.Op.Fault() && d.Op != sim.OpWaitIntr && d.Op != sim.OpClockJump {
			return
		}
	}
	for i := range c.waits {
		v := &c.waits[i]
		if v.s != s || v.conn != si.Conn() || v.conn.Flags().Any(core.ConnError|core.ConnSockRdSh) || v.sock.Out().Wrote() != v.wrote ||
			core.Time(v.sock.Came()) >= c.w.Looked() {
			continue
		}
		if v.sock.In().Read() == v.read {
			c.w.Breach("I63", "session", "session %d: %s, and the kernel had something for %s to do",
				s.Peer().Label, s.Reason(), v.can)
		}
	}
}
