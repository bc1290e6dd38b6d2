package traces

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"millrace/sim"
)

// crowd is a large scenario: sessions that send and echo, and choices of all
// kinds by all of them.
func crowd(sessions, choices int) *Trace {
	r := sim.NewRand(1)
	t := &Trace{Settings: Default(), Fail: "I29 stream", Comments: []string{"seed 1"}}
	t.Settings[own("bufsize")], t.Settings[own("events")], t.Settings[own("reserve")] = 1000, 2, 10
	for i := range sessions {
		t.Sessions = append(t.Sessions, Session{
			At:     int64(i) * 3e6,
			Client: Script{{Verb: Wait, N: 5e6}, {Verb: Send, N: int64(500 + i)}, {Verb: ShutW}, {Verb: EOF}, {Verb: Close}},
			Server: Script{{Verb: Recv, N: int64(500 + i)}, {Verb: Send, N: 77}, {Verb: Close}},
		})
	}
	kinds := []sim.Actor{sim.Front, sim.Back, sim.Client, sim.Server}
	for i := range choices {
		d := sim.Decision{
			Actor: sim.Of(r, kinds...) | sim.Actor(r.Intn(sessions)), Op: sim.Op(r.Intn(int(sim.NumOps))), Ord: uint32(i), Val: 1 + r.Intn(60),
		}
		if d.Op.Victim() {
			d.Val = int(sim.Of(r, kinds...) | sim.Actor(r.Intn(sessions)))
		}
		t.Decisions = append(t.Decisions, d)
	}
	return t
}

// loses is a bug that no real proxy has: a session that sends 37 bytes or more,
// and waits for something, loses one after a short write of 5 or more at its own
// front socket, if the poller was late, and if buffers are small.
func loses(t *Trace) bool {
	late := slices.Contains(t.Decisions, sim.Decision{Actor: sim.PollerOf, Op: sim.OpLate, Ord: 9, Val: 1})
	for _, d := range t.Decisions {
		k := d.Actor.Num()
		if d.Op != sim.OpShortWrite || d.Ord != 1000 || d.Actor.Kind() != sim.Front || d.Val < 5 || k >= len(t.Sessions) {
			continue
		}
		sends, waits := false, false
		for _, a := range t.Sessions[k].Client {
			sends = sends || a.Verb == Send && a.N >= 37
			waits = waits || a.Verb == EOF
		}
		if late && sends && waits && t.Settings[own("bufsize")] < 2000 {
			return true
		}
	}
	return false
}

func lossy() *Trace {
	t := crowd(12, 300)
	t.Decisions = append(t.Decisions,
		sim.Decision{Actor: sim.Front | 7, Op: sim.OpShortWrite, Ord: 1000, Val: 40},
		sim.Decision{Actor: sim.PollerOf, Op: sim.OpLate, Ord: 9, Val: 1})
	return t
}

func TestShrinkFindsTheSmallestScenario(t *testing.T) {
	tr := lossy()
	before := tr.String()
	runs := 0
	small := Shrink(tr, func(c *Trace) bool {
		runs++
		_, err := Parse("candidate", []byte(c.String()))
		require.NoError(t, err)
		return loses(c)
	}, nil)
	require.Equal(t, before, tr.String(), "the original is left alone")
	require.Equal(t, `millrace 1
# seed 1
world bufsize=1000
session 0 client=send:37,eof
choose f0 short-write 1000 = 5
choose p0 late 9 = 1
fail I29 stream
`, small.String())
	require.Less(t, runs, 500)
}

func TestShrinkStopsWhenItIsTold(t *testing.T) {
	runs := 0
	small := Shrink(lossy(), func(c *Trace) bool { runs++; return loses(c) }, func() bool { return runs == 10 })
	require.Equal(t, 10, runs)
	require.True(t, loses(small), "what there is by then still fails")
	require.Less(t, len(small.String()), len(lossy().String()))
}

func TestShrinkIsDeterministic(t *testing.T) {
	require.Equal(t, Shrink(lossy(), loses, nil).String(), Shrink(lossy(), loses, nil).String())
}

