package real

import (
	"crypto/tls"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/datalayer/ciphertest"
	"millrace/datalayer/cryptotls"
	"millrace/streamif"
)

func TestSessionsAreResumedOnBothSides(t *testing.T) {
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			pollers(t, func(t *testing.T, edge bool) {
				k, w, o := newKit(t), wires{true, true}, newOrigin(t)
				k.accept.MaxVersion = version
				relays := w.config(k, edge, o.addr)
				// The relay's own cache: the client's must not be the same.
				ours := k.dial.Clone()
				ours.ClientSessionCache = tls.NewLRUClientSessionCache(1)
				relays.Proxy.ServerTLS = cryptotls.NewClient([]*tls.Config{ours})
				k.dial.ClientSessionCache = tls.NewLRUClientSessionCache(1)
				r := start(t, relays)
				for i := range 3 {
					client, server := w.open(t, k, r, o)
					send(t, server, "a read, without which tickets are not seen")
					expect(t, client, "a read, without which tickets are not seen")
					require.Equal(t, i > 0, client.(*tls.Conn).ConnectionState().DidResume, "client %d", i)
					require.Equal(t, i > 0, server.(*tls.Conn).ConnectionState().DidResume, "server %d", i)
					require.NoError(t, client.Close())
					expectEnd(t, server)
					require.NoError(t, server.Close())
				}
				r.eventually(t, "relay_sessions_ended_total", 3)
			})
		})
	}
}

func TestTheNameAClientAsksForPicksTheCertificate(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		k.accept.Certificates = append(k.accept.Certificates, k.ca.Issue(t, "two.test"))
		cfg := wires{in: true}.config(k, edge)
		cfg.Proxy.Applet = streamif.Echo{}
		r := start(t, cfg)
		for name, want := range map[string]string{"one.test": "one.test", "two.test": "two.test", "three.test": "one.test"} {
			config := &tls.Config{ServerName: name, InsecureSkipVerify: true}
			client := tls.Client(r.dial(t), config)
			require.NoError(t, client.Handshake())
			require.Equal(t, []string{want}, client.ConnectionState().PeerCertificates[0].DNSNames, name)
		}
	})
}

func TestClientsNeedTheCertificateTheyAreAskedFor(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		k.accept.ClientCAs, k.accept.ClientAuth = k.ca.Pool, tls.RequireAndVerifyClientCert
		for name, c := range map[string]struct {
			certs  []tls.Certificate
			refuse string
		}{
			"a good one":       {[]tls.Certificate{k.ca.Issue(t, "client.test")}, ""},
			"none":             {nil, "client didn't provide a certificate"},
			"somebody else's":  {[]tls.Certificate{ciphertest.NewAuthority(t).Issue(t, "client.test")}, "unknown authority"},
			"none, in TLS 1.2": {nil, "client didn't provide a certificate"},
		} {
			t.Run(name, func(t *testing.T) {
				cfg := wires{in: true}.config(k, edge)
				cfg.Proxy.Applet = streamif.Echo{}
				log := logged(t, &cfg)
				r := start(t, cfg)
				config := k.dial.Clone()
				config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
					if c.certs == nil {
						return new(tls.Certificate), nil
					}
					return &c.certs[0], nil // whoever it is that the relay asked for
				}
				if name == "none, in TLS 1.2" {
					config.MaxVersion = tls.VersionTLS12
				}
				client := tls.Client(r.dial(t), config)
				if c.refuse == "" {
					send(t, client, "let in")
					expect(t, client, "let in")
					require.NoError(t, client.Close())
					require.Contains(t, log(r, 1), " end=--\n")
					return
				}
				_, err := io.Copy(io.Discard, client)
				require.ErrorContains(t, err, "remote error: tls: ")
				require.Regexp(t, ` end=CT err=ETLS detail="tls: .*`+c.refuse+`.*"\n$`, log(r, 1))
			})
		}
	})
}

func TestTheProtocolThatAClientAgreedOnIsProposedToTheServer(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		k.accept.NextProtos = []string{"h2", "http/1.1"}
		relays := wires{true, true}
		for offer, want := range map[string]string{"http/1.1": "http/1.1", "h2": "h2", "": ""} {
			o := newOrigin(t)
			k.dial.NextProtos = k.accept.NextProtos
			r := start(t, relays.config(k, edge, o.addr))
			k.dial.NextProtos = nil
			if offer != "" {
				k.dial.NextProtos = []string{offer}
			}
			client, server := relays.open(t, k, r, o)
			require.Equal(t, want, client.(*tls.Conn).ConnectionState().NegotiatedProtocol)
			require.Equal(t, want, server.(*tls.Conn).ConnectionState().NegotiatedProtocol)
		}
	})
}

func TestAServerThatCannotBeVerifiedIsNotTriedAgain(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for why, change := range map[string]func(k *kit){
			"certificate signed by unknown authority":           func(k *kit) { k.dial.RootCAs = ciphertest.NewAuthority(t).Pool },
			"certificate is valid for one.test, not two.test\"": func(k *kit) { k.dial.ServerName = "two.test" },
		} {
			k, o := newKit(t), newOrigin(t)
			change(k)
			cfg := wires{out: true}.config(k, edge, o.addr)
			log := logged(t, &cfg)
			r := start(t, cfg)
			client := r.dial(t)
			send(t, client, "a secret")
			secure := tls.Server(o.accept(t), k.accept)
			b, err := io.ReadAll(secure)
			require.ErrorContains(t, err, "remote error: tls: bad certificate")
			require.Empty(t, b)
			expectGone(t, client)
			r.eventually(t, "relay_connects_total", 1)
			line := log(r, 1)
			require.Contains(t, line, ` tries=1 end=ST err=ETLS detail="tls: failed to verify certificate: x509: `)
			require.Contains(t, line, why)
		}
	})
}

