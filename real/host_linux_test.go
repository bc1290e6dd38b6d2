package real_test

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"millrace/properties"
	"millrace/properties/programs"
	"millrace/real"
)

// TestTheSameProgramRunsInAWorldAndOnLinux: the echo server that is hunted in simulated
// worlds serves real clients, and ends when it is told to.
func TestTheSameProgramRunsInAWorldAndOnLinux(t *testing.T) {
	properties.Check(t, programs.Echo)

	h, err := real.NewHost(false, netip.MustParseAddrPort("127.0.0.1:0"))
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		programs.Echo.Main(h)
		close(ended)
	}()
	sent := bytes.Repeat([]byte("over and over "), 100_000)
	for range 3 {
		c, err := net.Dial("tcp", h.Addr().String())
		require.NoError(t, err)
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
		go func() {
			_, _ = c.Write(sent) // what did not arrive does not come back
			_ = c.(*net.TCPConn).CloseWrite()
		}()
		got, err := io.ReadAll(c)
		require.NoError(t, err)
		require.True(t, bytes.Equal(sent, got), "%d bytes of %d", len(got), len(sent))
		require.NoError(t, c.Close())
	}
	left, err := net.Dial("tcp", h.Addr().String())
	require.NoError(t, err)
	defer left.Close()
	h.Stop()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	require.NoError(t, h.Close())
}
