package streamif

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/core"
)

// TestARestingSessionIsSmall holds what a session takes that does nothing, but for what its
// kernel needs. Who has a field more looks at what the field is for first: what is not needed
// to wait can be lent. The sizes are those of machines with 64 bits.
func TestARestingSessionIsSmall(t *testing.T) {
	if reflect.TypeFor[uintptr]().Size() != 8 {
		t.Skip("pointers have another size here")
	}
	require.LessOrEqual(t, reflect.TypeFor[Session]().Size(), uintptr(320))
	require.LessOrEqual(t, reflect.TypeFor[core.Desc]().Size(), uintptr(64), "one line of the cache")
}

// TestASessionAtRestHasNothingThatIsLent: what it took to connect went back when the server
// was there, and is what the next one gets.
func TestASessionAtRestHasNothingThatIsLent(t *testing.T) {
	p, list := bench(2, 4)
	s := list[0]
	s.back.on(EvWant)
	lent := s.setAside()
	s.retries = 3
	s.choose(0)
	s.back.on(EvPick)
	s.trying()
	s.back.on(EvDial)
	s.established(&s.back)
	require.Nil(t, s.aside)
	require.Same(t, lent, list[1].setAside())
	require.Equal(t, aside{}, *lent, "with nothing of the one before")
	require.Equal(t, 1, p.asides.made.Len())
}

// TestWhatASessionWaitsForIsLent, each by itself, and goes back when nothing of it is left.
func TestWhatASessionWaitsForIsLent(t *testing.T) {
	_, list := bench(1, 4)
	s := list[0]
	s.back.state = EST
	for _, set := range []func(n int64){
		func(n int64) { s.front.setExp(core.Time(n)) },
		func(n int64) { s.back.setExp(core.Time(n)) },
		func(n int64) { s.req.setWex(core.Time(n)) },
		func(n int64) { s.rep.setWex(core.Time(n)) },
		func(n int64) { s.req.allow(n) },
		func(n int64) { s.rep.allow(n) },
	} {
		said := func() (n [6]int64) {
			_, req := s.req.Deadlines()
			_, rep := s.rep.Deadlines()
			return [...]int64{int64(s.front.Exp()), int64(s.back.Exp()), int64(req), int64(rep), s.req.ToForward(), s.rep.ToForward()}
		}
		require.Nil(t, s.aside)
		require.Equal(t, [6]int64{}, said())
		set(7)
		require.NotNil(t, s.aside)
		was := said()
		set(9)
		is := said()
		for i := range is {
			require.Equal(t, was[i]/7*9, is[i], "only what was set has changed")
		}
		set(0)
	}
	s.req.allow(Infinite)
	require.Nil(t, s.aside, "nobody counts what may pass")
	require.Equal(t, Infinite, s.req.ToForward())
	require.Zero(t, s.rep.ToForward())
}
