package streamif

import (
	"millrace/core"
	"millrace/datalayer"
)

// SpliceMode says whether a direction's bytes pass through a pipe.
type SpliceMode uint8

// The modes.
const (
	SpliceOff  SpliceMode = iota
	SpliceAuto            // while they look like bulk
	SpliceOn
)

const (
	// spliceLeast is how much must be allowed to pass for a splice to be worth
	// its calls.
	spliceLeast = 4096
	// spliceMost is what is asked for: more than any pipe holds, because a pipe
	// counts pages, which hold up to 32 KiB each.
	spliceMost = 1 << 30
	// pipeEnough is when a pipe is as good as full. To read on while the consumer is
	// slow would take many small pieces; what stays in the socket comes in one.
	pipeEnough = 1 << 20
	// bulkReads is how many reads in a row must look like bulk, and chattySplices
	// how many splices must not, before the way is changed.
	bulkReads     = 3
	chattySplices = 4
	// bulkSize is what a turn reads at least if it is bulk, unless it ends for want
	// of room. Less than that costs no less through a pipe.
	bulkSize = 16384
)

// aim sets up a direction of a new session.
func (ch *Channel) aim(m SpliceMode) {
	if m == SpliceOn {
		ch.flags |= KernSplicing
	}
}

// mode is what the configuration says of the direction.
func (ch *Channel) mode() SpliceMode {
	if ch == &ch.s.req {
		return ch.s.proxy.cfg.SpliceReq
	}
	return ch.s.proxy.cfg.SpliceRep
}

// Spliced returns how many of the bytes read went through a pipe.
func (ch *Channel) Spliced() int64 {
	if d := ch.duct(); d != nil {
		return d.all
	}
	return 0
}

// Piped returns how many bytes the channel's pipe holds.
func (ch *Channel) Piped() int {
	if p := ch.pipe(); p != nil {
		return p.Len()
	}
	return 0
}

// watch decides whether a direction that is copied looks like bulk, or, where it is
// copied only for the time being, whether that was long enough. It is asked where the
// bytes are read: during bulk transfer no session runs.
func (ch *Channel) watch(got int64) {
	mode := ch.mode()
	if mode == SpliceOff || ch.flags.Any(KernSplicing|CannotSplice) || ch.early() {
		return // what fills a small buffer is not much
	}
	if got == 0 || mode == SpliceAuto && got < bulkSize && ch.Room() > 0 {
		ch.bulk = 0
		return
	}
	if ch.bulk++; ch.bulk == bulkReads {
		ch.bulk = 0
		ch.flags |= KernSplicing
	}
}

// chatty decides whether a direction that is spliced does not look like bulk any
// more.
func (ch *Channel) chatty(n int) {
	if ch.mode() != SpliceAuto {
		return
	}
	if n >= min(spliceLeast, ch.s.proxy.cfg.BufSize) {
		ch.bulk = 0
		return
	}
	if ch.bulk++; ch.bulk == chattySplices {
		ch.bulk = 0
		ch.flags &^= KernSplicing
	}
}

// piper returns the layer if it can splice towards the consumer's, else nil.
func (si *StreamInterface) piper() datalayer.Piper {
	other := si.in().cons()
	if si.IsApplet() || other.IsApplet() || other.state != EST {
		return nil
	}
	p, ok := si.layer().(datalayer.Piper)
	if _, too := other.layer().(datalayer.Piper); !ok || !too {
		return nil
	}
	return p
}

// splice reads into a pipe, if that is how this direction is to be read, and
// reports whether it did, or whether it is in doubt what it found. Whatever stands against
// it for the moment (too little that may pass, no pipe to be had) is a reason to copy;
// bytes in the buffer are a reason to wait, since they come before those of a pipe that is
// filled later, and a buffer that is filled as it empties would keep the pipe away for ever.
func (si *StreamInterface) splice(c *core.Conn) (done, doubt bool) {
	in := si.in()
	if !in.flags.Any(KernSplicing) || in.flags.Any(ShutR|CannotSplice) || in.ToForward() < spliceLeast {
		return false, false
	}
	piper := si.piper()
	if piper == nil {
		return false, false
	}
	if in.buf.Len() > 0 {
		in.flags |= PipeFull
		return true, false
	}
	if in.pipe() == nil && !in.lay() {
		return false, false
	}
	in.flags &^= Granted // the buffer that the line brought is not needed
	in.giveBack()
	limit := int(min(spliceMost, in.ToForward()))
	n, st := piper.RcvPipe(c, in.pipe(), limit)
	in.piped(n)
	if n > 0 {
		in.chatty(n)
		in.patient(c, n)
	}
	if st.Any(datalayer.Refused) {
		in.flags |= CannotSplice
		return false, false // at once, the other way: nobody will ask again
	}
	if st.Any(datalayer.Unsure) {
		return false, true
	}
	if st.Any(datalayer.Full) || in.Piped() >= si.s.proxy.cfg.PipeEnough {
		in.flags |= PipeFull
	}
	return true, false
}

// copies has the direction copied until some more was read that way.
func (ch *Channel) copies() {
	ch.flags &^= KernSplicing
	ch.bulk = 0
}

// piped accounts for n bytes that were just spliced in, and gives back a pipe that
// has none.
func (ch *Channel) piped(n int) {
	if n > 0 {
		ch.flags |= ReadPartial
		ch.prod().flags |= SIRead
		ch.total += int64(n)
		ch.duct().all += int64(n)
		if !ch.endless {
			ch.allow(ch.ToForward() - int64(n))
		}
	}
	if ch.pipe().Len() == 0 {
		ch.unpipe()
	}
}

// duct is what a direction needs for pipes. That of both is lent, from the first one until the session ends.
type duct struct {
	pipe     *datalayer.Pipe // lent itself; its bytes come before the buffer's; nil while there are none
	all      int64           // bytes that went through pipes
	patience patience
}

// duct returns the channel's, nil if nothing passed through a pipe either way.
func (ch *Channel) duct() *duct {
	switch d := ch.s.ducts; {
	case d == nil:
		return nil
	case ch == &ch.s.req:
		return &d[0]
	default:
		return &d[1]
	}
}

// pipe returns the channel's pipe, nil if it has none.
func (ch *Channel) pipe() *datalayer.Pipe {
	if d := ch.duct(); d != nil {
		return d.pipe
	}
	return nil
}

// lay gets the channel a pipe, and reports whether there was one.
func (ch *Channel) lay() bool {
	p := ch.s.proxy
	pipe := p.pipes.acquire()
	if pipe == nil {
		return false
	}
	if ch.s.ducts == nil {
		ch.s.ducts = p.ducts.take()
	}
	ch.duct().pipe = pipe
	return true
}

// unpipe gives the channel's pipe back.
func (ch *Channel) unpipe() {
	d := ch.duct()
	ch.s.proxy.pipes.release(d.pipe)
	d.pipe = nil
}

// pour sends what the pipe holds, and reports whether that was all of it.
func (si *StreamInterface) pour() bool {
	out := si.out()
	more := si.last() || out.buf.Out() > 0
	n, st := si.layer().(datalayer.Piper).SndPipe(&si.conn, out.pipe(), more)
	if n > 0 {
		out.gone(n)
	}
	if st.Any(datalayer.Refused) {
		out.flags |= CannotSplice
	}
	if out.pipe().Len() > 0 {
		return false
	}
	out.unpipe()
	return true
}
