package proxy

import (
	"millrace/properties"
	"millrace/sim"
	"millrace/traces"
	"millrace/traces/proxytrace"
)

// draw makes up a scenario.
func draw(r *sim.Rand, t *traces.Trace) {
	drawSettings(r, &t.Settings)
	n := sim.Of(r, 1, 1, 1, 2, 2, 3, 5, 8)
	if r.Intn(64) == 0 && t.Settings[proxytrace.Applet] != proxytrace.AppletChargen {
		n = 20 + r.Intn(60)
		for _, p := range [...]traces.Param{proxytrace.ClientTimeout, proxytrace.ServerTimeout} {
			t.Settings[p] = min(t.Settings[p], 60000*ms) // each may have to wait for all the others
		}
		if proxytrace.Handshakes(&t.Settings) {
			widen(&t.Settings, 10)
		}
	}
	for range n {
		t.Sessions = append(t.Sessions, drawSession(r, &t.Settings))
	}
	if t.Settings[proxytrace.Applet] != proxytrace.AppletChargen {
		properties.DrawLinks(r, t)
	}
}

// temper takes out accidents after which an endless source would learn late, or never,
// that it is to stop.
func temper(t *traces.Trace, rates *sim.Rates) {
	if t.Settings[proxytrace.Applet] == proxytrace.AppletChargen {
		for _, op := range [...]sim.Op{sim.OpHole, sim.OpStall, sim.OpTick, sim.OpLost, sim.OpPartition} {
			rates[op] = 0
		}
	}
}

const ms = int64(sim.Millisecond)

func drawSettings(r *sim.Rand, s *traces.Settings) {
	s[traces.Poller] = int64(r.Intn(2))
	s[proxytrace.BufSize] = sim.Of(r, int64(1), 2, 3, 16, 100, 1000, 1460, 4096, 16384, 16384)
	s[traces.SndBuf] = sim.Of(r, int64(1), 2, 5, 100, 1000, 4096, 16384, 16384)
	s[traces.RcvBuf] = sim.Of(r, int64(1), 3, 64, 1000, 4096, 16384, 16384)
	s[traces.Segment] = sim.Of(r, int64(1), 10, 536, 1448, 1448)
	s[traces.Latency] = sim.Of(r, 0, 20e3, 100e3, 5*ms, 50*ms)
	s[traces.Gap] = sim.Of(r, int64(1), 1e3, 100e3)
	s[proxytrace.Events] = sim.Of(r, int64(1), 2, 200, 200)
	s[proxytrace.MaxReads] = sim.Of(r, int64(1), 2, 4, 4)
	if r.Intn(8) == 0 {
		s[proxytrace.Tasks] = sim.Of(r, int64(1), 2, 3)
	}
	s[proxytrace.MaxAccept] = sim.Of(r, int64(1), 64)
	s[proxytrace.MaxConn] = sim.Of(r, int64(1), 2, 2000, 2000)
	s[proxytrace.Servers] = sim.Of(r, int64(1), 1, 3)
	s[proxytrace.Retries] = sim.Of(r, int64(0), 1, 3)
	s[proxytrace.Buffers] = sim.Of(r, int64(0), 0, 0, 2, 3, 4)
	if r.Intn(4) == 0 {
		properties.Meet(r, s, traces.SndBuf, traces.RcvBuf, traces.Segment, proxytrace.BufSize)
	}
	if r.Intn(4) == 0 {
		s[proxytrace.Window] = sim.Of(r, int64(1), 10, 1000, s[proxytrace.BufSize], 1<<31, 1<<40)
		s[proxytrace.Reserve] = s[proxytrace.BufSize] / 2
	}
	if r.Intn(16) == 0 {
		s[proxytrace.Reserve] = s[proxytrace.BufSize] - 1 // with a window or without one
	}
	s[proxytrace.NoHalf] = b2i(r.Intn(10) == 0)
	s[proxytrace.Indep] = b2i(r.Intn(6) == 0)
	s[proxytrace.AbortOnClose] = b2i(r.Intn(8) == 0)
	s[proxytrace.ClientTimeout] = sim.Of(r, 200*ms, 1000*ms, 10000*ms, 60000*ms)
	s[proxytrace.ServerTimeout] = sim.Of(r, 200*ms, 1000*ms, 10000*ms, 60000*ms)
	s[proxytrace.ConnectTimeout] = sim.Of(r, 100*ms, 1000*ms, 5000*ms)
	if r.Intn(16) == 0 { // there is none, and whoever waits for ever is ended by the operator
		s[sim.Of(r, proxytrace.ClientTimeout, proxytrace.ServerTimeout, proxytrace.ConnectTimeout)] = 0
		s[traces.Stop] = 200000 * ms
	}
	s[proxytrace.ClientFin] = sim.Of(r, 0, 0, 300*ms)
	s[proxytrace.ServerFin] = sim.Of(r, 0, 0, 300*ms)
	if r.Intn(6) == 0 {
		s[proxytrace.Applet] = int64(1 + r.Intn(3))
	}
	drawVigil(r, s)
	drawSplice(r, s)
	drawLarge(r, s)
	drawHandshakes(r, s)
	if s[proxytrace.Applet] == proxytrace.AppletChargen {
		// An endless source fills whatever time the rest takes, which must not
		// be much: its client's FIN is read only when there is a buffer for it.
		s[traces.Latency], s[traces.Gap], s[proxytrace.Buffers] = 100e3, 100e3, 0
		widen(s, 10)
		if s[proxytrace.ClientTLS] != 0 { // and a record for every byte is several times the bytes
			widen(s, 100)
		}
	}
	if r.Intn(8) == 0 {
		s[traces.Files] = int64(3 + r.Intn(6))
	}
	if r.Intn(2) == 0 {
		s[traces.Calm] = sim.Of(r, 1*ms, 50*ms, 2000*ms)
	}
	drawShares(r, s)
	drawOperator(r, s)
	if r.Intn(4) == 0 {
		settle(s)
	}
}

