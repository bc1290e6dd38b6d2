package real

import (
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

// patience is how long a test waits for what must happen. A machine that is
// busy with other work needs it; a healthy one never notices.
const patience = 30 * time.Second

var anyPort = netip.MustParseAddrPort("127.0.0.1:0")

// pollers runs a test under both poller modes.
func pollers(t *testing.T, test func(t *testing.T, edge bool)) {
	t.Run("level", func(t *testing.T) { test(t, false) })
	t.Run("edge", func(t *testing.T) { test(t, true) })
}

// config is a worker's configuration for tests, without timeouts that could
// strike on a slow machine.
func config(edge bool, servers ...netip.AddrPort) Config {
	p := streamif.Defaults()
	p.ClientTimeout, p.ServerTimeout, p.ConnectTimeout = 0, 0, 0
	return Config{Proxy: p, Edge: edge, Servers: servers}
}

// relay is a running worker.
type relay struct {
	*Worker
	addr netip.AddrPort
	over chan error
}

// start runs a worker until the test ends, and then checks that it gave every
// socket back.
func start(t testing.TB, cfg Config) *relay {
	_, measured := t.(*testing.B)
	if cfg.Record == 0 && !measured {
		cfg.Record = 1 << 20
	}
	all, err := Listen(anyPort, 1)
	require.NoError(t, err)
	w, err := NewWorker(0, cfg, all[0])
	require.NoError(t, err)
	r := &relay{Worker: w, addr: all[0].Addr(), over: make(chan error, 1)}
	go func() { r.over <- w.Run() }()
	t.Cleanup(func() {
		w.Kill()
		require.NoError(t, r.wait(t))
		require.Zero(t, w.socks.Live(), "sockets left open")
		require.Zero(t, w.proxy.Pool().Used(), "buffers not returned")
		require.Zero(t, w.proxy.Stock().Lent(), "memory of ciphers not returned")
		if w.rec != nil && !raced { // a replay is slow then, and has one thread
			r.plays(t)
		}
	})
	return r
}

// plays requires that what was recorded of the worker plays: whatever a test does shows
// that it can be had again.
func (r *relay) plays(t testing.TB) {
	tr, err := r.Recorded(patience)
	require.NoError(t, err)
	if slices.ContainsFunc(tr.Comments, func(c string) bool { return strings.HasPrefix(c, "to be read only") }) || len(tr.Steps) == 0 {
		return
	}
	if tr.Skipped > 0 && len(tr.Cut().Steps) == 0 {
		return
	}
	replays(t, tr)
}

// wait returns what Run returned.
func (r *relay) wait(t testing.TB) error {
	select {
	case err := <-r.over:
		r.over <- err // for the next who asks
		return err
	case <-time.After(patience):
		require.FailNow(t, "the worker does not end")
		return nil
	}
}

// dial connects a client.
func (r *relay) dial(t testing.TB) *net.TCPConn { return dial(t, r.addr) }

func dial(t testing.TB, addr netip.AddrPort) *net.TCPConn {
	c, err := net.DialTimeout("tcp", addr.String(), patience)
	require.NoError(t, err)
	return ready(t, c)
}

// ready gives a peer's connection a deadline and a last close.
func ready(t testing.TB, c net.Conn) *net.TCPConn {
	t.Cleanup(func() { c.Close() }) // most are closed by the test already
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c.(*net.TCPConn)
}

// origin is a server under the test's control.
type origin struct {
	ln   *net.TCPListener
	addr netip.AddrPort
}

func newOrigin(t testing.TB) *origin {
	ln, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(anyPort))
	require.NoError(t, err)
	t.Cleanup(func() { ln.Close() })
	return &origin{ln: ln, addr: ln.Addr().(*net.TCPAddr).AddrPort()}
}

func (o *origin) accept(t testing.TB) *net.TCPConn {
	require.NoError(t, o.ln.SetDeadline(time.Now().Add(patience)))
	c, err := o.ln.Accept()
	require.NoError(t, err)
	return ready(t, c)
}

// pair starts a relay and opens one session through it.
func pair(t *testing.T, edge bool) (r *relay, client, server *net.TCPConn) {
	o := newOrigin(t)
	r = start(t, config(edge, o.addr))
	client = r.dial(t)
	return r, client, o.accept(t)
}

// eventually waits for a published metric to get a value.
func (r *relay) eventually(t testing.TB, name string, want uint64) {
	require.Eventually(t, func() bool { return r.Metric(name) == want }, patience, 5*time.Millisecond,
		"%s never becomes %d", name, want)
}

func send(t testing.TB, c net.Conn, s string) {
	_, err := io.WriteString(c, s)
	require.NoError(t, err)
}

func expect(t testing.TB, c net.Conn, s string) {
	b := make([]byte, len(s))
	_, err := io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, s, string(b))
}

// expectEnd waits for a clean end of stream.
func expectEnd(t testing.TB, c net.Conn) {
	rest, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Empty(t, rest)
}

// expectGone waits for any end of the connection, a reset included.
func expectGone(t testing.TB, c net.Conn) {
	_, err := io.Copy(io.Discard, c)
	var timeout net.Error
	if err != nil && (asNetError(err, &timeout) && timeout.Timeout()) {
		require.FailNow(t, "the connection does not end")
	}
}

// ended waits for the end of one session and requires its reason.
func (r *relay) ended(t testing.TB, want streamif.Reason) {
	r.eventually(t, "relay_sessions_ended_total", 1)
	require.NoError(t, r.stop(t))
	for i, reason := range reasons {
		if r.obs.ended[i] > 0 {
			require.Equal(t, want.String(), reason.String())
		}
	}
}

// stop ends the worker, after which its fields may be read.
func (r *relay) stop(t testing.TB) error {
	r.Kill()
	return r.wait(t)
}

// bind makes one listener on a free port.
func bind(t *testing.T) *Listener {
	all, err := Listen(anyPort, 1)
	require.NoError(t, err)
	return all[0]
}
