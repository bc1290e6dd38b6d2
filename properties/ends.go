package properties

import (
	"millrace/core"
	"millrace/sim"
	"millrace/streamif"
	"millrace/traces"
)

// introduced checks that who got through the handshakes is who they say.
func (c *checker) introduced(s *streamif.Session) {
	w, label := c.w, s.Peer().Label
	if w.out[label].Flipped || s.Back().State() == streamif.INI || s.Tries() == 0 {
		return
	}
	if got, want := s.Client(), w.clientAddr(label); got != want {
		w.breach("I21", "session", "session %d is taken for %v, and comes from %v", label, got, want)
	}
}

// shaken checks that no session ends in its handshakes for nothing: a bit that was
// turned, a peer that stopped, or a network that is slow or worse.
func (c *checker) shaken(s *streamif.Session) {
	w, label := c.w, s.Peer().Label
	for _, si := range [...]*streamif.StreamInterface{s.Front(), s.Back()} {
		if si.Conn().Err() == core.ETLS && si.Detail() != "" && !w.out[label].Flipped && !heard(si.Detail()) {
			w.breach("I60", "session", "session %d: a cipher fails, and no bit was turned: %s", label, si.Detail())
		}
	}
	set := &w.trace.Settings
	healthy := len(w.sim.Choices.Taken) == 0 && min(set[traces.SndBuf], set[traces.RcvBuf], set[traces.Segment]) >= 100 &&
		set[traces.Latency] <= ms && min(set[traces.HandshakeTimeout], set[traces.ConnectTimeout]) >= 1000*ms
	left, met := w.clients[label].killed, false
	for _, p := range w.servers {
		met = met || p.label == label
		left = left || p.label == label && p.killed
	}
	if r := s.Reason(); (r == streamif.ServerTLS || r == streamif.ServerTLSLate) && !met {
		w.breach("I60", "session", "session %d ends with %s and never met a server", label, r)
	}
	if detail := s.Front().Detail() + s.Back().Detail(); detail != "" && s.Reason() == streamif.Normal && s.Tries() < 2 {
		w.breach("I60", "session", "session %d ends normally and explains a failure: %s", label, detail)
	}
	if r := s.Reason(); healthy && !left && (r[1] == 'P' || r[1] == 'T') {
		w.breach("I60", "session", "session %d ends with %s in a healthy network", label, r)
	}
}

// left finds a peer that was told nothing of the end. One whose link became a
// hole, or that does not listen, cannot be told.
func (c *checker) left(p *peer) {
	if !p.done && !p.hold && c.w.sim.Choices.Fired[sim.OpHole] == 0 {
		c.w.breach("I40", "peer", "%s still waits, and nothing will happen", p.proc.Agent.Actor)
	}
}

// delivered checks what the two ends of a session were led to believe: whoever got
// a FIN got everything, and whoever got a RST everything that was taken for it.
func (c *checker) delivered(label int, o Outcome) {
	w := c.w
	if !o.Ended || o.Flipped {
		return
	}
	client := &w.clients[label]
	if w.trace.Settings[traces.Applet] != 0 {
		if o.Reason == streamif.ClientTimeout && client.eof && !client.rst {
			w.breach("I59", "stream", "session %d: an applet's answer to what was cut short has a proper end", label)
		}
		return
	}
	var server *peer
	for _, s := range w.servers {
		if int(s.label) == label {
			server = s
		}
	}
	if server == nil {
		return
	}
	noHalf := w.trace.Settings[traces.NoHalf] != 0
	c.marked(label, client, server)
	if o.Reason[1] == 'D' || o.Reason == streamif.Normal { // else no stream was begun
		c.marked(label, server, client)
	}
	if o.Reason[1] == 'D' || o.Reason == streamif.Normal { // else the attempt was given up
		if !c.slow(client) && !c.slow(server) {
			c.passed(label, server, c.seen[label].up)
			c.passed(label, client, c.seen[label].down)
		}
	}
	if o.Reason != streamif.Normal {
		return
	}
	for _, p := range [...]*peer{client, server} {
		if p.wire.short && p.wire.up && !noHalf {
			w.breach("I59", "peer", "session %d ends normally, and %s got no goodbye", label, p.proc.Agent.Actor)
		}
	}
	// Where half-closes are not allowed, who closes first gets no more.
	if client.fin && !client.rst && server.eof && !server.rst && !(noHalf && server.first) && o.UpSent != o.UpGot {
		w.breach("I29", "stream", "session %d: the client sent %d bytes, the server got %d and a FIN", label, o.UpSent, o.UpGot)
	}
	if server.fin && !server.rst && client.eof && !client.rst && !(noHalf && client.first) && o.DownSent != o.DownGot {
		w.breach("I29", "stream", "session %d: the server sent %d bytes, the client got %d and a FIN", label, o.DownSent, o.DownGot)
	}
}

