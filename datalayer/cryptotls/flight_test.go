package cryptotls

import (
	"crypto/tls"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/datalayer"
)

// hello is the beginning of a ClientHello of a given length, in full records.
func hello(length int) (b []byte) {
	message := append([]byte{1, byte(length >> 16), byte(length >> 8), byte(length)}, make([]byte, length)...)
	for len(message) > 0 {
		n := min(len(message), 16<<10)
		b = append(append(b, 22, 3, 1, byte(n>>8), byte(n)), message[:n]...)
		message = message[n:]
	}
	return b
}

// TestAHelloIsTakenUpToARecord: no client has more to say, and whoever says more is
// not listened to, whatever he announced.
func TestAHelloIsTakenUpToARecord(t *testing.T) {
	for sent, want := range map[int]core.Errno{100: 0, flightMost: 0, flightMost + 1: core.ETLS, 60000: core.ETLS} {
		server, _ := config(t)
		stock := datalayer.NewStock(1 << 14)
		var in, out datalayer.Bytes
		in.Init(stock)
		out.Init(stock)
		in.Add(hello(65000)[:sent])
		c := NewServer(server).New(0, "")
		_, e := c.Shake(&in, &out)
		require.Equal(t, want, e, "%d bytes: %s", sent, c.Detail())
		c.Free()
	}
}

// TestCertificatesMayBeLong: whom a server asks for them it listens to.
func TestCertificatesMayBeLong(t *testing.T) {
	for _, auth := range []tls.ClientAuthType{tls.NoClientCert, tls.RequestClientCert} {
		server, client := config(t)
		server.ClientAuth = auth
		chain := server.Certificates[0]
		for range 40 {
			chain.Certificate = append(chain.Certificate, make([]byte, 1000))
		}
		client.Certificates = []tls.Certificate{chain}
		s, _, es, _ := shakeOnce(server, client)
		if auth == tls.NoClientCert {
			require.Zero(t, es)
			continue
		}
		require.Equal(t, core.ETLS, es, "the rest of the chain is no certificate")
		require.NotEqual(t, errFlight.Error(), s.Detail())
		require.Contains(t, s.Detail(), "failed to parse client certificate", "and was read")
	}
}

// TestHalfAHelloIsCheap: it is what anybody can make us keep, until his time is over.
func TestHalfAHelloIsCheap(t *testing.T) {
	server, _ := config(t)
	stock := datalayer.NewStock(1 << 14)
	var out datalayer.Bytes
	out.Init(stock)
	ends, half := NewServer(server), hello(65000)[:flightMost]
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	before, kept := held(), make([]datalayer.Cipher, 500)
	for i := range kept {
		var in datalayer.Bytes
		in.Init(stock)
		in.Add(half)
		kept[i] = ends.New(0, "")
		_, e := kept[i].Shake(&in, &out)
		require.Zero(t, e)
	}
	each := (held() - before) / uint64(len(kept))
	require.Less(t, each, uint64(70<<10))
	t.Logf("%d bytes each", each)
	for _, c := range kept {
		c.Free()
	}
}
