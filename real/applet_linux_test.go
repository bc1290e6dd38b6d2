package real

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

func TestEchoSendsBackEverything(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		cfg := config(edge)
		cfg.Proxy.Applet = streamif.Echo{}
		r := start(t, cfg)
		client := r.dial(t)
		sent := async(func() (digest, error) { return pour(client, 5, 4<<20) })
		got := async(func() (digest, error) { return drink(client) })
		same(t, sent, got)
		r.ended(t, streamif.Normal)
	})
}

func TestDiscardSwallowsEverythingAndSaysNothing(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		cfg := config(edge)
		cfg.Proxy.Applet = streamif.Discard{}
		r := start(t, cfg)
		client := r.dial(t)
		_, err := pour(client, 5, 4<<20)
		require.NoError(t, err)
		expectEnd(t, client)
		r.eventually(t, "relay_received_bytes_total", 4<<20)
		r.ended(t, streamif.Normal)
	})
}

func TestChargenNeverStopsUntilItsClientDoes(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		cfg := config(edge)
		cfg.Proxy.Applet = streamif.Chargen{}
		r := start(t, cfg)
		client := r.dial(t)
		b := make([]byte, 1<<20)
		_, err := io.ReadFull(client, b)
		require.NoError(t, err)
		for i, c := range b {
			require.Equal(t, streamif.Char(int64(i)), c, "at %d", i)
		}
		require.NoError(t, client.Close())
		r.eventually(t, "relay_sessions", 0)
	})
}
