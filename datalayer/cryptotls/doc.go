// Package cryptotls is crypto/tls as a datalayer.Cipher. It is the one package of
// the proxy that may import crypto/tls, net, time and iter: crypto/tls demands a
// net.Conn, with its deadlines, and a handshake that blocks.
//
// # Blocking code in an event loop
//
// A shim stands in for the connection. It reads from the layer's queue of
// received bytes and appends to its queue of bytes to send, and never touches a
// socket. Writing cannot fail for lack of room. Reading can find nothing, and what
// happens then depends on who asks:
//
//	the handshake   cannot be resumed once a read has failed. So it runs in a
//	                coroutine, and the read yields: Shake returns, and the next
//	                Shake goes on inside the read
//	Conn.Read       can: an error that calls itself temporary leaves no trace,
//	                and the next Read starts where this one stopped
//	Conn.Write      never reads
//
// The coroutine is iter.Pull's: no other thread runs while it does, and it runs
// on the thread that made it, which has to be the worker's own. One that is
// abandoned in the middle is stopped, and the handshake ends with an error nobody
// sees; without that it would stay for ever, with all that it refers to.
//
// Of the end of a stream the shim knows nothing: the layer has seen a FIN, and
// does not ask any more. io.EOF out of a Read is therefore always the peer's
// close_notify.
//
// # What it costs
//
// crypto/tls keeps the memory of the largest record received for as long as the
// connection lives, up to 17 KiB. Everything else of an idle connection is small.
//
// A client that has said half a ClientHello costs 8 KiB, half of it the coroutine's
// stack, and 40 if that is as long as it may be (flightMost).
package cryptotls
