package traces_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	. "millrace/traces"
	"millrace/traces/proxytrace"
)

// rough is a world in which every fault strikes now and then.
func rough(seed uint64) (Settings, *sim.Seeded) {
	r := sim.NewRand(seed)
	s := Default()
	s[Poller] = int64(r.Intn(2))
	s[proxytrace.BufSize] = sim.Of(r, int64(3), 100, 16384)
	s[SndBuf], s[RcvBuf] = sim.Of(r, int64(10), 1000, 16384), sim.Of(r, int64(10), 1000, 16384)
	s[proxytrace.Events] = sim.Of(r, int64(1), 2, 200)
	s[proxytrace.MaxConn] = sim.Of(r, int64(1), 2, 2000)
	s[proxytrace.Buffers] = sim.Of(r, int64(0), 2, 3)
	s[proxytrace.Servers] = sim.Of(r, int64(1), 3)
	s[Files] = sim.Of(r, int64(4), 1<<20)
	s[proxytrace.Applet] = sim.Of(r, int64(proxytrace.AppletNone), proxytrace.AppletNone, proxytrace.AppletEcho, proxytrace.AppletDiscard)
	s[proxytrace.ClientTimeout], s[proxytrace.ServerTimeout] = 300e6, 300e6
	src := &sim.Seeded{Seed: sim.Mix(seed)}
	for op := range sim.NumOps {
		if r.Intn(2) == 0 {
			src.Rates[op] = sim.Of(r, uint16(60), 600, 6000)
		}
	}
	src.Rates[sim.OpHole] = min(src.Rates[sim.OpHole], 60)
	return s, src
}

func TestWhatWasRecordedReplays(t *testing.T) {
	for seed := range uint64(400) {
		set, src := rough(seed)
		tr, _ := runWorld(set, 1+int(seed%5), 700, 900, src, 0)
		read, err := Parse("recorded", tr.AppendText(nil))
		require.NoError(t, err)
		require.Equal(t, tr.Steps, read.Steps)
		r, err := Play(read)
		require.NoError(t, err, "seed %d", seed)
		require.True(t, r.Same(), "seed %d: %s", seed, r)
		require.Equal(t, len(tr.Steps), r.Steps)
	}
}

func TestChargenReplays(t *testing.T) {
	set := Default()
	set[proxytrace.Applet], set[Latency], set[proxytrace.ServerTimeout] = proxytrace.AppletChargen, 100e3, 1e9
	src := &sim.Seeded{Seed: 7}
	src.Rates[sim.OpPeerRst] = 3000
	tr, _ := runWorld(set, 3, 10, 0, src, 0)
	r, err := Play(tr)
	require.NoError(t, err)
	require.True(t, r.Same(), r.String())
}

// calm records one healthy session.
func calm(t *testing.T) *Trace {
	t.Helper()
	set := Default()
	set[SndBuf], set[RcvBuf] = 1000, 1000
	tr, _ := runWorld(set, 1, 3000, 2000, sim.Benign{}, 0)
	return tr
}

func play(t *testing.T, tr *Trace) *Replay {
	t.Helper()
	r, err := Play(tr)
	require.NoError(t, err)
	return r
}

func TestARecordingMayEndAnywhere(t *testing.T) {
	tr := calm(t)
	all := tr.Steps
	for n := 1; n <= len(all); n++ {
		tr.Steps = all[:n]
		r := play(t, tr)
		require.True(t, r.Same(), "cut after %d: %s", n, r)
		require.Equal(t, n, r.Steps)
	}
}

