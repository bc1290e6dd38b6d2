package real

import (
	"math"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// side says which end of a session a socket belongs to.
type side uint8

const (
	client side = iota
	server
	numSides
)

// socket is one non-blocking TCP socket. It lies in its worker's slab for ever;
// what it stands for changes with each reuse of the number.
type socket struct {
	to    *target // where Connect goes; the worker's nowhere if accepted
	num   int32
	side  side
	open  bool
	tried bool // connect() was called
	nagle nagle
}

// nagle is what holds small segments back. The first send of a connection is
// never held back, and one with a single request makes no second: the option is
// set before the second send, which saves one call of a short connection.
type nagle uint8

const (
	nagleFirst nagle = iota // nothing sent yet
	nagleOn                 // one send made
	nagleOff                // the option is set, or was inherited
)

var (
	_ core.Patient    = (*socket)(nil)
	_ core.Duplicator = (*socket)(nil)
)

// Num returns the descriptor's number.
func (s *socket) Num() int { return int(s.num) }

// Connect starts the connection or tells how it went.
func (s *socket) Connect() core.Errno {
	core.BugOn(s.to == &s.to.k.nowhere, "I43", "socket", "an accepted socket was asked to connect")
	to := &s.to.sockaddr
	s.to.k.calls[CallConnect]++
	_, _, e := syscall.RawSyscall(unix.SYS_CONNECT, uintptr(s.num),
		uintptr(unsafe.Pointer(&to.raw)), uintptr(to.len))
	return s.attempt(core.Errno(e))
}

// Recv reads into p.
func (s *socket) Recv(p []byte) (int, core.Errno) {
	n, errno := s.recv(p, 0)
	s.to.k.received[s.side] += uint64(n)
	return n, errno
}

// Peek reads into p and takes nothing.
func (s *socket) Peek(p []byte) (int, core.Errno) { return s.recv(p, unix.MSG_PEEK) }

func (s *socket) recv(p []byte, flags uintptr) (int, core.Errno) {
	s.to.k.calls[CallRecv]++
	r, _, e := syscall.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.num),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
	return count(r, e)
}

// Untaken asks for what is not acknowledged: segments that are under way, and
// bytes that are not even that. A socket that was reset would go on counting them.
func (s *socket) Untaken() int {
	s.to.k.calls[CallGetsockopt]++
	info, size := &s.to.k.info, uint32(unsafe.Sizeof(s.to.k.info))
	_, _, e := syscall.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(s.num), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(info)), uintptr(unsafe.Pointer(&size)), 0)
	const closed = 7 // TCP_CLOSE
	if e != 0 || info.State == closed {
		return 0
	}
	return int(info.Unacked) + int(info.Notsent_bytes)
}

// Local asks for the socket's own address.
func (s *socket) Local() (core.Addr, core.Errno) {
	k := s.to.k
	k.calls[CallGetsockname]++
	k.local.len = unix.SizeofSockaddrAny
	_, _, e := syscall.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(s.num),
		uintptr(unsafe.Pointer(&k.local.raw)), uintptr(unsafe.Pointer(&k.local.len)))
	if e != 0 {
		return core.Addr{}, core.Errno(e)
	}
	return k.local.addr(), 0
}

// Send writes from p. A broken connection answers EPIPE and raises no signal.
func (s *socket) Send(p []byte, more bool) (int, core.Errno) {
	if s.nagle == nagleOn {
		s.noDelay()
	}
	flags := uintptr(unix.MSG_NOSIGNAL)
	if more {
		flags |= unix.MSG_MORE
	}
	s.to.k.calls[CallSend]++
	r, _, e := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(s.num),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
	n, errno := count(r, e)
	s.to.k.sent[s.side] += uint64(n)
	if n > 0 && s.nagle == nagleFirst {
		s.nagle = nagleOn
	}
	return n, errno
}

func (s *socket) noDelay() {
	on := int32(1)
	// A refusal costs time, not bytes.
	s.setsockopt(unix.IPPROTO_TCP, unix.TCP_NODELAY, unsafe.Pointer(&on), unsafe.Sizeof(on))
	s.nagle = nagleOff
}

func (s *socket) setsockopt(level, name uintptr, value unsafe.Pointer, size uintptr) core.Errno {
	s.to.k.calls[CallSetsockopt]++
	_, _, e := syscall.RawSyscall6(unix.SYS_SETSOCKOPT, uintptr(s.num), level, name, uintptr(value), size, 0)
	return core.Errno(e)
}

// RcvLowat implements core.Patient.
func (s *socket) RcvLowat(bytes int) core.Errno {
	n := int32(min(bytes, math.MaxInt32))
	return s.setsockopt(unix.SOL_SOCKET, unix.SO_RCVLOWAT, unsafe.Pointer(&n), unsafe.Sizeof(n))
}

// ShutW sends the FIN.
func (s *socket) ShutW() core.Errno {
	s.to.k.calls[CallShutdown]++
	_, _, e := syscall.RawSyscall(unix.SYS_SHUTDOWN, uintptr(s.num), unix.SHUT_WR, 0)
	return core.Errno(e)
}

// Close gives the number back. Epoll forgets the socket by itself, unless it was duplicated:
// then with the last of its numbers.
func (s *socket) Close(reset bool) core.Errno {
	core.BugOn(!s.open, "I43", "socket", "closed twice")
	if reset {
		now := unix.Linger{Onoff: 1}
		s.setsockopt(unix.SOL_SOCKET, unix.SO_LINGER, unsafe.Pointer(&now), unsafe.Sizeof(now))
	}
	s.open = false
	s.to.k.live--
	if s.side == client {
		s.to.k.clients--
	}
	s.to.k.calls[CallClose]++
	_, _, e := syscall.RawSyscall(unix.SYS_CLOSE, uintptr(s.num), 0, 0)
	return core.Errno(e)
}
