package real

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

// TestSpliceOnOffAndAutoTellTheSameStory moves the same streams in each mode: the
// same bytes arrive, sessions end for the same reasons, and the counters say which
// way they went.
func TestSpliceOnOffAndAutoTellTheSameStory(t *testing.T) {
	const size = 64 << 20
	for name, mode := range map[string]streamif.SpliceMode{
		"off": streamif.SpliceOff, "on": streamif.SpliceOn, "auto": streamif.SpliceAuto,
	} {
		t.Run(name, func(t *testing.T) {
			pollers(t, func(t *testing.T, edge bool) {
				o := newOrigin(t)
				cfg := config(edge, o.addr)
				cfg.Proxy.SpliceReq, cfg.Proxy.SpliceRep, cfg.Proxy.MaxPipes = mode, mode, 8
				r := start(t, cfg)
				client := r.dial(t)
				server := o.accept(t)
				up := async(func() (digest, error) { return pour(client, 1, size) })
				down := async(func() (digest, error) { return pour(server, 2, size-12345) })
				upGot := async(func() (digest, error) { return drink(server) })
				downGot := async(func() (digest, error) { return drink(client) })
				same(t, up, upGot)
				same(t, down, downGot)
				r.ended(t, streamif.Normal)
				total := r.socks.received[0] + r.socks.received[1]
				require.EqualValues(t, 2*size-12345, total)
				switch mode {
				case streamif.SpliceOff:
					require.Zero(t, r.socks.spliced)
				case streamif.SpliceOn:
					// What comes before the server is there has to be copied.
					require.Greater(t, r.socks.spliced, total-4<<20)
				case streamif.SpliceAuto:
					require.Greater(t, r.socks.spliced, total*9/10)
				}
				require.Zero(t, r.socks.pipes, "pipes left open")
			})
		})
	}
}

func TestChattyStreamsAreNotSpliced(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.SpliceReq, cfg.Proxy.SpliceRep, cfg.Proxy.MaxPipes = streamif.SpliceAuto, streamif.SpliceAuto, 8
		r := start(t, cfg)
		client := r.dial(t)
		server := o.accept(t)
		for range 200 {
			send(t, client, "a question")
			expect(t, server, "a question")
			send(t, server, "an answer")
			expect(t, client, "an answer")
		}
		require.NoError(t, r.stop(t))
		require.Zero(t, r.calls[CallSplice])
		require.Zero(t, r.calls[CallPipe])
	})
}

// TestWithoutPipesBytesAreCopied: there is one pipe for two directions.
func TestWithoutPipesBytesAreCopied(t *testing.T) {
	const size = 16 << 20
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.SpliceReq, cfg.Proxy.SpliceRep, cfg.Proxy.MaxPipes = streamif.SpliceOn, streamif.SpliceOn, 1
		r := start(t, cfg)
		client := r.dial(t)
		server := o.accept(t)
		up := async(func() (digest, error) { return pour(client, 1, size) })
		down := async(func() (digest, error) { return pour(server, 2, size) })
		upGot := async(func() (digest, error) { return drink(server) })
		downGot := async(func() (digest, error) { return drink(client) })
		same(t, up, upGot)
		same(t, down, downGot)
		require.NoError(t, r.stop(t))
		require.EqualValues(t, 1, r.calls[CallPipe], "used again and again")
	})
}
