package proxy

import (
	"fmt"
	"millrace/properties"

	"millrace/core"
	"millrace/streamif"
)

// side is one half of a session as the invariants see it.
type side struct {
	s    *streamif.Session
	si   *streamif.StreamInterface
	conn *core.Conn
	in   *streamif.Channel // what this side's endpoint produces
	out  *streamif.Channel // what it consumes
	seen *sideSeen
	// busy says that the session's task is queued: what it has yet to do is
	// not yet wrong.
	busy bool
	// open: there is a descriptor. live: and the side is connected, healthy, and
	// not waiting for its task.
	open, live       bool
	data, sock, curr core.Wish // the levels of polling
	flags            core.ConnFlags
}

// sideSeen is what the step before left behind, for what may only grow.
type sideSeen struct {
	shut    streamif.ChanFlags // of in
	total   int64              // read from in
	sent    int64              // sent from out
	readAt  core.Time          // when total last changed
	wroteAt core.Time          // when sent last changed
	timed   timed
	lingers bool // it was closed, and waits for what is under way
}

// rule is one invariant: it returns a sentence if it is broken.
type rule struct {
	id, layer string
	broken    func(v *side) string
}

// sends says that there is something to send, of the channel's or the layer's.
func (v *side) sends() bool { return !v.out.Empty() || v.flags.Any(core.ConnOwes) }

func (v *side) est() bool { return v.si.State() == streamif.EST }

