package real

import (
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/streamif"
)

func TestAThousandConnectionsAtOnce(t *testing.T) {
	const many = 1000
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		r := start(t, config(edge, o.addr))
		clients := make([]*net.TCPConn, many)
		servers := make([]*net.TCPConn, many)
		for i := range many {
			clients[i] = r.dial(t)
			servers[i] = o.accept(t)
		}
		r.eventually(t, "relay_sessions", many)
		for i := range many { // who is connected to whom is for the bytes to say
			send(t, clients[i], fmt.Sprintf("request %4d", i))
		}
		for i := range many {
			b := make([]byte, len("request 0000"))
			_, err := servers[i].Read(b)
			require.NoError(t, err)
			send(t, servers[i], "answer to "+string(b))
		}
		for i := range many {
			expect(t, clients[i], fmt.Sprintf("answer to request %4d", i))
			require.NoError(t, clients[i].Close())
		}
		for i := range many {
			expectEnd(t, servers[i])
			require.NoError(t, servers[i].Close())
		}
		r.eventually(t, "relay_sessions", 0)
		require.Zero(t, r.Metric("relay_stale_events_total"), "a closed descriptor was reported")
	})
}

func TestTheConnectionLimitHoldsAndLosesNobody(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		cfg := config(edge)
		cfg.Proxy.Applet, cfg.Proxy.MaxConn = streamif.Echo{}, 3
		r := start(t, cfg)
		var clients []*net.TCPConn
		for range 12 {
			c := r.dial(t)
			send(t, c, "hello")
			clients = append(clients, c)
		}
		r.eventually(t, "relay_accepting", 0)
		for _, c := range clients {
			expect(t, c, "hello")
			require.LessOrEqual(t, r.Metric("relay_sessions"), uint64(3))
			require.NoError(t, c.Close())
		}
		r.eventually(t, "relay_accepted_total", 12)
		r.eventually(t, "relay_accepting", 1)
	})
}

func TestResetByTheClientEndsBothSides(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		send(t, client, "x")
		expect(t, server, "x")
		require.NoError(t, client.SetLinger(0))
		require.NoError(t, client.Close())
		expectGone(t, server)
		r.ended(t, streamif.ClientError)
	})
}

func TestResetByTheServerEndsBothSides(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		send(t, client, "x")
		expect(t, server, "x")
		require.NoError(t, server.SetLinger(0))
		require.NoError(t, server.Close())
		expectGone(t, client)
		r.ended(t, streamif.ServerError)
	})
}

func TestRefusedServerIsRetriedThenTheClientSeesTheEnd(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		t.Parallel() // it waits for a second
		o := newOrigin(t)
		require.NoError(t, o.ln.Close())
		cfg := config(edge, o.addr)
		cfg.Proxy.Retries = 1
		r := start(t, cfg)
		begin := time.Now()
		expectGone(t, r.dial(t))
		require.Greater(t, time.Since(begin), 900*time.Millisecond, "there was no pause before the retry")
		r.eventually(t, "relay_connects_total", 2)
		r.eventually(t, "relay_retries_total", 1)
		r.ended(t, streamif.ConnectError)
	})
}

func TestRetryReachesAServerThatComesBack(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		t.Parallel()
		o := newOrigin(t)
		require.NoError(t, o.ln.Close())
		cfg := config(edge, o.addr)
		cfg.Proxy.Retries = 20
		r := start(t, cfg)
		client := r.dial(t)
		send(t, client, "patience")
		r.eventually(t, "relay_connects_failed_total", 1)
		var err error
		o.ln, err = net.ListenTCP("tcp", net.TCPAddrFromAddrPort(o.addr))
		require.NoError(t, err)
		server := o.accept(t)
		expect(t, server, "patience")
	})
}

func TestAClientThatSaysNothingTimesOut(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.ClientTimeout = 50 * core.Millisecond
		r := start(t, cfg)
		client, server := r.dial(t), o.accept(t)
		expectReset(t, server) // what it got may not be all
		expectReset(t, client)
		r.ended(t, streamif.ClientTimeout)
	})
}

func TestAServerThatSaysNothingTimesOut(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		cfg.Proxy.ServerTimeout = 50 * core.Millisecond
		r := start(t, cfg)
		client, server := r.dial(t), o.accept(t)
		expectReset(t, client)
		expectReset(t, server)
		r.ended(t, streamif.ServerTimeout)
	})
}

func TestAServerThatDoesNotAnswerTimesOut(t *testing.T) {
	addr := deafServer(t)
	pollers(t, func(t *testing.T, edge bool) {
		cfg := config(edge, addr)
		cfg.Proxy.ConnectTimeout, cfg.Proxy.Retries = 100*core.Millisecond, 1
		r := start(t, cfg)
		expectGone(t, r.dial(t))
		r.eventually(t, "relay_connects_total", 2)
		r.ended(t, streamif.ConnectLate)
	})
}

// deafServer returns an address whose SYNs the kernel drops: a listener that
// never accepts, with its queue full.
func deafServer(t *testing.T) netip.AddrPort {
	ln, err := listen(anyPort, false)
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	require.NoError(t, unix.Listen(ln.num, 0))
	var calls Calls
	fill, err := NewSockets([]netip.AddrPort{ln.Addr()}, &calls)
	require.NoError(t, err)
	for range 16 {
		fd, e := fill.Socket(0, 0)
		require.Zero(t, e)
		t.Cleanup(func() { fd.Close(true) })
		e = fd.Connect()
		for begin := time.Now(); e == core.EINPROGRESS || e == core.EALREADY; e = fd.Connect() {
			if time.Since(begin) > 300*time.Millisecond {
				return ln.Addr()
			}
			time.Sleep(5 * time.Millisecond)
		}
		require.Contains(t, []core.Errno{0, core.EISCONN}, e)
	}
	t.Skip("this kernel's listen queue does not fill up")
	return netip.AddrPort{}
}

func TestServersTakeTurns(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		a, b := newOrigin(t), newOrigin(t)
		r := start(t, config(edge, a.addr, b.addr))
		for _, o := range []*origin{a, b, a, b} {
			client := r.dial(t)
			server := o.accept(t)
			send(t, server, "mine")
			expect(t, client, "mine")
		}
	})
}

func TestIPv6IsRelayed(t *testing.T) {
	ln, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here")
	}
	o := &origin{ln: ln.(*net.TCPListener), addr: ln.Addr().(*net.TCPAddr).AddrPort()}
	defer ln.Close()
	all, err := Listen(netip.MustParseAddrPort("[::1]:0"), 1)
	require.NoError(t, err)
	w, err := NewWorker(0, config(true, o.addr), all[0])
	require.NoError(t, err)
	over := make(chan error, 1)
	go func() { over <- w.Run() }()
	client := dial(t, all[0].Addr())
	server := o.accept(t)
	send(t, client, "sechs")
	expect(t, server, "sechs")
	w.Kill()
	require.NoError(t, <-over)
}

func TestListenersShareAPortOnlyWithEachOther(t *testing.T) {
	all, err := Listen(anyPort, 3)
	require.NoError(t, err)
	defer func() {
		for _, l := range all {
			require.Zero(t, l.Close())
		}
	}()
	for _, l := range all {
		require.Equal(t, all[0].Addr(), l.Addr())
		require.NotZero(t, l.Addr().Port())
	}
	for _, n := range []int{1, 3} {
		_, err = Listen(all[0].Addr(), n)
		require.ErrorIs(t, err, syscall.EADDRINUSE)
	}
}
