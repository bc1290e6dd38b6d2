package real

import (
	"golang.org/x/sys/unix"

	"millrace/core"
)

// Call is a kind of system call, an index into Calls.
type Call uint8

// The calls a worker makes.
const (
	CallAccept Call = iota
	CallSocket
	CallConnect
	CallRecv
	CallSend
	CallShutdown
	CallClose
	CallSetsockopt
	CallGetsockname
	CallGetsockopt
	CallPipe
	CallFcntl
	CallSplice
	CallRead
	CallWrite
	CallReadv
	CallWritev
	CallTee
	CallEventFD
	CallEpollCtl
	CallEpollWait
	NumCalls
)

var callNames = [NumCalls]string{
	"accept4", "socket", "connect", "recvfrom", "sendto", "shutdown", "close", "setsockopt", "getsockname", "getsockopt",
	"pipe2", "fcntl", "splice", "read", "write", "readv", "writev", "tee", "eventfd2", "epoll_ctl", "epoll_pwait",
}

// String returns the system call's name.
func (c Call) String() string { return callNames[c] }

// Calls counts system calls by kind. It belongs to one worker and is written
// without synchronisation.
type Calls [NumCalls]uint64

// The kernel's errors and events become core's by a cast. This does not compile
// if a number differs: the index must be 0.
var _ = [1]struct{}{}[0|
	uint(core.EPERM)^uint(unix.EPERM)|uint(core.ENOENT)^uint(unix.ENOENT)|
	uint(core.EINTR)^uint(unix.EINTR)|uint(core.EIO)^uint(unix.EIO)|
	uint(core.EBADF)^uint(unix.EBADF)|uint(core.EAGAIN)^uint(unix.EAGAIN)|
	uint(core.ENOMEM)^uint(unix.ENOMEM)|uint(core.EACCES)^uint(unix.EACCES)|
	uint(core.EBUSY)^uint(unix.EBUSY)|uint(core.EEXIST)^uint(unix.EEXIST)|
	uint(core.EINVAL)^uint(unix.EINVAL)|uint(core.ENFILE)^uint(unix.ENFILE)|
	uint(core.EMFILE)^uint(unix.EMFILE)|uint(core.EPIPE)^uint(unix.EPIPE)|
	uint(core.ENOSYS)^uint(unix.ENOSYS)|uint(core.ENONET)^uint(unix.ENONET)|
	uint(core.EPROTO)^uint(unix.EPROTO)|uint(core.ENOPROTOOPT)^uint(unix.ENOPROTOOPT)|
	uint(core.EOPNOTSUPP)^uint(unix.EOPNOTSUPP)|uint(core.EADDRINUSE)^uint(unix.EADDRINUSE)|
	uint(core.EADDRNOTAVAIL)^uint(unix.EADDRNOTAVAIL)|uint(core.ENETDOWN)^uint(unix.ENETDOWN)|
	uint(core.ENETUNREACH)^uint(unix.ENETUNREACH)|uint(core.ECONNABORTED)^uint(unix.ECONNABORTED)|
	uint(core.ECONNRESET)^uint(unix.ECONNRESET)|uint(core.ENOBUFS)^uint(unix.ENOBUFS)|
	uint(core.EISCONN)^uint(unix.EISCONN)|uint(core.ENOTCONN)^uint(unix.ENOTCONN)|
	uint(core.ETIMEDOUT)^uint(unix.ETIMEDOUT)|uint(core.ECONNREFUSED)^uint(unix.ECONNREFUSED)|
	uint(core.EHOSTDOWN)^uint(unix.EHOSTDOWN)|uint(core.EHOSTUNREACH)^uint(unix.EHOSTUNREACH)|
	uint(core.EALREADY)^uint(unix.EALREADY)|uint(core.EINPROGRESS)^uint(unix.EINPROGRESS)|
	uint(core.ECANCELED)^uint(unix.ECANCELED)|
	uint(core.EvIn)^uint(unix.EPOLLIN)|uint(core.EvPri)^uint(unix.EPOLLPRI)|
	uint(core.EvOut)^uint(unix.EPOLLOUT)|uint(core.EvErr)^uint(unix.EPOLLERR)|
	uint(core.EvHup)^uint(unix.EPOLLHUP)|uint(core.EvRdHup)^uint(unix.EPOLLRDHUP)|
	uint(core.EvExclusive)^uint(unix.EPOLLEXCLUSIVE)]