// sideRules hold for both halves of every session whenever the proxy is at rest.
var sideRules = []rule{
	{"I13", "conn", func(v *side) string {
		if v.open && v.curr != v.conn.Desc().Active() {
			return fmt.Sprintf("the connection thinks it polls %s, the descriptor %s", v.curr, v.conn.Desc().Active())
		}
		return ""
	}},
	{"I14", "conn", func(v *side) string {
		if !v.open {
			return ""
		}
		want, f := v.data, v.flags
		if f.Any(core.ConnPollSock) {
			want = v.sock
		}
		if f.Any(core.ConnSockRdSh | core.ConnError) {
			want &^= core.R
		}
		if f.Any(core.ConnSockWrSh | core.ConnError) {
			want &^= core.W
		}
		if v.curr != want {
			return fmt.Sprintf("polls %s where the levels say %s", v.curr, want)
		}
		return ""
	}},
	{"I16", "conn", func(v *side) string {
		if v.open && v.sock != 0 && !v.flags.Any(core.ConnPollSock) {
			return fmt.Sprintf("sock level still wants %s", v.sock)
		}
		return ""
	}},
	{"I17", "conn", func(v *side) string {
		if v.flags.Any(core.ConnError) && v.curr != 0 {
			return fmt.Sprintf("polls %s after an error", v.curr)
		}
		return ""
	}},
	{"I18", "conn", func(v *side) string {
		up := v.flags.Any(core.ConnConnected)
		if v.open && !v.busy && up != v.est() {
			return fmt.Sprintf("established is %v in state %s", up, v.si.State())
		}
		return ""
	}},
	{"I19", "conn", func(v *side) string {
		if v.open && v.flags.Any(core.ConnWaitL4) {
			if _, sent := v.out.Bytes(); sent > 0 {
				return fmt.Sprintf("%d bytes sent while the connection is unconfirmed", sent)
			}
		}
		return ""
	}},
	{"I22", "conn", func(v *side) string {
		if v.si.State() == streamif.CON && v.flags.Any(core.ConnHandshake) {
			read, _ := v.in.Bytes()
			if _, sent := v.out.Bytes(); read > 0 || sent > 0 {
				return fmt.Sprintf("%d bytes read and %d sent before the handshakes were over", read, sent)
			}
		}
		return ""
	}},
	{"I24", "data", func(v *side) string {
		total, sent := v.in.Bytes()
		if n := int64(v.in.Buf().Len() + v.in.Piped()); total-sent != n && (n != 0 || !v.in.Flags().Any(streamif.ShutW)) {
			return fmt.Sprintf("%d bytes read and %d sent leave %d in buffer and pipe", total, sent, n)
		}
		return ""
	}},
	{"I28", "data", func(v *side) string {
		switch v.conn.Err() {
		case core.EINTR, core.EAGAIN, core.ENOTCONN:
			return v.conn.Err().String() + " was taken for an error"
		}
		return ""
	}},
	{"I31", "si", func(v *side) string {
		if v.live && !v.out.Flags().Any(streamif.ShutW) && v.sends() && !v.curr.Any(core.W) {
			return fmt.Sprintf("%d bytes to send and writing is not wanted", v.out.Buf().Out())
		}
		return ""
	}},
	{"I31", "layer", func(v *side) string {
		n := v.si.Unsent()
		if v.live && n > 0 && !v.flags.Any(core.ConnOwes|core.ConnSockWrSh) {
			return fmt.Sprintf("the layer has %d bytes to send and does not say so", n)
		}
		return ""
	}},
	{"I78", "layer", func(v *side) string {
		if v.live && v.si.Holds() && !v.in.Flags().Any(streamif.ShutR) && !v.in.Blocked() && !(v.conn.Desc().Ready() | v.conn.Desc().Paused()).Any(core.R) {
			return fmt.Sprintf("the layer holds bytes, there is room for %d, and nobody will ask for them", v.in.Room())
		}
		return ""
	}},
	{"I75", "si", func(v *side) string {
		if v.live && v.s.Proxy().Config().NoHalf && !v.si.IsApplet() && !v.si.Flags().Any(streamif.SILinger) &&
			v.in.Flags().Any(streamif.ShutR) && v.out.Empty() && !v.sends() {
			return "half-closes are not allowed, and one half is closed"
		}
		return ""
	}},
	{"I41", "layer", func(v *side) string {
		if n := v.si.Unsent(); v.open && n > 0 && v.flags.Any(core.ConnSockWrSh) && !v.flags.Any(core.ConnError) {
			return fmt.Sprintf("the FIN was sent and the layer has %d bytes left", n)
		}
		return ""
	}},
	{"I32", "si", func(v *side) string {
		if v.live && !v.in.Flags().Any(streamif.ShutR) && !v.in.Blocked() && !v.curr.Any(core.R) {
			return fmt.Sprintf("room for %d bytes and reading is not wanted", v.in.Room())
		}
		return ""
	}},
	{"I33", "si", func(v *side) string {
		if v.live && v.in.Blocked() && v.curr.Any(core.R) {
			return "reading is wanted without room"
		}
		return ""
	}},
	{"I34", "si", func(v *side) string {
		if v.live && !v.sends() && v.curr.Any(core.W) {
			return "writing is wanted with nothing to send"
		}
		return ""
	}},
	{"I35", "si", func(v *side) string {
		f := v.si.Flags()
		switch {
		case !v.live:
		case f.Any(streamif.SIWaitRoom) && !v.in.Flags().Any(streamif.ShutR) && !v.in.Blocked():
			return "waits for room and has some"
		case v.in.Flags()&(streamif.PipeFull|streamif.ShutR) == streamif.PipeFull && v.in.Empty():
			return "waits for something to leave, and nothing is left"
		case f.Any(streamif.SIWaitData) && v.sends():
			return "waits for data and has some"
		}
		return ""
	}},
	{"I37", "channel", func(v *side) string {
		b := v.in.Buf()
		if b.In() < 0 || b.Out() < 0 || b.Allocated() && b.Len() > b.Size() {
			return fmt.Sprintf("in %d, out %d, size %d", b.In(), b.Out(), b.Size())
		}
		return ""
	}},
	{"I38", "channel", func(v *side) string {
		n, f := v.in.ToForward(), v.in.Flags()
		if n < 0 || n > 0 && v.in.Buf().In() > 0 && !f.Any(streamif.ShutW|streamif.ShutWNow) {
			return fmt.Sprintf("to_forward %d with %d bytes of input held back", n, v.in.Buf().In())
		}
		if w := v.s.Proxy().Config(); n != streamif.Infinite && !f.Any(streamif.ShutW) && v.in.Buf().In() > w.BufSize-w.Reserve {
			return fmt.Sprintf("%d bytes of input wait to be decided on, and %d of %d are to be kept free", v.in.Buf().In(), w.Reserve, w.BufSize)
		}
		if w := v.s.Proxy().Config().Window; w > 0 && n != streamif.Infinite {
			total, _ := v.in.Bytes()
			if passed := total - int64(v.in.Buf().In()); (passed+n)%w != 0 {
				return fmt.Sprintf("%d bytes passed and %d more may, which is no multiple of %d", passed, n, w)
			}
		}
		if n == 0 && v.live && v.in.Empty() && v.in.Buf().In() > 0 && !f.Any(streamif.ShutW) {
			return fmt.Sprintf("to_forward is used up, %d bytes wait, and nobody decides", v.in.Buf().In())
		}
		return ""
	}},
	{"I39", "channel", func(v *side) string {
		f := v.in.Flags()
		both := f.Any(streamif.ShutR) && f.Any(streamif.ShutRNow) || f.Any(streamif.ShutW) && f.Any(streamif.ShutWNow)
		if both || v.seen.shut&^f&(streamif.ShutR|streamif.ShutW) != 0 {
			return fmt.Sprintf("%s after %s", f, v.seen.shut)
		}
		return ""
	}},
	{"I40", "channel", func(v *side) string {
		if f := v.out.Flags(); v.live && f.Any(streamif.ShutR) && !f.Any(streamif.ShutW) && v.out.Buf().Len() == 0 && !v.sends() {
			return "the end of stream was read, nothing is left to send, and the FIN is not sent"
		}
		return ""
	}},
	{"I44", "pool", func(v *side) string {
		f, b := v.in.Flags(), v.in.Buf()
		useless := b.Len() == 0 && !f.Any(streamif.Granted) || f.Any(streamif.ShutR) && f.Any(streamif.ShutW)
		if b.Allocated() && useless && !v.busy {
			return "keeps a buffer that it has no use for"
		}
		if v.in.Piped() > 0 && f.Any(streamif.ShutR) && f.Any(streamif.ShutW) && !v.busy {
			return "keeps a pipe that it has no use for"
		}
		return ""
	}},
	{"I43", "si", func(v *side) string {
		st := v.si.State()
		if want := st == streamif.CON || st == streamif.EST; !v.si.IsApplet() && want != v.open {
			return fmt.Sprintf("descriptor open is %v in state %s", v.open, st)
		}
		if st >= streamif.DIS && (!v.in.Flags().Any(streamif.ShutR) || !v.out.Flags().Any(streamif.ShutW)) {
			return "closed, but not in the books of both channels"
		}
		return ""
	}},
	{"I50", "timer", func(v *side) string {
		rex, _ := v.in.Deadlines()
		_, wex := v.out.Deadlines()
		first := core.First(v.si.Exp(), core.First(rex, wex))
		if due := v.s.Task().Deadline(); first != 0 && !v.busy && (due == 0 || due > first) {
			return fmt.Sprintf("something expires at %d and the task sleeps until %d", first, due)
		}
		return ""
	}},
	{"I51", "timer", func(v *side) string {
		rex, _ := v.in.Deadlines()
		_, wex := v.out.Deadlines()
		if rex != 0 && v.in.Flags().Any(streamif.ShutR) || wex != 0 && v.out.Flags().Any(streamif.ShutW) {
			return "a shut direction owns a timer"
		}
		if !v.live {
			return ""
		}
		rto, _ := v.in.Timeouts()
		_, wto := v.out.Timeouts()
		reads := rto != 0 && !v.in.Flags().Any(streamif.ShutR) && !v.in.Blocked()
		writes := wto != 0 && !v.out.Flags().Any(streamif.ShutW) && v.sends()
		if reads != (rex != 0) || writes != (wex != 0) {
			return fmt.Sprintf("reading has a timer: %v, and should: %v; writing: %v, %v", rex != 0, reads, wex != 0, writes)
		}
		return ""
	}},
}

