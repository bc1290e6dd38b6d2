package real

import (
	"crypto/tls"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
)

// TestABusyRingOfTLSReplays when it has wrapped in the middle of many handshakes, of which a
// round of the loop takes one at a time.
func TestABusyRingOfTLSReplays(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k, o := newKit(t), newOrigin(t)
		go o.echo()
		cfg := wires{true, false}.config(k, edge, o.addr)
		cfg.Record = 30 << 10
		cfg.Proxy.ServerTimeout = 60 * core.Second
		cfg.Proxy.SendProxy = 1
		r := start(t, cfg)
		const clients, each = 8, 15
		done := make(chan error, clients)
		for range clients {
			go func() {
				var err error
				for i := 0; i < each && err == nil; i++ {
					err = visit(r, k)
				}
				done <- err
			}()
		}
		for range clients {
			require.NoError(t, <-done)
		}
		now, err := r.Recorded(patience)
		require.NoError(t, err)
		require.Greater(t, now.Skipped, uint64(100))
		require.Greater(t, now.Cut().Sessions, 10, now.Cut().String())
		replays(t, now)
	})
}

// visit is a session of a client's, who says something and hears it, behind a header.
func visit(r *relay, k *kit) error {
	c, err := tls.Dial("tcp", r.addr.String(), k.dial)
	if err != nil {
		return err
	}
	defer c.Close()
	const said = "hello"
	if _, err = io.WriteString(c, said); err == nil {
		err = c.CloseWrite()
	}
	if err != nil {
		return err
	}
	heard, err := io.ReadAll(c)
	if err == nil && len(heard) <= len(said) {
		err = fmt.Errorf("heard %q", heard)
	}
	return err
}
