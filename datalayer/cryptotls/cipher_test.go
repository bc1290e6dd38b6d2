package cryptotls

import (
	"crypto/tls"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/datalayer"
	"millrace/datalayer/ciphertest"
)

// config makes a server's configuration and one of a client that trusts it.
func config(t *testing.T) (server, client *tls.Config) {
	a := ciphertest.NewAuthority(t)
	return &tls.Config{Certificates: []tls.Certificate{a.Issue(t, "mill.example")}, NextProtos: []string{"mill/1"}},
		&tls.Config{RootCAs: a.Pool, ServerName: "mill.example", NextProtos: []string{"mill/1"}}
}

func TestCryptoTLSIsACipher(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			before := runtime.NumGoroutine()
			server, client := config(t)
			client.MaxVersion = version
			s, c := NewServer(server), NewClient([]*tls.Config{client})
			ciphertest.Run(t, func(server bool, protocol string) datalayer.Cipher {
				if server {
					return s.New(0, "")
				}
				return c.New(0, protocol)
			})
			for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
				time.Sleep(time.Millisecond) // those that end may take a moment
			}
			require.LessOrEqual(t, runtime.NumGoroutine(), before, "handshakes that were given up go on for ever")
		})
	}
}

func TestAProtocolThatIsNotConfiguredIsNotProposed(t *testing.T) {
	_, client := config(t)
	c := NewClient([]*tls.Config{client})
	require.NotPanics(t, func() { c.New(0, "unheard/of").Free() })
}

func TestAServerThatDoesNotSpeakWhatItsClientWasPromisedIsRefused(t *testing.T) {
	for protocol, want := range map[string]core.Errno{"mill/1": core.ETLS, "http/1.1": 0} {
		server, client := config(t)
		server.NextProtos, client.NextProtos = nil, []string{protocol}
		_, c, _, ec := shakeWith(server, NewClient([]*tls.Config{client}).New(0, protocol).(*Cipher))
		require.Equal(t, want, ec, protocol)
		require.Equal(t, want != 0, strings.Contains(c.Detail(), "did not agree to speak mill/1"), c.Detail())
	}
}

// shakeOnce joins two ends and returns them, with the errors they ended with.
func shakeOnce(server, client *tls.Config) (s, c *Cipher, es, ec core.Errno) {
	return shakeWith(server, NewClient([]*tls.Config{client}).New(0, "").(*Cipher))
}

// shakeWith does so with a client that is there already.
func shakeWith(server *tls.Config, client *Cipher) (s, c *Cipher, es, ec core.Errno) {
	stock := datalayer.NewStock(1 << 14)
	var up, down datalayer.Bytes
	up.Init(stock)
	down.Init(stock)
	s, c = NewServer(server).New(0, "").(*Cipher), client
	for range 4 {
		if ec == 0 {
			_, ec = c.Shake(&down, &up)
		}
		if es == 0 {
			_, es = s.Shake(&up, &down)
		}
	}
	return s, c, es, ec
}

func TestAFailureIsExplained(t *testing.T) {
	server, client := config(t)
	client.ServerName = "other.example"
	s, c, es, ec := shakeOnce(server, client)
	require.Equal(t, core.ETLS, ec)
	require.Equal(t, core.ETLS, es)
	require.Contains(t, c.Detail(), "mill.example, not other.example")
	require.Contains(t, s.Detail(), "bad certificate")
	_, e := c.Shake(&datalayer.Bytes{}, &datalayer.Bytes{})
	require.Equal(t, core.ETLS, e, "and it stays failed")
}

func TestSessionsResume(t *testing.T) {
	server, client := config(t)
	client.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	ends := NewServer(server)
	for i := range 2 {
		stock := datalayer.NewStock(1 << 14)
		var up, down datalayer.Bytes
		up.Init(stock)
		down.Init(stock)
		s, c := ends.New(0, "").(*Cipher), NewClient([]*tls.Config{client}).New(0, "").(*Cipher)
		for range 4 {
			_, e := c.Shake(&down, &up)
			require.Zero(t, e)
			_, e = s.Shake(&up, &down)
			require.Zero(t, e)
		}
		_, st, e := c.Open(&down, &up, make([]byte, 1)) // takes the ticket
		require.Zero(t, e)
		require.Equal(t, datalayer.Dry, st)
		require.Equal(t, i == 1, c.tls.ConnectionState().DidResume)
	}
}

// TestAResumedClientIsWhoItWas: it shows no certificate any more, and has the one
// that it showed first.
func TestAResumedClientIsWhoItWas(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		a := ciphertest.NewAuthority(t)
		ends := NewServer(&tls.Config{
			Certificates: []tls.Certificate{a.Issue(t, "mill.example")}, MaxVersion: version,
			ClientCAs: a.Pool, ClientAuth: tls.VerifyClientCertIfGiven,
		})
		client := &tls.Config{
			RootCAs: a.Pool, ServerName: "mill.example", Certificates: []tls.Certificate{a.Issue(t, "alice")},
			ClientSessionCache: tls.NewLRUClientSessionCache(4),
		}
		for i := range 2 {
			stock := datalayer.NewStock(1 << 14)
			var up, down datalayer.Bytes
			up.Init(stock)
			down.Init(stock)
			s, c := ends.New(0, "").(*Cipher), NewClient([]*tls.Config{client}).New(0, "").(*Cipher)
			for range 4 {
				_, e := c.Shake(&down, &up)
				require.Zero(t, e)
				_, e = s.Shake(&up, &down)
				require.Zero(t, e)
			}
			_, _, e := c.Open(&down, &up, make([]byte, 1)) // takes the ticket
			require.Zero(t, e)
			require.Equal(t, datalayer.Identity{
				Version:  map[uint16]string{tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"}[version],
				Verified: true, Resumed: i == 1, Name: "alice",
			}, s.Identity())
		}
	}
}
