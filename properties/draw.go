package properties

import (
	"millrace/sim"
	"millrace/traces"
)

// Generate draws a scenario and a source of choices from a seed. Every seed also
// draws which faults exist at all and how often they strike: a run in which
// everything goes wrong finds less than many in which a few things do.
func (p *Program) Generate(seed uint64) (*traces.Trace, *sim.Seeded) {
	r := sim.NewRand(seed)
	t := p.Scenario()
	if p.Draw != nil {
		p.Draw(r, t)
	} else {
		p.draw(r, t)
	}
	p.hire(seed, t)
	return t, &sim.Seeded{Seed: sim.Mix(seed), Rates: p.rates(r, t), Runs: r.Intn(8) == 0}
}

// rates draws how often what happens in worlds of the program, and corrects a scenario
// that is not for it.
func (p *Program) rates(r *sim.Rand, t *traces.Trace) sim.Rates {
	rates := DrawRates(r)
	for op := range sim.NumOps {
		if !p.Met(op) {
			rates[op] = 0
		}
	}
	if p.Level {
		t.Settings[traces.Poller] = traces.Level
	}
	if t.Settings[traces.Workers] > 1 {
		drawFates(r, &rates)
	}
	if p.Temper != nil {
		p.Temper(t, &rates)
	}
	return rates
}

// hire draws for one world in sixteen how many workers there are, from a stream of its own:
// what else is drawn is the same whether a program may have several or not.
func (p *Program) hire(seed uint64, t *traces.Trace) {
	r := sim.NewRand(seed ^ 'w'<<56)
	if p.Workers < 2 || r.Intn(16) != 0 {
		return
	}
	t.Settings[traces.Workers] = int64(2 + r.Intn(p.Workers-1))
	t.Settings[traces.Respawn] = sim.Of(r, 0, 0, 1*ms, 20*ms, 1000*ms)
}

// drawFates draws how clients come to workers, and what becomes of these.
func drawFates(r *sim.Rand, rates *sim.Rates) {
	rates[sim.OpShare] = perMille(sim.Of(r, 0.0, 500, 900))
	for _, op := range [...]sim.Op{sim.OpKilled, sim.OpSlow} {
		if r.Intn(2) == 0 {
			rates[op] = perMille(sim.Of(r, 1.0, 10, 50))
		}
	}
}

const ms = int64(sim.Millisecond)

// draw makes up a scenario for a program of which nothing else is known.
func (p *Program) draw(r *sim.Rand, t *traces.Trace) {
	DrawNetwork(r, &t.Settings)
	for range sim.Of(r, 1, 1, 2, 3, 5) {
		t.Sessions = append(t.Sessions, p.session(r, DrawSize(r, &t.Settings), DrawSize(r, &t.Settings)))
	}
	DrawLinks(r, t)
}

// DrawNetwork draws what the network and the poller are like.
func DrawNetwork(r *sim.Rand, s *traces.Settings) {
	s[traces.Poller] = int64(r.Intn(2))
	s[traces.SndBuf] = sim.Of(r, int64(1), 2, 5, 100, 1000, 4096, 16384, 16384)
	s[traces.RcvBuf] = sim.Of(r, int64(1), 3, 64, 1000, 4096, 16384, 16384)
	s[traces.Segment] = sim.Of(r, int64(1), 10, 536, 1448, 1448)
	if r.Intn(4) == 0 {
		Meet(r, s, traces.SndBuf, traces.RcvBuf, traces.Segment)
	}
	s[traces.Latency] = sim.Of(r, 0, 20e3, 100e3, 5*ms, 50*ms)
	s[traces.Gap] = sim.Of(r, int64(1), 1e3, 100e3)
	if r.Intn(2) == 0 {
		s[traces.Calm] = sim.Of(r, 1*ms, 50*ms, 2000*ms)
	}
	if r.Intn(16) == 0 {
		s[traces.Stop] = sim.Of(r, 1*ms, 20*ms, 2000*ms)
	}
}

// Meet makes sizes meet: they are the same, or one off, or twice as large. Drawn each for
// itself, a buffer, a segment and a window hardly ever end at the same byte.
func Meet(r *sim.Rand, s *traces.Settings, sizes ...traces.Param) {
	n := sim.Of(r, int64(2), 3, 16, 100, 1000, 1448, 4096)
	for _, p := range sizes {
		if r.Intn(4) != 0 {
			s[p] = sim.Of(r, n, n, n, n-1, n+1, 2*n)
		}
	}
}

// DrawLinks draws whether the connections of a world's sessions differ, and how: in an
// even world what is slow for one is slow for all.
func DrawLinks(r *sim.Rand, t *traces.Trace) {
	if len(t.Sessions) < 2 || r.Intn(4) != 0 {
		return
	}
	draw := func() traces.Link {
		if r.Intn(2) == 0 {
			return traces.Link{}
		}
		return traces.Link{
			sim.Of(r, int64(0), 20e3, 100e3, 5*ms, 50*ms), sim.Of(r, int64(0), 0, 1e3, 100e3),
			sim.Of(r, int64(0), 0, 100, 1448), sim.Of(r, int64(0), 0, 100, 1000, 16384), sim.Of(r, int64(0), 0, 100, 4096, 16384),
		}
	}
	for i := range t.Sessions {
		t.Sessions[i].Front, t.Sessions[i].Back = draw(), draw()
	}
}

