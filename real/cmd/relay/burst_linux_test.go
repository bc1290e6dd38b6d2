//go:build !race

package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheMemoryOfABurstGoesBack, all but a part, within some lulls. The race detector has memory of
// its own for what was touched, and keeps it.
func TestTheMemoryOfABurstGoesBack(t *testing.T) {
	const behind = 35 << 10 // of each session, if nobody sees to it
	a := newAuthority(t)
	p := special(t, "weigh", certified(t, a)...)
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

// TestTheBuffersOfABurstGoBack, all but two of each kind. Clients whose server is not there hold one
// each.
func TestTheBuffersOfABurstGoBack(t *testing.T) {
	const kept = 4 * 2
	p := special(t, "weigh", "-to", "127.0.0.1:1", "-retries", "1000", "-log=false", "-stats", "127.0.0.1:0")
	url := "http://" + field(p.line(t, "msg=listening"), "stats") + "/metrics"
	made := func() (n int) {
		_, rest, _ := strings.Cut(get(t, url), "\nrelay_buffers_made{worker=\"0\"} ")
		_, err := fmt.Sscan(rest, &n)
		require.NoError(t, err)
		return n
	}
	burst := make([]*net.TCPConn, 1500)
	for i := range burst {
		burst[i] = p.dial(t)
		_, err := burst[i].Write([]byte("hello"))
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return made() >= len(burst) }, patience, 50*time.Millisecond, "that is a burst")
	for _, c := range burst {
		require.NoError(t, c.SetLinger(0)) // he is gone, and has not only said all that he will
		require.NoError(t, c.Close())
	}
	require.Eventually(t, func() bool { return made() <= kept }, patience, 50*time.Millisecond)
}
