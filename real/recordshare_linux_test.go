package real

import (
	"fmt"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/datalayer/proxyproto"
	"millrace/properties"
	"millrace/traces"
)

// full returns how often a recording says that a client has its share.
func full(tr *traces.Trace) (n int) {
	for _, s := range tr.Steps {
		if s.Call == traces.CallFull {
			n++
		}
	}
	return n
}

// TestALimitOnClientsReplays where it was hit, and where it was not any more: whom it hit is
// recorded, and not where he comes from.
func TestALimitOnClientsReplays(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		go o.echo()
		cfg := config(edge, o.addr)
		cfg.Record, cfg.MustPlay, cfg.Proxy.MaxPerClient = 1<<20, true, 2
		r := start(t, cfg)
		var held []*net.TCPConn
		serve := func() {
			for range 2 {
				c := r.dial(t)
				send(t, c, "hello")
				expect(t, c, "hello")
				held = append(held, c)
			}
		}
		serve()
		for range 3 {
			if c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(r.addr)); err == nil {
				expectGone(t, c)
				require.NoError(t, c.Close())
			}
		}
		r.eventually(t, "relay_refused_total", 3)
		for _, c := range held {
			require.NoError(t, c.Close())
		}
		r.eventually(t, "relay_sessions_ended_total", 2)
		serve()
		tr := r.trace(t)
		require.Equal(t, 3, full(tr), tr.String())
		require.NotContains(t, tr.String(), "127.0.0.1")
		replays(t, tr)
		for i, s := range tr.Steps {
			if s.Call == traces.CallFull { // the limit is not played by chance
				less := tr.Clone()
				less.Steps = append(less.Steps[:i], less.Steps[i+1:]...)
				played, _, err := properties.Play(less)
				require.NoError(t, err)
				require.False(t, played.Same())
				break
			}
		}
	})
}

// TestALimitOnWhomHeadersNameReplays: those who are named, and not those that speak for
// themselves.
func TestALimitOnWhomHeadersNameReplays(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		go o.echo()
		cfg := config(edge, o.addr)
		cfg.Record, cfg.MustPlay, cfg.Proxy.MaxPerClient = 1<<20, true, 1
		cfg.Proxy.AcceptProxy = new(proxyproto.Everybody())
		r := start(t, cfg)
		for i, name := range []string{"TCP4 192.0.2.1", "TCP4 192.0.2.2", "UNKNOWN", "UNKNOWN", "TCP4 192.0.2.1", "TCP4 192.0.2.2"} {
			c := r.dial(t)
			line := "PROXY UNKNOWN\r\n"
			if name != "UNKNOWN" {
				line = fmt.Sprintf("PROXY %s 198.51.100.7 %d 443\r\n", name, 1000+i)
			}
			if i < 4 {
				send(t, c, line+"hello")
				expect(t, c, "hello")
				continue
			}
			send(t, c, line)
			expectGone(t, c)
			require.NoError(t, c.Close())
		}
		r.eventually(t, "relay_refused_total", 2)
		r.eventually(t, "relay_sessions_ended_total", 2)
		tr := r.trace(t)
		require.Equal(t, 2, full(tr), tr.String())
		replays(t, tr)
	})
}
