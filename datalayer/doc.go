// Package datalayer has the places where bytes rest, Buffer and Pipe, and the
// layers that move them between a connection's descriptor and one of those.
//
// A layer only moves bytes. It does not know channels, timers or sessions, does
// not decide whether to go on, and commits no polling. It reports how much moved
// and why it stopped:
//
//	DRY    the source has nothing: the descriptor is not ready to read
//	FULL   the sink takes nothing: the descriptor is not ready to write
//	END    the peer's end of stream was read
//	ERR    the connection failed
//	AGAIN  a handshake has to be run before anything else
//	SENT   bytes of the layer's own left, though none of the channel's may have
//
// and leaves on the connection what is a fact about it: readiness (Cant), the end
// (End), the error (Fail), and that it is really connected (Moved).
//
// Raw is plain TCP, and a Piper: it can leave bytes in the kernel. Secure is a
// connection with a Cipher: it does all the I/O and all the waiting, and what the
// kernel has not taken is owed (core.ConnOwes). The cipher is crypto/tls, in package
// cryptotls, or its double for campaigns, in package tlsdouble. Package proxyproto has the
// handshakes of the PROXY protocol.
package datalayer
