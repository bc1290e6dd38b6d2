package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASetHoldsANumberOnceAndInTheOrderOfItsComing(t *testing.T) {
	var s Set
	for _, n := range []int{7, 0, 7, 3, 0} {
		s.Add(n)
	}
	require.Equal(t, []int32{7, 0, 3}, s.All())
	require.True(t, s.Has(3))
	require.False(t, s.Has(4))
	require.False(t, s.Has(400))

	s.Keep(func(n int) bool { return n != 0 })
	require.Equal(t, []int32{7, 3}, s.All())
	require.False(t, s.Has(0))
	s.Add(0)
	require.Equal(t, []int32{7, 3, 0}, s.All())

	s.Clear()
	require.Empty(t, s.All())
	require.False(t, s.Has(7))
	s.Add(3)
	again := s.Reset()
	require.False(t, again.Has(3), "another run's number")
	again.Add(5)
	require.Equal(t, []int32{5}, again.All())
}