// TestOnlyTheServerThatTLSRefusedIsSaidToBe: an attempt that got no socket has no error of its own,
// and the one before's was told of the next server.
func TestOnlyTheServerThatTLSRefusedIsSaidToBe(t *testing.T) {
	k, a, b := newKit(t), newOrigin(t), newOrigin(t)
	k.dial.RootCAs = ciphertest.NewAuthority(t).Pool
	cfg := wires{out: true}.config(k, true, a.addr, b.addr)
	cfg.Proxy.Retries = 1
	log := logged(t, &cfg)
	r := start(t, cfg)
	client := r.dial(t)
	send(t, client, "a secret")
	raw := a.accept(t)
	var all syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_NOFILE, &all))
	none := syscall.Rlimit{Cur: 3, Max: all.Max}
	defer func() { require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &all)) }()
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none))
	_, err := io.ReadAll(tls.Server(raw, k.accept))
	require.ErrorContains(t, err, "bad certificate")
	expectGone(t, client)
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_NOFILE, &all))
	text := log(r, 1)
	require.Equal(t, 1, strings.Count(text, "refused by TLS"), text)
	require.Contains(t, text, `msg="server refused by TLS" worker=0 server=`+a.addr.String()+` detail="tls: failed to verify`)
	require.Contains(t, text, " end=RC err=EMFILE\n")
}

func TestWhoDoesNotSpeakTLSIsToldSoAndNamed(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		cfg := wires{in: true}.config(k, edge)
		cfg.Proxy.Applet = streamif.Echo{}
		log := logged(t, &cfg)
		r := start(t, cfg)
		client := r.dial(t)
		send(t, client, "GET / HTTP/1.1\r\nHost: one.test\r\n\r\n")
		expectGone(t, client)
		require.Regexp(t, ` in=0 out=0 .* end=CT err=ETLS detail="tls: first record does not look like a TLS handshake"`, log(r, 1))
	})
}

// hello returns the first n bytes of a client's handshake; of all of it if 0.
func hello(t *testing.T, k *kit, n int) string {
	here, there := net.Pipe()
	over := make(chan error)
	go func() { over <- tls.Client(here, k.dial).Handshake() }()
	b := make([]byte, 16<<10)
	got, err := there.Read(b)
	require.NoError(t, err)
	require.NoError(t, there.Close())
	require.Error(t, <-over, "nobody answers")
	if n == 0 {
		n = got
	}
	return string(b[:n])
}

func TestAClientThatIsLateWithItsHandshakeIsGivenUp(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		begun := hello(t, k, 100)
		before := runtime.NumGoroutine()
		cfg := wires{in: true}.config(k, edge, anyPort)
		cfg.Proxy.HandshakeTimeout = 50 * core.Millisecond
		log := logged(t, &cfg)
		r := start(t, cfg)
		silent, half := r.dial(t), r.dial(t)
		send(t, half, begun)
		expectGone(t, silent)
		expectGone(t, half)
		require.Regexp(t, `(?s) tries=0 end=cT\n.* tries=0 end=cT\n`, log(r, 2))
		noCoroutines(t, before)
	})
}

func TestAClientThatLeavesInItsHandshakeLeavesNothingBehind(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k := newKit(t)
		begun := hello(t, k, 0)
		before := runtime.NumGoroutine()
		cfg := wires{in: true}.config(k, edge, anyPort)
		log := logged(t, &cfg)
		r := start(t, cfg)
		for range 20 {
			client := r.dial(t)
			send(t, client, begun)
			_, err := io.ReadFull(client, make([]byte, 100)) // the relay is in the middle
			require.NoError(t, err)
			require.NoError(t, client.CloseWrite())
			expectGone(t, client)
		}
		require.Regexp(t, `^(.* end=CT err=ETRUNCATED\n){20}$`, log(r, 20))
		noCoroutines(t, before)
	})
}

func TestKillEndsHandshakesOnBothSides(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		k, o := newKit(t), newOrigin(t)
		begun := hello(t, k, 100)
		before := runtime.NumGoroutine()
		r := start(t, wires{true, true}.config(k, edge, o.addr))
		for range 10 {
			send(t, r.dial(t), begun)
			require.NoError(t, tls.Client(r.dial(t), k.dial).Handshake())
			o.accept(t) // and says nothing
		}
		r.eventually(t, "relay_sessions", 20)
		require.NoError(t, r.stop(t))
		noCoroutines(t, before)
	})
}

func TestAServerThatIsLateWithItsHandshakeIsGivenUp(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		before := runtime.NumGoroutine()
		k, o := newKit(t), newOrigin(t)
		cfg := wires{out: true}.config(k, edge, o.addr)
		cfg.Proxy.ConnectTimeout, cfg.Proxy.Retries = 50*core.Millisecond, 1
		log := logged(t, &cfg)
		r := start(t, cfg)
		client := r.dial(t)
		expectGone(t, client) // the kernel has accepted for the server, which says nothing
		require.Contains(t, log(r, 1), " tries=2 end=sT\n")
		noCoroutines(t, before)
	})
}
