package real

import (
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/properties"
	"millrace/streamif"
	"millrace/traces"
)

// trace ends a worker and returns what it recorded.
func (r *relay) trace(t *testing.T) *traces.Trace {
	require.NoError(t, r.stop(t))
	recorded, err := r.Recorded(patience, "a comment")
	require.NoError(t, err)
	tr, err := traces.Parse("recorded", recorded.AppendText(nil))
	require.NoError(t, err)
	require.Equal(t, recorded.String(), tr.String())
	return tr
}

// replays requires that a recording plays to its end as it was recorded, and
// that every session keeps the invariants that simulated ones are held to.
func replays(t testing.TB, tr *traces.Trace) {
	played, broken, err := properties.Play(tr)
	require.NoError(t, err)
	require.Nil(t, broken)
	require.True(t, played.Same(), played.String())
	steps := len(tr.Steps)
	if tr.Skipped > 0 {
		steps = len(tr.Cut().Steps)
	}
	require.Equal(t, steps, played.Steps)
}

func TestARunOnTheRealKernelReplays(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		a, b := newOrigin(t), newOrigin(t)
		cfg := config(edge, a.addr, b.addr)
		cfg.Record = 1 << 20
		cfg.Proxy.ServerTimeout = 60 * core.Second
		cfg.Proxy.ClientFin = 30 * core.Second
		r := start(t, cfg)
		for i := range 6 {
			o := []*origin{a, b}[i%2]
			client := r.dial(t)
			server := o.accept(t)
			up := async(func() (digest, error) { return pour(client, 1, 300_000) })
			down := async(func() (digest, error) { return pour(server, 2, 200_000) })
			upGot := async(func() (digest, error) { return drink(server) })
			downGot := async(func() (digest, error) { return drink(client) })
			same(t, up, upGot)
			same(t, down, downGot)
		}
		client := r.dial(t)
		server := a.accept(t)
		send(t, client, "to be reset")
		expect(t, server, "to be reset")
		require.NoError(t, client.SetLinger(0))
		require.NoError(t, client.Close())
		expectGone(t, server)
		r.dial(t)
		b.accept(t) // is still there when the listener is closed, and then killed
		r.eventually(t, "relay_sessions_ended_total", 7)
		r.Drain()
		r.eventually(t, "relay_accepting", 0)
		replays(t, r.trace(t))
	})
}

func TestRetriesAndTimeoutsReplay(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		t.Parallel()
		o := newOrigin(t)
		require.NoError(t, o.ln.Close())
		cfg := config(edge, o.addr)
		cfg.Record = 1 << 16
		cfg.Proxy.Retries = 1
		cfg.Proxy.ClientTimeout = 50 * core.Millisecond
		r := start(t, cfg)
		expectGone(t, r.dial(t))
		r.eventually(t, "relay_sessions_ended_total", 1)
		replays(t, r.trace(t))
	})
}

func TestAppletsReplay(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for _, applet := range []streamif.Maker{streamif.Echo{}, streamif.Discard{}, streamif.Chargen{}} {
			cfg := config(edge)
			cfg.Proxy.Applet, cfg.Record = applet, 1<<20
			r := start(t, cfg)
			client := r.dial(t)
			send(t, client, "some bytes to send, to drop or to answer")
			if applet == (streamif.Chargen{}) {
				expect(t, client, ` !"#$%&'()`)
				require.NoError(t, client.Close())
			} else {
				require.NoError(t, client.CloseWrite())
				expectGone(t, client)
			}
			r.eventually(t, "relay_sessions_ended_total", 1)
			replays(t, r.trace(t))
		}
	})
}

func TestWhatATraceCannotSayIsNotRecorded(t *testing.T) {
	for want, change := range map[string]func(*streamif.Config){
		"cannot record: a trace has no words for this configuration": func(p *streamif.Config) { p.Applet = broken{} },
		"cannot record: no trace can say this: trace:2: client-timeout: expected a time span from 0s to 277h46m40s, found \"999h0m0s\"": func(p *streamif.Config) {
			p.ClientTimeout = 999 * 3600 * core.Second
		},
	} {
		cfg := config(true, anyPort)
		cfg.Record, cfg.MustPlay = 1, true
		change(&cfg.Proxy)
		all, err := Listen(anyPort, 1)
		require.NoError(t, err)
		_, err = NewWorker(0, cfg, all[0])
		require.EqualError(t, err, want)
		require.Zero(t, all[0].Close())
	}
	cfg := config(true, anyPort)
	cfg.Record, cfg.Proxy.Applet = 1, broken{}
	tr := start(t, cfg).trace(t)
	require.Equal(t, []string{"a comment", "to be read only, cannot record: a trace has no words for this configuration"}, tr.Comments)
	cfg = config(true, anyPort)
	cfg.Record = -1
	r := start(t, cfg)
	require.NoError(t, r.stop(t))
	_, err := r.Recorded(patience)
	require.EqualError(t, err, "nothing was recorded")
}

func TestABreachIsInTheTrace(t *testing.T) {
	cfg := config(true, anyPort)
	cfg.Record = 100
	r := start(t, cfg)
	r.rec.fail(&core.Breach{ID: "I00", Where: "test", What: "broken on purpose"})
	require.Equal(t, "I00 test: broken on purpose", r.trace(t).Fail)
}

