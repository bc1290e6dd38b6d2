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
type Pool struct {
	size     int
	limit    int
	made     int      // buffers made so far
	free     [][]byte // made and not lent
	shared   int      // lent from the shared part
	reserved int      // lent from the reserve
	holder   *Session // who has the reserve
	line     []*Channel
	past     datalayer.Shelf
}

const (
	poolReserve = 2
	// poolKeep is how many free buffers are kept whatever the load: giving one
	// back to the garbage collector only to make it again helps nobody.
	poolKeep = 64
)

func (p *Pool) init(size, limit int) {
	free := p.past.Keep(p.free)
	*p = Pool{size: size, limit: max(limit, poolReserve), free: free, line: p.line[:0], past: p.past}
}

// Used returns how many buffers are lent.
func (p *Pool) Used() int { return p.shared + p.reserved }

// Waiting returns how many channels are in line.
func (p *Pool) Waiting() int { return len(p.line) }

// Made returns how many buffers exist.
func (p *Pool) Made() int { return p.made }

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
	var mem []byte
	if n := len(p.free); n > 0 {
		mem = p.free[n-1] // the last one used is the one in the cache
		p.free[n-1] = nil
		p.free = p.free[:n-1]
	} else {
		if mem = p.past.Take(p.size); mem == nil {
			mem = make([]byte, p.size)
		}
		p.made++
	}
	ch.buf.Give(mem)
	return true
}

// release takes ch's buffer back, whatever it holds, and serves the line.
func (p *Pool) release(ch *Channel) {
	mem := ch.buf.Take()
	if ch.reserved {
		ch.reserved = false
		p.reserved--
	} else {
		p.shared--
	}
	if n := len(p.free); n < poolKeep || n < 2*p.Used() {
		p.free = append(p.free, mem)
	} else {
		p.made-- // the memory of a burst is not kept for ever
	}
	p.serve()
}

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