func TestShrinkDropsTheSteps(t *testing.T) {
	tr := lossy()
	tr.Steps, tr.Skipped = make([]Step, 5), 3
	small := Shrink(tr, loses, nil)
	require.Empty(t, small.Steps)
	require.Zero(t, small.Skipped)
	require.Len(t, tr.Steps, 5)
}

func TestShrinkLeavesWhatDoesNotFailAlone(t *testing.T) {
	tr := crowd(3, 10)
	require.Equal(t, tr.String(), Shrink(tr, func(*Trace) bool { return false }, nil).String())
}

func TestShrinkTakesEverythingOutOfWhatAlwaysFails(t *testing.T) {
	small := Shrink(crowd(40, 2000), func(*Trace) bool { return true }, nil)
	require.Equal(t, Magic+"\n# seed 1\nworld\nfail I29 stream\n", small.String())
}

// TestShrinkGivesUpInTime has a failure that nothing can be taken from.
func TestShrinkGivesUpInTime(t *testing.T) {
	tr := crowd(5, MaxRuns/2)
	runs := 0
	small := Shrink(tr, func(*Trace) bool {
		runs++
		return runs == 1
	}, nil)
	require.Equal(t, MaxRuns, runs)
	require.Equal(t, tr.String(), small.String())
}

// TestShrinkNeverGrows draws failures that depend on anything.
func TestShrinkNeverGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tr := drawTrace(t)
		tr.Live = false
		salt, odds := rapid.Uint64().Draw(t, "salt"), rapid.Uint64Range(1, 4).Draw(t, "odds")
		fails := func(c *Trace) bool {
			h := salt
			for _, b := range []byte(c.String()) {
				h = sim.Mix(h ^ uint64(b))
			}
			return h%odds == 0
		}
		small := Shrink(tr, fails, nil)
		require.LessOrEqual(t, strings.Count(small.String(), "\n"), strings.Count(tr.String(), "\n"))
		start := tr.Clone()
		start.Steps, start.Skipped = nil, 0
		require.Equal(t, fails(start), fails(small))
	})
}

func TestShrunkSpansAreRound(t *testing.T) {
	for _, row := range []struct {
		v, least int64
		want     string
	}{
		{354188, 0, "0s"}, {354188, 1, "1ns"}, {354188, 90e3, "100µs"}, {354188, 250e3, "300µs"},
		{354188, 310e3, "354.188µs"}, {7, 7, "7ns"}, {9e9, 3e9, "5s"}, {1000, 1000, "1µs"},
	} {
		tr := &Trace{Settings: Default(), Sessions: []Session{{At: row.v}}}
		small := Shrink(tr, func(c *Trace) bool { return len(c.Sessions) == 1 && c.Sessions[0].At >= row.least }, nil)
		require.Equal(t, row.want, time.Duration(small.Sessions[0].At).String())
	}
}

// TestDroppedSessionsTakeTheirDecisionsAlong checks the names of what is left.
func TestDroppedSessionsTakeTheirDecisionsAlong(t *testing.T) {
	tr, err := Parse("x", []byte(`millrace 1
world
session 0 client=send:1
session 1 client=send:2
session 2 client=send:3
session 3 client=send:4
choose f0 race 0 = 1
choose b1 race 1 = 1
choose w0 task-delay 2 = 1
choose p0 rotate 2 = l0
choose p0 rotate 3 = b3
choose p0 spurious 4 = f1
choose l0 accept 2 = EMFILE
choose c2 race 3 = 1
choose s3 race 4 = 1
`))
	require.NoError(t, err)
	cutSessions(tr, 1, 3)
	require.Equal(t, `millrace 1
world
session 0 client=send:1
session 1 client=send:4
choose f0 race 0 = 1
choose w0 task-delay 2 = 1
choose p0 rotate 2 = l0
choose p0 rotate 3 = b1
choose l0 accept 2 = EMFILE
choose s1 race 4 = 1
`, tr.String())
}

