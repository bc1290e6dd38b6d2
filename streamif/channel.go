package streamif

import (
	"math"

	"millrace/core"
	"millrace/datalayer"
)

// Infinite as a channel's to_forward lets everything pass for ever.
const Infinite int64 = math.MaxInt64

// Channel is one direction of a session: what the producer read and the
// consumer has yet to send.
type Channel struct {
	s        *Session
	buf      *datalayer.Buffer // lent; the pool's empty one while it has none
	rex      core.Time         // when reading times out, 0 = not running; see half
	total    int64             // bytes read so far
	sent     int64             // bytes sent so far
	flags    ChanFlags
	endless  bool // all bytes pass without asking the session; see ToForward
	reserved bool // buf came from the pool's reserve
	bulk     int8 // reads in a row that look like bulk, or splices that do not
	swell    int8 // reads in a row that a larger buffer would have been better for
}

// prod is the endpoint whose bytes they are.
func (ch *Channel) prod() *StreamInterface {
	if ch == &ch.s.req {
		return &ch.s.front
	}
	return &ch.s.back
}

// cons is the endpoint that gets them.
func (ch *Channel) cons() *StreamInterface {
	if ch == &ch.s.req {
		return &ch.s.back
	}
	return &ch.s.front
}

// Flags returns the channel's flags.
func (ch *Channel) Flags() ChanFlags { return ch.flags }

// Buf returns the channel's buffer, to be looked at only.
func (ch *Channel) Buf() *datalayer.Buffer { return ch.buf }

// ToForward returns how many more bytes may pass unasked.
func (ch *Channel) ToForward() int64 {
	if ch.endless {
		return Infinite
	}
	return ch.cons().lent().toForward
}

// Deadlines returns when reading and writing time out; 0 = not running.
func (ch *Channel) Deadlines() (rex, wex core.Time) { return ch.rex, ch.wex() }

// Bytes returns how many bytes were read and sent so far.
func (ch *Channel) Bytes() (read, sent int64) { return ch.total, ch.sent }

// Room returns how many bytes may be read now. Behind undecided input a reserve
// is kept free, for a session that edits what it decides on; whatever is sure
// to leave needs none.
func (ch *Channel) Room() int {
	p := ch.s.proxy
	free := ch.size() - ch.buf.Len()
	reserve := int64(p.cfg.Reserve)
	if !ch.endless {
		reserve -= min(reserve, ch.ToForward()+int64(ch.buf.Out()))
		free -= int(reserve)
	}
	return max(0, free)
}

// size is how many bytes the channel's buffer holds, or the next one will at least.
func (ch *Channel) size() int {
	switch p := ch.s.proxy; {
	case ch.buf.Allocated():
		return ch.buf.Size()
	case ch.early():
		return p.pool.first.Size()
	default:
		return p.cfg.BufSize
	}
}

// early says that what the channel gets has to wait, since the server is not there yet.
func (ch *Channel) early() bool { return ch == &ch.s.req && ch.s.back.state < EST }

// Blocked says whether reading has nowhere to put a byte, or one that it leads to.
func (ch *Channel) Blocked() bool {
	return ch.flags.Any(WaitBuf|PipeFull) || ch.Room() == 0 || ch.prod().clogged()
}

// Empty says whether there is nothing to send.
func (ch *Channel) Empty() bool { return ch.buf.Out() == 0 && ch.pipe() == nil }

// Closing says that the FIN is asked for and not yet sent.
func (ch *Channel) Closing() bool { return ch.flags&(ShutW|ShutWNow) == ShutWNow }

// received accounts for n bytes that the producer just appended.
func (ch *Channel) received(n int) {
	ch.flags |= ReadPartial
	ch.prod().flags |= SIRead
	ch.total += int64(n)
	ch.pass()
}

// pass turns input into output as far as to_forward allows. Bytes nobody can
// send any more stay where they are.
func (ch *Channel) pass() {
	if ch.flags.Any(ShutW|ShutWNow) || ch.buf.In() == 0 {
		return
	}
	if ch.endless {
		ch.buf.Advance(ch.buf.In())
		return
	}
	n := min(int64(ch.buf.In()), ch.ToForward())
	ch.buf.Advance(int(n))
	ch.allow(ch.ToForward() - n)
}

// forward schedules n more bytes, those already here first.
func (ch *Channel) forward(n int64) {
	if n >= Infinite-ch.ToForward() {
		ch.allow(Infinite)
	} else {
		ch.allow(ch.ToForward() + n)
	}
	ch.pass()
}

// gone accounts for n bytes that the consumer just sent.
func (ch *Channel) gone(n int) {
	ch.flags |= WritePartial
	ch.flags &^= PipeFull
	ch.cons().flags |= SIWrote
	ch.sent += int64(n)
	ch.giveBack()
}

// acquire gets the channel a buffer if it has none, and a place in the line if
// there is none to get.
func (ch *Channel) acquire() bool {
	if ch.buf.Folded() {
		ch.s.proxy.pool.unfold(ch)
	}
	return ch.buf.Allocated() || ch.s.proxy.pool.acquire(ch)
}

// swells takes note of how much a turn read: about as much as there was room for, time and again,
// is bulk.
func (ch *Channel) swells(got int64) {
	switch p := &ch.s.proxy.cfg; {
	case p.BulkBuffers == 0:
	case 2*got < int64(p.BufSize):
		ch.swell = 0
	case ch.swell < bulkReads:
		ch.swell++
	}
}

// swollen says that the next buffer is to be a large one.
func (ch *Channel) swollen() bool { return ch.swell == bulkReads }

// giveBack returns an empty buffer.
func (ch *Channel) giveBack() {
	if ch.buf.Allocated() && ch.buf.Len() == 0 && !ch.flags.Any(Granted) {
		ch.s.proxy.pool.release(ch)
	}
}

// Reserved says whether the channel's buffer came from the pool's reserve.
func (ch *Channel) Reserved() bool { return ch.reserved }
