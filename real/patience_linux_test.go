package real

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

// TestTheRestOfABulkArrivesWithoutAnEnd: what is less than the mark is not reported, and
// nothing follows it.
func TestTheRestOfABulkArrivesWithoutAnEnd(t *testing.T) {
	const mark = 64 << 10
	sizes := []int{8<<20 + 1, 8<<20 + mark - 1, 8 << 20, 1, 20<<20 - 12345}
	pollers(t, func(t *testing.T, edge bool) {
		options := func(lowat int) uint64 {
			o := newOrigin(t)
			cfg := config(edge, o.addr)
			cfg.Proxy.SpliceReq, cfg.Proxy.SpliceRep, cfg.Proxy.MaxPipes = streamif.SpliceAuto, streamif.SpliceAuto, 8
			cfg.Proxy.Lowat = lowat
			r := start(t, cfg)
			client := r.dial(t)
			server := o.accept(t)
			for _, n := range sizes {
				sent := async(func() (digest, error) { _, err := client.Write(make([]byte, n)); return digest{}, err })
				got, err := io.CopyN(io.Discard, server, int64(n))
				require.NoError(t, err)
				require.EqualValues(t, n, got)
				require.NoError(t, (<-sent).err)
			}
			send(t, server, "all of it")
			expect(t, client, "all of it")
			require.NoError(t, r.stop(t))
			return r.calls[CallSetsockopt]
		}
		without := options(0) + 1
		for try := 0; options(mark) <= without; try++ { // a busy machine may let nothing be bulk
			require.Less(t, try, 3, "no mark was set and taken back")
		}
	})
}
