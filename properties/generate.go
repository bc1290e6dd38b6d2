package properties

import (
	"millrace/sim"
	"millrace/traces"
)

// Generate draws a scenario and a source of choices from a seed. Every seed also
// draws which faults exist at all and how often they strike: a run in which
// everything goes wrong finds less than many in which a few things do.
func Generate(seed uint64) (*traces.Trace, *sim.Seeded) {
	r := sim.NewRand(seed)
	t := &traces.Trace{Settings: traces.Default()}
	drawSettings(r, &t.Settings)
	n := sim.Of(r, 1, 1, 1, 2, 2, 3, 5, 8)
	if r.Intn(64) == 0 && t.Settings[traces.Applet] != traces.AppletChargen {
		n = 20 + r.Intn(60)
		if t.Settings.Handshakes() {
			widen(&t.Settings, 10)
		}
	}
	for range n {
		t.Sessions = append(t.Sessions, drawSession(r, &t.Settings))
	}
	rates := drawRates(r)
	if t.Settings[traces.Applet] == traces.AppletChargen {
		// It would learn late, or never, that it is to stop.
		rates[sim.OpHole], rates[sim.OpStall] = 0, 0
	}
	return t, &sim.Seeded{Seed: sim.Mix(seed), Rates: rates}
}

const ms = int64(sim.Millisecond)

func drawSettings(r *sim.Rand, s *traces.Settings) {
	s[traces.Poller] = int64(r.Intn(2))
	s[traces.BufSize] = sim.Of(r, int64(1), 2, 3, 16, 100, 1000, 1460, 4096, 16384, 16384)
	s[traces.SndBuf] = sim.Of(r, int64(1), 2, 5, 100, 1000, 4096, 16384, 16384)
	s[traces.RcvBuf] = sim.Of(r, int64(1), 3, 64, 1000, 4096, 16384, 16384)
	s[traces.Segment] = sim.Of(r, int64(1), 10, 536, 1448, 1448)
	s[traces.Latency] = sim.Of(r, 0, 20e3, 100e3, 5*ms, 50*ms)
	s[traces.Gap] = sim.Of(r, int64(1), 1e3, 100e3)
	s[traces.Events] = sim.Of(r, int64(1), 2, 200, 200)
	s[traces.MaxReads] = sim.Of(r, int64(1), 2, 4, 4)
	s[traces.MaxAccept] = sim.Of(r, int64(1), 64)
	s[traces.MaxConn] = sim.Of(r, int64(1), 2, 2000, 2000)
	s[traces.Servers] = sim.Of(r, int64(1), 1, 3)
	s[traces.Retries] = sim.Of(r, int64(0), 1, 3)
	s[traces.Buffers] = sim.Of(r, int64(0), 0, 0, 2, 3, 4)
	if r.Intn(4) == 0 {
		s[traces.Window] = sim.Of(r, int64(1), 10, 1000)
		s[traces.Reserve] = s[traces.BufSize] / 2
	}
	s[traces.NoHalf] = b2i(r.Intn(10) == 0)
	s[traces.Indep] = b2i(r.Intn(6) == 0)
	s[traces.AbortOnClose] = b2i(r.Intn(8) == 0)
	s[traces.ClientTimeout] = sim.Of(r, 200*ms, 1000*ms, 10000*ms, 60000*ms)
	s[traces.ServerTimeout] = sim.Of(r, 200*ms, 1000*ms, 10000*ms, 60000*ms)
	s[traces.ConnectTimeout] = sim.Of(r, 100*ms, 1000*ms, 5000*ms)
	s[traces.ClientFin] = sim.Of(r, 0, 0, 300*ms)
	s[traces.ServerFin] = sim.Of(r, 0, 0, 300*ms)
	if r.Intn(6) == 0 {
		s[traces.Applet] = int64(1 + r.Intn(3))
	}
	drawSplice(r, s)
	drawHandshakes(r, s)
	if s[traces.Applet] == traces.AppletChargen {
		// An endless source fills whatever time the rest takes, which must not
		// be much: its client's FIN is read only when there is a buffer for it.
		s[traces.Latency], s[traces.Gap], s[traces.Buffers] = 100e3, 100e3, 0
		widen(s, 10)
		if s[traces.ClientTLS] != 0 { // and a record for every byte is several times the bytes
			widen(s, 100)
		}
	}
	if r.Intn(8) == 0 {
		s[traces.Files] = int64(3 + r.Intn(6))
	}
	if r.Intn(2) == 0 {
		s[traces.Calm] = sim.Of(r, 1*ms, 50*ms, 2000*ms)
	}
}

// drawSplice draws which directions pass through pipes: none in half of the worlds.
func drawSplice(r *sim.Rand, s *traces.Settings) {
	if r.Intn(2) == 0 {
		return
	}
	s[traces.SpliceReq], s[traces.SpliceRep] = int64(r.Intn(3)), int64(r.Intn(3))
	s[traces.MaxPipes] = sim.Of(r, int64(0), 1, 2, 500, 500)
	s[traces.PipeSlots] = sim.Of(r, int64(1), 2, 16, 16)
	s[traces.PipeEnough] = sim.Of(r, 0, 0, int64(1), 1000)
	if s[traces.Window] != 0 {
		s[traces.Window] = sim.Of(r, 10, int64(1000), 5000, 20000) // at least 4096 may pass at a time
	}
}

