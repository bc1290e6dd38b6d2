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
}

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
	n := copy(p, s.in.Held())
	s.in.Drop(n)
	return n, nil
}

// Write takes everything.
func (s *shim) Write(p []byte) (int, error) {
	s.out.Add(p)
	return len(p), nil
}

// errAbandoned ends a handshake whose connection is gone.
var errAbandoned = errors.New("handshake abandoned")

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
