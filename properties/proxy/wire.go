package proxy

import (
	"strings"

	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/proxyproto"
	"millrace/properties"
	"millrace/sim"
	"millrace/simfd"
	"millrace/traces"
)

// wire is a peer's end of a connection, and what comes before the data there: a
// PROXY header, a cipher. Without either it is the socket and nothing else. It is
// also where handshakes go wrong, at any byte.
type wire struct {
	w       *run
	peer    *properties.Peer
	label   uint32
	sock    *simfd.Socket
	agent   *sim.Agent
	cipher  datalayer.Cipher // nil = none
	in, out datalayer.Bytes
	header  bool // a PROXY header must come first
	up      bool // data may flow
	dry     bool // all that came was looked at
	shaken  int  // bytes of handshakes sent
	shaking int  // and queued, in all
	cut     int  // after so many something happens to it; negative = never
	how     sim.Op
	flip    int // this bit is turned; negative = none
	silent  bool
	said    bool // the goodbye was queued
	rude    bool // and is not going to be
	ended   bool // the other end's was read, or its failure
	failed  core.Errno
	short   bool // the other end's FIN came without its goodbye
	echoes  bool
}

// Wire implements properties.Wirer.
func (w *run) Wire(p *properties.Peer) properties.Wire {
	x := sim.Take(&w.wires)
	*x = wire{w: w, peer: p, label: p.Label, sock: p.Sock, agent: p.Agent(), echoes: p.Script.Has(traces.Echo)}
	if p.Client {
		x.lay(w.clientWire(p.Label))
	} else {
		x.lay(w.serverWire())
	}
	return x
}

// lay prepares the wire of a new connection; head is what it begins with.
func (x *wire) lay(head []byte, c datalayer.Cipher, header bool) {
	x.in.Init(&x.w.stock)
	x.out.Init(&x.w.stock)
	x.out.Add(head)
	x.shaking = len(head)
	x.cipher, x.header = c, header
	x.cut, x.flip = -1, -1
	x.up = c == nil && !header
	if len(head) == 0 && c == nil {
		return
	}
	span := len(head) + x.w.shakeSpan
	for _, op := range [...]sim.Op{sim.OpShakeReset, sim.OpShakeFin, sim.OpShakeMute} {
		if v := x.agent.Choose(op, span); v != 0 {
			x.cut, x.how = v-1, op
		}
	}
	x.flip = x.agent.Choose(sim.OpShakeFlip, 8*span) - 1
}

// Free ends the wire's life.
func (x *wire) Free() {
	if x.cipher != nil {
		x.cipher.Free()
	}
	x.in.Clear()
	x.out.Clear()
}

// Ready goes on with the handshakes and says whether data may flow. e is set if
// it never will.
func (x *wire) Ready() (bool, core.Errno) {
	e := x.flush()
	for !x.up && e == 0 {
		done := false
		if done, e = x.shake(); done || e != 0 {
			x.up = done
			break
		}
		e = x.fill()
	}
	if e == core.EAGAIN {
		e = 0
	}
	return x.up && e == 0, e
}

// shake makes one step of the handshake that is due.
func (x *wire) shake() (bool, core.Errno) {
	if x.header {
		if e := x.readHeader(); e != 0 || x.header {
			return false, e
		}
	}
	if x.cipher == nil {
		return true, 0
	}
	before := x.out.Len()
	done, e := x.cipher.Shake(&x.in, &x.out)
	x.blame(e)
	x.shaking += x.out.Len() - before
	if done && e == 0 && !x.peer.Client && x.w.marks(true) && !x.w.Garbled(x.label) {
		if got := x.cipher.Protocol(); got != protocol {
			x.w.Breach("I85", "peer", "session %d: its client asks for the protocol %q, and its server hears of %q", x.label, protocol, got)
		}
	}
	if e2 := x.flush(); e == 0 {
		e = e2
	}
	return done, e
}

// readHeader checks the header that the proxy must have sent: the whole of it,
// once, before anything else.
func (x *wire) readHeader() core.Errno {
	var h proxyproto.Header
	got := x.in.Held()
	n, v, fault := proxyproto.Parse(got, &h)
	if v == proxyproto.More {
		return 0
	}
	want := x.w.serverHeader(x.label)
	switch {
	case x.w.Garbled(x.label):
	case v == proxyproto.Bad:
		x.w.Breach("I21", "peer", "session %d: the server got a header that is bad (%s) and begins with %q",
			x.label, fault, got[:min(len(got), 8)])
	case string(got[:n]) != string(want):
		x.w.Breach("I21", "peer", "session %d: the server got the header %q instead of %q", x.label, got[:n], want)
	}
	if v == proxyproto.Done {
		x.in.Drop(n)
		x.header = false
		return 0
	}
	return core.EHEADER
}

// fill reads what has come.
func (x *wire) fill() core.Errno {
	n, e := x.sock.Recv(x.in.Room())
	x.in.Added(n)
	if e == 0 && n == 0 {
		x.short = true
		return core.ETRUNCATED
	}
	return e
}

// blame looks at a cipher that failed: with no bit turned, somebody lost bytes of
// its own, or swapped them. Who only hears of it has an alert.
func (x *wire) blame(e core.Errno) {
	if e != 0 && !x.w.Garbled(x.label) && !heard(x.cipher.Detail()) {
		x.w.Breach("I60", "peer", "session %d: the cipher of %s fails, and no bit was turned: %s",
			x.label, x.agent.Actor, x.cipher.Detail())
	}
}

// heard says whether a cipher's explanation is that the other end failed first, in
// the words of either kind.
func heard(detail string) bool {
	return strings.Contains(detail, "alert from the peer") || strings.Contains(detail, "remote error")
}

