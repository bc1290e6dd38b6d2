package real

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"

	oracle "github.com/pires/go-proxyproto"
	"github.com/pires/go-proxyproto/tlvparse"
	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/datalayer/proxyproto"
	"millrace/streamif"
)

// everybody is whose headers most tests believe.
var everybody = new(proxyproto.Everybody())

// claims are headers that say 192.0.2.1 or 2001:db8::1, port 56324.
var claims = map[string]struct{ text, addr string }{
	"v1 IPv4": {"PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n", "192.0.2.1:56324"},
	"v1 IPv6": {"PROXY TCP6 2001:db8::1 2001:db8::7 56324 443\r\n", "[2001:db8::1]:56324"},
	"v2 IPv4": {v2 + "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc6\x33\x64\x07\xdc\x04\x01\xbb", "192.0.2.1:56324"},
	"v2 IPv6": {v2 + "\x21\x21\x00\x24" + "\x20\x01\x0d\xb8" + zeros + "\x01" + "\x20\x01\x0d\xb8" + zeros + "\x07" +
		"\xdc\x04\x01\xbb", "[2001:db8::1]:56324"},
	"v1 unknown": {"PROXY UNKNOWN\r\n", ""},
	"v2 local":   {v2 + "\x20\x00\x00\x00", ""},
}

const (
	v2    = "\r\n\r\n\x00\r\nQUIT\n"
	zeros = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

func TestTheAddressInAHeaderIsTheClients(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for name, claim := range claims {
			t.Run(name, func(t *testing.T) {
				o := newOrigin(t)
				cfg := config(edge, o.addr)
				cfg.Proxy.AcceptProxy = everybody
				log := logged(t, &cfg)
				r := start(t, cfg)
				client := r.dial(t)
				for i := range claim.text {
					send(t, client, claim.text[i:i+1]) // in as many pieces as it can come in
				}
				send(t, client, "and data")
				server := o.accept(t)
				expect(t, server, "and data")
				require.NoError(t, client.Close())
				expectEnd(t, server)
				require.NoError(t, server.Close())
				own := client.LocalAddr().String()
				want := " client=" + own + " server="
				if claim.addr != "" {
					want = " client=" + claim.addr + " via=" + own + " server="
				}
				require.Contains(t, log(r, 1), want)
			})
		}
	})
}

func TestAMalformedHeaderNeverReachesTheServer(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for text, detail := range map[string]string{
			"GET / HTTP/1.1\r\n\r\n":                       "does not begin like a PROXY header",
			"PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n":     "malformed address",
			"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n":   "malformed port",
			v2 + "\x21\x11\x00\x00":                        "too short for its addresses",
			v2 + "\x21\x11\xff\xff":                        "too long",
			"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": "does not begin like a PROXY header",
		} {
			cfg := config(edge, anyPort)
			cfg.Proxy.AcceptProxy = everybody
			log := logged(t, &cfg)
			r := start(t, cfg)
			client := r.dial(t)
			send(t, client, text)
			expectGone(t, client)
			line := log(r, 1)
			require.Contains(t, line, ` tries=0 end=CP err=EHEADER detail="`+detail+`"`, text)
			require.Zero(t, r.Metric("relay_connects_total"))
		}
	})
}

func TestAClientThatLeavesOrIsLateWithItsHeaderIsGivenUp(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		cfg := config(edge, anyPort)
		cfg.Proxy.AcceptProxy = everybody
		cfg.Proxy.ClientTLS = newKit(t).clients() // the header comes first, and is to blame
		cfg.Proxy.HandshakeTimeout = 100 * core.Millisecond
		log := logged(t, &cfg)
		r := start(t, cfg)
		gone, late := r.dial(t), r.dial(t)
		send(t, gone, "PROXY TCP4 192.0.2.1")
		send(t, late, "PROXY TCP4 192.0.2.1")
		require.NoError(t, gone.CloseWrite())
		expectGone(t, gone)
		expectGone(t, late)
		lines := log(r, 2)
		require.Contains(t, lines, " end=CP err=ETRUNCATED\n")
		require.Contains(t, lines, " end=cP\n")
	})
}

func TestWhoIsNotBelievedSendsNoHeader(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		o := newOrigin(t)
		cfg := config(edge, o.addr)
		elsewhere := netip.MustParseAddr("::ffff:10.0.0.0").As16()
		cfg.Proxy.AcceptProxy = &proxyproto.Networks{{IP: elsewhere, Bits: 104}}
		log := logged(t, &cfg)
		r := start(t, cfg)
		client := r.dial(t)
		const lie = "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
		send(t, client, lie)
		server := o.accept(t)
		expect(t, server, lie)
		require.NoError(t, client.Close())
		expectEnd(t, server)
		require.NoError(t, server.Close())
		require.Contains(t, log(r, 1), " client="+client.LocalAddr().String()+" server=")
	})
}

// header is what a server gets of a client that said nothing of itself.
func header(version uint8, client, relay netip.AddrPort) string {
	if version == 1 {
		return fmt.Sprintf("PROXY TCP4 %s %s %d %d\r\n", client.Addr(), relay.Addr(), client.Port(), relay.Port())
	}
	from, to := client.Addr().As4(), relay.Addr().As4()
	return v2 + "\x21\x11\x00\x0c" + string(from[:]) + string(to[:]) +
		string([]byte{byte(client.Port() >> 8), byte(client.Port()), byte(relay.Port() >> 8), byte(relay.Port())})
}

