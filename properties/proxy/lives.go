package proxy

import (
	"slices"

	"millrace/core"
	"millrace/streamif"
)

// life is what is known of a server from how attempts ended, kept apart from what the
// proxy thinks.
type life struct {
	down  bool
	row   int               // failures in a row, of attempts that began when the pause of the one before was over
	until core.Time         // when the pause of the last one is over
	asks  *streamif.Session // that finds out whether it is back
	told  bool              // that it is down
}

// asked says that another session finds out whether server number n is back.
func (c *checker) asked(n int, s *streamif.Session) bool {
	p := c.lives[n].asks
	return p != nil && p != s && p.Server() == n && p.Back().State() == streamif.CON
}

// may says whether server number n may be tried when it is its turn: it is up, or its pause
// is over and nobody asks yet.
func (c *checker) may(n int, s *streamif.Session) bool {
	v := &c.lives[n]
	return !v.down || v.until <= c.w.Loop.Now() && !c.asked(n, s)
}

// servers takes note of another list of servers. Of one that was not there nothing is
// known, but for who may still be finding out.
func (c *checker) servers(numbers []int32) {
	for _, n := range numbers {
		if !slices.Contains(c.ring, n) {
			c.lives[n] = life{asks: c.lives[n].asks}
			c.tally.begin(n)
		}
	}
	c.ring = append(c.ring[:0], numbers...)
}

// othersUp says that a server which is not number n is up, and there to go to.
func (c *checker) othersUp(n int) bool {
	return len(c.ring) > 1 && slices.ContainsFunc(c.ring, func(i int32) bool { return int(i) != n && !c.lives[i].down })
}

// trying looks at an attempt that begins.
func (c *checker) trying(s *streamif.Session) {
	w, n, now := c.w, s.Server(), c.w.Loop.Now()
	v, seen := &c.lives[n], &c.seen[s.Peer().Label]
	w.Mark(reachLeft, seen.left)
	c.tally.tried++
	c.tally.again += uint64(min(1, s.Tries()-1))
	if s.Tries() == 1 {
		c.inTurn(s)
	} else {
		c.paused(s, seen)
	}
	if seen.left && v.down {
		w.Breach("I67", "session", "session %d goes from a server that failed to server %d, which is down, and another is up", s.Peer().Label, n)
	}
	seen.left, seen.doubts, seen.began = false, v.down, now
	if !v.down {
		return
	}
	if c.othersUp(n) {
		w.Mark(reachProbe, true)
		if now < v.until {
			w.Breach("I66", "server", "server %d is down, and tried %d ns before its time", n, v.until-now)
		}
		if c.asked(n, s) {
			w.Breach("I66", "server", "server %d is down, and sessions %d and %d try it at once", n, v.asks.Peer().Label, s.Peer().Label)
		}
	}
	if c.may(n, s) {
		v.asks = s
	}
}

// pause is how long nobody tries again what the network has just answered, or this machine lacks.
const pause = core.Second

// paused checks how long a session waited for another attempt. What the network answered, and what
// this machine lacks, is so for a while, and an attempt at once is one that is lost. One that had no
// answer took that time itself, and what TLS refuses no time will change.
func (c *checker) paused(s *streamif.Session, seen *sessionSeen) {
	if idle := c.w.Loop.Now() - seen.failed; idle < seen.pause || idle > 0 && seen.pause == 0 {
		c.w.Breach("I67", "session", "session %d: another attempt %d ns after one that failed, and not after %d ns", s.Peer().Label, idle, seen.pause)
	}
	if seen.refused && s.Tries() > seen.most {
		c.w.Breach("I47", "session", "session %d: attempt %d, and TLS refused one: there were to be %d at most", s.Peer().Label, s.Tries(), seen.most)
	}
}

// inTurn checks where a session goes first: to the next server that may be tried, and to
// the next one if none may, since somebody has to find out.
func (c *checker) inTurn(s *streamif.Session) {
	n := len(c.ring)
	at := c.turn % n
	for i := range n {
		if k := (c.turn + i) % n; c.may(int(c.ring[k]), s) {
			at = k
			break
		}
	}
	c.turn = at + 1
	if got, want := s.Server(), int(c.ring[at]); got != want {
		c.w.Breach("I84", "session", "session %d goes to server %d, and it is the turn of server %d", s.Peer().Label, got, want)
	}
}

// tried looks at an attempt that ended.
func (c *checker) tried(s *streamif.Session, why streamif.Reason) {
	n, now := s.Server(), c.w.Loop.Now()
	v, seen := &c.lives[n], &c.seen[s.Peer().Label]
	doubted := seen.doubts && v.down
	counts := &c.tally.servers[n]
	c.fair(s, why, seen.began)
	c.cause(s, why)
	if v.asks == s {
		v.asks = nil
	}
	switch {
	case why == streamif.Reason{}:
		c.w.Mark(reachBack, v.down)
		counts.won++
		counts.took += now - seen.began
		*v = life{told: v.told} // what somebody still finds out is old news
		return
	case why == streamif.ConnectNoRoom:
		seen.failed, seen.pause = now, pause
		return
	case why == streamif.ServerTLS && s.Back().Conn().Err() == core.ETLS:
		counts.refused++
		if !seen.refused {
			seen.refused, seen.most = true, s.Tries()
			if len(c.ring) > 1 {
				seen.most++ // its neighbour may do better
			}
		}
		seen.failed, seen.pause = now, 0
		return
	}
	counts.lost++
	if seen.began >= v.until {
		v.down, v.row = true, min(v.row+1, 7)
		v.until = now + min(core.Second<<(v.row-1), 60*core.Second)
	}
	if doubted && c.othersUp(n) {
		seen.spared++
		seen.most++
	}
	seen.failed, seen.pause = now, 0
	if answered := why != streamif.ConnectLate && why != streamif.ServerTLSLate; answered && !c.othersUp(n) {
		seen.pause = pause
	}
	seen.left = !seen.refused && s.Tries() <= c.w.proxy.Config().Retries+seen.spared && c.othersUp(n)
}

// leaves checks that a session whose server failed did not wait, nor give up, while
// another one was up.
func (c *checker) leaves(s *streamif.Session) {
	if c.seen[s.Peer().Label].left {
		c.w.Breach("I67", "session", "session %d stays with server %d, which failed, and another is up", s.Peer().Label, s.Server())
	}
}

// forget takes note that a session is over, whatever it was about to find out.
func (c *checker) forget(s *streamif.Session) {
	for i := range c.lives {
		if c.lives[i].asks == s {
			c.lives[i].asks = nil
		}
	}
}

// changed checks what is told of a server against what is known of it.
func (c *checker) changed(n int, up bool) {
	v := &c.lives[n]
	if v.told == !up || v.down == up {
		c.w.Breach("I68", "server", "told that server %d is up: %v, and it is down: %v", n, up, v.down)
	}
	v.told = !up
}