func TestLastFlipNamesTheLastDecisionThatMatters(t *testing.T) {
	tr := lossy()
	before := tr.String()
	require.Equal(t, 301, LastFlip(tr, loses))
	require.Equal(t, before, tr.String())
	tr.Decisions = append(tr.Decisions, tr.Decisions[301]) // now either will do
	require.Equal(t, 300, LastFlip(tr, loses))
	require.Equal(t, -1, LastFlip(tr, func(*Trace) bool { return true }))
	require.Equal(t, -1, LastFlip(&Trace{}, loses))
}

// busy is a run in which the poller is asked once for each session, and then has to be
// late at its last question: a decision of one who serves all.
func busy(t *Trace) (taken []sim.Decision, fails bool) {
	s := sim.NewScript(t.Decisions)
	var now sim.Time
	s.Clock = func() sim.Time { return now }
	asked := uint32(0)
	for i := range t.Sessions {
		now = sim.Time(t.Sessions[i].At)
		if v := s.Choose(sim.PollerOf, sim.OpLate, asked, 2); v != 0 {
			taken = append(taken, sim.Decision{Actor: sim.PollerOf, Op: sim.OpLate, Ord: asked, Val: v, At: now})
			fails = now == 9e6
		}
		asked++
	}
	return taken, fails
}

// TestDecisionsOfWhoServesAllKeepTheirTimes: without the sessions before it the poller
// is asked less often, and the same moment has another ordinal.
func TestDecisionsOfWhoServesAllKeepTheirTimes(t *testing.T) {
	tr := &Trace{Settings: Default(), Decisions: []sim.Decision{{Actor: sim.PollerOf, Op: sim.OpLate, Ord: 9, Val: 1}}}
	for i := range 10 {
		tr.Sessions = append(tr.Sessions, Session{At: int64(i) * 1e6})
	}
	small := Shrink(tr, func(c *Trace) bool {
		taken, fails := busy(c)
		if fails {
			c.Decisions = taken
		}
		return fails
	}, nil)
	require.Equal(t, "millrace 1\nworld\nsession 0 at=9ms client=-\nchoose p0 late 0 = 1\n", small.String())
}

// TestWhatGoesOnlyTogetherGoes: two decisions that cancel each other, and an act that
// another one waits for.
func TestWhatGoesOnlyTogetherGoes(t *testing.T) {
	tr, err := Parse("x", []byte(`millrace 1
world
session 0 client=send:1,recv:1 server=send:1,eof
choose f0 race 0 = 1
choose b0 race 0 = 1
`))
	require.NoError(t, err)
	has := func(s Script, v Verb) bool { return slices.ContainsFunc(s, func(a Act) bool { return a.Verb == v }) }
	small := Shrink(tr, func(c *Trace) bool {
		x := c.Sessions
		return len(c.Decisions) != 1 && len(x) == 1 && has(x[0].Client, Send) && has(x[0].Client, Recv) == has(x[0].Server, Send)
	}, nil)
	require.Equal(t, "millrace 1\nworld\nsession 0 client=send:1\n", small.String())
}

// TestAPauseMayTakeASessionsPlace: one that did nothing but let time pass.
func TestAPauseMayTakeASessionsPlace(t *testing.T) {
	tr, err := Parse("x", []byte(`millrace 1
world
session 0 client=send:1,close
session 1 client=send:1,close
choose w0 task-delay 3 = 1
`))
	require.NoError(t, err)
	small := Shrink(tr, func(c *Trace) bool {
		waits := false
		for _, s := range c.Sessions {
			for _, a := range append(slices.Clone(s.Client), s.Server...) {
				waits = waits || a.Verb == Wait && a.N >= 5e6
			}
		}
		return len(c.Sessions) > 0 && (waits || len(c.Sessions) == 2 && len(c.Decisions) == 1)
	}, nil)
	require.Equal(t, 3, strings.Count(small.String(), "\n"), "%s", small)
	require.Contains(t, small.String(), "wait:")
}