func addrPort(c net.Conn) netip.AddrPort {
	return c.LocalAddr().(*net.TCPAddr).AddrPort()
}

func TestServersAreToldWhoTheClientIs(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for version := uint8(1); version <= 2; version++ {
			o := newOrigin(t)
			cfg := config(edge, o.addr)
			cfg.Proxy.SendProxy = version
			r := start(t, cfg)
			client := r.dial(t)
			server := o.accept(t)
			expect(t, server, header(version, addrPort(client), r.addr)) // before the client says anything
			send(t, server, "welcome")
			expect(t, client, "welcome")
			send(t, client, "thanks")
			expect(t, server, "thanks")
		}
	})
}

func TestWhatAHeaderSaidIsPassedOn(t *testing.T) {
	const tlv = "\x02\x00\x08one.test" // the name the client asked for
	pollers(t, func(t *testing.T, edge bool) {
		for version, want := range map[uint8]string{
			1: claims["v1 IPv4"].text,
			2: v2 + "\x21\x11\x00\x17" + claims["v2 IPv4"].text[16:] + tlv,
		} {
			o := newOrigin(t)
			cfg := config(edge, o.addr)
			cfg.Proxy.AcceptProxy, cfg.Proxy.SendProxy = everybody, version
			r := start(t, cfg)
			client := r.dial(t)
			const noop = "\x04\x00\x02\x00\x00" // is between two hops and no others
			send(t, client, v2+"\x21\x11\x00\x1c"+claims["v2 IPv4"].text[16:]+noop+tlv+"hello")
			expect(t, o.accept(t), want+"hello")
		}
	})
}

// TestHeadersAndTLSStackBothWays: a header is in plain text in front of TLS, of a
// client and to a server.
func TestHeadersAndTLSStackBothWays(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for _, begin := range []string{"v1 IPv4", "v2 IPv6"} {
			k, o := newKit(t), newOrigin(t)
			cfg := wires{true, true}.config(k, edge, o.addr)
			cfg.Proxy.AcceptProxy, cfg.Proxy.SendProxy = everybody, 2
			r := start(t, cfg)
			c := r.dial(t)
			send(t, c, claims[begin].text)
			client := tls.Client(c, k.dial)
			require.NoError(t, client.Handshake())
			s := o.accept(t)
			expect(t, s, claims["v2"+begin[2:]].text)
			server := tls.Server(s, k.accept)
			sent := async(func() (digest, error) { return pour(client, 1, 1<<20) })
			got := async(func() (digest, error) { return drink(server) })
			same(t, sent, got)
			sent = async(func() (digest, error) { return pour(server, 1, 1<<20) })
			got = async(func() (digest, error) { return drink(client) })
			same(t, sent, got)
			r.ended(t, streamif.Normal)
		}
	})
}

// TestServersAreToldOfTheClientsCertificate: its name, and whether it was shown now
// or in a connection before. What a header in front claimed of TLS does not count:
// the relay knows better.
func TestServersAreToldOfTheClientsCertificate(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			k, o := newKit(t), newOrigin(t)
			k.accept.ClientCAs, k.accept.ClientAuth = k.ca.Pool, tls.VerifyClientCertIfGiven
			cfg := wires{true, false}.config(k, edge, o.addr)
			cfg.Proxy.AcceptProxy, cfg.Proxy.SendProxy, cfg.Proxy.SendTLS = everybody, 2, true
			r := start(t, cfg)
			told := func(dial *tls.Config, claim string) (tlvparse.PP2SSL, int) {
				c := r.dial(t)
				send(t, c, claim)
				client := tls.Client(c, dial)
				send(t, client, "hello")
				server := bufio.NewReader(o.accept(t))
				h, err := oracle.Read(server)
				require.NoError(t, err)
				tlvs, err := h.TLVs()
				require.NoError(t, err)
				ssl, ok := tlvparse.FindSSL(tlvs)
				require.True(t, ok)
				got := make([]byte, 5)
				_, err = io.ReadFull(server, got)
				require.NoError(t, err)
				require.Equal(t, "hello", string(got))
				name, _ := ssl.SSLVersion()
				require.Equal(t, fmt.Sprintf("TLSv1.%d", version-tls.VersionTLS10), name)
				require.NoError(t, client.CloseWrite())
				return ssl, len(tlvs)
			}
			dial := k.dial.Clone()
			dial.MaxVersion = version
			local := claims["v2 local"].text
			anonymous, n := told(dial, local)
			require.Equal(t, 1, n)
			require.EqualValues(t, 1, anonymous.Client)
			require.False(t, anonymous.Verified())
			_, named := anonymous.ClientCN()
			require.False(t, named)

			dial.Certificates = []tls.Certificate{k.ca.Issue(t, "alice")}
			lie := proxyproto.AppendSSL([]byte("\x02\x00\x08one.test"), "TLSv1.3", true, false, "mallory")
			claim := claims["v2 IPv4"].text[:14] + string([]byte{0, byte(12 + len(lie))}) + claims["v2 IPv4"].text[16:] + string(lie)
			alice, n := told(dial, claim)
			require.Equal(t, 2, n, "the name that she asked for is passed on")
			require.EqualValues(t, 1|2|4, alice.Client)
			require.True(t, alice.Verified())
			name, _ := alice.ClientCN()
			require.Equal(t, "alice", name)
		}
	})
}
