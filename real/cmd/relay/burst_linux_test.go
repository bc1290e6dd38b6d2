//go:build !race

package main

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheMemoryOfABurstGoesBack, all but a part, within some lulls. The race detector has memory of
// its own for what was touched, and keeps it.
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