// most is how much a cipher is given at a time.
const most = 16384

// Up, Silent, Torn, Ended and Short implement properties.Wire.
func (x *wire) Up() bool     { return x.up }
func (x *wire) Silent() bool { return x.silent }
func (x *wire) Torn() bool   { return x.silent && x.how == sim.OpShakeReset }
func (x *wire) Short() bool  { return x.short }
func (x *wire) Ended() bool  { return x.said || x.cipher == nil && x.peer.Fin }

// Room implements properties.Wire: a cipher takes whatever it is given, and a flush that
// is not done is told when there is room.
func (x *wire) Room() int {
	switch {
	case x.cipher == nil:
		return properties.RoomOf(x.peer)
	case x.flush() == 0 && x.room():
		return most
	}
	return 0
}

// Recv is the socket's Recv, behind the handshakes.
func (x *wire) Recv(p []byte) (int, core.Errno) {
	switch {
	case x.cipher == nil && x.in.Len() > 0: // came with the header
		n := copy(p, x.in.Held())
		x.in.Drop(n)
		return n, 0
	case x.cipher == nil:
		return x.sock.Recv(p)
	}
	x.dry = false
	for !x.ended {
		n, st, e := x.cipher.Open(&x.in, &x.out, p)
		x.flush()
		x.blame(e)
		if e != 0 || st.Any(datalayer.End) {
			x.ended, x.failed = true, e
		}
		if n > 0 {
			return n, 0
		}
		if x.ended {
			break
		}
		if e := x.fill(); e != 0 {
			x.dry = e == core.EAGAIN
			return 0, e
		}
	}
	return 0, x.failed
}

// Pending says that there may be something to read without the socket saying so.
func (x *wire) Pending() bool {
	if x.cipher == nil {
		return x.in.Len() > 0
	}
	return x.up && !x.dry
}

// Send is the socket's Send. What a cipher takes, it takes whole.
func (x *wire) Send(p []byte) (int, core.Errno) {
	if x.cipher == nil {
		if x.silent {
			return 0, core.EAGAIN
		}
		return x.sock.Send(p, false)
	}
	if e := x.flush(); e != 0 {
		return 0, e
	}
	if x.room() {
		x.renew()
	}
	if d, ok := x.cipher.(renewer); ok && x.ended && !d.MaySeal() {
		return 0, core.EPIPE // the renewal will never be answered
	}
	if !x.room() {
		return 0, core.EAGAIN
	}
	p = p[:min(len(p), most)]
	if e := x.cipher.Seal(&x.out, p); e != 0 {
		return 0, e
	}
	if e := x.flush(); e != 0 {
		return 0, e
	}
	return len(p), 0
}

// room says whether a cipher takes anything now.
func (x *wire) room() bool {
	d, ok := x.cipher.(renewer)
	return x.out.Len() == 0 && !x.silent && !x.said && (!ok || d.MaySeal())
}

// renewer is a cipher that can be made to change keys, or to shake hands again.
type renewer interface {
	MaySeal() bool
	Rekey(out *datalayer.Bytes, both bool)
	Renew(out *datalayer.Bytes)
}

// renew does so in front of some data, if a choice says so.
func (x *wire) renew() {
	d, ok := x.cipher.(renewer)
	if !ok {
		return
	}
	n := sim.NumRenew
	if x.echoes || x.ended {
		n = sim.RenewHandshake // it reads no more than it may send, or no more at all: no answer would come
	}
	switch x.agent.Choose(sim.OpRenew, n) {
	case sim.RenewKeys:
		d.Rekey(&x.out, false)
	case sim.RenewBoth:
		d.Rekey(&x.out, true)
	case sim.RenewHandshake:
		d.Renew(&x.out)
	default:
		return
	}
	x.flush()
}

// Goodbye queues the end of the stream that the layer has, and says whether the
// FIN may follow.
func (x *wire) Goodbye() bool {
	if x.up && x.cipher != nil && !x.said && !x.rude && !x.silent {
		if d, ok := x.cipher.(renewer); ok && !d.MaySeal() {
			x.rude = true // in the middle of a renewal there is nothing to say it in
		} else if x.rude = x.agent.Choose(sim.OpNoGoodbye, 2) != 0; !x.rude {
			x.said = true
			x.cipher.Goodbye(&x.out)
		}
	}
	return x.flush() != 0 || x.out.Len() == 0 || x.silent
}

// flush sends what is queued, as far as it goes.
func (x *wire) flush() core.Errno {
	for x.out.Len() > 0 && !x.silent {
		p := x.out.Held()
		x.turn(p)
		if x.cut >= 0 && x.cut < x.shaking {
			p = p[:min(len(p), x.cut-x.shaken)]
		}
		if len(p) == 0 {
			return x.stop()
		}
		n, e := x.sock.Send(p, false)
		switch {
		case e == core.EAGAIN:
			return 0
		case e != 0:
			return e
		}
		x.shaken += n
		if x.out.Drop(n); n < len(p) {
			return 0
		}
	}
	return 0
}

// turn turns the bit that is to be wrong, if it is among these bytes.
func (x *wire) turn(p []byte) {
	if at := x.flip/8 - x.shaken; x.flip >= 0 && at < len(p) && x.flip/8 < x.shaking {
		p[at] ^= 1 << (x.flip % 8)
		x.flip = -1
		x.w.Garble(x.label)
	}
}

// stop is what becomes of a handshake that is cut.
func (x *wire) stop() core.Errno {
	x.silent = true
	switch x.how {
	case sim.OpShakeReset:
		return core.ECONNRESET
	case sim.OpShakeFin:
		x.sock.ShutW()
	}
	return 0
}
