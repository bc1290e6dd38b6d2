package proxy

import (
	"fmt"

	"millrace/core"
	"millrace/properties"
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
	busy             bool
	data, sock, curr core.Wish // the levels of polling
	state            streamif.State
	flags            core.ConnFlags
	wants            streamif.SIFlags
	inF, outF        streamif.ChanFlags
	sends            bool // there is something to send, of the channel's or the layer's
}

// sideSeen is what the step before left behind, for what may only grow.
type sideSeen struct {
	shut    streamif.ChanFlags // of in
	readAt  core.Time          // when something was last read from in
	wroteAt core.Time          // when something was last sent from out
	timed   timed
	lingers bool      // it was closed, and waits for what is under way
	parted  core.Time // since then
	asked   int       // how often it had been asked before what is under way
	waits   waiting   `digest:"-"` // see checker
	bulk    bulky
	piped   piped
	patient bool  // the kernel is to report nothing but much
	cut     bool  // what it gets was cut short, and is to end with a reset
	wrote   int64 // what had been sent by then
}

// look applies the rules of sides to both halves of a session, and returns the first that
// is broken. They hold whenever the proxy is at rest.
func look(s *streamif.Session, seen *sessionSeen) *properties.Failure {
	front := side{s: s, si: s.Front(), in: s.Req(), out: s.Rep(), seen: &seen.front}
	if f := front.look(); f != nil {
		return f
	}
	back := side{s: s, si: s.Back(), in: s.Rep(), out: s.Req(), seen: &seen.back}
	return back.look()
}

// look applies all rules to one side. What several of them want to know is found out
// once, and those that are about a descriptor, or about a connection that moves data, are
// asked only where there is one: in most steps most sides are idle.
func (v *side) look() *properties.Failure {
	v.conn = v.si.Conn()
	v.busy = v.s.Task().Queued()
	v.flags, v.wants, v.state = v.conn.Flags(), v.si.Flags(), v.si.State()
	v.data, v.sock, v.curr = v.conn.Levels()
	v.inF, v.outF = v.in.Flags(), v.out.Flags()
	v.sends = !v.out.Empty() || v.flags.Any(core.ConnOwes)
	f := v.always()
	if f == nil && v.conn.Open() {
		f = v.opened()
		// Connected, healthy, and not waiting for its task.
		if f == nil && v.state == streamif.EST && !v.busy && !v.flags.Any(core.ConnError) {
			f = v.live()
		}
	}
	v.seen.shut = v.inF
	return f
}

// opened are the rules of a side that has a descriptor.
func (v *side) opened() *properties.Failure {
	if v.curr != v.conn.Desc().Active() {
		return v.breaks("I13", "conn", "the connection thinks it polls %s, the descriptor %s", v.curr, v.conn.Desc().Active())
	}
	if v.flags.Any(core.ConnError) && !v.busy {
		return v.breaks("I49", "conn", "the connection failed, which was told, and nobody is going to look")
	}
	want := v.data
	if v.flags.Any(core.ConnPollSock) {
		want = v.sock
	}
	if v.flags.Any(core.ConnSockRdSh | core.ConnError) {
		want &^= core.R
	}
	if v.flags.Any(core.ConnSockWrSh | core.ConnError) {
		want &^= core.W
	}
	if v.curr != want {
		return v.breaks("I14", "conn", "polls %s where the levels say %s", v.curr, want)
	}
	if v.sock != 0 && !v.flags.Any(core.ConnPollSock) {
		return v.breaks("I16", "conn", "sock level still wants %s", v.sock)
	}
	if up := v.flags.Any(core.ConnConnected); !v.busy && up != (v.state == streamif.EST) {
		return v.breaks("I18", "conn", "established is %v in state %s", up, v.state)
	}
	if _, sent := v.out.Bytes(); sent > 0 && v.flags.Any(core.ConnWaitL4) {
		return v.breaks("I19", "conn", "%d bytes sent while the connection is unconfirmed", sent)
	}
	if v.flags&(core.ConnSockWrSh|core.ConnError) == core.ConnSockWrSh && v.si.Unsent() > 0 {
		return v.breaks("I41", "layer", "the FIN was sent and the layer has %d bytes left", v.si.Unsent())
	}
	return nil
}

