package main

import (
	"crypto/tls"
	"testing"
	"time"

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

// TestTheMemoryOfABurstGoesBack, all but a part, within some lulls.
func TestTheMemoryOfABurstGoesBack(t *testing.T) {
	const behind = 35 << 10 // of each session, if nobody sees to it
	a := newAuthority(t)
	p := special(t, "hurry", certified(t, a)...)
	before, burst := p.resident(t), make([]*tls.Conn, 600)
	for i := range burst {
		burst[i] = p.secure(t, a, "one.test")
		echoed(t, burst[i], "hello")
	}
	most := p.resident(t)
	require.Greater(t, most-before, 4<<20, "that is a burst")
	for _, c := range burst {
		require.NoError(t, c.Close())
	}
	// A burst that takes longer than a lull has had some of it given back before its end.
	left := len(burst) * behind / 3
	require.Eventually(t, func() bool { return p.resident(t)-before < left }, patience, 50*time.Millisecond)
}