// look applies all side rules and returns the first that is broken.
func (v *side) look() *properties.Failure {
	for i := range sideRules {
		r := &sideRules[i]
		if what := r.broken(v); what != "" {
			return &properties.Failure{ID: r.id, Where: r.layer + " " + v.abstract(), What: v.name() + ": " + what}
		}
	}
	v.seen.shut = v.in.Flags()
	return nil
}

// sides fills in both halves of a session.
func sides(both *[2]side, s *streamif.Session, seen *sessionSeen) {
	front, back := &both[0], &both[1]
	front.s, front.si, front.in, front.out, front.seen = s, s.Front(), s.Req(), s.Rep(), &seen.front
	back.s, back.si, back.in, back.out, back.seen = s, s.Back(), s.Rep(), s.Req(), &seen.back
	for i := range both {
		v := &both[i]
		v.conn = v.si.Conn()
		v.busy = s.Task().Queued()
		v.open = v.conn.Open()
		v.flags = v.conn.Flags()
		v.data, v.sock, v.curr = v.conn.Levels()
		v.live = v.est() && v.open && !v.busy && !v.flags.Any(core.ConnError|core.ConnPollSock)
	}
}

// abstract is the state without anything that differs from run to run.
func (v *side) abstract() string {
	return v.s.Front().State().String() + "/" + v.s.Back().State().String()
}

func (v *side) name() string {
	end := "back"
	if v.si == v.s.Front() {
		end = "front"
	}
	return fmt.Sprintf("session %d %s %s conn=%s si=%s in=%s out=%s", v.s.Peer().Label, end,
		v.si.State(), v.conn.Flags(), v.si.Flags(), v.in.Flags(), v.out.Flags())
}