// TestAnEditedStepDivergesThere edits what was asked, of every step in turn.
func TestAnEditedStepDivergesThere(t *testing.T) {
	tr := calm(t)
	for i := range tr.Steps {
		if c := tr.Steps[i].Call; c == CallEvent || c == CallStop {
			continue
		}
		for _, edit := range []func(s *Step){
			func(s *Step) { s.Arg += 7 }, func(s *Step) { s.Actor++ }, func(s *Step) { s.More = !s.More },
		} {
			c := tr.Clone()
			edit(&c.Steps[i])
			r := play(t, c)
			require.NotNil(t, r.Divergence, "step %d: %s", i+1, r)
			require.Equal(t, i+1, r.Divergence.Step)
			require.Equal(t, i, r.Steps)
			require.Equal(t, fmt.Sprintf("step %d: recorded `%s`, proxy did `%s`",
				i+1, c.Steps[i].Asked(), tr.Steps[i].Asked()), r.String())
		}
	}
}

func TestAMissingStepDivergesWhereItWas(t *testing.T) {
	tr := calm(t)
	for i, s := range tr.Steps {
		if s.Call == CallRecv || s.Call == CallSend {
			tr.Steps = append(tr.Steps[:i:i], tr.Steps[i+1:]...)
			r := play(t, tr)
			require.Equal(t, i+1, r.Divergence.Step)
			return
		}
	}
}

func TestAChangedAnswerDivergesLater(t *testing.T) {
	tr := calm(t)
	for i := range tr.Steps {
		s := &tr.Steps[i]
		if s.Call == CallSend && s.Answer > 1 {
			s.Answer--
			r := play(t, tr)
			require.NotNil(t, r.Divergence)
			require.Greater(t, r.Divergence.Step, i+1)
			return
		}
	}
	t.Fatal("nothing was sent")
}

func TestATruncatedReplayOfAnotherProxyIsNotAPass(t *testing.T) {
	tr := calm(t)
	tr.Settings[proxytrace.BufSize] = 100
	r := play(t, tr)
	require.NotNil(t, r.Divergence)
	require.Contains(t, r.String(), "recv 2048`, proxy did `f0 recv 25`")
}

func TestForbiddenCallsAreBreaches(t *testing.T) {
	steps := func(text string) *Player {
		tr, err := Parse("x", []byte(Magic+"\nworld\n"+text))
		require.NoError(t, err)
		p, err := NewPlayer(tr)
		require.NoError(t, err)
		return p
	}
	breach := func(f func()) (b *core.Breach) {
		defer func() { b, _ = recover().(*core.Breach) }()
		f()
		return nil
	}
	const open = "+0s b0 socket 0 = OK\n"
	for _, row := range []struct {
		text string
		do   func(f core.FD)
		id   string
	}{
		{open + "+0s b0 close = OK\n", func(f core.FD) { f.Close(false); f.Close(false) }, "I01"},
		{open + "+0s b0 recv 1 = ECONNRESET\n", func(f core.FD) { f.Recv(make([]byte, 1)); f.ShutW() }, "I17"},
		{open + "+0s b0 shutw = OK\n", func(f core.FD) { f.ShutW(); f.Send(sim.Payload(0, 0, 1), false) }, "I41"},
		{open + "+0s b0 shutw = OK\n", func(f core.FD) { f.ShutW(); f.ShutW() }, "I41"},
		{open + "+0s b0 recv 1 = EAGAIN\n", func(f core.FD) { f.Recv(make([]byte, 1)); f.Recv(make([]byte, 1)) }, "I58"},
		{open + "+0s b0 send 2 = 1\n", func(f core.FD) { f.Send(sim.Payload(0, 0, 2), false); f.Connect() }, "I58"},
		{open + "+0s b0 connect = EALREADY\n", func(f core.FD) { f.Connect(); f.Send(sim.Payload(0, 0, 2), false) }, "I58"},
	} {
		p := steps(row.text)
		fd, e := PlayedDialer(p).Socket(0, 0)
		require.Zero(t, e)
		b := breach(func() { row.do(fd) })
		require.NotNil(t, b, row.text)
		require.Equal(t, row.id+" kernel", b.ID+" "+b.Where)
	}
	p := steps(open)
	fd, _ := PlayedDialer(p).Socket(0, 0)
	key := core.Key(1<<32) | core.Key(fd.Num())
	require.Equal(t, "I03", breach(func() { PlayedPoller(p).Set(key, core.EvIn, 0) }).ID)
	require.Equal(t, "I01", breach(func() { PlayedPoller(p).Set(key+1, 0, core.EvIn) }).ID)
}

