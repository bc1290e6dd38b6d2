package properties

import (
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/sim"
)

// standing lets a world stand still for some rounds, in each of which f happens.
func standing(w *World, n int, f func(round int)) {
	for i := 0; i < n && w.fail == nil; i++ {
		f(i)
		w.check.circling(7, 7)
	}
}

// TestAStateThatComesBackIsASpin: at one time, with no byte moved and no accident.
func TestAStateThatComesBackIsASpin(t *testing.T) {
	w := halfway(3)
	standing(w, 1000, func(round int) { w.clients[0].got = int64(round % 3) })
	require.NotNil(t, w.fail)
	require.Equal(t, "I09 loop", w.fail.Identity())
	require.Contains(t, w.fail.What, "comes back every 3 rounds")
}

func TestAStateThatDoesNotComeBackIsNone(t *testing.T) {
	w := halfway(3)
	standing(w, 3000, func(round int) { w.clients[0].got++ })
	require.Nil(t, w.fail, "it gets somewhere, if slowly")
	w = halfway(3)
	standing(w, 1000, func(round int) { w.sim.Choices.Faults++ })
	require.Nil(t, w.fail, "an accident may be what brings it back")
	w = halfway(3)
	for i := range 1000 {
		w.check.circling(uint64(i), 7)
	}
	require.Nil(t, w.fail, "time passes")
}

// TestCountersAreNoPartOfAState: a loop that registers and counts in circles is one
// that goes round in circles.
func TestCountersAreNoPartOfAState(t *testing.T) {
	w := halfway(3)
	standing(w, 1000, func(round int) {
		w.poller.Stats.Sets++
		w.kernel.Stats.Calls++
		w.sim.Note(uint64(round))
		w.proxy.Stats.Retries++
	})
	require.NotNil(t, w.fail)
}

// TestAnotherRunIsNotTheSame: one that lacks a decision of the first.
func TestAnotherRunIsNotTheSame(t *testing.T) {
	w := NewWorld()
	tr, src := Generate(5)
	w.Run(tr, src, Options{})
	tr = recorded(w, tr)
	require.Nil(t, w.unlike(tr), "from its text it is the same")
	require.NotEmpty(t, tr.Decisions)
	tr.Decisions = tr.Decisions[1:]
	f := w.unlike(tr)
	require.NotNil(t, f)
	require.Equal(t, "I64 world", f.Identity())
	require.Regexp(t, `^here it passes \([0-9a-f]{16}\), and in a new world, from its text, it passes \([0-9a-f]{16}\): step \d+ is another, there of [wplfbcs]\d+ at \S+$`, f.What)
	require.EqualValues(t, 2, w.totals.Again)
}

// TestOneSeedInSoManyIsRunTwice: always, whatever fails.
func TestOneSeedInSoManyIsRunTwice(t *testing.T) {
	w := NewWorld()
	w.Share = 10
	for seed := range uint64(500) {
		require.Nil(t, w.Hunt(seed))
	}
	var total Totals
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
		{"nil", func() { var w *World; w.check.spin++ }, "invalid memory address or nil pointer dereference in "},
		{"division", func() { _ = 7 / len(halfwayNothing) }, "integer divide by zero in "},
		{"words", func() { panic("slot 17 of 20: broken") }, "slot of broken in "},
		{"value", func() { panic(struct{ x int }{3}) }, "struct { x int } in "},
	} {
		w := NewWorld()
		w.begin()
		w.guard(c.f)
		require.NotNil(t, w.fail, c.name)
		require.Regexp(t, `^panic `+c.want+`properties\.TestACrashIsItsKindAndItsPlace\.func\d+$`, w.fail.Identity())
		require.NotContains(t, w.fail.What, "debug.Stack", "it begins where it happened")
	}
}

var halfwayNothing []int