// live are the rules of a side that moves data.
func (v *side) live() *properties.Failure {
	reads, writes := !v.inF.Any(streamif.ShutR), !v.outF.Any(streamif.ShutW)
	blocked := v.in.Blocked()
	if v.flags.Any(core.ConnPollSock) {
		return v.times(reads, writes, blocked) // a handshake in the middle: nothing moves
	}
	switch {
	case writes && v.sends && !v.curr.Any(core.W):
		return v.breaks("I31", "si", "%d bytes to send and writing is not wanted", v.out.Buf().Out())
	case !v.flags.Any(core.ConnOwes|core.ConnSockWrSh) && v.si.Unsent() > 0:
		return v.breaks("I31", "layer", "the layer has %d bytes to send and does not say so", v.si.Unsent())
	case reads && !blocked && !(v.conn.Desc().Ready() | v.conn.Desc().Paused()).Any(core.R) && v.si.Holds():
		return v.breaks("I78", "layer", "the layer holds bytes, there is room for %d, and nobody will ask for them", v.in.Room())
	case !reads && !v.sends && !v.wants.Any(streamif.SILinger) && !v.si.IsApplet() && v.s.Proxy().Config().NoHalf:
		return v.breaks("I75", "si", "half-closes are not allowed, and one half is closed")
	case reads && !blocked && !v.curr.Any(core.R):
		return v.breaks("I32", "si", "room for %d bytes and reading is not wanted", v.in.Room())
	case blocked && v.curr.Any(core.R):
		return v.breaks("I33", "si", "reading is wanted without room")
	case !v.sends && v.curr.Any(core.W):
		return v.breaks("I34", "si", "writing is wanted with nothing to send")
	case blocked && v.in.ToForward() != streamif.Infinite && v.roomy():
		return v.breaks("I32", "si", "all %d bytes in the buffer are sure to leave, there is room for more, and reading has stopped", v.in.Buf().Len())
	case v.wants.Any(streamif.SIWaitRoom) && reads && !blocked:
		return v.breaks("I35", "si", "waits for room and has some")
	case reads && v.inF.Any(streamif.PipeFull) && v.in.Empty():
		return v.breaks("I35", "si", "waits for something to leave, and nothing is left")
	case v.wants.Any(streamif.SIWaitData) && v.sends:
		return v.breaks("I35", "si", "waits for data and has some")
	case v.in.ToForward() == 0 && v.in.Empty() && v.in.Buf().In() > 0 && !v.inF.Any(streamif.ShutW):
		return v.breaks("I38", "channel", "to_forward is used up, %d bytes wait, and nobody decides", v.in.Buf().In())
	case writes && !v.sends && v.outF.Any(streamif.ShutR) && v.out.Buf().Len() == 0:
		return v.breaks("I40", "channel", "the end of stream was read, nothing is left to send, and the FIN is not sent")
	}
	return v.times(reads, writes, blocked)
}

// times says that a direction has a timer if and only if it waits for the peer. A goodbye that
// has to wait for the end of a handshake in the middle does so too: a peer that never ends it
// would keep the session.
func (v *side) times(reads, writes, blocked bool) *properties.Failure {
	rex, _ := v.in.Deadlines()
	_, wex := v.out.Deadlines()
	rto, _ := v.in.Timeouts()
	_, wto := v.out.Timeouts()
	sends := v.sends || v.flags.Any(core.ConnHandshake) && v.out.Closing()
	early := v.si == v.s.Front() && early(v.s)
	reads, writes = reads && !blocked && rto != 0 && !early, writes && sends && wto != 0
	if reads != (rex != 0) || writes != (wex != 0) {
		return v.breaks("I51", "timer", "reading has a timer: %v, and should: %v; writing: %v, %v", rex != 0, reads, wex != 0, writes)
	}
	return nil
}

// roomy says that the channel has a buffer that is not full, behind whose bytes nothing has to be
// kept free: they leave without anybody's asking, and so would those that come.
func (v *side) roomy() bool {
	b, cfg := v.in.Buf(), v.s.Proxy().Config()
	free := b.Size() - b.Len()
	if b.Size() == 0 {
		free = cfg.FirstSize()
	}
	return free > 0 && !v.inF.Any(streamif.WaitBuf|streamif.PipeFull) && v.si.Unsent() == 0 &&
		v.in.ToForward()+int64(b.Out()) >= int64(cfg.Reserve)
}