// DrawSize draws a number of bytes, small ones more often, and no more than the
// narrowest place on the way can pass in some dozens of calls.
func DrawSize(r *sim.Rand, s *traces.Settings, narrow ...int64) int64 {
	least := min(s[traces.SndBuf], s[traces.RcvBuf], s[traces.Segment])
	for _, n := range narrow {
		least = min(least, n)
	}
	if r.Intn(8) == 0 { // what fills a place to the last byte, or misses it by one
		n := sim.Of(r, append(narrow, s[traces.SndBuf], s[traces.RcvBuf], s[traces.Segment])...)
		return max(1, min(40000, 60*least, sim.Of(r, n-1, n, n+1, 2*n, s[traces.SndBuf]+s[traces.RcvBuf])))
	}
	return 1 + int64(r.Intn(1<<r.Intn(17)))%min(40000, 60*least)
}

// session draws a client that sends something and listens to the end, and what its
// server does.
func (p *Program) session(r *sim.Rand, a, b int64) traces.Session {
	act := func(v traces.Verb, n int64) traces.Act { return traces.Act{Verb: v, N: n} }
	send, shut, eof, done := act(traces.Send, a), act(traces.ShutW, 0), act(traces.EOF, 0), act(traces.Close, 0)
	var s traces.Session
	switch r.Intn(5) {
	case 0:
		s.Client = traces.Script{send, act(traces.Wait, int64(r.Intn(int(20*ms)))), act(traces.Reset, 0)}
	case 1:
		s.Client = traces.Script{send, act(traces.Wait, int64(r.Intn(int(20*ms)))), act(traces.Send, b), shut, eof, done}
	default:
		s.Client = traces.Script{send, shut, eof, done}
	}
	if p.Servers && r.Intn(2) == 0 {
		s.Server = traces.Script{eof, act(traces.Send, b), done}
	}
	if r.Intn(4) == 0 {
		s.Client = append(traces.Script{DrawSlow(r)}, s.Client...)
	}
	if r.Intn(2) == 0 {
		s.At = int64(r.Intn(int(5 * ms)))
	}
	s.Client = Unhold(r, s.Client)
	return s
}

// DrawUrgent draws whether there is urgent data in the middle of what a peer sends, or
// behind it.
func DrawUrgent(r *sim.Rand, s traces.Script) traces.Script {
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

// DrawSlow draws a way of not reading at once.
func DrawSlow(r *sim.Rand) traces.Act {
	if r.Intn(2) == 0 {
		return traces.Act{Verb: traces.Hold}
	}
	return traces.Act{Verb: traces.Drip, N: int64(1 + r.Intn(200))}
}

// Unhold lets a peer that holds read again before it waits for something.
func Unhold(r *sim.Rand, s traces.Script) traces.Script {
	if len(s) == 0 || s[0].Verb != traces.Hold {
		return s
	}
	for i, a := range s {
		if a.Verb == traces.Recv || a.Verb == traces.EOF || a.Verb == traces.Expect {
			pause := []traces.Act{{Verb: traces.Wait, N: sim.Of(r, 5*ms, 5*ms, 5*ms, 600*ms)}, {Verb: traces.Go}}
			return append(append(append(traces.Script{}, s[:i]...), pause...), s[i:]...)
		}
	}
	return s
}

func perMille(n float64) uint16 { return uint16(n * 65.535) }

// DrawRates draws the swarm: half of the faults do not exist in a world, the
// rest strike now and then.
func DrawRates(r *sim.Rand) (rates sim.Rates) {
	kind := r.Intn(8)
	if kind == 0 {
		return rates // a healthy network must work too
	}
	for op := range sim.OpShare { // those behind are drawn where there are workers to share anything
		if r.Intn(2) == 0 && (kind > 1 || op.Mild()) { // so must one where nothing bad happens, all the time
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
	for _, rare := range []sim.Op{sim.OpHole, sim.OpPeerRst, sim.OpStall, sim.OpClockJump, sim.OpLost, sim.OpPartition, sim.OpRebooted, sim.OpBusy, sim.OpTick} {
		rates[rare] = min(rates[rare], perMille(10))
	}
	for _, once := range []sim.Op{sim.OpShakeReset, sim.OpShakeFin, sim.OpShakeMute, sim.OpShakeFlip} {
		rates[once] = min(rates[once], perMille(100))
	}
	for _, often := range []sim.Op{sim.OpConnect, sim.OpServerLife, sim.OpSocket, sim.OpAccept, sim.OpStale, sim.OpSetFail, sim.OpRenew, sim.OpRstLost} {
		rates[often] = min(rates[often]*4, perMille(400))
	}
	if rates[sim.OpUnreachable] = 0; rates[sim.OpHole]+rates[sim.OpPartition] != 0 {
		rates[sim.OpUnreachable] = perMille(500) // it is asked by those who have given up, of whom there are few
	}
	return rates
}

// Say is the act of sending a text.
func Say(text string) traces.Act { return traces.Act{Verb: traces.Say, Text: text} }

// Expect is the act of waiting for a text.
func Expect(text string) traces.Act { return traces.Act{Verb: traces.Expect, Text: text} }

// Quiet is the act of having heard nothing but what was expected. Behind the end of the
// stream it says that there was nothing more.
func Quiet() traces.Act { return traces.Act{Verb: traces.Quiet} }
