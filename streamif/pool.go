package streamif

import (
	"millrace/core"
	"millrace/datalayer"
)

// Pool lends buffers to channels. When none is left channels wait in line, and
// one session at a time may go on all the same:
//
//	|<-------------- limit -------------->|
//	|  shared by all sessions | 2 reserved |
//
// The two reserved buffers go to the session at the head of the line and stay
// its own until it holds neither. A session with a buffer for each direction
// needs nothing more from anybody, so it can finish; then the next one has them.
// Without the reserve, sessions that each hold one buffer and wait for a second
// wait for ever.
//
// What a client says before its server is there waits in a small buffer, and the rest in its
// socket: a crowd of clients that all wait would take a large one each otherwise, for as long
// as connecting takes, and what a burst leaves behind is memory of the process. What is short
// does not even take that, but to be read.
type Pool struct {
	limit    int
	short    datalayer.Lot // for few first bytes
	first    datalayer.Lot // for first bytes
	usual    datalayer.Lot
	large    datalayer.Lot // for bulk that is copied
	shared   int           // lent from the shared part
	reserved int           // lent from the reserve
	holder   *Session      // who has the reserve
	line     []*Channel
	rings    spare[datalayer.Buffer] // what their memory is lent as
	none     datalayer.Buffer        // of channels that have none
}

const (
	poolReserve = 2
	// How many free buffers are kept whatever the load, until nobody has needed them for a
	// while: giving one back to the garbage collector only to make it again helps nobody.
	poolKeep      = 64
	poolKeepLarge = 2
	poolKeepFirst = 256
	// firstMost holds most of what is said first, a TLS hello or a request, so that it takes
	// no call more.
	firstMost = 2048
	shortPart = 8 // what takes no more than an eighth of that is short
)

// FirstSize returns how large the buffer is in which a client's first bytes wait: a part of
// the usual one, but never so little that there is room for nothing.
func (c *Config) FirstSize() int { return max(c.Reserve+1, min(c.BufSize/4, firstMost)) }

func (p *Pool) init(cfg *Config) {
	short := cfg.FirstSize() / shortPart
	if cfg.FirstSize() == cfg.BufSize {
		short = 0 // there are no small ones
	}
	p.short.Reset(short, 0)
	p.first.Reset(cfg.FirstSize(), 0)
	p.usual.Reset(cfg.BufSize, 0)
	p.large.Reset(cfg.BulkSize, cfg.BulkBuffers)
	p.rings.reset()
	*p = Pool{limit: max(cfg.Buffers, poolReserve), short: p.short, first: p.first, usual: p.usual, large: p.large, line: p.line[:0], rings: p.rings}
}

// Used returns how many buffers are lent.
func (p *Pool) Used() int { return p.shared + p.reserved }

// Large returns how many of them are large.
func (p *Pool) Large() int { return p.large.Lent() }

// Waiting returns how many channels are in line.
func (p *Pool) Waiting() int { return len(p.line) }

// Made returns how many buffers exist.
func (p *Pool) Made() int { return p.short.Made() + p.first.Made() + p.usual.Made() + p.large.Made() }

// acquire lends ch a buffer or puts it in line.
func (p *Pool) acquire(ch *Channel) bool {
	if ch.flags.Any(WaitBuf) {
		return false
	}
	// Nobody overtakes the line, except the one session that is to finish.
	if (len(p.line) == 0 || p.holder == ch.s) && p.lend(ch) {
		return true
	}
	ch.flags |= WaitBuf
	p.line = append(p.line, ch)
	return false
}

func (p *Pool) lend(ch *Channel) bool {
	switch {
	case p.shared < p.limit-poolReserve && p.holder != ch.s:
		p.shared++
	case p.holder == nil || p.holder == ch.s:
		p.holder = ch.s
		p.reserved++
		ch.reserved = true
		core.BugOn(p.reserved > poolReserve, "I56", "pool", "more than the reserve lent")
	default:
		return false
	}
	ch.buf = p.rings.take()
	switch {
	case ch.early() && p.first.Size() < p.usual.Size():
		ch.buf.Give(p.first.Take())
	case ch.swollen() && !p.large.Out():
		ch.buf.Give(p.large.Take())
	default:
		ch.buf.Give(p.usual.Take())
	}
	return true
}

// release takes ch's buffer back, whatever it holds, and serves the line.
func (p *Pool) release(ch *Channel) {
	mem := ch.buf.Take()
	p.rings.give(ch.buf)
	ch.buf = &p.none
	if ch.reserved {
		ch.reserved = false
		p.reserved--
	} else {
		p.shared--
	}
	switch n := len(mem); {
	case n < p.first.Size():
		p.short.Give(mem, poolKeepFirst)
	case n < p.usual.Size():
		p.first.Give(mem, poolKeepFirst)
	case n > p.usual.Size():
		p.large.Give(mem, poolKeepLarge)
	default:
		p.usual.Give(mem, poolKeep)
	}
	p.serve()
}

// fold has first bytes that are few wait in less memory, until there is more to read.
func (ch *Channel) fold() {
	p := &ch.s.proxy.pool
	if b := ch.buf; b.Len() > 0 && b.Reach() <= p.short.Size() && ch.early() && !b.Folded() {
		p.first.Give(b.Move(p.short.Take()), poolKeepFirst)
	}
}

// unfold has room for more.
func (p *Pool) unfold(ch *Channel) { p.short.Give(ch.buf.Move(p.first.Take()), poolKeepFirst) }

// leave takes ch out of the line.
func (p *Pool) leave(ch *Channel) {
	if !ch.flags.Any(WaitBuf) {
		return
	}
	ch.flags &^= WaitBuf
	for i, c := range p.line {
		if c == ch {
			p.line = append(p.line[:i], p.line[i+1:]...)
			break
		}
	}
	p.serve()
}

// serve gives what there is to the head of the line, and to the session that is
// to finish wherever it stands. A buffer given this way is empty and stays lent
// until the read that it was wanted for.
func (p *Pool) serve() {
	if p.reserved == 0 {
		p.holder = nil
	}
	for i := 0; i < len(p.line); i++ {
		ch := p.line[i]
		if i > 0 && ch.s != p.holder || !p.lend(ch) {
			continue
		}
		p.line = append(p.line[:i], p.line[i+1:]...)
		ch.flags = ch.flags&^WaitBuf | Granted
		ch.s.wake()
		i = -1
	}
}

// trim gives up what nobody has needed since the last call, and returns how many bytes.
func (p *Pool) trim() int {
	p.rings.trim()
	return p.short.Trim() + p.first.Trim() + p.large.Trim() + p.usual.Trim()
}
