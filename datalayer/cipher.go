package datalayer

import "millrace/core"

// Cipher is one end of a secure channel without any input or output: it turns
// bytes that were received into plaintext, and plaintext into bytes to be sent.
// Who moves those bytes is Secure's business, so a cipher never meets EAGAIN, and
// crypto/tls and its double are driven by the same code.
//
// A cipher takes what it can use off in, and appends to out whatever it has to
// say: in a handshake, but also in the middle of the data, when keys change.
type Cipher interface {
	// Shake goes on with the handshake, or with a renewal that Open asked for,
	// and reports whether it is over. If it is not, and there is no error, it
	// needs more input.
	Shake(in, out *Bytes) (done bool, e core.Errno)
	// Open decrypts into p, which is not empty, and says why it stopped short of
	// filling it: Dry, it needs more input; End, the peer said goodbye; Again, a
	// handshake has to be run first; Err. The count may be positive with any.
	Open(in, out *Bytes, p []byte) (int, Status, core.Errno)
	// Seal encrypts all of p, which is not empty.
	Seal(out *Bytes, p []byte) core.Errno
	// Goodbye says that nothing more will be sealed.
	Goodbye(out *Bytes)
	// Protocol returns the application protocol agreed on in the handshake, ""
	// if none was.
	Protocol() string
	// Detail explains the failure for the log, "" if there was none. It holds
	// nothing secret.
	Detail() string
	// Free gives up the cipher, in the middle of a handshake or not.
	Free()
}

// Identified is a Cipher that can say who the peer is.
type Identified interface {
	// Identity returns what the handshake found out about the peer.
	Identity() Identity
}

// Identity is what is known of a peer.
type Identity struct {
	Version  string // of the protocol, as in TLSv1.3
	Verified bool   // it has a certificate, which was verified
	Resumed  bool   // but that was in the handshake of an earlier connection
	Name     string // the common name in it
}

// Ciphers makes the ciphers of a kind of connection.
type Ciphers interface {
	// New returns the cipher of a new connection. server is the number of the
	// server it goes to, and protocol what its client agreed on; both mean
	// nothing for a connection that was accepted.
	New(server int, protocol string) Cipher
}
