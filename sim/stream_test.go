package sim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// wire is a stream between two ends that write down what they are told.
type wire struct {
	*hall
	Stream
	agent Agent
	heard []string
	sent  int64 // and got, by count of the test
	got   int64
}

const wireStream = 11

func newWire(src Source, link Link) *wire {
	p := &wire{hall: newHall(src)}
	p.agent.Init(Client|1, &p.Choices)
	p.Stream.Init(&p.World, &p.agent, link, sender{p}, receiver{p})
	return p
}

func (p *wire) say(what string) {
	p.heard = append(p.heard, fmt.Sprintf("%s@%d", what, (p.Now()-Epoch)/Microsecond))
}

// take returns what was heard since the last time.
func (p *wire) take() string {
	text := strings.Join(p.heard, " ")
	p.heard = nil
	return text
}

// run lets the world run to its end.
func (p *wire) run() string {
	for p.World.Step() {
	}
	return p.take()
}

type sender struct{ *wire }

func (s sender) Arrived()    { s.say("sender:arrived") }
func (s sender) Refused()    { s.say("sender:refused") }
func (s sender) Reset()      { s.say("sender:reset") }
func (s sender) Space()      { s.say(fmt.Sprint("space ", s.Free())) }
func (s sender) FinTaken()   { s.say("taken") }
func (s sender) GaveUp(bool) { s.say("gave up") }

type receiver struct{ *wire }

func (r receiver) Space()      { r.say("receiver:space") }
func (r receiver) FinTaken()   { r.say("receiver:taken") }
func (r receiver) GaveUp(bool) { r.say("receiver:gave up") }
func (r receiver) Refused()    { r.say("refused") }
func (r receiver) Reset()      { r.say("reset") }
func (r receiver) Arrived() {
	fin := ""
	if r.FinIn() {
		fin = " FIN"
	}
	r.say(fmt.Sprint("arrived ", r.Readable(), fin))
}

// put writes n bytes of the payload, as far as they fit.
func (p *wire) put(t require.TestingT, n int) {
	free := p.Free()
	took := p.Write(Payload(wireStream, p.sent, n), false)
	require.Equal(t, min(n, free), took)
	p.sent += int64(took)
}

// get reads up to n bytes and checks them.
func (p *wire) get(t require.TestingT, n int) {
	buf := make([]byte, n)
	readable := p.Readable()
	took := p.Get(buf)
	require.Equal(t, min(n, readable), took)
	require.Equal(t, took, Match(wireStream, p.got, buf[:took]), "a wrong byte behind %d", p.got)
	p.got += int64(took)
}

// check is what holds at any time.
func (p *wire) check(t require.TestingT) {
	require.Equal(t, p.sent, p.Wrote())
	require.Equal(t, p.got, p.Stream.Read())
	require.Equal(t, int(p.sent-p.got), p.Queued()+p.Readable())
	require.GreaterOrEqual(t, p.Readable(), 0)
	require.LessOrEqual(t, p.Readable(), p.link.RcvBuf, "more than the window")
	require.GreaterOrEqual(t, p.Queued(), 0)
	require.GreaterOrEqual(t, p.Free(), 0, "more than the sender's buffer")
	require.Equal(t, p.link.SndBuf, p.Free()+p.Queued())
	if p.FinIn() {
		require.True(t, p.Fin())
		require.Zero(t, p.Queued(), "the FIN overtook bytes")
	}
}

// drawWire is a stream with a link and choices of any kind, except for those
// that may end it.
func drawWire(t *rapid.T) *wire {
	size := rapid.SampledFrom([]int{1, 1, 2, 3, 7, 50, 1000})
	link := Link{
		Latency: Time(rapid.IntRange(0, 3).Draw(t, "latency")) * Millisecond,
		Gap:     Time(rapid.IntRange(0, 2).Draw(t, "gap")) * Millisecond,
		Segment: size.Draw(t, "segment"),
		SndBuf:  size.Draw(t, "sndbuf"),
		RcvBuf:  size.Draw(t, "rcvbuf"),
	}
	rates := often(rapid.SampledFrom([]uint16{0, 1 << 12, 1 << 15}).Draw(t, "rate"))
	rates[OpHole], rates[OpPartition], rates[OpRstLost] = 0, 0, 0
	return newWire(&Seeded{Seed: rapid.Uint64().Draw(t, "seed"), Rates: rates}, link)
}

// step runs one delivery, of which the ends must hear.
func (p *wire) step(t require.TestingT) {
	readable, queued, fin := p.Readable(), p.Queued(), p.FinIn()
	p.take()
	p.World.Step()
	heard := p.take()
	news := p.Readable() > readable || p.FinIn() != fin
	require.Equal(t, news, strings.Contains(heard, "arrived"), "told %q", heard)
	require.Equal(t, p.Queued() < queued, strings.Contains(heard, "space"), "told %q", heard)
	require.Equal(t, p.FinIn() != fin, strings.Contains(heard, "taken"), "told %q", heard)
	require.NotContains(t, heard, ":")
}