// drawOperator draws what the operator does meanwhile: other servers, a drain, an end of all.
func drawOperator(r *sim.Rand, s *traces.Settings) {
	if s[proxytrace.Servers] > 1 && r.Intn(4) == 0 {
		s[traces.Reload] = sim.Of(r, 2*ms, 300*ms, 3000*ms)
	}
	if r.Intn(12) == 0 {
		s[traces.Drain] = sim.Of(r, 1*ms, 10*ms, 1500*ms)
	}
	if r.Intn(16) == 0 && s[traces.Patience] == 0 {
		s[traces.Stop] = sim.Of(r, 1*ms, 10*ms, 1500*ms)
	}
}

// drawVigil draws whether the kernel looks after connections, and then mostly that nobody
// else does before it.
func drawVigil(r *sim.Rand, s *traces.Settings) {
	if r.Intn(4) != 0 {
		return
	}
	s[traces.Keepalive] = sim.Of(r, 0, 300*ms, 2000*ms, 10000*ms)
	s[traces.KeepEvery] = sim.Of(r, 100*ms, 1000*ms, 10000*ms)
	s[traces.KeepCount] = sim.Of(r, int64(1), 3, 6)
	s[traces.Patience] = sim.Of(r, 0, 500*ms, 500*ms, 3000*ms, 60000*ms)
	if r.Intn(3) > 0 {
		s[proxytrace.ClientTimeout], s[proxytrace.ServerTimeout] = 600000*ms, 600000*ms
	}
}

// drawShares draws limits on what one client, and those that nobody knows yet, may have.
func drawShares(r *sim.Rand, s *traces.Settings) {
	s[traces.Addresses] = sim.Of(r, int64(0), 0, 0, 1, 2)
	if s[traces.Addresses] > 0 || r.Intn(8) == 0 {
		s[proxytrace.MaxPerClient] = sim.Of(r, int64(0), 1, 1, 2, 3)
	}
	if proxytrace.Handshakes(s) && r.Intn(2) == 0 {
		s[proxytrace.MaxHandshakes] = sim.Of(r, int64(1), 1, 2, 3)
	}
}

