package streamif

import "millrace/core"

// Server is what a proxy knows of a server, and all of it from the attempts that
// sessions make: nobody else asks.
//
// A server is down from an attempt that it, or the network in front of it, failed
// until one that succeeds. Meanwhile it is passed over, but for one session at a time
// after each pause.
type Server struct {
	until  core.Time // passed over until then; 0 if it is up
	row    uint8     // failures in a row, each behind the pause of the one before
	prober *Session  // finds out whether it is back; nil if nobody does
	listed bool      // is one of the ring's
	Stats  ServerStats
}

// ServerStats counts what became of a server's sessions.
type ServerStats struct {
	Sessions int       // that go to it now
	Failures uint64    // attempts that are its fault
	Refused  uint64    // attempts that TLS refused, on either side
	Connects uint64    // attempts that succeeded
	Took     core.Time // these together, from their beginning to the end of handshakes
}

// Up says that the last attempt that says anything did not fail, or that there was
// none.
func (v *Server) Up() bool { return v.row == 0 }

// may says whether the server may be tried.
func (v *Server) may(now core.Time) bool {
	return v.Up() || v.until <= now && v.prober == nil
}

// The pause doubles with each failure: a server that restarts is back soon, and one
// that is off costs one session a minute.
const (
	firstPause   = core.Second
	longestPause = 60 * core.Second
	longestRow   = 7 // with which the pause is the longest
)

// choose gives the session a server, instead of the one that it has.
func (s *Session) choose(n int32) {
	s.unchoose()
	s.server = n
	s.target().Stats.Sessions++
}

// unchoose takes the session off its server's count.
func (s *Session) unchoose() {
	if s.server >= 0 {
		s.target().Stats.Sessions--
	}
}

// target is the session's server.
func (s *Session) target() *Server { return &s.proxy.ring.known[s.server] }

// trying notes that an attempt begins. If the server is down, and its pause is over,
// it is the one that finds out.
func (s *Session) trying() {
	s.began = s.proxy.loop.Now()
	v := s.target()
	s.doubts = !v.Up()
	if s.doubts && v.may(s.began) {
		v.prober = s
	}
	if s.proxy.obs != nil {
		s.proxy.obs.Trying(s)
	}
}

// unprobe lets others find out.
func (s *Session) unprobe() {
	if s.server < 0 {
		return
	}
	if v := s.target(); v.prober == s {
		v.prober = nil
	}
}

// won notes that an attempt succeeded.
func (s *Session) won() {
	p, v := s.proxy, s.target()
	s.unprobe()
	v.Stats.Connects++
	v.Stats.Took += p.loop.Now() - s.began
	down := !v.Up()
	v.row, v.until, v.prober = 0, 0, nil // what another one still finds out is old news
	if p.obs == nil {
		return
	}
	p.obs.Tried(s, Reason{})
	if down {
		p.obs.Server(int(s.server), true, 0)
	}
}

// lost notes that an attempt failed, and by what error. Not the server's fault is
// what this machine lacks, and what TLS refuses: there is a server that speaks, and
// what it does not like, or is not liked in it, may be one client's affair. An attempt
// that began before the pause was over tells nothing new: else a hundred that fail
// together would make the pause as long as a hundred in a row.
func (s *Session) lost(r Reason, why core.Errno) {
	p, v := s.proxy, s.target()
	s.unprobe()
	if p.obs != nil {
		p.obs.Tried(s, r)
	}
	switch {
	case r == ConnectNoRoom:
		return
	case why == core.ETLS:
		v.Stats.Refused++
		return
	}
	v.Stats.Failures++
	if s.doubts && s.elsewhere() {
		s.retries++ // it was asked for all, and not at one session's expense
	}
	if s.began < v.until {
		return
	}
	up := v.Up()
	v.row = min(v.row+1, longestRow)
	v.until = p.loop.Now() + min(firstPause<<(v.row-1), longestPause)
	if up && p.obs != nil {
		p.obs.Server(int(s.server), false, why)
	}
}

// elsewhere says whether the session's server is down, and another one is up.
func (s *Session) elsewhere() bool {
	r := &s.proxy.ring
	return s.proxy.cfg.Redispatch && !s.target().Up() && r.known[r.behind(s.server, s.proxy.loop.Now())].Up()
}
