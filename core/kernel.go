package core

// Time is a point or a span in nanoseconds on the kernel's monotonic clock. As
// a deadline or a timeout, 0 means never; a clock therefore starts above 0.
type Time int64

// Spans, in the unit of Time.
const (
	Microsecond Time = 1e3
	Millisecond Time = 1e6
	Second      Time = 1e9
)

// First returns the earlier of two deadlines, either of which may be never (0).
func First(a, b Time) Time {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// After returns the deadline d after now, and never if d is 0.
func After(now, d Time) Time {
	if d == 0 {
		return 0
	}
	return now + d
}

// FD is one non-blocking stream descriptor: the calls a proxy makes on it and
// no others. A short count is normal; EAGAIN means poll first; (0, 0) from Recv
// is the peer's FIN. No method blocks, keeps p, or allocates.
type FD interface {
	// Num is the descriptor's number, 0 or more, and stays that when it is closed. Numbers are
	// reused.
	Num() int
	// Connect starts the connection, or tells how it went when called again:
	// EINPROGRESS or EALREADY while pending, success or EISCONN when it is
	// there, else the cause of the failure.
	Connect() Errno
	// Recv reads into p. Without room for anything it answers 0 if there is something
	// to read, and otherwise what it always answers.
	Recv(p []byte) (int, Errno)
	// Peek is Recv that leaves the bytes where they are, for who must not take
	// a byte too many: what is behind them belongs to somebody else.
	Peek(p []byte) (int, Errno)
	// Send writes from p. Of nothing it answers what is wrong with the connection, or
	// 0, even where there is no room. more says that other bytes or
	// the FIN follow at once, so that the kernel may wait for them.
	Send(p []byte, more bool) (int, Errno)
	// ShutW sends the FIN behind everything already sent.
	ShutW() Errno
	// Close gives the number back. With reset the peer gets a RST and pending
	// output is dropped. The FD must not be used again, but to ask for its Num.
	Close(reset bool) Errno
	// Untaken is how much of what was sent, the FIN included, has not reached the
	// peer's kernel, in a measure of this kernel's own: less is progress, and with 0
	// there is nothing left that a RST could overtake, or nobody to take it.
	Untaken() int
	// Local is the descriptor's own address, which is asked for only by who
	// has to tell it to others.
	Local() (Addr, Errno)
	// SpliceIn moves up to limit bytes into a pipe of the same kernel without showing
	// them to anybody. (0, 0) is the FIN; for a limit of 0 it is the only answer. EAGAIN has two
	// meanings: nothing to read, or no room in the pipe; only an empty pipe tells
	// which. And a third: that a splice does not take what is next, for which (0, 0)
	// may stand as well. Recv can tell. EINVAL and others say that it cannot be done
	// here.
	SpliceIn(p Pipe, limit int) (int, Errno)
	// SpliceOut moves up to n bytes out of a pipe that holds as many. more is
	// Send's.
	SpliceOut(p Pipe, n int, more bool) (int, Errno)
}

// Patient is an FD whose owner need not hear of every little that comes: SO_RCVLOWAT. It
// is for who moves bulk, and can wait.
type Patient interface {
	FD
	// RcvLowat says how many bytes there have to be to read for that to be reported,
	// at least 1 and at most as many as half of the buffer. Calls are not affected, and
	// the end of the stream, errors, urgent data and a full buffer are reported anyway.
	RcvLowat(bytes int) Errno
}

// NoSplice is embedded by descriptors that cannot splice.
type NoSplice struct{}

// SpliceIn implements FD.
func (NoSplice) SpliceIn(Pipe, int) (int, Errno) { return 0, EINVAL }

// SpliceOut implements FD.
func (NoSplice) SpliceOut(Pipe, int, bool) (int, Errno) { return 0, EINVAL }

// Addr is one end of a TCP connection.
type Addr struct {
	IP   [16]byte // IPv6, or IPv4 mapped into it
	Port uint16
}

// Listener is a listening descriptor.
type Listener interface {
	Num() int
	// Accept takes one connection off the queue, non-blocking already.
	Accept() (FD, Peer, Errno)
	Close() Errno
}

// Peer says who was accepted.
type Peer struct {
	Addr
	// Label names the session in traces and faults. The kernel chooses it: the
	// simulated one takes the client's number, the real one counts.
	Label uint32
}

// Dialer makes descriptors for outgoing connections; FD.Connect starts them.
type Dialer interface {
	// Socket returns a descriptor aimed at server number to, for the session
	// that carries this label: that of the client for whom one connects, as Accept told it.
	// Of a client, which connects for nobody, a simulated world counts the calls itself: the
	// nth from 0 has label n, whatever it is asked for. Simulated kernels take Self too.
	Socket(to int, label uint32) (FD, Errno)
}

// Self is the program's own listener, as a server to connect to.
const Self = -1

// Key identifies one life of a descriptor number: generation<<32 | number. The
// Table makes keys, so a report for an earlier life is recognised and dropped.
type Key uint64

// Num returns the descriptor number inside the key.
func (k Key) Num() int { return int(uint32(k)) }

// Gen returns the generation inside the key.
func (k Key) Gen() uint32 { return uint32(k >> 32) }

// Ready is one line of a poller's report.
type Ready struct {
	Key    Key
	Events Events
}

// Host is all that a program gets which has one listener, and is told nothing else: a
// simulated world, or Linux. Its poller's Wait fails with ECANCELED once the program is to
// end, which then closes all that it has, the listener too. The poller is a Registrar as
// well, the dialer a Plumber, of Tubes, and an Eventer, and each FD is Patient,
// Vectored and a Duplicator: assert what you need.
//
// What calls may answer, and what that asks for:
//
//	EAGAIN                        there is nothing now; a report will tell when there is
//	EINTR                         call again
//	ECONNABORTED (Accept)         that one has left; accept the next
//	EMFILE, ENFILE (Accept)       no descriptors: stop watching the listener for a while
//	ENOMEM, ENOBUFS               the kernel lacks memory: later, and no report will tell. Accept, Socket and
//	                              Connect say so in worlds of a program without a Meets too; Recv, Send
//	                              and the poller only where its Meets includes properties.Lacks
//	EINPROGRESS, EALREADY         a connection is on its way; a report will tell
//	0 bytes and no error (Recv)   the other side's FIN
//	all others                    the connection is over; close it
//
// A number may be used again as soon as it is closed, and a late report of the one before
// carries its key: who gives each life a key of its own (see Key) knows it for what it is.
type Host interface {
	Poller() Poller
	Dialer() Dialer
	Listener() Listener
	Now() Time
}

// Registrar is a Poller whose registrations are calls of their own, as epoll_ctl's are, for
// a program that keeps no books of them. Each answers EBADF if the descriptor is closed; Add
// EEXIST if there is a registration, and the others ENOENT if there is none. A wish for
// nothing is one too: ERR and HUP are reported all the same. EINVAL is of EvExclusive.
type Registrar interface {
	Add(key Key, want Events) Errno
	Mod(key Key, want Events) Errno
	Del(key Key) Errno
}

// Poller reports readiness. It forgets a descriptor by itself when the
// descriptor is closed, as epoll does.
type Poller interface {
	// Edge says whether readiness is reported once per change (edge-triggered)
	// or for as long as it lasts (level-triggered).
	Edge() bool
	// Set replaces the wish old for one descriptor by the wish want. 0 stands
	// for "not registered" on both sides; the two differ.
	Set(key Key, old, want Events) Errno
	// Wait fills ready, never growing it, sleeps no longer than until deadline
	// (0: for as long as it takes; in the past: not at all), and returns the
	// number of lines filled and the time after the sleep. EINTR is normal.
	Wait(ready []Ready, deadline Time) (int, Time, Errno)
}
