package properties_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/proxy"
	"millrace/sim"
)

// halfway brings a world of a seed to the middle of its run.
func halfway(seed uint64) *properties.World {
	w := properties.NewWorld(proxy.Program)
	tr, src := proxy.Program.Generate(seed)
	w.Begin(tr, src, properties.Options{})
	for range 100 {
		w.Sim().Step()
	}
	return w
}

// standing lets a world stand still for some rounds, in each of which f happens.
func standing(w *properties.World, n int, f func(round int)) {
	for i := 0; i < n && w.Failed() == nil; i++ {
		f(i)
		w.Circling(7, 7)
	}
}

// TestAStateThatComesBackIsASpin: at one time, with no byte moved and no accident.
func TestAStateThatComesBackIsASpin(t *testing.T) {
	w := halfway(3)
	standing(w, 1000, func(round int) { w.Clients()[0].Got = int64(round % 3) })
	require.NotNil(t, w.Failed())
	require.Equal(t, "I09 loop", w.Failed().Identity())
	require.Contains(t, w.Failed().What, "comes back every 3 rounds")
}

func TestAStateThatDoesNotComeBackIsNone(t *testing.T) {
	w := halfway(3)
	standing(w, 3000, func(round int) { w.Clients()[0].Got++ })
	require.Nil(t, w.Failed(), "it gets somewhere, if slowly")
	w = halfway(3)
	standing(w, 1000, func(round int) { w.Sim().Choices.Faults++ })
	require.Nil(t, w.Failed(), "an accident may be what brings it back")
	w = halfway(3)
	for i := range 1000 {
		w.Circling(uint64(i), 7)
	}
	require.Nil(t, w.Failed(), "time passes")
}

// TestCountersAreNoPartOfAState: a loop that registers and counts in circles is one
// that goes round in circles.
func TestCountersAreNoPartOfAState(t *testing.T) {
	w := halfway(3)
	standing(w, 1000, func(round int) {
		w.Epoll().Stats.Sets++
		w.Kernel().Stats.Calls++
		w.Sim().Note(uint64(round))
	})
	require.NotNil(t, w.Failed())
}

// TestAnotherRunIsNotTheSame: one that lacks a decision of the first.
func TestAnotherRunIsNotTheSame(t *testing.T) {
	w := properties.NewWorld(proxy.Program)
	tr, src := proxy.Program.Generate(1)
	for seed := uint64(2); w.Run(tr, src, properties.Options{}) != nil || len(w.Decisions()) == 0; seed++ {
		tr, src = proxy.Program.Generate(seed)
	}
	tr.Decisions = slices.Clone(w.Decisions())
	require.Nil(t, w.Unlike(tr), "from its text it is the same")
	require.NotEmpty(t, tr.Decisions)
	tr.Decisions = tr.Decisions[1:]
	f := w.Unlike(tr)
	require.NotNil(t, f)
	require.Equal(t, "I64 world", f.Identity())
	require.Regexp(t, `^here it passes \([0-9a-f]{16}\), and in a new world, from its text, it passes \([0-9a-f]{16}\): step \d+ is another, there of [wplfbcs]\d+ at \S+$`, f.What)
	require.EqualValues(t, 2, w.Again())
}

// TestOneSeedInSoManyIsRunTwice: always, whatever fails.
func TestOneSeedInSoManyIsRunTwice(t *testing.T) {
	w := properties.NewWorld(proxy.Program)
	w.Share = 10
	for seed := range uint64(500) {
		require.Nil(t, w.Hunt(seed))
	}
	var total properties.Totals
	w.Flush(&total)
	require.InDelta(t, 50, total.Again, 25)
	require.NotZero(t, total.Hash)
	require.EqualValues(t, 500, total.Worlds)
}

// TestACrashIsItsKindAndItsPlace: not its numbers, and not our own functions.
func TestACrashIsItsKindAndItsPlace(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func()
		want string
	}{
		{"index", func() { list := []int{1}; _ = list[sim.NewRand(1).Intn(5)+3] }, "index out of range with length in "},
		{"nil", func() { var p *properties.Peer; p.Got++ }, "invalid memory address or nil pointer dereference in "},
		{"division", func() { _ = 7 / len(halfwayNothing) }, "integer divide by zero in "},
		{"words", func() { panic("slot 17 of 20: broken") }, "slot of broken in "},
		{"value", func() { panic(struct{ x int }{3}) }, "struct { x int } in "},
	} {
		w := properties.NewWorld(proxy.Program)
		w.Guarded(c.f)
		require.NotNil(t, w.Failed(), c.name)
		require.Regexp(t, `^panic `+c.want+`properties_test\.TestACrashIsItsKindAndItsPlace\.func\d+$`, w.Failed().Identity())
		require.NotContains(t, w.Failed().What, "debug.Stack", "it begins where it happened")
	}
}

var halfwayNothing []int
