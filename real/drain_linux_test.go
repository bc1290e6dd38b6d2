package real

import (
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestADrainLetsNobodyIntoTheQueue: who waited when it began is served when there is room, and
// who comes later is not told that he is connected, to be reset at the end.
func TestADrainLetsNobodyIntoTheQueue(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.MaxConn = 1
		r := start(t, cfg)
		first := r.dial(t)
		server := o.accept(t)
		var queue []*net.TCPConn
		for range 3 {
			queue = append(queue, r.dial(t))
		}
		r.Drain()
		obeyed := func() {
			<-r.Do(func() {})
			<-r.Do(func() {}) // orders are obeyed after errands
		}
		obeyed()
		for range 3 {
			c, err := net.DialTimeout("tcp", r.addr.String(), 100*time.Millisecond)
			if err == nil {
				c.Close()
			}
			var timeout net.Error
			require.True(t, asNetError(err, &timeout) && timeout.Timeout(), "%v", err)
		}
		for _, c := range queue {
			require.NoError(t, first.Close())
			require.NoError(t, server.Close())
			first, server = c, o.accept(t)
			send(t, first, "hello")
			expect(t, server, "hello")
		}
		obeyed()
		_, err := net.DialTimeout("tcp", r.addr.String(), patience)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.NoError(t, first.Close())
		require.NoError(t, server.Close())
		require.NoError(t, r.wait(t))
	})
}
