package real

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBulkThatIsCopiedTakesFewerCalls with the larger buffers that it gets, in plain text and
// sealed on the client's side, either way, and tells the same story.
func TestBulkThatIsCopiedTakesFewerCalls(t *testing.T) {
	const size = 48 << 20
	for name, is := range map[string]struct{ sealed, up bool }{"plain": {}, "TLS": {sealed: true}, "TLS, to the server": {true, true}} {
		t.Run(name, func(t *testing.T) {
			if raced && is.sealed && is.up {
				t.Skip("a client that seals under the race detector is slower than what reads: that is no bulk")
			}
			pollers(t, func(t *testing.T, edge bool) {
				calls := func(large int) uint64 {
					k, w, o := newKit(t), wires{in: is.sealed}, newOrigin(t)
					cfg := w.config(k, edge, o.addr)
					cfg.Proxy.BufSize, cfg.Proxy.BulkSize, cfg.Proxy.BulkBuffers = 32<<10, 512<<10, large
					r := start(t, cfg)
					client, server := w.open(t, k, r, o)
					from, to := server, client
					if is.up {
						from, to = client, server
					}
					sent := async(func() (digest, error) { return pour(from, 1, size) })
					got := async(func() (digest, error) { return drink(to) })
					same(t, sent, got)
					require.NoError(t, to.Close())
					require.NoError(t, r.stop(t))
					require.LessOrEqual(t, r.proxy.Pool().Made(), 4)
					return r.calls[CallRecv] + r.calls[CallSend]
				}
				for try := 0; calls(16) >= calls(0)*3/4; try++ { // a busy machine may let nothing be bulk
					require.Less(t, try, 3)
				}
			})
		})
	}
}
