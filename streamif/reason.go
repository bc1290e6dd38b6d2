package streamif

// Reason says in two letters why a session ended: who, and in which phase. The
// first cause wins, consequences do not count. The zero Reason is "not yet".
//
//	who                               phase
//	-  nobody: a normal end           -  after the data
//	C  the client closed or failed    C  while connecting to the server
//	c  the client took too long       D  in the data phase
//	                                  P  before its PROXY header was there
//	                                  T  in the TLS handshake
//	S  the server closed or failed
//	s  the server took too long
//	R  a resource of this machine ran out, or a client's share of it
//	K  killed by the operator
type Reason [2]byte

// The reasons.
var (
	Normal        = Reason{'-', '-'}
	ClientAbort   = Reason{'C', 'C'} // gone before the server was there
	ClientLate    = Reason{'c', 'C'} // does not take what TLS has for him, before the server was there
	ClientError   = Reason{'C', 'D'}
	ClientTimeout = Reason{'c', 'D'}
	ServerError   = Reason{'S', 'D'}
	ServerTimeout = Reason{'s', 'D'}
	ConnectError  = Reason{'S', 'C'}
	ConnectLate   = Reason{'s', 'C'}
	ConnectNoRoom = Reason{'R', 'C'}
	ClientHeader  = Reason{'C', 'P'} // none, or a malformed one
	ClientSilent  = Reason{'c', 'P'} // not in time
	ClientShare   = Reason{'R', 'P'} // it names a client who has all that is his
	ClientTLS     = Reason{'C', 'T'}
	ClientTLSLate = Reason{'c', 'T'}
	ServerTLS     = Reason{'S', 'T'}
	ServerTLSLate = Reason{'s', 'T'}
	Killed        = Reason{'K', 'D'}
	KilledEarly   = Reason{'K', 'C'}
)

// Reasons lists all of them.
var Reasons = [...]Reason{
	Normal, ClientAbort, ClientLate, ClientError, ClientTimeout, ServerError, ServerTimeout,
	ConnectError, ConnectLate, ConnectNoRoom, ClientHeader, ClientSilent, ClientShare, ClientTLS, ClientTLSLate,
	ServerTLS, ServerTLSLate, Killed, KilledEarly,
}

// String returns the two letters, or ".." while there is no reason yet.
func (r Reason) String() string {
	if r == (Reason{}) {
		return ".."
	}
	return string(r[:])
}

// end keeps the first cause. The phase is the one that the session is in.
func (s *Session) end(r Reason) {
	if s.back.state < EST && r[1] == 'D' {
		r[1] = 'C'
	}
	if s.reason == (Reason{}) {
		s.reason = r
	}
}

// flagReasons turns what the channels report into the first cause. Client
// before server and reading before writing, because that is the order in which
// the pass that found them looked.
func (s *Session) flagReasons() {
	if !(s.req.flags | s.rep.flags).Any(ReadError | ReadTimeout | WriteError | WriteTimeout) {
		return // as nearly always
	}
	for _, row := range [...]struct {
		ch     *Channel
		flag   ChanFlags
		reason Reason
	}{
		{&s.req, ReadError, ClientError},
		{&s.req, ReadTimeout, ClientTimeout},
		{&s.req, WriteError, ServerError},
		{&s.req, WriteTimeout, ServerTimeout},
		{&s.rep, ReadError, ServerError},
		{&s.rep, ReadTimeout, ServerTimeout},
		{&s.rep, WriteError, ClientError},
		{&s.rep, WriteTimeout, ClientTimeout},
	} {
		if row.ch.flags.Any(row.flag) {
			s.end(row.reason)
		}
	}
}
