package real

import (
	"crypto/tls"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

func TestTLSRelaysBothWaysInEveryVersion(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			everyWire(t, func(t *testing.T, k *kit, w wires, edge bool) {
				k.accept.MinVersion, k.accept.MaxVersion = version, version
				r, client, server := w.pair(t, k, edge)
				send(t, client, "a question")
				expect(t, server, "a question")
				send(t, server, "an answer")
				expect(t, client, "an answer")
				for _, c := range []stream{client, server} {
					if secure, ok := c.(*tls.Conn); ok {
						require.Equal(t, version, secure.ConnectionState().Version)
					}
				}
				require.NoError(t, client.Close())
				expectEnd(t, server)
				require.NoError(t, server.Close())
				r.ended(t, streamif.Normal)
			})
		})
	}
}

func TestTLSBulkBothWaysAtOnceArrivesUnchanged(t *testing.T) {
	const size = 64 << 20
	everyWire(t, func(t *testing.T, k *kit, w wires, edge bool) {
		r, client, server := w.pair(t, k, edge)
		up := async(func() (digest, error) { return pour(client, 1, size) })
		down := async(func() (digest, error) { return pour(server, 2, size-12345) })
		upGot := async(func() (digest, error) { return drink(server) })
		downGot := async(func() (digest, error) { return drink(client) })
		same(t, up, upGot)
		same(t, down, downGot)
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		r.ended(t, streamif.Normal)
	})
}

func TestAGoodbyeInTLSIsAHalfCloseThatLosesNothing(t *testing.T) {
	const size = 1 << 20
	everyWire(t, func(t *testing.T, k *kit, w wires, edge bool) {
		t.Run("client first", func(t *testing.T) {
			r, client, server := w.pair(t, k, edge)
			halfClose(t, client, server, size)
			r.ended(t, streamif.Normal)
		})
		t.Run("server first", func(t *testing.T) {
			r, client, server := w.pair(t, k, edge)
			halfClose(t, server, client, size)
			r.ended(t, streamif.Normal)
		})
	})
}

func TestOneByteAtATimeIsRelayedInTLS(t *testing.T) {
	const text = "every byte of this is a record of its own, and so is every one of the answer"
	everyWire(t, func(t *testing.T, k *kit, w wires, edge bool) {
		_, client, server := w.pair(t, k, edge)
		for _, way := range [][2]stream{{client, server}, {server, client}} {
			for i := range len(text) {
				send(t, way[0], text[i:i+1])
			}
			expect(t, way[1], text)
		}
	})
}

func TestOneByteBuffersStillRelayTLS(t *testing.T) {
	everyWire(t, func(t *testing.T, k *kit, w wires, edge bool) {
		o := newOrigin(t)
		cfg := w.config(k, edge, o.addr)
		cfg.Proxy.BufSize = 1
		r := start(t, cfg)
		client, server := w.open(t, k, r, o)
		halfClose(t, client, server, 2000)
		r.ended(t, streamif.Normal)
	})
}

func TestATLSReaderThatIsSlowGetsEverything(t *testing.T) {
	const size = 4 << 20
	everyWire(t, func(t *testing.T, k *kit, w wires, edge bool) {
		_, client, server := w.pair(t, k, edge)
		require.NoError(t, raw(client).SetReadBuffer(128<<10))
		down := async(func() (digest, error) { return pour(server, 3, size) })
		got := async(func() (digest, error) { return drink(&slow{r: client}) })
		same(t, down, got)
	})
}

// TestAnEndWithoutAGoodbyeIsATruncatedStream: anybody on the network can send a
// FIN. Who reads the stream must not take it for complete.
func TestAnEndWithoutAGoodbyeIsATruncatedStream(t *testing.T) {
	for _, w := range []wires{{true, false}, {true, true}} {
		truncate(t, w, w.out, " end=CD err=ETRUNCATED\n", func(client, server stream) (stream, stream) { return client, server })
	}
}

func TestAServersEndWithoutAGoodbyeIsATruncatedStream(t *testing.T) {
	for _, w := range []wires{{false, true}, {true, true}} {
		truncate(t, w, w.in, " end=SD err=ETRUNCATED\n", func(client, server stream) (stream, stream) { return server, client })
	}
}

// truncate has one end, the first that order returns, stop without a goodbye. told
// says whether the other end has TLS, and so can tell.
func truncate(t *testing.T, w wires, told bool, end string, order func(client, server stream) (from, to stream)) {
	t.Run(w.String(), func(t *testing.T) {
		pollers(t, func(t *testing.T, edge bool) {
			o := newOrigin(t)
			k := newKit(t)
			cfg := w.config(k, edge, o.addr)
			log := logged(t, &cfg)
			r := start(t, cfg)
			from, to := order(w.open(t, k, r, o))
			send(t, from, "half a sent")
			expect(t, to, "half a sent")
			require.NoError(t, raw(from).CloseWrite())
			if told {
				_, err := io.Copy(io.Discard, to)
				require.ErrorIs(t, err, errNoGoodbye)
			} else {
				expectReset(t, to)
			}
			expectGone(t, from)
			require.Contains(t, log(r, 1), end)
		})
	})
}

func TestATLSConnectionServesAnApplet(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		cfg := wires{in: true}.config(k, edge)
		cfg.Proxy.Applet = streamif.Echo{}
		r := start(t, cfg)
		client := tls.Client(r.dial(t), k.dial)
		sent := async(func() (digest, error) { return pour(client, 5, 4<<20) })
		got := async(func() (digest, error) { return drink(client) })
		same(t, sent, got)
		r.ended(t, streamif.Normal)
	})
}
