package proxy

import (
	"millrace/core"
	"millrace/streamif"
)

// life is what is known of a server from how attempts ended, kept apart from what the
// proxy thinks.
type life struct {
	down  bool
	since core.Time         // when it went down, or was last tried in vain while another was up
	vain  int               // how often that was
	probe *streamif.Session // that tries it
	told  bool              // that it is down
}

// othersUp says that a server which is not number n is up.
func (c *checker) othersUp(n int) bool {
	for i := range c.lives {
		if i != n && !c.lives[i].down {
			return true
		}
	}
	return false
}

// trying looks at an attempt that begins.
func (c *checker) trying(s *streamif.Session) {
	w, n, now := c.w, s.Server(), c.w.Loop.Now()
	v, seen := &c.lives[n], &c.seen[s.Peer().Label]
	w.Mark(reachLeft, seen.left)
	if seen.left && v.down {
		w.Breach("I67", "session", "session %d goes from a server that failed to server %d, which is down, and another is up", s.Peer().Label, n)
	}
	seen.left, seen.doubts = false, v.down
	if !v.down || !c.othersUp(n) {
		return
	}
	if wait := v.since + min(core.Second<<min(v.vain, 6), 60*core.Second); now < wait {
		w.Breach("I66", "server", "server %d is down, and tried %d ns before its time", n, wait-now)
	}
	if p := v.probe; p != nil && p != s && p.Server() == n && p.Back().State() == streamif.CON {
		w.Breach("I66", "server", "server %d is down, and sessions %d and %d try it at once", n, p.Peer().Label, s.Peer().Label)
	}
	w.Mark(reachProbe, true)
	v.probe = s
}

// tried looks at an attempt that ended.
func (c *checker) tried(s *streamif.Session, why streamif.Reason) {
	n, now := s.Server(), c.w.Loop.Now()
	v, seen := &c.lives[n], &c.seen[s.Peer().Label]
	probe, doubted := v.probe == s, seen.doubts && v.down
	if probe {
		v.probe = nil
	}
	switch {
	case why == streamif.Reason{}:
		c.w.Mark(reachBack, v.down)
		v.down, v.vain, v.probe = false, 0, nil // what a probe still finds out is old news
		return
	case s.Back().Conn().Err() == core.ETLS:
		seen.refused = true // the last attempt is the next one
		return
	case why == streamif.ConnectNoRoom:
		return
	case !v.down:
		v.down, v.since, v.vain = true, now, 0
	case probe:
		v.since, v.vain = now, v.vain+1
	}
	if doubted && c.othersUp(n) {
		seen.spared++
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
		if c.lives[i].probe == s {
			c.lives[i].probe = nil
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
