package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"millrace/datalayer/ciphertest"
)

// authority keeps what it signs for a test in files.
type authority struct {
	*ciphertest.Authority
	dir  string
	file string // its own certificate
}

func newAuthority(t testing.TB) *authority {
	a := &authority{Authority: ciphertest.NewAuthority(t), dir: t.TempDir()}
	a.file = a.write(t, "ca.pem", "CERTIFICATE", a.Cert.Raw)
	return a
}

// issue makes a certificate for a name and for 127.0.0.1, and returns its files.
func (a *authority) issue(t testing.TB, name string) (cert, key string) {
	return a.files(t, name, a.Issue(t, name))
}

// issueFor is issue for a time that begins and ends so long from now.
func (a *authority) issueFor(t testing.TB, name string, from, to time.Duration) (cert, key string) {
	now := time.Now()
	return a.files(t, name, a.IssueFor(t, name, now.Add(from), now.Add(to)))
}

func (a *authority) files(t testing.TB, name string, pair tls.Certificate) (cert, key string) {
	secret, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	return a.write(t, name+".pem", "CERTIFICATE", pair.Certificate[0]), a.write(t, name+".key", "PRIVATE KEY", secret)
}

func (a *authority) write(t testing.TB, name, kind string, der []byte) string {
	file := filepath.Join(a.dir, name)
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}

// pair is a certificate for servers of a test.
func (a *authority) pair(t testing.TB, name string) tls.Certificate {
	cert, key := a.issue(t, name)
	pair, err := tls.LoadX509KeyPair(cert, key)
	require.NoError(t, err)
	return pair
}

// secure does a handshake with the relay, as a client that wants to talk to name.
func (p *process) secure(t *testing.T, a *authority, name string) *tls.Conn {
	c := tls.Client(p.dial(t), &tls.Config{RootCAs: a.Pool, ServerName: name})
	require.NoError(t, c.Handshake())
	return c
}
