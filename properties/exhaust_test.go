package properties_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/properties/proxy"
	"millrace/sim"
	"millrace/traces"
)

// parrot is an echo server whose state is data, for clients that say no more than there is
// room for. As forgetful is, it may be one that loses what it reads when it is interrupted,
// if the last that it sent was short.
type parrot struct {
	w     *properties.World
	loses bool
	short bool
	fds   [10]core.FD
}

func (p *parrot) Deadline() core.Time { return 0 }

func (p *parrot) Step() {
	var ready [9]core.Ready
	lst := p.w.Listener()
	n, _, _ := p.w.Poller().Wait(ready[:], 0)
	for _, r := range ready[:n] {
		fd := p.fds[r.Key.Num()]
		if r.Key.Num() != lst.Num() {
			if fd != nil && !p.serve(fd) {
				fd.Close(false)
				p.fds[r.Key.Num()] = nil
			}
		} else if fd, _, e := lst.Accept(); e == 0 {
			p.fds[fd.Num()] = fd
			p.w.Poller().Set(core.Key(fd.Num()), 0, core.EvIn)
		}
	}
}

func (p *parrot) serve(fd core.FD) bool {
	var buf [100]byte
	n, e := fd.Recv(buf[:])
	if e == core.EINTR && p.short && p.loses {
		fd.Recv(buf[:])
	}
	if e == core.EAGAIN || e == core.EINTR {
		return true
	}
	p.short = false
	for b := buf[:n]; len(b) > 0 && e == 0; b = b[n:] {
		n, e = fd.Send(b, false)
		p.short = p.short || n > 0 && n < len(b)
		if e == core.EINTR || e == core.EAGAIN {
			e = 0
		}
	}
	return e == 0 && n > 0
}

func (p *parrot) Stop() {
	for _, fd := range p.fds {
		if fd != nil {
			fd.Close(true)
		}
	}
	p.w.Listener().Close()
}

// parrots is a program of them.
func parrots(name string, loses bool) *properties.Program {
	return properties.Register(&properties.Program{
		Name: name, Level: true, Gets: properties.Echoed,
		Start: func(w *properties.World) properties.Running {
			w.Poller().Set(core.Key(w.Listener().Num()), 0, core.EvIn)
			return &parrot{w: w, loses: loses}
		},
	})
}

// small is the trace of a world that is written in a test.
func small(t *testing.T, p *properties.Program, text string) *traces.Trace {
	t.Helper()
	tr, err := traces.Parse("test", []byte(traces.Magic+"\nworld program="+p.Name+" "+text))
	require.NoError(t, err)
	return tr
}

const few = "segment=2 sndbuf=4 rcvbuf=4\nsession 0 client=send:2,recv:2,send:1,shutw,eof,close\n"

// TestGoingOnFromEachStateOnceLeavesNoEndOut: all runs, one by one, end in no other way than
// those do that go on from each state once.
func TestGoingOnFromEachStateOnceLeavesNoEndOut(t *testing.T) {
	two := "segment=2 sndbuf=4 rcvbuf=4\nsession 0 client=send:1,reset\nsession 1 client=send:1,close\n"
	for _, c := range []struct {
		text      string
		accidents int
		loses     bool
	}{{few, 0, false}, {few, 1, false}, {two, 0, false}, {"\nsession 0 client=send:2,close\n", 1, true}} {
		p := parrots("parrot", c.loses)
		tr := small(t, p, c.text)
		all, _, runs := properties.NewWorld(p).Ends(tr, c.accidents, true)
		once, claim, fewer := properties.NewWorld(p).Ends(tr, c.accidents, false)
		t.Logf("%d ends of %d runs, and of %d: %s", len(all), runs, fewer, &claim)
		require.Equal(t, all, once)
		require.Less(t, fewer, runs)
	}
}

const tiny = "world segment=2 sndbuf=2 rcvbuf=3 bufsize=2 retries=0\n"

