package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMemoryIsGivenBackWhenABurstIsOver, once, and not while collections say that it goes on.
func TestMemoryIsGivenBackWhenABurstIsOver(t *testing.T) {
	const mib = 1 << 20
	var m thrift
	for i, look := range []struct {
		cycles, mib, sessions uint64
		gives                 bool
	}{
		{0, 4, 0, false}, // what a start takes
		{0, 15, 10, false},
		{3, 60, 900, false}, // a burst
		{9, 160, 1000, false},
		{9, 161, 990, true}, // it is over
		{10, 161, 990, false},
		{10, 162, 700, false}, // nothing came since
		{10, 162, 400, true},  // and they leave
		{11, 163, 250, false},
		{12, 170, 210, false}, // every two minutes
		{12, 177, 210, false},
		{12, 178, 210, true}, // slowly, as much as is worth it
		{15, 200, 100, false},
		{18, 300, 100, false}, // and the next burst
		{18, 300, 100, true},
		{19, 300, 1, false}, // too few to matter
	} {
		require.Equal(t, look.gives, m.look(look.cycles, look.mib*mib, look.sessions), "look %d", i)
	}
}