func TestAWrongByteIsAMismatch(t *testing.T) {
	tr, err := Parse("x", []byte(Magic+"\nworld\n+0s b0 socket 0 = OK\n+0s b0 send 3 = 3\n+0s b0 send 2 = 2\n"))
	require.NoError(t, err)
	p, err := NewPlayer(tr)
	require.NoError(t, err)
	fd, _ := PlayedDialer(p).Socket(0, 0)
	up := sim.Payload(sim.Upstream(0), 0, 5)
	n, e := fd.Send(up[:3], false)
	require.Equal(t, "3 OK", fmt.Sprint(n, " ", e))
	func() {
		defer func() { require.Equal(t, Halt{}, recover()) }()
		fd.Send([]byte{up[3], ^up[4]}, false)
	}()
	r, err := p.Result()
	require.NoError(t, err)
	require.False(t, r.Same())
	require.Equal(t, fmt.Sprintf("step 3: b0 sent a wrong byte at offset 4: 0x%02x instead of 0x%02x", ^up[4], up[4]), r.String())
}

// TestAPanicOfTheProxyIsABreach plays a proxy that is not there: one that panics
// must not take the replays of others with it.
func TestAPanicOfTheProxyIsABreach(t *testing.T) {
	tr := calm(t)
	p, err := NewPlayer(tr)
	require.NoError(t, err)
	require.True(t, p.Round())
	p.Rewind(&Trace{Steps: []Step{{Actor: sim.Worker, Call: CallStop}}}, &proxytrace.Running{})
	require.False(t, p.Round())
	require.False(t, p.Round())
	r, err := p.Result()
	require.NoError(t, err)
	require.Equal(t, "panic", r.Breach.ID)
	require.NotContains(t, r.String(), "\n")
}

func TestWhatCannotBePlayedSaysWhy(t *testing.T) {
	for _, row := range []struct{ text, want string }{
		{"", "no steps to play"},
		{"skipped 7\n+0s p0 wait 0s = 0\n", "lacks its first 7 steps"},
		{"+0s p0 wait 0s = 2\n+0s p0 event IN\n+0s p0 wait never = 0\n", "step 3: the wait before reports more lines than there are"},
		{"+0s p0 wait 0s = 0\n+0s p0 event IN\n", "step 2: the wait before reports only 0 lines"},
		{"+0s p0 wait 0s = 500\n", "step 1: 500 lines reported to a loop that takes 200"},
		{"+0s p0 wait 0s = 1\n+0s f3 event IN\n", "step 2: f3 is not registered and cannot be reported"},
		{"+0s p0 wait 0s = 1\n+0s f3 event IN stale\n", "step 2: f3 is not registered and cannot be reported"},
	} {
		tr, err := Parse("x", []byte(Magic+"\nworld\n"+row.text))
		require.NoError(t, err)
		_, err = Play(tr)
		require.ErrorContains(t, err, row.want)
	}
	tr := &Trace{Settings: Default(), Steps: []Step{{Call: CallWait}}}
	tr.Settings[proxytrace.Buffers] = 1
	_, err := Play(tr)
	require.ErrorContains(t, err, "2 buffers")
}

func TestAcceptingAnOpenActorCannotBePlayed(t *testing.T) {
	tr := calm(t)
	for i, s := range tr.Steps {
		if s.Call == CallAccept && s.Err == 0 {
			tr.Steps = append(tr.Steps[:i+1:i+1], tr.Steps[i:]...)
			break
		}
	}
	_, err := Play(tr)
	require.ErrorContains(t, err, "f0 is open already")
}
