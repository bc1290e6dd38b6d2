package loopback

import (
	"net/netip"

	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/real"
)

// Listen opens the process's listener, on another port each time.
func (m *Machine) Listen() (kerneltest.Accepter, core.Errno) {
	l, err := real.Listen(netip.AddrPortFrom(loopback, 0), 1)
	if m.failed(err) {
		return nil, core.ENOMEM
	}
	l[0].Serve(m.sockets)
	m.limit(l[0].Num())
	m.lstAddr = l[0].Addr()
	return accepter{l[0], m}, 0
}

// accepter makes ends of what is accepted.
type accepter struct {
	*real.Listener
	m *Machine
}

// Accept implements kerneltest.Accepter.
func (a accepter) Accept() (kerneltest.FD, core.Errno) {
	fd, _, e := a.Listener.Accept()
	if e != 0 {
		return nil, e
	}
	s := a.m.adopt(fd)
	s.accepted = true
	return s, 0
}

// Socket makes a descriptor of the process.
func (m *Machine) Socket(n int, to kerneltest.Target) (kerneltest.FD, core.Errno) {
	if m.sockets == nil {
		return nil, core.ENOMEM
	}
	fd, e := m.sockets.Socket(int(to), uint32(n))
	if e != 0 {
		return nil, e
	}
	if to == kerneltest.Full {
		m.stuff()
	}
	return m.adopt(fd), 0
}

// Dial makes a client.
func (m *Machine) Dial(n int) (kerneltest.Peer, core.Errno) {
	fd, e := m.dialer(m.lstAddr).Socket(0, uint32(n))
	if e != 0 {
		return nil, e
	}
	peer := m.adopt(fd)
	if e = fd.Connect(); e == core.EINPROGRESS {
		e = 0
	}
	return peer, e
}

// ServerEnd accepts as the server.
func (m *Machine) ServerEnd(int) kerneltest.Peer {
	fd, _, e := m.server.Accept()
	if e != 0 {
		return nil
	}
	return m.adopt(fd)
}

// end is a socket of real's, with the calls that a proxy does not need.
type end struct {
	core.FD
	m        *Machine
	accepted bool // by the process under test
}

// Close implements core.FD.
func (s *end) Close(reset bool) core.Errno {
	s.m.forget(s.Num())
	return s.FD.Close(reset)
}

// Dup implements core.Duplicator.
func (s *end) Dup() (core.FD, core.Errno) {
	fd, e := s.FD.(core.Duplicator).Dup()
	if e != 0 {
		return nil, e
	}
	s.m.ends = append(s.m.ends, fd.Num())
	return &end{FD: fd, m: s.m, accepted: s.accepted}, 0
}

// Connect implements core.FD. One that was accepted is told where to, which real's
// sockets are not asked to do.
func (s *end) Connect() core.Errno {
	if !s.accepted {
		return s.FD.Connect()
	}
	return errno(unix.Connect(s.Num(), &unix.SockaddrInet4{Addr: loopback.As4(), Port: int(s.m.server.Addr().Port())}))
}

// Shut implements kerneltest.End.
func (s *end) Shut(r, w bool) core.Errno { return shut(s.Num(), r, w) }

// Shut implements kerneltest.Accepter.
func (a accepter) Shut(r, w bool) core.Errno { return shut(a.Num(), r, w) }

func shut(num int, r, w bool) core.Errno {
	how := unix.SHUT_WR
	switch {
	case r && w:
		how = unix.SHUT_RDWR
	case r:
		how = unix.SHUT_RD
	}
	return errno(unix.Shutdown(num, how))
}

// Urgent implements kerneltest.Peer.
func (s *end) Urgent(b byte) core.Errno {
	_, err := unix.SendmsgN(s.Num(), []byte{b}, nil, nil, unix.MSG_OOB|unix.MSG_NOSIGNAL)
	return errno(err)
}

// Error implements kerneltest.End.
func (s *end) Error() core.Errno {
	e, err := unix.GetsockoptInt(s.Num(), unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil {
		return errno(err)
	}
	return core.Errno(e)
}

// Buffer implements kerneltest.End.
func (s *end) Buffer(send bool, bytes int) core.Errno {
	return errno(unix.SetsockoptInt(s.Num(), unix.SOL_SOCKET, buffer(send), bytes))
}

// Readv implements core.Vectored.
func (s *end) Readv(p [][]byte) (int, core.Errno) { return s.FD.(core.Vectored).Readv(p) }

// Writev implements core.Vectored.
func (s *end) Writev(p [][]byte) (int, core.Errno) { return s.FD.(core.Vectored).Writev(p) }

// RcvLowat implements core.Patient.
func (s *end) RcvLowat(bytes int) core.Errno {
	return s.FD.(core.Patient).RcvLowat(bytes)
}

// Lowat implements kerneltest.FD.
func (s *end) Lowat() int {
	n, err := unix.GetsockoptInt(s.Num(), unix.SOL_SOCKET, unix.SO_RCVLOWAT)
	s.m.failed(err)
	return n
}

// Size implements kerneltest.End.
func (s *end) Size(send bool) int {
	n, err := unix.GetsockoptInt(s.Num(), unix.SOL_SOCKET, buffer(send))
	s.m.failed(err)
	return n
}

func buffer(send bool) int {
	if send {
		return unix.SO_SNDBUF
	}
	return unix.SO_RCVBUF
}

// errno is a system call's error in core's form.
func errno(err error) core.Errno {
	if err == nil {
		return 0
	}
	return core.Errno(err.(unix.Errno)) // x/sys returns nothing else
}

// Pipe makes a pipe with so many pages, each of which is a slot.
func (m *Machine) Pipe(slots int) (core.Tube, core.Errno) {
	p, e := m.sockets.Pipe()
	if e != 0 {
		return nil, e
	}
	t := p.(core.Tube)
	_, w := t.Ends()
	_, err := unix.FcntlInt(uintptr(w), unix.F_SETPIPE_SZ, slots*4096)
	m.failed(err)
	return t, 0
}

// EventFD makes an eventfd.
func (m *Machine) EventFD(initial uint32) (core.EventFD, core.Errno) {
	return m.sockets.EventFD(initial)
}
