package datalayer

import "millrace/core"

// Status says why a transfer stopped. A transfer that moved nothing always
// names a cause.
type Status uint16

// The causes.
const (
	Dry     Status = 1 << iota // the source has nothing now: wait for it
	Full                       // the sink takes nothing now: wait for it
	End                        // the peer's end of stream was read
	Err                        // the connection failed; Conn.Err has the cause
	Again                      // a handshake has to be run first; the connection knows
	Sent                       // bytes of the layer's own left: progress, not a cause
	Unsure                     // this way nothing moves now, which may be for want of anything or not: the plain way can tell
	Refused                    // the descriptor cannot do this: nothing moved, and another way will do
)

var statusNames = []string{"DRY", "FULL", "END", "ERR", "AGAIN", "SENT", "UNSURE", "REFUSED"}

// Any reports whether any of these causes is given.
func (s Status) Any(of Status) bool { return s&of != 0 }

// String prints the causes as DRY|END, and "-" if there is none.
func (s Status) String() string { return core.FlagString(uint32(s), statusNames) }

// Layer moves bytes between a connection and a buffer. It never commits
// polling, and knows nothing of what the bytes are for.
type Layer interface {
	// RcvBuf appends up to limit bytes of input, limit being more than 0 and no
	// more than there is room for. The count may be positive with any status, and 0
	// with none if all that came was the layer's own business.
	RcvBuf(c *core.Conn, b *Buffer, limit int) (int, Status)
	// SndBuf sends output, of which there is some unless the layer owes bytes of
	// its own (core.ConnOwes). more says that further bytes or the FIN follow at
	// once. What the layer took counts as sent, though it may still owe it.
	SndBuf(c *core.Conn, b *Buffer, more bool) (int, Status)
	// ShutW says the layer's own goodbye, which comes before the FIN. It is out if the status
	// is not Full; else the layer owes it: SndBuf goes on, and ShutW is to be asked again
	// before the FIN.
	ShutW(c *core.Conn) Status
	// Marks says whether streams of this layer have an end of their own, so that
	// a FIN or a RST without it is a stream cut short.
	Marks() bool
	// Free gives back what the layer holds for the connection, which is about to
	// be closed.
	Free()
}