// marked checks that a stream which did not get its own end does not look complete
// to who got its bytes.
func (c *checker) marked(label int, from, to *peer) {
	ended := from.fin
	if from.wire.cipher != nil {
		ended = from.wire.said
	}
	// Where half-closes are not allowed, who closes first may do so before its server
	// is known, and is taken to have left.
	left := c.w.trace.Settings[traces.NoHalf] != 0 && to.client && to.first && to.wire.cipher == nil && to.got == 0
	if !ended && !left && to.eof && !to.rst {
		c.w.breach("I59", "stream", "session %d: what %s got was never said to be over, and it got a proper end",
			label, to.proc.Agent.Actor)
	}
}

// slow says that a peer may not have taken everything before a timeout strikes: one
// that echoes takes nothing as long as nobody takes what it sends.
func (c *checker) slow(p *peer) bool {
	set, fired := &c.w.trace.Settings, &c.w.sim.Choices.Fired
	slow := min(set[traces.ClientTimeout], set[traces.ServerTimeout]) < 10000*ms ||
		fired[sim.OpHole]+fired[sim.OpStall]+fired[sim.OpClockJump] > 0 || set.Handshakes()
	for _, a := range p.script {
		slow = slow || a.Verb == traces.Hold || a.Verb == traces.Echo || a.Verb == traces.Wait && a.N > 1000*ms || a.Verb == traces.Drip && a.N < 5
	}
	return slow
}

// passed checks that errors and closes take nothing with them: who listens to the
// end gets all that the proxy took for it, whatever the end.
func (c *checker) passed(label int, to *peer, taken int64) {
	first := c.w.trace.Settings[traces.NoHalf] != 0 && to.first
	if heard := to.rst || to.eof; heard && !first && !to.killed && to.got < taken {
		c.w.breach("I62", "stream", "session %d: %d bytes were taken for %s, which got %d and an end",
			label, taken, to.proc.Agent.Actor, to.got)
	}
}

// held finds bytes that were sent with the promise of more, and are held back for
// it while the proxy has no more and sleeps: they leave 200 ms later. A close that
// waits for them cannot call them back.
func (c *checker) held() {
	for _, s := range c.w.proxy.Sessions() {
		for _, si := range [...]*streamif.StreamInterface{s.Front(), s.Back()} {
			conn, out := si.Conn(), s.Rep()
			if si == s.Back() {
				out = s.Req()
			}
			if !conn.Open() || si.Flags().Any(streamif.SILinger) || !out.Empty() || si.Unsent() > 0 || conn.Flags().Any(core.ConnError) {
				continue
			}
			if sock := c.w.kernel.FD(conn.Desc().Num()); sock != nil && sock.Out().Held() > 0 {
				c.w.breach("I61", "kernel", "session %d: %d bytes wait for more, which will not come",
					s.Peer().Label, sock.Out().Held())
			}
		}
	}
}
