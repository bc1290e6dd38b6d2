package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"
	"time"

	"millrace/datalayer"
	"millrace/datalayer/cryptotls"
)

// secrets is the TLS of a relay.
type secrets struct {
	server *cryptotls.Server // towards clients; nil is plain TCP
	client *cryptotls.Client // towards the servers of the start; nil is plain TCP
	first  contents
}

// contents is what the files say.
type contents struct {
	server  *tls.Config
	clients []*tls.Config // by server
	until   time.Time     // when the first of the certificates ends; zero if there are none
	stale   []stale
}

// newSecrets reads the files for the first time.
func newSecrets(o *options) (*secrets, error) {
	s := new(secrets)
	c, err := o.tls.load(o.servers.hosts)
	if err != nil {
		return nil, err
	}
	if c.server != nil {
		s.server = cryptotls.NewServer(c.server)
	}
	s.client, s.first = c.client(), c
	return s, nil
}

// any says whether TLS is spoken at all.
func (s *secrets) any() bool { return s.server != nil || s.client != nil }

// client makes the side towards servers; nil is plain TCP. Each list of servers has
// its own: sessions go on with a server that is not in the next one.
func (c *contents) client() *cryptotls.Client {
	if c.clients == nil {
		return nil
	}
	return cryptotls.NewClient(c.clients)
}

// ciphers is what workers are given: a nil pointer in an interface would not be the
// nil that means plain TCP.
func ciphers(c *cryptotls.Client) datalayer.Ciphers {
	if c == nil {
		return nil
	}
	return c
}

// load makes the configurations, from the files as they are now.
func (o *tlsOptions) load(hosts []string) (c contents, err error) {
	if len(o.certs) > 0 {
		if err := o.loadServer(&c); err != nil {
			return c, err
		}
	}
	if o.to {
		if err := o.loadClients(&c, hosts); err != nil {
			return c, err
		}
	}
	return c, nil
}

// base is what both sides have in common. crypto/tls would begin each connection,
// and go on after each pause, with records as small as a segment, so that the
// first bytes can be decrypted a moment earlier. A relay gets whole buffers to
// send: small records are only more to encrypt, and to decrypt, for as many bytes.
func (o *tlsOptions) base() *tls.Config {
	c := &tls.Config{MinVersion: o.version, NextProtos: o.alpn, DynamicRecordSizingDisabled: true}
	if !o.cbc {
		c.CipherSuites = aead
	}
	return c
}

// aead are the suites of TLS 1.2 that are spoken. Those of CBC, which crypto/tls has
// in its own list, pad and then authenticate: from Lucky Thirteen on that was broken
// by whoever can measure time. TLS 1.3 has none.
var aead = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// loadServer makes the side towards clients. Its ticket keys are new each time,
// so that nobody resumes what the old files allowed.
func (o *tlsOptions) loadServer(c *contents) error {
	c.server = o.base()
	for i := range o.certs {
		pair, err := loadPair(o.certs[i], o.keys[i])
		if err != nil {
			return err
		}
		c.look("tls-cert", o.certs[i], pair.Certificate)
		if end := pair.Leaf.NotAfter; c.until.IsZero() || end.Before(c.until) {
			c.until = end
		}
		c.server.Certificates = append(c.server.Certificates, pair)
	}
	if o.clientCA != "" {
		pool, err := c.loadPool("tls-client-ca", o.clientCA)
		if err != nil {
			return err
		}
		c.server.ClientCAs, c.server.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	return nil
}

// loadClients makes the side towards servers. The system's authorities are read
// here, and not by a worker in its first handshake. What it takes to resume a
// session, the last one, is kept for each server by itself, though servers may
// share a name, and not beyond the authorities that allowed it.
func (o *tlsOptions) loadClients(c *contents, hosts []string) error {
	pool, err := o.authorities(c)
	if err != nil {
		return err
	}
	for _, host := range hosts {
		config := o.base()
		config.RootCAs, config.InsecureSkipVerify = pool, o.insecure
		config.ServerName, _, _ = strings.Cut(host, "%") // a zone is this machine's business
		if o.toName != "" {
			config.ServerName = o.toName
		}
		config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
		c.clients = append(c.clients, config)
	}
	return nil
}

// authorities are whom servers are verified with.
func (o *tlsOptions) authorities(c *contents) (*x509.CertPool, error) {
	switch {
	case o.insecure:
		return nil, nil
	case o.toCA != "":
		return c.loadPool("tls-to-ca", o.toCA)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("-tls-to: reading the system's authorities: %w", err)
	}
	return pool, nil
}
