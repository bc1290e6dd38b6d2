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