// settle makes settings in which nothing ends a session early: what goes wrong then has
// another cause, or none.
func settle(s *traces.Settings) {
	d := traces.Default()
	for _, p := range []traces.Param{
		proxytrace.NoHalf, proxytrace.AbortOnClose, proxytrace.ClientFin, proxytrace.ServerFin, proxytrace.Applet, proxytrace.Buffers,
		proxytrace.ClientTimeout, proxytrace.ServerTimeout, proxytrace.ConnectTimeout, proxytrace.HandshakeTimeout, traces.Files,
		proxytrace.MaxPerClient, traces.Drain, traces.Patience,
	} {
		s[p] = d[p]
	}
	s[traces.Latency] = min(s[traces.Latency], 5*ms)
	if proxytrace.Handshakes(s) {
		s[traces.Latency] = min(s[traces.Latency], ms)
		widen(s, 100)
		s[proxytrace.BufSize] = max(s[proxytrace.BufSize], 100)
	}
}

// drawSplice draws which directions pass through pipes: none in half of the worlds.
func drawSplice(r *sim.Rand, s *traces.Settings) {
	if r.Intn(2) == 0 {
		return
	}
	s[proxytrace.SpliceReq], s[proxytrace.SpliceRep] = int64(r.Intn(3)), int64(r.Intn(3))
	s[proxytrace.MaxPipes] = sim.Of(r, int64(0), 1, 2, 500, 500)
	s[traces.PipeSlots] = sim.Of(r, int64(1), 2, 16, 16)
	s[proxytrace.PipeEnough] = sim.Of(r, 0, 0, int64(1), 1000)
	s[proxytrace.Lowat] = sim.Of(r, int64(0), 0, 10, 100, 1000, 20000)
	if s[proxytrace.Window] != 0 {
		s[proxytrace.Window] = sim.Of(r, 10, int64(1000), 5000, 20000) // at least 4096 may pass at a time
		if s[proxytrace.Window] == 5000 {                              // and often more than that waits in a socket
			s[traces.RcvBuf], s[traces.PipeSlots] = 16384, 16
			widen(s, 1448)
		}
	}
}

// drawLarge draws larger buffers for bulk that is copied: none in most worlds.
func drawLarge(r *sim.Rand, s *traces.Settings) {
	if r.Intn(4) == 0 {
		s[proxytrace.BulkSize], s[proxytrace.BulkBuffers] = s[proxytrace.BufSize]*sim.Of(r, int64(2), 8), sim.Of(r, int64(1), 1, 16)
	}
}

// drawHandshakes draws what comes before the data: nothing in half of the worlds,
// and in the others any combination. crypto/tls is rare, for the time it takes.
func drawHandshakes(r *sim.Rand, s *traces.Settings) {
	if r.Intn(2) == 0 {
		return
	}
	tls := func() int64 { return sim.Of(r, int64(proxytrace.TLSOff), proxytrace.TLSDouble, proxytrace.TLSDouble) }
	s[proxytrace.ClientTLS], s[proxytrace.ServerTLS] = tls(), tls()
	if r.Intn(60) == 0 {
		s[proxytrace.ClientTLS], s[proxytrace.ServerTLS] = int64(r.Intn(3)), proxytrace.TLSReal
		widen(s, 64) // its handshakes are ten times as long as the double's
	}
	if r.Intn(2) == 0 {
		s[proxytrace.AcceptProxy] = int64(1 + r.Intn(proxytrace.ProxyV2Datagram))
		s[proxytrace.AcceptFrom] = int64(r.Intn(2))
	}
	s[proxytrace.SendProxy] = int64(r.Intn(1 + proxytrace.SendV2TLS))
	s[proxytrace.HandshakeTimeout] = sim.Of(r, 100*ms, 1000*ms, 10000*ms)
}