// TestGoingOnFromEachStateOnceLeavesNoEndOfTheProxyOut: what all runs of one session show, one by
// one, those show that go on from each state once; and no drawn order of two sessions comes to a
// state that is none of those of all their orders.
func TestGoingOnFromEachStateOnceLeavesNoEndOfTheProxyOut(t *testing.T) {
	parsed := func(text string) *traces.Trace {
		tr, err := traces.Parse("test", []byte(traces.Magic+"\n"+tiny+text))
		require.NoError(t, err)
		return tr
	}
	for _, text := range []string{"session 0 client=close server=close\n", "session 0 client=send:1,close server=send:1,close\n"} {
		all, _, runs := properties.NewWorld(proxy.Program).Ends(parsed(text), 0, true)
		once, claim, fewer := properties.NewWorld(proxy.Program).Ends(parsed(text), 0, false)
		t.Logf("%d ends of %d runs, and of %d: %s", len(all), runs, fewer, &claim)
		require.Equal(t, all, once)
		require.Less(t, fewer, runs)
	}
	two := parsed("session 0 client=close server=close\nsession 1 client=close server=close\n")
	strange, met := properties.NewWorld(proxy.Program).Strange(two, 500)
	t.Logf("drawn orders came to %d states", met)
	require.Greater(t, met, 1000)
	require.Zero(t, strange)
}

// TestAFaultThatNeedsTwoAccidentsIsNotInSmallWorldsWithOne, and is in those with two.
func TestAFaultThatNeedsTwoAccidentsIsNotInSmallWorldsWithOne(t *testing.T) {
	p := parrots("losing-parrot", true)
	tr := small(t, p, few)
	for accidents, claim := range []string{
		`^1 session, 0 accidents, all orders of 1 scenario: \d+ states, complete, 0 failures$`,
		`^1 session, 1 accident, all orders of 1 scenario: \d+ states, complete, 0 failures$`,
		`complete but for 1 scenario given up behind \d+ states, 1 failure$`,
	} {
		w, total := properties.NewWorld(p), properties.Totals{}
		var failing *traces.Trace
		w.Exhaust(tr, accidents, func(f *traces.Trace) bool { failing = f; return false })
		w.Flush(&total)
		require.Regexp(t, claim, total.Claim.String())
		require.Equal(t, accidents == 2, failing != nil)
		if failing != nil {
			require.NotNil(t, properties.NewWorld(p).Replay(failing, properties.Options{}), "%s", failing)
			require.Contains(t, failing.String(), " recv-intr ")
		}
	}
}

// mixer answers a round later what it has read, and has room for one answer: of two who speak in
// one round one hears nothing.
type mixer struct {
	parrot
	to   core.FD
	held []byte
}

func (m *mixer) Deadline() core.Time {
	if m.to != nil {
		return m.w.Now()
	}
	return 0
}

func (m *mixer) Step() {
	if m.to != nil {
		m.to.Send(m.held, false)
		m.to = nil
	}
	var ready [9]core.Ready
	lst := m.w.Listener()
	n, _, _ := m.w.Poller().Wait(ready[:], m.Deadline())
	for _, r := range ready[:n] {
		fd := m.fds[r.Key.Num()]
		var buf [4]byte
		if r.Key.Num() == lst.Num() {
			if fd, _, e := lst.Accept(); e == 0 {
				m.fds[fd.Num()] = fd
				m.w.Poller().Set(core.Key(fd.Num()), 0, core.EvIn)
			}
		} else if n, e := fd.Recv(buf[:]); n > 0 {
			m.to, m.held = fd, append(m.held[:0], buf[:n]...)
		} else if e != core.EAGAIN {
			fd.Close(false)
			m.fds[r.Key.Num()] = nil
		}
	}
}

