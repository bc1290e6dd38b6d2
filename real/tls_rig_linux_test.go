package real

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/datalayer"
	"millrace/datalayer/ciphertest"
	"millrace/datalayer/cryptotls"
)

// kit is the configurations of a test: of whoever accepts, and of whoever connects.
// The relay uses them towards its own peers, and these towards the relay.
type kit struct {
	ca     *ciphertest.Authority
	accept *tls.Config
	dial   *tls.Config
}

func newKit(t testing.TB) *kit {
	ca := ciphertest.NewAuthority(t)
	return &kit{
		ca:     ca,
		accept: &tls.Config{Certificates: []tls.Certificate{ca.Issue(t, "one.test")}, DynamicRecordSizingDisabled: true},
		dial:   &tls.Config{RootCAs: ca.Pool, ServerName: "one.test", DynamicRecordSizingDisabled: true},
	}
}

func (k *kit) clients() datalayer.Ciphers { return cryptotls.NewServer(k.accept) }
func (k *kit) servers() datalayer.Ciphers { return cryptotls.NewClient([]*tls.Config{k.dial}) }

// stream is what TCP and TLS connections have in common.
type stream interface {
	net.Conn
	CloseWrite() error
}

// wires is where a relay speaks TLS.
type wires struct{ in, out bool }

func (w wires) String() string {
	name := func(tls bool) string {
		if tls {
			return "tls"
		}
		return "plain"
	}
	return name(w.in) + " to " + name(w.out)
}

// everyWire runs a test under both poller modes, with TLS towards clients,
// servers and both.
func everyWire(t *testing.T, test func(t *testing.T, k *kit, w wires, edge bool)) {
	pollers(t, func(t *testing.T, edge bool) {
		for _, w := range []wires{{true, false}, {false, true}, {true, true}} {
			t.Run(w.String(), func(t *testing.T) { test(t, newKit(t), w, edge) })
		}
	})
}

// config is the configuration of a relay that speaks TLS there.
func (w wires) config(k *kit, edge bool, servers ...netip.AddrPort) Config {
	cfg := config(edge, servers...)
	if w.in {
		cfg.Proxy.ClientTLS = k.clients()
	}
	if w.out {
		cfg.Proxy.ServerTLS = k.servers()
	}
	return cfg
}

// open opens a session, and does both ends' handshakes. Until its bytes flow both
// ways, either end might wait for the other's.
func (w wires) open(t *testing.T, k *kit, r *relay, o *origin) (client, server stream) {
	c := r.dial(t)
	client = c
	if w.in {
		secure := tls.Client(strict{c}, k.dial)
		require.NoError(t, secure.Handshake())
		client = secure
	}
	s := o.accept(t)
	server = s
	if w.out {
		secure := tls.Server(strict{s}, k.accept)
		require.NoError(t, secure.Handshake())
		server = secure
	}
	return client, server
}

// pair starts a relay and opens one session through it.
func (w wires) pair(t *testing.T, k *kit, edge bool) (r *relay, client, server stream) {
	o := newOrigin(t)
	r = start(t, w.config(k, edge, o.addr))
	client, server = w.open(t, k, r, o)
	return r, client, server
}

// strict is a connection under TLS whose FIN is an error. To crypto/tls a FIN
// between two records is the end, goodbye or not.
type strict struct{ *net.TCPConn }

var errNoGoodbye = errors.New("a FIN without a goodbye")

// Read reads.
func (s strict) Read(p []byte) (int, error) {
	n, err := s.TCPConn.Read(p)
	if errors.Is(err, io.EOF) {
		err = errNoGoodbye
	}
	return n, err
}

// raw is the connection below.
func raw(c stream) *net.TCPConn {
	if secure, ok := c.(*tls.Conn); ok {
		return secure.NetConn().(strict).TCPConn
	}
	return c.(*net.TCPConn)
}

// logged makes a worker's log readable, once so many sessions have ended.
func logged(t *testing.T, cfg *Config) func(r *relay, sessions uint64) string {
	out := new(sink)
	cfg.Log, cfg.Sessions = NewLog(out, 1), true
	return func(r *relay, sessions uint64) string {
		r.eventually(t, "relay_sessions_ended_total", sessions)
		require.NoError(t, r.stop(t))
		require.True(t, cfg.Log.Close(patience))
		for line := range strings.Lines(out.text.String()) {
			require.LessOrEqual(t, len(line), maxLine)
		}
		return out.text.String()
	}
}

// noCoroutines requires that as many goroutines are left as there were before: a
// handshake that nobody gave up would be one more.
func noCoroutines(t *testing.T, before int) {
	for begin := time.Now(); runtime.NumGoroutine() > before; time.Sleep(5 * time.Millisecond) {
		require.Less(t, time.Since(begin), patience, "goroutines are left over")
	}
}

// expectReset requires that a plain stream does not end as a complete one does.
func expectReset(t *testing.T, c net.Conn) {
	_, err := io.Copy(io.Discard, c)
	require.ErrorContains(t, err, "connection reset by peer")
}
