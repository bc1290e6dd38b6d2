package cryptotls

import (
	"crypto/tls"
	"errors"
	"io"
	"iter"
	"strings"

	"millrace/core"
	"millrace/datalayer"
)

// Cipher is one end of a TLS connection.
type Cipher struct {
	shim     shim
	tls      *tls.Conn
	next     func() (struct{}, bool) // goes on with the handshake; nil = none is under way
	stop     func()
	up       bool
	err      error // what ended the handshake or the connection
	protocol string
}

var (
	_ datalayer.Cipher     = (*Cipher)(nil)
	_ datalayer.Identified = (*Cipher)(nil)
)

// newCipher makes an end with tls.Client or tls.Server.
func newCipher(c *Cipher, conn *tls.Conn) *Cipher {
	c.tls = conn
	return c
}

// Shake implements datalayer.Cipher.
func (c *Cipher) Shake(in, out *datalayer.Bytes) (bool, core.Errno) {
	c.shim.in, c.shim.out = in, out
	switch {
	case c.up:
		return true, 0
	case c.err != nil:
		return false, core.ETLS
	case c.next == nil:
		c.next, c.stop = iter.Pull(c.handshake)
	}
	if _, more := c.next(); more {
		return false, 0
	}
	c.next, c.stop = nil, nil
	if c.err != nil {
		return false, core.ETLS
	}
	c.up = true
	c.protocol = c.tls.ConnectionState().NegotiatedProtocol
	return true, 0
}

// handshake is the coroutine.
func (c *Cipher) handshake(yield func(struct{}) bool) {
	c.shim.yield = yield
	c.err = c.tls.Handshake()
	c.shim.yield = nil
}

// Open implements datalayer.Cipher.
func (c *Cipher) Open(in, out *datalayer.Bytes, p []byte) (int, datalayer.Status, core.Errno) {
	c.shim.in, c.shim.out = in, out
	got := 0
	for got < len(p) {
		n, err := c.tls.Read(p[got:])
		got += n
		switch {
		case err == nil:
		case errors.Is(err, errDry):
			return got, datalayer.Dry, 0
		case errors.Is(err, io.EOF):
			return got, datalayer.End, 0
		default:
			c.err = err
			return got, datalayer.Err, core.ETLS
		}
	}
	return got, 0, 0
}

// Seal implements datalayer.Cipher.
func (c *Cipher) Seal(out *datalayer.Bytes, p []byte) core.Errno {
	c.shim.out = out
	if _, err := c.tls.Write(p); err != nil {
		c.err = err
		return core.ETLS
	}
	return 0
}

// Goodbye implements datalayer.Cipher. It fails only where there is nobody left
// to hear it.
func (c *Cipher) Goodbye(out *datalayer.Bytes) {
	c.shim.out = out
	_ = c.tls.CloseWrite()
}

// Protocol implements datalayer.Cipher.
func (c *Cipher) Protocol() string { return c.protocol }

// Identity implements datalayer.Identified.
func (c *Cipher) Identity() datalayer.Identity {
	s := c.tls.ConnectionState()
	// The field's own way to write versions: TLSv1.3 and not "TLS 1.3".
	i := datalayer.Identity{Version: strings.Replace(tls.VersionName(s.Version), " ", "v", 1), Resumed: s.DidResume}
	if len(s.VerifiedChains) > 0 {
		i.Verified, i.Name = true, s.PeerCertificates[0].Subject.CommonName
	}
	return i
}

// Detail implements datalayer.Cipher.
func (c *Cipher) Detail() string {
	if c.err == nil {
		return ""
	}
	return c.err.Error()
}

// Free implements datalayer.Cipher.
func (c *Cipher) Free() {
	if c.stop != nil {
		c.stop()
		c.next, c.stop = nil, nil
	}
}
