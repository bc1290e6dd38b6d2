package simnet_test

import (
	"io"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/real"
	"millrace/simfd/simnet"
)

func TestCoroutinesRunOnLinuxWithNothingChanged(t *testing.T) {
	for _, edge := range []bool{false, true} {
		h, err := real.NewHost(edge, netip.MustParseAddrPort("127.0.0.1:0"))
		require.NoError(t, err)
		over := make(chan struct{})
		go func() {
			simnet.Coroutines(simnet.Serve(echo))(h)
			close(over)
		}()
		for range 3 {
			c, err := net.Dial("tcp", h.Addr().String())
			require.NoError(t, err)
			const text = "what is said comes back"
			_, err = io.WriteString(c, text)
			require.NoError(t, err)
			require.NoError(t, c.(*net.TCPConn).CloseWrite())
			back, err := io.ReadAll(c)
			require.NoError(t, err)
			require.Equal(t, text, string(back))
			c.Close()
		}
		h.Stop()
		<-over
		require.NoError(t, h.Close())
	}
}
