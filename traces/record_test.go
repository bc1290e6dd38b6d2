package traces_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	. "millrace/traces"
)

// still is a kernel that answers at once and allocates nothing.
type still struct {
	fd  [64]stillFD
	now core.Time
	key core.Key
}

type stillFD struct {
	core.NoSplice
	num int
}

func (f *stillFD) Num() int                                { return f.num }
func (f *stillFD) Connect() core.Errno                     { return core.EINPROGRESS }
func (f *stillFD) Peek(p []byte) (int, core.Errno)         { return len(p), 0 }
func (f *stillFD) Local() (core.Addr, core.Errno)          { return core.Addr{}, 0 }
func (f *stillFD) Recv(p []byte) (int, core.Errno)         { return len(p), 0 }
func (f *stillFD) Send(p []byte, _ bool) (int, core.Errno) { return len(p), 0 }
func (f *stillFD) ShutW() core.Errno                       { return 0 }
func (f *stillFD) Untaken() int                            { return 0 }
func (f *stillFD) Close(bool) core.Errno                   { return 0 }

func (k *still) Num() int { return 0 }
func (k *still) Accept() (core.FD, core.Peer, core.Errno) {
	k.fd[5].num = 5
	return &k.fd[5], core.Peer{Label: 1<<24 + 2}, 0
}
func (k *still) Close() core.Errno { return 0 }
func (k *still) Socket(_ int, label uint32) (core.FD, core.Errno) {
	k.fd[6].num = 6
	return &k.fd[6], 0
}
func (k *still) Edge() bool                                        { return true }
func (k *still) Set(core.Key, core.Events, core.Events) core.Errno { return 0 }
func (k *still) Wait(ready []core.Ready, _ core.Time) (int, core.Time, core.Errno) {
	k.now += 40 * core.Microsecond
	ready[0] = core.Ready{Key: k.key, Events: core.EvIn | 1<<31}
	ready[1] = core.Ready{Key: 9<<32 | 1<<30, Events: core.EvOut}
	return 2, k.now, 0
}

// bench is a recorder around a still kernel, and one round of all calls.
type bench struct {
	k     *still
	d     core.Dialer
	l     core.Listener
	p     core.Poller
	ready [4]core.Ready
	buf   [64]byte
}

func newBench(r *Recorder) *bench {
	k := &still{now: 1000}
	return &bench{k: k, d: r.Dialer(k), l: r.Listener(k), p: r.Poller(k)}
}

func (b *bench) round() {
	b.p.Wait(b.ready[:], b.k.now+core.Millisecond)
	f, peer, _ := b.l.Accept()
	f.Recv(b.buf[:])
	g, _ := b.d.Socket(3, peer.Label)
	g.Connect()
	b.k.key = 7<<32 | 6
	b.p.Set(b.k.key, 0, core.EvIn)
	b.p.Wait(b.ready[:], 0)
	g.Send(b.buf[:], true)
	g.ShutW()
	g.Close(true)
	f.Close(false)
}

func TestARecordingSaysWhatHappened(t *testing.T) {
	r := NewRecorder(1000, 0)
	b := newBench(r)
	b.k.key = 1 << 32 // number 0 is the listener's, which was never told to the poller
	b.round()
	r.Delay()
	r.Stop()
	require.Zero(t, b.l.Close())
	var lines []string
	for _, s := range r.Steps() {
		lines = append(lines, s.String())
	}
	require.Equal(t, []string{
		"+40µs p0 wait 1ms = 2",
		"+0s l0 event IN stale",
		"+0s p0 event OUT",
		"+0s l0 accept = f2",
		"+0s f2 recv 64 = 64",
		"+0s b2 socket 3 = OK",
		"+0s b2 connect = EINPROGRESS",
		"+0s b2 set IN = OK",
		"+40µs p0 wait never = 2",
		"+0s b2 event IN",
		"+0s p0 event OUT",
		"+0s b2 send 64 more = 64",
		"+0s b2 shutw = OK",
		"+0s b2 close reset = OK",
		"+0s f2 close = OK",
		"+0s w0 delay",
		"+0s w0 stop",
		"+0s l0 close = OK",
	}, lines)
}

