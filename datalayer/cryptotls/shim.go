package cryptotls

import (
	"errors"
	"net"
	"time"

	"millrace/datalayer"
)

// shim is the net.Conn that crypto/tls is given. Its queues are those of the call
// under way.
type shim struct {
	in, out *datalayer.Bytes
	yield   func(struct{}) bool // in a handshake: wait for more input
	flight  int                 // bytes of a handshake taken since something was said
	most    flights             // how many that may be
}

// flights bounds what a peer may say in a handshake before it is answered, first and
// later. crypto/tls takes messages of 64 KiB, and certificates of 256, into memory
// that doubles while it grows: 160 KiB for each of those who say half of one and then
// nothing, whom nobody knows yet.
type flights struct{ first, later int } // 0 = no bound

// flightMost is a full record, and more than any ClientHello there is: with keys that
// outlast quantum computers, and a ticket in which there are certificates.
const flightMost = 16<<10 + 5

var _ net.Conn = (*shim)(nil)

// Read takes what there is.
func (s *shim) Read(p []byte) (int, error) {
	for s.in.Len() == 0 {
		if s.yield == nil {
			return 0, errDry
		}
		if !s.yield(struct{}{}) {
			return 0, errAbandoned
		}
	}
	if s.yield != nil && s.most.first > 0 {
		if s.flight >= s.most.first {
			return 0, errFlight
		}
		p = p[:min(len(p), s.most.first-s.flight)]
	}
	n := copy(p, s.in.Held())
	s.in.Drop(n)
	s.flight += n
	return n, nil
}

// Write takes everything.
func (s *shim) Write(p []byte) (int, error) {
	s.out.Add(p)
	s.flight, s.most.first = 0, s.most.later
	return len(p), nil
}

// errAbandoned ends a handshake whose connection is gone.
var errAbandoned = errors.New("handshake abandoned")

// errFlight ends one whose peer says too much at a time.
var errFlight = errors.New("more in a handshake than it can take")

// errDry says that there is nothing to read now. It has to be a net.Error that is
// temporary: crypto/tls remembers all others, and never reads again.
var errDry net.Error = dry{}

type dry struct{}

func (dry) Error() string   { return "nothing to read yet" }
func (dry) Timeout() bool   { return true }
func (dry) Temporary() bool { return true }

// The rest of a net.Conn is of no use here: the layer closes, and the session has
// the timers.

func (s *shim) Close() error                     { return nil }
func (s *shim) LocalAddr() net.Addr              { return nowhere{} }
func (s *shim) RemoteAddr() net.Addr             { return nowhere{} }
func (s *shim) SetDeadline(time.Time) error      { return nil }
func (s *shim) SetReadDeadline(time.Time) error  { return nil }
func (s *shim) SetWriteDeadline(time.Time) error { return nil }

type nowhere struct{}

func (nowhere) Network() string { return "none" }
func (nowhere) String() string  { return "none" }