// widen makes everything on the way pass at least so many bytes at a time.
func widen(s *traces.Settings, least int64) {
	for _, p := range []traces.Param{traces.SndBuf, traces.RcvBuf, traces.Segment} {
		s[p] = max(s[p], least)
	}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// drawSize draws a number of bytes, small ones more often, and no more than the
// smallest buffer on the way can pass in a few hundred calls.
func drawSize(r *sim.Rand, s *traces.Settings) int64 {
	if w := s[proxytrace.Window]; w > 0 {
		return properties.DrawSize(r, s, s[proxytrace.BufSize], w)
	}
	return properties.DrawSize(r, s, s[proxytrace.BufSize])
}

func drawSession(r *sim.Rand, s *traces.Settings) traces.Session {
	a, b := drawSize(r, s), drawSize(r, s)
	act := func(v traces.Verb, n int64) traces.Act { return traces.Act{Verb: v, N: n} }
	send, recv := func(n int64) traces.Act { return act(traces.Send, n) }, func(n int64) traces.Act { return act(traces.Recv, n) }
	eof, shut, done := act(traces.EOF, 0), act(traces.ShutW, 0), act(traces.Close, 0)
	var c, v traces.Script
	kind := r.Intn(10)
	if s[proxytrace.Applet] == proxytrace.AppletChargen {
		kind = 10
	} else if s[proxytrace.Applet] == proxytrace.AppletEcho && r.Intn(2) == 0 {
		kind = 5
	}
	switch kind {
	case 0: // request and response, a few times over
		for i := int64(1); i <= int64(1+r.Intn(4)); i++ {
			c = append(c, send(a), recv(i*b))
			v = append(v, recv(i*a), send(b))
		}
		c, v = append(c, done), append(v, eof, done)
	case 1: // bulk both ways
		c, v = traces.Script{send(a), shut, eof, done}, traces.Script{send(b), shut, eof, done}
	case 2: // the client half-closes first
		c, v = traces.Script{send(a), shut, eof, done}, traces.Script{eof, send(b), done}
	case 3: // the server half-closes first
		c, v = traces.Script{eof, send(a), done}, traces.Script{send(b), shut, eof, done}
	case 4: // early response
		c, v = traces.Script{send(a), shut, eof, done}, traces.Script{send(b), done}
	case 5: // a server that echoes
		c = traces.Script{send(a), recv(a), shut, eof, done}
	case 6: // a reset at some moment
		c, v = traces.Script{send(a), act(traces.Wait, int64(r.Intn(int(20*ms)))), act(traces.Reset, 0)}, traces.Script{send(b), eof, done}
	case 7:
		c, v = traces.Script{send(a), eof, done}, traces.Script{recv(1), send(b), act(traces.Wait, int64(r.Intn(int(20*ms)))), act(traces.Reset, 0)}
	case 8: // nobody says anything for long
		c, v = traces.Script{act(traces.Wait, 2000*ms), send(a), shut, eof, done}, traces.Script{eof, act(traces.Wait, 2000*ms), send(b), done}
	case 9: // gone before it said anything
		c, v = traces.Script{sim.Of(r, shut, done, act(traces.Reset, 0)), eof, done}, traces.Script{send(b), eof, done}
	case 10: // an endless source must be told to stop
		c = traces.Script{recv(a), sim.Of(r, shut, done, act(traces.Reset, 0)), eof, done}
	}
	if r.Intn(4) == 0 {
		c = append(traces.Script{properties.DrawSlow(r)}, c...)
	}
	if len(v) > 0 && r.Intn(4) == 0 {
		v = append(traces.Script{properties.DrawSlow(r)}, v...)
	}
	at := int64(0)
	if r.Intn(2) == 0 {
		at = int64(r.Intn(int(5 * ms)))
	}
	if s[proxytrace.Servers] > 1 && r.Intn(4) == 0 {
		at = int64(r.Intn(int(12_000 * ms))) // by then servers may have gone and come back
	}
	return traces.Session{At: at, Client: properties.DrawUrgent(r, properties.Unhold(r, c)), Server: properties.DrawUrgent(r, properties.Unhold(r, v))}
}