// TestARecordingIsWhoseAskedForIt: of a worker that has ended too, several may ask at once.
func TestARecordingIsWhoseAskedForIt(t *testing.T) {
	cfg := config(true, anyPort)
	cfg.Record = 100
	r := start(t, cfg)
	require.NoError(t, r.stop(t))
	one, err := r.Recorded(patience)
	require.NoError(t, err)
	one.Recorded.Worker = 7
	other, err := r.Recorded(patience)
	require.NoError(t, err)
	require.Zero(t, other.Recorded.Worker)
}

// TestARingThatHasWrappedReplays while the relay goes on, with sessions from before the ring
// among those that it keeps, and after a change of servers.
func TestARingThatHasWrappedReplays(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		a, b := newOrigin(t), newOrigin(t)
		cfg := config(edge, a.addr, b.addr)
		cfg.Record = 48 << 10
		cfg.Proxy.SpliceReq, cfg.Proxy.SpliceRep = streamif.SpliceOn, streamif.SpliceOn
		cfg.Proxy.MaxPipes = 8
		cfg.Proxy.ServerTimeout = 60 * core.Second
		r := start(t, cfg)
		for _, o := range []*origin{a, b} {
			go o.echo()
		}
		long := make([]*net.TCPConn, 6)
		for i := range long {
			long[i] = r.dial(t)
			send(t, long[i], "one of before")
			expect(t, long[i], "one of before")
		}
		serve := func(n int) {
			for i := range n {
				c := r.dial(t)
				send(t, c, "hello")
				expect(t, c, "hello")
				send(t, long[i%len(long)], "still there")
				expect(t, long[i%len(long)], "still there")
				require.NoError(t, c.CloseWrite())
				expectGone(t, c)
				require.NoError(t, c.Close())
			}
		}
		serve(400)
		now, err := r.Recorded(patience)
		require.NoError(t, err)
		require.Greater(t, now.Skipped, uint64(1000))
		cut := now.Cut()
		require.Greater(t, cut.Sessions, 20, cut.String())
		require.GreaterOrEqual(t, cut.Others, len(long), cut.String())
		replays(t, now)

		list, err := NewServers([]netip.AddrPort{b.addr}, nil)
		require.NoError(t, err)
		taken, err := r.SetServers(list)
		require.NoError(t, err)
		<-taken
		serve(20)
		after, err := r.Recorded(patience)
		require.NoError(t, err)
		require.GreaterOrEqual(t, after.Cut().Sessions, 19)
		replays(t, after)
	})
}

// echo serves whoever comes, until the test ends.
func (o *origin) echo() {
	for {
		c, err := o.ln.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_, _ = io.Copy(c, c) // whoever is there no more needs nothing
		}()
	}
}

// wiretap is a connection whose ciphertext is kept.
type wiretap struct {
	*net.TCPConn
	heard []byte
}

// Read reads.
func (w *wiretap) Read(p []byte) (int, error) {
	n, err := w.TCPConn.Read(p)
	w.heard = append(w.heard, p[:n]...)
	return n, err
}

// TestARecordingOfTLSReplaysAndHoldsNoSecret: neither what was said, nor by whom, nor a key or
// a ticket, is in it.
func TestARecordingOfTLSReplaysAndHoldsNoSecret(t *testing.T) {
	const said, answered = "what the client says in confidence", "what the server says to that"
	pollers(t, func(t *testing.T, edge bool) {
		k, o := newKit(t), newOrigin(t)
		var keys sink
		k.accept.KeyLogWriter, k.dial.KeyLogWriter = &keys, &keys
		cfg := wires{true, true}.config(k, edge, o.addr)
		cfg.Record = 1 << 20
		r := start(t, cfg)
		var wire []byte
		for range 3 {
			below := &wiretap{TCPConn: r.dial(t)}
			client := tls.Client(below, k.dial)
			require.NoError(t, client.Handshake())
			beyond := &wiretap{TCPConn: o.accept(t)}
			server := tls.Server(beyond, k.accept)
			require.NoError(t, server.Handshake())
			send(t, client, said)
			expect(t, server, said)
			send(t, server, answered)
			expect(t, client, answered)
			require.NoError(t, client.Close())
			expectGone(t, server)
			require.NoError(t, server.Close())
			wire = append(append(wire, below.heard...), beyond.heard...)
		}
		r.eventually(t, "relay_sessions_ended_total", 3)
		tr := r.trace(t)
		replays(t, tr)
		text := tr.String()
		for _, call := range []string{" f1 shake ", " b3 shake ", " f2 open ", " b2 seal ", " took ", " said "} {
			require.Contains(t, text, call)
		}
		hidden := append(strings.Fields(keys.text.String()), said, answered, "one.test", "127.0.0.1")
		require.Greater(t, len(hidden), 20)
		for _, secret := range hidden {
			require.NotContains(t, text, secret)
		}
		const least = 8 // of a ticket, or of whatever
		for i := range len(wire) - least {
			require.False(t, strings.Contains(text, string(wire[i:i+least])), "byte %d of what was heard", i)
		}
	})
}
