package real

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// backlog is how many connections may wait to be accepted; the kernel lowers it
// to net.core.somaxconn.
const backlog = 4096

// Listener is a listening TCP socket, non-blocking. Whoever has it closes it: a
// worker that was made with it does.
type Listener struct {
	num   int
	addr  netip.AddrPort
	k     *Sockets // whose the accepted sockets are
	label uint32
	taken uint64   // off the queue, as connections or as errors of such
	goal  uint64   // how many were taken when the last one is
	from  sockaddr // accept4 writes here; a local would be moved to the heap
}

var _ core.Listener = (*Listener)(nil)

// Listen makes n listeners on one address; the kernel spreads connections over
// them. Port 0 lets the kernel choose, the same port for all: see Addr. An
// address that another process listens on is refused with EADDRINUSE, even if
// that process would share it.
func Listen(addr netip.AddrPort, n int) ([]*Listener, error) {
	if n > 1 && addr.Port() != 0 {
		// A shared port is shared with strangers too, who would get a part of
		// the connections. So bind it once unshared, to see.
		probe, err := listen(addr, false)
		if err != nil {
			return nil, err
		}
		if e := probe.Close(); e != 0 {
			return nil, fmt.Errorf("cannot listen on %s: %w", addr, syscall.Errno(e))
		}
	}
	all := make([]*Listener, 0, n)
	for range n {
		l, err := listen(addr, n > 1)
		if err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, err
		}
		all = append(all, l)
		addr = l.addr
	}
	return all, nil
}

func listen(addr netip.AddrPort, shared bool) (*Listener, error) {
	sa, err := newSockaddr(addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	num, err := unix.Socket(sa.family(), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	l := &Listener{num: num, addr: addr}
	if err := l.start(&sa, shared); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, firstError(err, unix.Close(num)))
	}
	return l, nil
}

// start sets the options, of which accepted sockets inherit TCP_NODELAY, binds
// and listens.
func (l *Listener) start(sa *sockaddr, shared bool) error {
	options := []struct{ level, name, value int }{
		{unix.SOL_SOCKET, unix.SO_REUSEADDR, 1},
		{unix.IPPROTO_TCP, unix.TCP_NODELAY, 1},
	}
	if shared {
		options = append(options, struct{ level, name, value int }{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1})
	}
	if sa.family() == unix.AF_INET6 && l.addr.Addr().IsUnspecified() {
		// [::] means every address of the machine, whatever the sysctl says.
		options = append(options, struct{ level, name, value int }{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0})
	}
	for _, o := range options {
		if err := unix.SetsockoptInt(l.num, o.level, o.name, o.value); err != nil {
			return err
		}
	}
	if _, _, e := syscall.RawSyscall(unix.SYS_BIND, uintptr(l.num),
		uintptr(unsafe.Pointer(&sa.raw)), uintptr(sa.len)); e != 0 {
		return e
	}
	if err := unix.Listen(l.num, backlog); err != nil {
		return err
	}
	got := sockaddr{len: unix.SizeofSockaddrAny}
	if _, _, e := syscall.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(l.num),
		uintptr(unsafe.Pointer(&got.raw)), uintptr(unsafe.Pointer(&got.len))); e != 0 {
		return e
	}
	l.addr = netip.AddrPortFrom(l.addr.Addr(), got.addr().Port)
	return nil
}

// Serve makes the accepted sockets k's.
func (l *Listener) Serve(k *Sockets) {
	l.k = k
	l.watch(k.vigil[client])
}

// Num returns the descriptor's number.
func (l *Listener) Num() int { return l.num }

// Addr returns the address with the port in force.
func (l *Listener) Addr() netip.AddrPort { return l.addr }

// Accept takes one connection off the queue. Serve must have been called.
func (l *Listener) Accept() (core.FD, core.Peer, core.Errno) {
	if b := &l.k.budget; b.short(l.k) {
		switch {
		case l.waiting() == 0: // and nobody's pipe is wanted
			return nil, core.Peer{}, core.EAGAIN
		case !b.makeRoom(l.k):
			return nil, core.Peer{}, core.EMFILE
		}
	}
	n, errno := l.accept()
	for errno != 0 && l.k.shed(errno) {
		n, errno = l.accept()
	}
	if errno != 0 {
		if errno.Passed() {
			l.taken++
		}
		return nil, core.Peer{}, errno
	}
	l.taken++
	l.label++
	peer := core.Peer{Addr: l.from.addr(), Label: l.label}
	return l.k.adopt(n, socket{to: &l.k.nowhere, side: client, nagle: nagleOff}), peer, 0
}

func (l *Listener) accept() (int, core.Errno) {
	l.from.len = unix.SizeofSockaddrAny
	l.k.calls[CallAccept]++
	r, _, e := syscall.RawSyscall6(unix.SYS_ACCEPT4, uintptr(l.num),
		uintptr(unsafe.Pointer(&l.from.raw)), uintptr(unsafe.Pointer(&l.from.len)),
		unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	return count(r, e)
}

// waiting returns how many connections are in the queue. Of a listener the kernel
// calls them unacknowledged; if it does not tell nobody is waited for.
func (l *Listener) waiting() uint64 {
	info, err := unix.GetsockoptTCPInfo(l.num, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return 0
	}
	return uint64(info.Unacked)
}

// last implements acceptor. Linux keeps a queue that is longer than it may be, and drops the
// SYNs of those who come while one is in it: they try again, after a second, and then after
// two, and are refused when the listener is gone, with nothing sent. Of 0 it makes 1.
func (l *Listener) last() {
	// A refusal leaves it as it was: who comes late is reset.
	_ = unix.Listen(l.num, 0)
	l.goal = l.taken + l.waiting()
}

func (l *Listener) done() bool { return l.taken >= l.goal }

func (l *Listener) disband() {}

// Close stops listening; what waits in the queue gets a RST.
func (l *Listener) Close() core.Errno {
	if err := unix.Close(l.num); err != nil {
		var e syscall.Errno
		errors.As(err, &e)
		return core.Errno(e)
	}
	return 0
}
