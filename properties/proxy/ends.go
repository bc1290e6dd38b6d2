package proxy

import (
	"millrace/core"
	"millrace/properties"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// introduced checks that who got through the handshakes is who they say.
func (c *checker) introduced(s *streamif.Session) {
	w, label := c.w, s.Peer().Label
	if w.Garbled(label) || s.Back().State() == streamif.INI || s.Tries() == 0 {
		return
	}
	if got, want := s.Client(), w.clientAddr(label); got != want {
		w.Breach("I21", "session", "session %d is taken for %v, and comes from %v", label, got, want)
	}
}

// shaken checks that no session ends in its handshakes for nothing: a bit that was
// turned, a peer that stopped, or a network that is slow or worse.
func (c *checker) shaken(s *streamif.Session) {
	w, label := c.w, s.Peer().Label
	for _, si := range [...]*streamif.StreamInterface{s.Front(), s.Back()} {
		if si.Conn().Err() == core.ETLS && si.Detail() != "" && !w.Garbled(label) && !heard(si.Detail()) {
			w.Breach("I60", "session", "session %d: a cipher fails, and no bit was turned: %s", label, si.Detail())
		}
	}
	set := w.set
	narrow, latency := w.Trace().Narrowest(int(label))
	healthy := len(w.sim.Choices.Taken) == 0 && narrow >= 100 && latency <= sim.Millisecond && min(set[proxytrace.HandshakeTimeout], set[proxytrace.ConnectTimeout]) >= 1000*ms
	left, met := w.Clients()[label].Killed || w.Clients()[label].Done, false
	for p := range w.EndsOf(int(label)) {
		met, left = true, left || p.Killed
	}
	if r := s.Reason(); (r == streamif.ServerTLS || r == streamif.ServerTLSLate) && !met {
		w.Breach("I60", "session", "session %d ends with %s and never met a server", label, r)
	}
	if detail := s.Front().Detail() + s.Back().Detail(); detail != "" && s.Reason() == streamif.Normal && s.Tries() < 2 {
		w.Breach("I60", "session", "session %d ends normally and explains a failure: %s", label, detail)
	}
	if r := s.Reason(); healthy && !left && r != streamif.ClientShare && (r[1] == 'P' || r[1] == 'T') {
		w.Breach("I60", "session", "session %d ends with %s in a healthy network", label, r)
	}
}

// delivered checks what the two ends of a session were led to believe: whoever got
// a FIN got everything, and whoever got a RST everything that was taken for it.
func (c *checker) delivered(label int, o properties.Outcome) {
	w, reason := c.w, c.seen[label].reason
	if !c.seen[label].ended || o.Flipped {
		return
	}
	client := &w.Clients()[label]
	c.unharmed(label, client)
	c.bounded(label, client)
	if w.set[proxytrace.Applet] != 0 {
		if reason == streamif.ClientTimeout && client.EOF && !client.Rst {
			w.Breach("I59", "stream", "session %d: an applet's answer to what was cut short has a proper end", label)
		}
		return
	}
	var server *properties.Peer
	for server = range w.EndsOf(label) { // the last one
	}
	if server == nil {
		return
	}
	c.blameless(label, &o, client, server)
	noHalf := w.set[proxytrace.NoHalf] != 0
	c.marked(label, client, server)
	c.complete(label, server, c.seen[label].up)
	c.complete(label, client, c.seen[label].down)
	if reason[1] == 'D' || reason == streamif.Normal { // else no stream was begun, or the attempt was given up
		c.marked(label, server, client)
		if !c.slow(client) && !c.slow(server) {
			c.passed(label, server, c.seen[label].up)
			c.passed(label, client, c.seen[label].down)
		}
	}
	if reason != streamif.Normal {
		return
	}
	for _, p := range [...]*properties.Peer{client, server} {
		if p.Wire().Short() && p.Wire().Up() && !noHalf {
			w.Breach("I59", "peer", "session %d ends normally, and %s got no goodbye", label, p.Agent().Actor)
		}
	}
	// Where half-closes are not allowed, who closes first gets no more.
	if client.Fin && !client.Rst && server.EOF && !server.Rst && !(noHalf && server.First) && o.UpSent != o.UpGot {
		w.Breach("I29", "stream", "session %d: the client sent %d bytes, the server got %d and a FIN", label, o.UpSent, o.UpGot)
	}
	if server.Fin && !server.Rst && client.EOF && !client.Rst && !(noHalf && client.First) && o.DownSent != o.DownGot {
		w.Breach("I29", "stream", "session %d: the server sent %d bytes, the client got %d and a FIN", label, o.DownSent, o.DownGot)
	}
}

// unharmed checks how a session was ended whose stream was not cut short: who had none, for
// want of a server, and whose session ended normally.
func (c *checker) unharmed(label int, client *properties.Peer) {
	w, seen := c.w, &c.seen[label]
	front, _ := w.kernel.Slain(uint32(label), true)
	back, _ := w.kernel.Slain(uint32(label), false)
	switch seen.reason {
	case streamif.Normal:
		// Where half-closes are not allowed, who closes first gets no more; and of an
		// attempt that failed nobody has heard.
		noHalf := w.set[proxytrace.NoHalf] != 0
		if front && !(noHalf && client.First) || back && seen.tries < 2 && !(noHalf && c.closedFirst(label)) {
			w.Breach("I82", "session", "session %d ends normally, and a reset ends it: the client's %v, the server's %v", label, front, back)
		}
	case streamif.ConnectError, streamif.ConnectLate, streamif.ConnectNoRoom, streamif.ServerTLS, streamif.ServerTLSLate:
		switch tls := w.marks(true); {
		case front && !tls:
			w.Breach("I83", "session", "session %d ends with %s, and its client is reset, who had no stream that was cut short", label, seen.reason)
		case tls && client.EOF && !client.Rst:
			w.Breach("I83", "session", "session %d ends with %s, and its client takes that for an empty answer", label, seen.reason)
		}
	}
}

// bounded checks that when both its peers have gone a session is gone within what the
// timeouts allow: its handshakes, its attempts, what is left to be sent, and a close that
// waits for it.
func (c *checker) bounded(label int, client *properties.Peer) {
	w, seen, cfg := c.w, &c.seen[label], c.w.proxy.Config()
	if w.set[proxytrace.Buffers] != 0 { // who waits for one is not timed
		return
	}
	if w.leapt() || min(cfg.ClientTimeout, cfg.ServerTimeout, cfg.ConnectTimeout, cfg.HandshakeTimeout) == 0 {
		return
	}
	gone := max(client.Gone(), sim.Time(seen.start)) // it may have waited to be accepted
	for p := range w.EndsOf(label) {
		if !p.Done {
			return
		}
		gone = max(gone, p.Gone())
	}
	most := 2*(cfg.HandshakeTimeout+cfg.ClientTimeout+cfg.ServerTimeout) + core.Time(1+cfg.Retries+seen.spared)*(cfg.ConnectTimeout+core.Second)
	if last := w.kernel.LastClose(uint32(label)); client.Done && last > gone+sim.Time(most) {
		w.Breach("I91", "session", "session %d: its last descriptor was closed %d ns after its last peer had gone, and %d would do", label, last-gone, most)
	}
}

// leapt says that time passed in which nobody could do anything, or this worker could not.
func (w *run) leapt() bool {
	return w.sim.Choices.Fired[sim.OpClockJump]+w.sim.Choices.Fired[sim.OpBusy] > 0 || w.Stood()
}

// renewed says that a handshake came in the middle: what that sends is timed by nobody, and
// whoever does not wait for an answer of it fails as one who does not wait for bytes.
func (w *run) renewed() bool { return w.sim.Choices.Fired[sim.OpRenew] > 0 }

// closedFirst says whether a server's end of a session was closed by its server first.
func (c *checker) closedFirst(label int) bool {
	for p := range c.w.EndsOf(label) {
		if p.First {
			return true
		}
	}
	return false
}

// marked checks that a stream which did not get its own end does not look complete
// to who got its bytes.
func (c *checker) marked(label int, from, to *properties.Peer) {
	ended := from.Wire().Ended()
	// Where half-closes are not allowed, who closes first may do so before its server
	// is known, and is taken to have left.
	left := c.w.set[proxytrace.NoHalf] != 0 && to.Client && to.First && to.Wire().(*wire).cipher == nil && to.Got == 0
	if !ended && !left && to.EOF && !to.Rst {
		c.w.Breach("I59", "stream", "session %d: what %s got was never said to be over, and it got a proper end",
			label, to.Agent().Actor)
	}
}

// complete checks that who is told a proper end has got all that was taken for him,
// however slow he was and whatever else went wrong.
func (c *checker) complete(label int, to *properties.Peer, taken int64) {
	first := c.w.set[proxytrace.NoHalf] != 0 && to.First
	if to.EOF && !to.Rst && !first && to.Got < taken {
		c.w.Breach("I59", "stream", "session %d: %d bytes were taken for %s, which got %d and a proper end", label, taken, to.Agent().Actor, to.Got)
	}
}

// slow says that a peer may not have taken everything before a timeout strikes: one
// that echoes takes nothing as long as nobody takes what it sends.
func (c *checker) slow(p *properties.Peer) bool {
	set, fired := c.w.set, &c.w.sim.Choices.Fired
	slow := min(set[proxytrace.ClientTimeout], set[proxytrace.ServerTimeout]) < 10000*ms || set[traces.Patience] != 0 ||
		fired[sim.OpHole]+fired[sim.OpStall]+fired[sim.OpTick]+fired[sim.OpLost]+fired[sim.OpPartition] > 0 || c.w.leapt() || c.w.shakes
	for _, a := range p.Script {
		slow = slow || a.Verb == traces.Hold || a.Verb == traces.Echo || a.Verb == traces.Wait && a.N > 1000*ms || a.Verb == traces.Drip && a.N < 5
	}
	return slow
}

// passed checks that errors and closes take nothing with them: who listens to the
// end gets all that the proxy took for it, whatever the end.
func (c *checker) passed(label int, to *properties.Peer, taken int64) {
	first := c.w.set[proxytrace.NoHalf] != 0 && to.First
	if heard := to.Rst || to.EOF; heard && !first && !to.Killed && to.Got < taken {
		c.w.Breach("I62", "stream", "session %d: %d bytes were taken for %s, which got %d and an end",
			label, taken, to.Agent().Actor, to.Got)
	}
}

// promises finds bytes that were sent with the promise of more, all there were, when it was known
// that no end follows them but a reset: they leave 200 ms later.
func (c *checker) promises(s *streamif.Session, si *streamif.StreamInterface, seen *sideSeen) {
	conn, out, from := si.Conn(), s.Rep(), s.Back()
	if si == s.Back() {
		out, from = s.Req(), s.Front()
	}
	cut, wrote := seen.cut, seen.wrote
	seen.cut = false
	if !conn.Open() || conn.Flags().Any(core.ConnError) || c.w.marks(si == s.Front()) {
		return
	}
	sock := c.w.kernel.FD(conn.Desc().Num())
	if sock == nil {
		return
	}
	seen.wrote = sock.Out().Wrote()
	seen.cut = out.Flags().Any(streamif.Truncated) && (from.IsApplet() || from.Conn().Flags().Any(core.ConnConnected))
	if held := sock.Out().Held(); cut && held > 0 && seen.wrote > wrote && out.Empty() {
		c.w.Breach("I61", "kernel", "session %d: %d bytes wait for more behind a stream that was cut short", s.Peer().Label, held)
	}
}

// held finds bytes that were sent with the promise of more, and are held back for
// it while the proxy has no more and sleeps: they leave 200 ms later. A close that
// waits for them cannot call them back.
func (c *checker) held(s *streamif.Session) {
	if s == nil {
		return
	}
	for _, si := range [...]*streamif.StreamInterface{s.Front(), s.Back()} {
		conn, out := si.Conn(), s.Rep()
		if si == s.Back() {
			out = s.Req()
		}
		if !conn.Open() || si.Flags().Any(streamif.SILinger) || !out.Empty() || si.Unsent() > 0 || conn.Flags().Any(core.ConnError) {
			continue
		}
		if sock := c.w.kernel.FD(conn.Desc().Num()); sock != nil && sock.Out().Held() > 0 {
			c.w.Breach("I61", "kernel", "session %d: %d bytes wait for more, which will not come",
				s.Peer().Label, sock.Out().Held())
		}
	}
}
