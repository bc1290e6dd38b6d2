package proxy

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"sync"
	"time"

	"millrace/datalayer/cryptotls"
)

// realTLS makes the ends of crypto/tls for one world. Nothing is shared between
// worlds, not even tickets: what one world did must not change the next. The bytes
// differ from run to run, since keys do, but never their number: the signature is
// Ed25519's, which has always the same length.
func realTLS() ends {
	cert, roots := identity509()
	server := &tls.Config{
		Certificates: []tls.Certificate{cert}, NextProtos: []string{protocol},
		CurvePreferences: []tls.CurveID{tls.X25519}, DynamicRecordSizingDisabled: true,
		Time: worldTime,
	}
	server.SetSessionTicketKeys([][32]byte{{1}})
	client := &tls.Config{
		RootCAs: roots, ServerName: serverName, NextProtos: server.NextProtos,
		CurvePreferences: server.CurvePreferences, DynamicRecordSizingDisabled: true,
		ClientSessionCache: tls.NewLRUClientSessionCache(8), Time: worldTime,
	}
	clients := make([]*tls.Config, maxServers)
	for i := range clients {
		clients[i] = client
	}
	return ends{cryptotls.NewServer(server), cryptotls.NewClient(clients), 1000}
}

const (
	serverName = "mill.example"
	maxServers = 3 // that a drawn world has
)

// worldTime is when every world takes place, as far as certificates know.
func worldTime() time.Time { return time.Date(2012, time.August, 1, 0, 0, 0, 0, time.UTC) }

// identity509 is the certificate of the servers of all worlds, which is its own
// root.
var identity509 = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: serverName}, DNSNames: []string{serverName},
		NotBefore: worldTime().AddDate(-1, 0, 0), NotAfter: worldTime().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err) // nothing in it depends on anything
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, roots
})
