package main

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAPauseLongerThanTheTimeoutsEndsNoSessionWithBytesWaiting: what a stopped process
// finds in its sockets came in time, whatever its clock says. What it finds silent has
// been silent for too long.
func TestAPauseLongerThanTheTimeoutsEndsNoSessionWithBytesWaiting(t *testing.T) {
	for _, poller := range []string{"level", "edge"} {
		t.Run(poller, func(t *testing.T) {
			p := launch(t, "-poller", poller, "-client-timeout", "500ms")
			clients := make([]*net.TCPConn, 20)
			for i := range clients {
				clients[i] = p.dial(t)
				echoed(t, clients[i], "before")
			}
			silent := p.dial(t)
			echoed(t, silent, "before")
			p.signal(t, syscall.SIGSTOP)
			time.Sleep(100 * time.Millisecond) // until it has stopped
			for _, c := range clients {
				_, err := c.Write([]byte("meanwhile"))
				require.NoError(t, err)
			}
			time.Sleep(time.Second)
			p.signal(t, syscall.SIGCONT)
			for _, c := range clients {
				expect(t, c, "meanwhile")
				require.NoError(t, c.CloseWrite())
				expectClosed(t, c)
			}
			p.line(t, " end=cD")
			require.Len(t, p.find(" end=cD"), 1)
		})
	}
}

// expectClosed waits for a clean end.
func expectClosed(t *testing.T, c net.Conn) {
	n, err := c.Read(make([]byte, 1))
	require.Zero(t, n)
	require.EqualError(t, err, "EOF")
}
