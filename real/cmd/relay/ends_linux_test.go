package main

import (
	"errors"
	"io"
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

// TestWhoTakesSlowlyGetsAll: two seconds of a little at a time, each of which is far less than
// the third of a buffer after which the kernel reports room, and then the rest.
func TestWhoTakesSlowlyGetsAll(t *testing.T) {
	const size = 16 << 20 // more than the buffers on the way hold
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() {
		c, err := server.Accept()
		if err == nil {
			_, err = c.Write(make([]byte, size))
			err = errors.Join(err, c.Close())
		}
		served <- errors.Join(err, server.Close())
	}()
	p := launch(t, "-to", server.Addr().String(), "-client-timeout", "500ms")
	c, got := p.dial(t), 0
	for part := make([]byte, 20_000); got < 25*len(part); time.Sleep(80 * time.Millisecond) {
		n, err := c.Read(part)
		require.NoError(t, err)
		got += n
	}
	rest, err := io.Copy(io.Discard, c)
	require.NoError(t, err)
	require.Equal(t, size, got+int(rest))
	require.NoError(t, <-served)
}

// expectClosed waits for a clean end.
func expectClosed(t *testing.T, c net.Conn) {
	n, err := c.Read(make([]byte, 1))
	require.Zero(t, n)
	require.EqualError(t, err, "EOF")
}