// settle runs and reads until nothing moves.
func (p *wire) settle(t require.TestingT) {
	for p.proc.Scheduled() || p.Readable() > 0 {
		if p.proc.Scheduled() {
			p.step(t)
		}
		p.get(t, 100)
		p.check(t)
	}
}

func TestAStreamDeliversEveryByteInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawWire(t)
		some := rapid.IntRange(1, 60)
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				if p.Fin() {
					t.Skip("after the FIN")
				}
				p.put(t, some.Draw(t, "n"))
			},
			"read": func(t *rapid.T) { p.get(t, some.Draw(t, "n")) },
			"step": func(t *rapid.T) { p.step(t) },
			"end": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") == 0 {
					p.End()
				}
			},
			"": func(t *rapid.T) { p.check(t) },
		})
		p.settle(t)
		require.Equal(t, p.sent, p.got, "bytes were lost")
		p.End()
		p.settle(t)
		require.True(t, p.FinIn(), "the FIN was lost")
	})
}

func TestNothingComesBehindAReset(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawWire(t)
		for range rapid.IntRange(0, 10).Draw(t, "before") {
			p.put(t, rapid.IntRange(1, 60).Draw(t, "n"))
			p.step(t)
			p.get(t, rapid.IntRange(0, 60).Draw(t, "n"))
		}
		if rapid.Bool().Draw(t, "fin") {
			p.End()
		}
		p.Abort()
		p.Abort()
		heard := p.run()
		require.Equal(t, 1, strings.Count(heard, "reset"), heard)
		require.Contains(t, heard[strings.LastIndex(heard, " ")+1:], "reset", heard)
		p.check(t)
		for p.Readable() > 0 {
			p.get(t, 60)
		}
		require.False(t, p.proc.Scheduled())
		require.Empty(t, p.run())
	})
}

func TestAHealthyLinkTakesItsTime(t *testing.T) {
	link := Link{Latency: 10 * Microsecond, Gap: 2 * Microsecond, Segment: 4, SndBuf: 20, RcvBuf: 20}
	for _, c := range []struct {
		name string
		link Link
		src  Source
		want string
	}{
		{"benign", link, Benign{}, "arrived 4@10 space 14@10 arrived 8@12 space 18@12 arrived 10 FIN@14 space 20@14 taken@14"},
		{"a smaller piece", link, force{op: OpSegment, val: 1, times: 1},
			"arrived 1@10 space 11@10 arrived 5@12 space 15@12 arrived 9@14 space 19@14 arrived 10 FIN@16 space 20@16 taken@16"},
		{"jitter", link, force{op: OpDelay, val: 3, times: 1},
			"arrived 4@100 space 14@100 arrived 8@102 space 18@102 arrived 10 FIN@104 space 20@104 taken@104"},
		{"a stall", link, force{op: OpStall, val: 2, times: 1},
			"arrived 4@400010 space 14@400010 arrived 8@400012 space 18@400012 arrived 10 FIN@400014 space 20@400014 taken@400014"},
		{"a FIN apart", link, force{op: OpFinApart, val: 1, times: 1},
			"arrived 4@10 space 14@10 arrived 8@12 space 18@12 arrived 10@14 space 20@14 arrived 10 FIN@16 taken@16"},
		{"a window that shuts for a moment", link, force{op: OpRcvBuf, val: 1, times: 1},
			"arrived 4@12 space 14@12 arrived 8@14 space 18@14 arrived 10 FIN@16 space 20@16 taken@16"},
		{"a hole", link, force{op: OpHole, val: 1, from: 1}, "arrived 4@10 space 14@10 gave up@924800032"},
		{"a segment lost three times", link, force{op: OpLost, val: 3, times: 1},
			"arrived 4@1400150 space 14@1400150 arrived 8@1400152 space 18@1400152 arrived 10 FIN@1400154 space 20@1400154 taken@1400154"},
		{"a partition", link, force{op: OpPartition, val: 2, times: 1},
			"arrived 4@6200630 space 14@6200630 arrived 8@6200632 space 18@6200632 arrived 10 FIN@6200634 space 20@6200634 taken@6200634"},
		{"a small window", Link{Latency: 10 * Microsecond, Gap: 2 * Microsecond, Segment: 4, SndBuf: 20, RcvBuf: 6}, Benign{},
			"arrived 4@10 space 14@10 arrived 6@12 space 16@12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newWire(c.src, c.link)
			p.put(t, 10)
			p.End()
			require.Equal(t, c.want, p.run())
		})
	}
}

func TestReadingOpensTheWindow(t *testing.T) {
	p := newWire(Benign{}, Link{Gap: 2 * Microsecond, Segment: 9, SndBuf: 9, RcvBuf: 3})
	p.put(t, 8)
	p.End()
	require.Equal(t, "arrived 3@0 space 4@0", p.run())
	p.get(t, 1)
	require.Equal(t, "arrived 3@2 space 5@2", p.run())
	p.get(t, 3)
	require.Equal(t, "arrived 3@4 space 8@4", p.run())
	p.get(t, 3)
	require.Equal(t, "arrived 1 FIN@6 space 9@6 taken@6", p.run())
}

