// Package datalayer has the place where bytes rest, Buffer, and the layers that
// move them between a connection's descriptor and a buffer.
//
// A layer only moves bytes. It does not know channels, timers or sessions, does
// not decide whether to go on, and commits no polling. It reports how much moved
// and why it stopped:
//
//	DRY    the source has nothing: the descriptor is not ready to read
//	FULL   the sink takes nothing: the descriptor is not ready to write
//	END    the peer's end of stream was read
//	ERR    the connection failed
//
// and leaves on the connection what is a fact about it: readiness (Cant), the end
// (End), the error (Fail), and that it is really connected (Moved).
//
// Raw is plain TCP. Another layer is another implementation of Layer.
package datalayer