// always are the rules of any side.
func (v *side) always() *properties.Failure {
	if v.flags.Any(core.ConnError) && v.curr != 0 {
		return v.breaks("I17", "conn", "polls %s after an error", v.curr)
	}
	read, passed := v.in.Bytes()
	if _, sent := v.out.Bytes(); (read > 0 || sent > 0) && v.state == streamif.CON && v.flags.Any(core.ConnHandshake) {
		return v.breaks("I22", "conn", "%d bytes read and %d sent before the handshakes were over", read, sent)
	}
	b := v.in.Buf()
	if n := int64(b.Len() + v.in.Piped()); read-passed != n && (n != 0 || !v.inF.Any(streamif.ShutW)) {
		return v.breaks("I24", "data", "%d bytes read and %d sent leave %d in buffer and pipe", read, passed, n)
	}
	if noError(v.conn.Err()) {
		return v.breaks("I28", "data", "%s was taken for an error", v.conn.Err())
	}
	if b.In() < 0 || b.Out() < 0 || b.Allocated() && b.Len() > b.Size() {
		return v.breaks("I37", "channel", "in %d, out %d, size %d", b.In(), b.Out(), b.Size())
	}
	if v.si == v.s.Front() && early(v.s) && b.Size() > v.s.Proxy().Config().FirstSize() {
		return v.breaks("I37", "channel", "%d bytes wait for their server in a buffer of %d", b.Len(), b.Size())
	}
	if f := v.forwards(read); f != nil {
		return f
	}
	shut := v.inF & (streamif.ShutR | streamif.ShutW)
	both := shut.Any(streamif.ShutR) && v.inF.Any(streamif.ShutRNow) || shut.Any(streamif.ShutW) && v.inF.Any(streamif.ShutWNow)
	if both || v.seen.shut&^shut&(streamif.ShutR|streamif.ShutW) != 0 {
		return v.breaks("I39", "channel", "%s after %s", v.inF, v.seen.shut)
	}
	over := shut == streamif.ShutR|streamif.ShutW
	if b.Allocated() && !v.busy && (over || b.Len() == 0 && !v.inF.Any(streamif.Granted)) {
		return v.breaks("I44", "pool", "keeps a buffer that it has no use for")
	}
	if v.inF.Any(streamif.ShutR) && v.inF.Any(streamif.WaitBuf) && !v.busy {
		return v.breaks("I44", "pool", "keeps a place in line for a buffer that it has no use for")
	}
	if over && !v.busy && v.in.Piped() > 0 {
		return v.breaks("I44", "pool", "keeps a pipe that it has no use for")
	}
	if want := v.state == streamif.CON || v.state == streamif.EST; want != v.conn.Open() && !v.si.IsApplet() {
		return v.breaks("I43", "si", "descriptor open is %v in state %s", v.conn.Open(), v.state)
	}
	if v.state >= streamif.DIS && !(shut.Any(streamif.ShutR) && v.outF.Any(streamif.ShutW)) {
		return v.breaks("I43", "si", "closed, but not in the books of both channels")
	}
	return v.expires()
}

// forwards are the rules of what may pass unasked, of read bytes that came.
func (v *side) forwards(read int64) *properties.Failure {
	n, held := v.in.ToForward(), v.in.Buf().In()
	if n < 0 || n > 0 && held > 0 && !v.inF.Any(streamif.ShutW|streamif.ShutWNow) {
		return v.breaks("I38", "channel", "to_forward %d with %d bytes of input held back", n, held)
	}
	if n == streamif.Infinite {
		return nil
	}
	cfg := v.s.Proxy().Config()
	if held > max(cfg.BufSize, v.in.Buf().Size())-cfg.Reserve && !v.inF.Any(streamif.ShutW) {
		return v.breaks("I38", "channel", "%d bytes of input wait to be decided on, and %d of %d are to be kept free", held, cfg.Reserve, cfg.BufSize)
	}
	if passed := read - int64(held); cfg.Window > 0 && (passed+n)%cfg.Window != 0 {
		return v.breaks("I38", "channel", "%d bytes passed and %d more may, which is no multiple of %d", passed, n, cfg.Window)
	}
	return nil
}

// expires are the rules of timers that hold for any side.
func (v *side) expires() *properties.Failure {
	rex, _ := v.in.Deadlines()
	_, wex := v.out.Deadlines()
	first, due := core.First(v.si.Exp(), core.First(rex, v.out.Look())), v.s.Task().Deadline()
	if first != 0 && !v.busy && (due == 0 || due > first) {
		return v.breaks("I50", "timer", "something expires at %d and the task sleeps until %d", first, due)
	}
	if rex != 0 && v.inF.Any(streamif.ShutR) || wex != 0 && v.outF.Any(streamif.ShutW) {
		return v.breaks("I51", "timer", "a shut direction owns a timer")
	}
	return nil
}

// breaks says that the side breaks an invariant.
func (v *side) breaks(id, layer, format string, args ...any) *properties.Failure {
	end := "back"
	if v.si == v.s.Front() {
		end = "front"
	}
	name := fmt.Sprintf("session %d %s %s conn=%s si=%s in=%s out=%s", v.s.Peer().Label, end, v.state, v.flags, v.wants, v.inF, v.outF)
	return &properties.Failure{ID: id, Where: layer + " " + abstract(v.s), What: name + ": " + fmt.Sprintf(format, args...)}
}

// abstract is a session's state without anything that differs from run to run.
func abstract(s *streamif.Session) string {
	return s.Front().State().String() + "/" + s.Back().State().String()
}