func TestReadingWakesNobodyIfNothingWaits(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 9, SndBuf: 9, RcvBuf: 3})
	p.put(t, 3)
	p.run()
	p.get(t, 2)
	require.False(t, p.proc.Scheduled(), "all has arrived")
	p.End()
	p.run()
	p.get(t, 1)
	require.False(t, p.proc.Scheduled(), "and so has the FIN")
	p.get(t, 1)
	require.False(t, p.proc.Scheduled(), "nothing was read")
}

func TestAResetIsDelayedAsBytesAre(t *testing.T) {
	p := newWire(force{op: OpDelay, val: 2, times: 1}, Link{Latency: 10 * Microsecond, Segment: 4, SndBuf: 20, RcvBuf: 20})
	p.Abort()
	require.Equal(t, "reset@50", p.run())
}

func TestAFinNeedsNoWindow(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 9, SndBuf: 9, RcvBuf: 3})
	p.put(t, 3)
	require.Equal(t, "arrived 3@0 space 9@0", p.run())
	p.End()
	require.Equal(t, "arrived 3 FIN@0 taken@0", p.run())
}

func TestAResetLetsWhatIsUnderWayArrive(t *testing.T) {
	link := Link{Latency: 10 * Microsecond, Gap: 2 * Microsecond, Segment: 4, SndBuf: 20, RcvBuf: 20}
	p := newWire(Benign{}, link)
	p.put(t, 4)
	p.World.Step()
	require.Equal(t, "arrived 4@10 space 20@10", p.take())
	p.Abort()
	p.Abort()
	require.Equal(t, "reset@20", p.run())
	p.get(t, 4)
	require.EqualValues(t, 4, p.got, "what has arrived can be read")
}

func TestAHoleSwallowsAllThatFollows(t *testing.T) {
	p := newWire(force{op: OpHole, val: 1, from: 1, times: 1}, Link{Segment: 4, SndBuf: 20, RcvBuf: 20})
	p.put(t, 4)
	require.Equal(t, "arrived 4@0 space 20@0", p.run())
	p.put(t, 4)
	for range 3 {
		p.World.Step()
	}
	require.Empty(t, p.take())
	p.put(t, 4)
	p.get(t, 9)
	p.End()
	require.Equal(t, 8, p.Queued())
	require.False(t, p.FinIn())
	p.Abort()
	require.Empty(t, p.run())
}

func TestAFinWithoutBytesHasNothingToBeApartFrom(t *testing.T) {
	p := newWire(force{op: OpFinApart, val: 1}, Link{Segment: 4, SndBuf: 20, RcvBuf: 20})
	p.put(t, 4)
	p.End()
	require.Equal(t, "arrived 4@0 space 20@0 arrived 4 FIN@0 taken@0", p.run())
	p = newWire(force{op: OpFinApart, val: 1}, Link{Segment: 4, SndBuf: 20, RcvBuf: 20})
	p.End()
	require.Equal(t, "arrived 0 FIN@0 taken@0", p.run())
}

func TestAWriteOfNothingMovesNothing(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 4, SndBuf: 3, RcvBuf: 20})
	require.Zero(t, p.Write(nil, false))
	require.False(t, p.proc.Scheduled())
	p.put(t, 3)
	p.Cancel(&p.proc)
	require.Zero(t, p.Write([]byte("full"), false))
	require.False(t, p.proc.Scheduled())
}

func TestACutStreamIsSilent(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 4, SndBuf: 20, RcvBuf: 20})
	p.put(t, 10)
	p.Cut()
	p.End()
	p.Abort()
	require.False(t, p.proc.Scheduled())
	require.Empty(t, p.run())
	require.Zero(t, p.Readable())
}

// deaf is an end that nobody listens at.
type deaf struct{}

func (deaf) Arrived()    {}
func (deaf) Space()      {}
func (deaf) FinTaken()   {}
func (deaf) GaveUp(bool) {}
func (deaf) Refused()    {}
func (deaf) Reset()      {}

func TestADeliveryAllocatesNothing(t *testing.T) {
	var w World
	var a Agent
	var s Stream
	w.Reset(Benign{})
	a.Init(Client, &w.Choices)
	s.Init(&w, &a, Link{Segment: 100, SndBuf: 100, RcvBuf: 100}, deaf{}, deaf{})
	buf := make([]byte, 100)
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		s.Write(Payload(1, s.Wrote(), 70), false)
		w.Step()
		s.Get(buf)
	}))
	require.EqualValues(t, 1001*70, s.Read())
}

func TestAStreamThatStartsOverIsAFreshOne(t *testing.T) {
	link := Link{Segment: 4, SndBuf: 20, RcvBuf: 20}
	p := newWire(Benign{}, link)
	p.put(t, 10)
	p.End()
	p.run()
	for _, link.SndBuf = range []int{5, 50} {
		p.Reset(Benign{})
		p.agent.Init(Client|1, &p.Choices)
		p.Stream.Init(&p.World, &p.agent, link, sender{p}, receiver{p})
		p.sent, p.got = 0, 0
		p.put(t, 5)
		p.run()
		p.check(t)
		p.get(t, 100)
		require.EqualValues(t, 5, p.got)
		require.False(t, p.FinIn())
	}
}