// drawHandshakes draws what comes before the data: nothing in half of the worlds,
// and in the others any combination. crypto/tls is rare, for the time it takes.
func drawHandshakes(r *sim.Rand, s *traces.Settings) {
	if r.Intn(2) == 0 {
		return
	}
	tls := func() int64 { return sim.Of(r, int64(traces.TLSOff), traces.TLSDouble, traces.TLSDouble) }
	s[traces.ClientTLS], s[traces.ServerTLS] = tls(), tls()
	if r.Intn(60) == 0 {
		s[traces.ClientTLS], s[traces.ServerTLS] = int64(r.Intn(3)), traces.TLSReal
		widen(s, 64) // its handshakes are ten times as long as the double's
	}
	if r.Intn(2) == 0 {
		s[traces.AcceptProxy] = int64(1 + r.Intn(traces.ProxyV2Checked))
		s[traces.AcceptFrom] = int64(r.Intn(2))
	}
	s[traces.SendProxy] = int64(r.Intn(3))
	s[traces.HandshakeTimeout] = sim.Of(r, 100*ms, 1000*ms, 10000*ms)
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
	narrow := min(s[traces.BufSize], s[traces.SndBuf], s[traces.RcvBuf], s[traces.Segment])
	if w := s[traces.Window]; w > 0 {
		narrow = min(narrow, w)
	}
	limit := min(40000, 60*narrow)
	return 1 + int64(r.Intn(1<<r.Intn(17)))%limit
}

func drawSession(r *sim.Rand, s *traces.Settings) traces.Session {
	a, b := drawSize(r, s), drawSize(r, s)
	act := func(v traces.Verb, n int64) traces.Act { return traces.Act{Verb: v, N: n} }
	send, recv := func(n int64) traces.Act { return act(traces.Send, n) }, func(n int64) traces.Act { return act(traces.Recv, n) }
	eof, shut, done := act(traces.EOF, 0), act(traces.ShutW, 0), act(traces.Close, 0)
	var c, v traces.Script
	kind := r.Intn(10)
	if s[traces.Applet] == traces.AppletChargen {
		kind = 10
	} else if s[traces.Applet] == traces.AppletEcho && r.Intn(2) == 0 {
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
		c = append(traces.Script{slow(r)}, c...)
	}
	if len(v) > 0 && r.Intn(4) == 0 {
		v = append(traces.Script{slow(r)}, v...)
	}
	at := int64(0)
	if r.Intn(2) == 0 {
		at = int64(r.Intn(int(5 * ms)))
	}
	return traces.Session{At: at, Client: urgent(r, unhold(c)), Server: urgent(r, unhold(v))}
}

// urgent draws whether there is urgent data in the middle of what a peer sends, or
// behind it.
func urgent(r *sim.Rand, s traces.Script) traces.Script {
	if r.Intn(6) != 0 {
		return s
	}
	for i, a := range s {
		if a.Verb != traces.Send {
			continue
		}
		n := a.N
		parts := []traces.Act{a, {Verb: traces.Urgent}}
		if n > 1 {
			parts[0].N = 1 + int64(r.Intn(int(n-1)))
			parts = append(parts, traces.Act{Verb: traces.Send, N: n - parts[0].N})
		}
		return append(append(append(traces.Script{}, s[:i]...), parts...), s[i+1:]...)
	}
	return s
}

// slow draws a way of not reading at once.
func slow(r *sim.Rand) traces.Act {
	if r.Intn(2) == 0 {
		return traces.Act{Verb: traces.Hold}
	}
	return traces.Act{Verb: traces.Drip, N: int64(1 + r.Intn(200))}
}

// unhold lets a peer that holds read again before it waits for something.
func unhold(s traces.Script) traces.Script {
	if len(s) == 0 || s[0].Verb != traces.Hold {
		return s
	}
	for i, a := range s {
		if a.Verb == traces.Recv || a.Verb == traces.EOF {
			pause := []traces.Act{{Verb: traces.Wait, N: 5 * ms}, {Verb: traces.Go}}
			return append(append(append(traces.Script{}, s[:i]...), pause...), s[i:]...)
		}
	}
	return s
}

// drawRates draws the swarm: half of the faults do not exist in a world, the
// rest strike now and then.
func drawRates(r *sim.Rand) (rates sim.Rates) {
	perMille := func(n float64) uint16 { return uint16(n * 65.535) }
	if r.Intn(8) == 0 {
		return rates // a healthy network must work too
	}
	for op := range sim.NumOps {
		if r.Intn(2) == 0 {
			rates[op] = perMille(sim.Of(r, 1.0, 10, 50, 200))
		}
	}
	rates[sim.OpPriority], rates[sim.OpRank], rates[sim.OpDemote] = 0, 0, 0
	switch r.Intn(3) {
	case 0: // first come, first served
	case 1: // any order
		rates[sim.OpRank] = perMille(900)
	case 2: // priorities with a few change points
		rates[sim.OpPriority], rates[sim.OpDemote] = perMille(900), perMille(sim.Of(r, 2.0, 20))
	}
	for _, rare := range []sim.Op{sim.OpHole, sim.OpPeerRst, sim.OpStall, sim.OpClockJump} {
		rates[rare] = min(rates[rare], perMille(10))
	}
	for _, once := range []sim.Op{sim.OpShakeReset, sim.OpShakeFin, sim.OpShakeMute, sim.OpShakeFlip} {
		rates[once] = min(rates[once], perMille(100))
	}
	for _, often := range []sim.Op{sim.OpConnect, sim.OpSocket, sim.OpAccept, sim.OpStale, sim.OpSetFail, sim.OpRenew} {
		rates[often] = min(rates[often]*4, perMille(400))
	}
	return rates
}