// TestAFaultThatNeedsTwoSessionsIsInSmallWorldsWithTwo, in one of their orders, and in none of a
// world with one.
func TestAFaultThatNeedsTwoSessionsIsInSmallWorldsWithTwo(t *testing.T) {
	p := properties.Register(&properties.Program{
		Name: "mixer", Level: true, Gets: properties.Echoed,
		Start: func(w *properties.World) properties.Running {
			w.Poller().Set(core.Key(w.Listener().Num()), 0, core.EvIn)
			return &mixer{parrot: parrot{w: w}}
		},
	})
	text := "segment=2 sndbuf=4 rcvbuf=4\n"
	for sessions, claim := range []string{
		`^1 session, 0 accidents, all orders of 1 scenario: \d+ states, complete, 0 failures$`,
		`^2 sessions, 0 accidents, .* given up behind \d+ states, 1 failure$`,
	} {
		text += fmt.Sprintf("session %d client=send:1,recv:1,close\n", sessions)
		tr := small(t, p, text)
		w, total := properties.NewWorld(p), properties.Totals{}
		var failing *traces.Trace
		w.Exhaust(tr, 0, func(f *traces.Trace) bool { failing = f; return false })
		w.Flush(&total)
		require.Regexp(t, claim, total.Claim.String())
		require.Equal(t, sessions == 1, failing != nil)
		if failing != nil {
			require.NotNil(t, properties.NewWorld(p).Replay(failing, properties.Options{}), "%s", failing)
		}
	}
}

// TestASmallWorldIsGivenUpWhereItsBoundSays, and how far it was gone through is told.
func TestASmallWorldIsGivenUpWhereItsBoundSays(t *testing.T) {
	p := parrots("parrot", false)
	for _, b := range []properties.Bounds{{States: 10}, {States: 1 << 20, Time: 1}} {
		w, total := properties.NewWorld(p), properties.Totals{}
		w.Bounds = b
		w.Exhaust(small(t, p, few), 1, func(*traces.Trace) bool { return true })
		w.Flush(&total)
		require.Regexp(t, `0 states, complete but for 1 scenario given up behind (10|0) states, 0 failures$`, total.Claim.String())
	}
}

// TestWhatNobodyCanLookIntoIsNotClaimed: a state on a stack is no data.
func TestWhatNobodyCanLookIntoIsNotClaimed(t *testing.T) {
	w, total := properties.NewWorld(programs.Echo), properties.Totals{}
	w.Exhaust(small(t, programs.Echo, "\nsession 0 client=send:1,close\n"), 1, func(*traces.Trace) bool { return true })
	w.Flush(&total)
	require.Contains(t, total.Claim.String(), "0 states")
	require.Contains(t, total.Claim.String(), "nobody can look into the stack of a function")
}

// TestAnOrderOfNamesIsOneOfRanks: a run in which somebody else was first each time is had
// again from the decisions that say so.
func TestAnOrderOfNamesIsOneOfRanks(t *testing.T) {
	tr := small(t, programs.Lines, "segment=4 sndbuf=8 rcvbuf=8\nsession 0 client=say:\"HELO\\n\",shutw,eof,close\nsession 1 client=say:\"HELO\\n\",shutw,eof,close\n")
	for seed := range uint64(200) {
		r := sim.NewRand(seed)
		order := sim.Lineup{First: r.Intn}
		var turns []string
		told := func(w *properties.World) properties.Options {
			turns = nil
			return properties.Options{After: func() bool {
				turns = append(turns, fmt.Sprint(w.Sim().Running(), w.Sim().Now()))
				return true
			}}
		}
		w, again := properties.NewWorld(programs.Lines), properties.NewWorld(programs.Lines)
		opts := told(w)
		opts.Order = &order
		require.Nil(t, w.Run(tr, sim.Benign{}, opts))
		want := turns
		ranked := tr.Clone()
		var ok bool
		ranked.Decisions, ok = order.Ranks()
		require.True(t, ok)
		require.Nil(t, again.Replay(ranked, told(again)))
		require.Equal(t, want, turns, "seed %d:\n%s", seed, ranked)
	}
}