func TestAReportForAnEarlierLifeIsStale(t *testing.T) {
	r := NewRecorder(1000, 0)
	b := newBench(r)
	line := func() string {
		b.p.Wait(b.ready[:], 10)
		steps := r.Steps()
		return steps[len(steps)-2].String()
	}
	b.round()
	require.Equal(t, "+0s p0 event IN", line(), "number 6 is closed")
	f, e := b.d.Socket(0, 33)
	require.Zero(t, e)
	require.Equal(t, "+0s b33 event IN stale", line(), "number 6 is open again")
	require.Zero(t, b.p.Set(b.k.key+1<<32, 0, core.EvOut))
	require.Equal(t, "+0s b33 event IN stale", line(), "and told to the poller")
	b.k.key += 1 << 32
	require.Equal(t, "+0s b33 event IN", line(), "and reported itself")
	require.Zero(t, f.Close(false))
	require.Equal(t, "+0s p0 event IN", line())
}

func TestAClockThatGoesBackIsNotTime(t *testing.T) {
	r := NewRecorder(1000, 0)
	b := newBench(r)
	b.k.now = 500
	b.p.Wait(b.ready[:], 10)
	require.Equal(t, "+39.5µs p0 wait 0s = 2", r.Steps()[0].String())
	b.k.now = 0
	b.p.Wait(b.ready[:], 10)
	require.Equal(t, "+0s p0 wait 0s = 2", r.Steps()[3].String())
}

func TestARingKeepsTheLastSteps(t *testing.T) {
	all, ring := NewRecorder(1000, 0), NewRecorder(1000, 10)
	b, c := newBench(all), newBench(ring)
	for n := 1; n < 5; n++ {
		b.round()
		c.round()
		want := all.Steps()
		var got Trace
		ring.Fill(&got)
		require.Equal(t, want[max(0, len(want)-10):], got.Steps)
		require.Equal(t, len(want)-len(got.Steps), int(got.Skipped))
		require.Equal(t, all.Hash(), ring.Hash())
	}
}

func TestTheHashTellsRecordingsApart(t *testing.T) {
	hash := func(steps ...Step) uint64 {
		r := NewRecorder(1, 1)
		for _, s := range steps {
			r.Add(s)
		}
		return r.Hash()
	}
	base := Step{After: 1, Actor: sim.Front, Call: CallSend, Arg: 2, Answer: 1}
	seen := []uint64{hash(), hash(base), hash(base, base), hash(Step{})}
	for _, edit := range []func(s *Step){
		func(s *Step) { s.After++ }, func(s *Step) { s.Actor++ }, func(s *Step) { s.Call++ }, func(s *Step) { s.More = true },
		func(s *Step) { s.Arg++ }, func(s *Step) { s.Answer++ }, func(s *Step) { s.Err = core.EAGAIN },
	} {
		s := base
		edit(&s)
		seen = append(seen, hash(s), hash(s, base), hash(base, s))
	}
	slices.Sort(seen)
	require.Len(t, slices.Compact(seen), 4+3*7)
}

func TestTheSameSeedGivesTheSameRecording(t *testing.T) {
	for seed := range uint64(20) {
		set, src := rough(seed)
		a, one := runWorld(set, 3, 500, 500, src, 0)
		set, src = rough(seed)
		_, two := runWorld(set, 3, 500, 500, src, 16)
		require.Equal(t, one.Hash(), two.Hash())
		require.Equal(t, len(a.Steps), int(two.Skipped())+len(two.Steps()))
	}
}

func TestAWarmRecorderDoesNotAllocate(t *testing.T) {
	b := newBench(NewRecorder(1000, 50))
	require.Zero(t, testing.AllocsPerRun(1000, b.round))
}

func BenchmarkRecorder(b *testing.B) {
	r := newBench(NewRecorder(1000, 4096))
	b.ReportAllocs()
	for b.Loop() {
		r.round() // 15 steps
	}
}
