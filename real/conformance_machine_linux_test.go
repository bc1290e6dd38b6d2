package real

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/core/kerneltest"
)

// machine is Linux as package kerneltest wants it: the process under test and
// its peers are all here, and talk over the loopback interface.
type machine struct {
	t                  *testing.T
	quiet              time.Duration // how long the network is left alone
	calls              Calls
	ours, theirs       *Sockets
	server             *Listener // of the servers
	lstAddr            netip.AddrPort
	level, edge, probe *Epoll
	raw                []int // descriptors that only serve as targets
	full               bool  // the target of this name is ready
}

var _ kerneltest.Machine = (*machine)(nil)

var loopback = netip.MustParseAddr("127.0.0.1")

// nowhere is the one address that TCP never has a route to.
var nowhere = netip.MustParseAddrPort("255.255.255.255:9")

// boot makes a machine.
func boot(t *testing.T, quiet time.Duration) *machine {
	m := &machine{t: t, quiet: quiet}
	servers, err := Listen(netip.AddrPortFrom(loopback, 0), 1)
	require.NoError(t, err)
	m.server = servers[0]
	m.limit(m.server.num)
	targets := []netip.AddrPort{
		kerneltest.Open:    m.server.addr,
		kerneltest.Closed:  m.mute(),
		kerneltest.Full:    m.mute(),
		kerneltest.Nowhere: nowhere,
	}
	m.lstAddr = targets[kerneltest.Closed]
	m.ours, err = NewSockets(targets, &m.calls)
	require.NoError(t, err)
	m.theirs, err = NewSockets(nil, &m.calls)
	require.NoError(t, err)
	m.server.Serve(m.theirs)
	m.level, m.edge, m.probe = m.epoll(false), m.epoll(true), m.epoll(false)
	return m
}

func (m *machine) epoll(edge bool) *Epoll {
	p, err := NewEpoll(edge, &m.calls)
	require.NoError(m.t, err)
	return p
}

// bufferSize keeps a fill short, and the kernel from resizing buffers.
const bufferSize = 1 << 17

// limit sets the buffer sizes of a socket, or of those that a listener accepts.
func (m *machine) limit(num int) {
	require.NoError(m.t, unix.SetsockoptInt(num, unix.SOL_SOCKET, unix.SO_SNDBUF, bufferSize))
	require.NoError(m.t, unix.SetsockoptInt(num, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize))
	// Linux 6.15 can be told to acknowledge sooner; others take 40 ms at times.
	_ = unix.SetsockoptInt(num, unix.IPPROTO_TCP, unix.TCP_DELACK_MAX_US, 5000)
}

// mute takes a port on which nobody listens.
func (m *machine) mute() netip.AddrPort {
	num := m.socket()
	require.NoError(m.t, unix.Bind(num, &unix.SockaddrInet4{Addr: loopback.As4()}))
	sa, err := unix.Getsockname(num)
	require.NoError(m.t, err)
	return netip.AddrPortFrom(loopback, uint16(sa.(*unix.SockaddrInet4).Port))
}

// socket makes a descriptor that lasts as long as the machine.
func (m *machine) socket() int {
	num, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(m.t, err)
	m.raw = append(m.raw, num)
	return num
}

// stuff makes the target Full what it is called: the shortest backlog there is,
// with somebody in it. Linux drops what else comes, as if it had been lost.
func (m *machine) stuff() {
	if m.full {
		return
	}
	m.full = true
	listener := m.raw[kerneltest.Full-kerneltest.Closed]
	require.NoError(m.t, unix.Listen(listener, 0))
	sa, err := unix.Getsockname(listener)
	require.NoError(m.t, err)
	require.ErrorIs(m.t, unix.Connect(m.socket(), sa), unix.EINPROGRESS)
	m.Settle()
}

// Listen opens the process's listener, on another port each time.
func (m *machine) Listen() (core.Listener, core.Errno) {
	l, err := Listen(netip.AddrPortFrom(loopback, 0), 1)
	require.NoError(m.t, err)
	l[0].Serve(m.ours)
	m.limit(l[0].num)
	m.lstAddr = l[0].addr
	return l[0], 0
}

// Socket makes a descriptor of the process.
func (m *machine) Socket(n int, to kerneltest.Target) (core.FD, core.Errno) {
	fd, e := m.ours.Socket(int(to), uint32(n))
	if e == 0 {
		m.limit(fd.Num())
	}
	if to == kerneltest.Full {
		m.stuff()
	}
	return fd, e
}

// Dial makes a client.
func (m *machine) Dial(n int) (kerneltest.Peer, core.Errno) {
	sa, err := newSockaddr(m.lstAddr)
	require.NoError(m.t, err)
	m.theirs.servers = append(m.theirs.servers[:0:0], sa)
	fd, e := m.theirs.Socket(0, uint32(n))
	require.Zero(m.t, e)
	m.limit(fd.Num())
	if e = fd.Connect(); e == core.EINPROGRESS {
		e = 0
	}
	return fd, e
}

// ServerEnd accepts as the server.
func (m *machine) ServerEnd(int) kerneltest.Peer {
	fd, _, e := m.server.Accept()
	if e != 0 {
		return nil
	}
	return fd
}

// Pipe makes a pipe with so many pages, each of which is a slot.
func (m *machine) Pipe(slots int) (core.Pipe, core.Errno) {
	p, e := m.ours.Pipe()
	require.Zero(m.t, e)
	_, err := unix.FcntlInt(uintptr(p.(*pipe).w), unix.F_SETPIPE_SZ, slots*4096)
	require.NoError(m.t, err)
	return p, e
}

// Pollers returns the three pollers.
func (m *machine) Pollers() (level, edge, probe core.Poller) { return m.level, m.edge, m.probe }

// Settle waits until everything sent is acknowledged, and a little longer if
// told to. On the loopback interface most happens within the call that causes
// it; only acknowledgements are held back, so their receipt is what to wait for.
func (m *machine) Settle() {
	for end := time.Now().Add(time.Second); !m.acknowledged() && time.Now().Before(end); {
		time.Sleep(100 * time.Microsecond)
	}
	if m.quiet > 0 {
		time.Sleep(m.quiet)
	}
}

// acknowledged asks all sockets to send what they hold back, and whether
// anything that they sent has not been acknowledged.
func (m *machine) acknowledged() bool {
	done := true
	for _, k := range []*Sockets{m.ours, m.theirs} {
		for _, page := range k.pages {
			for i := range page {
				if s := &page[i]; s.open {
					done = m.flushed(int(s.num)) && done
				}
			}
		}
	}
	return done
}

func (m *machine) flushed(num int) bool {
	require.NoError(m.t, unix.SetsockoptInt(num, unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1))
	info, err := unix.GetsockoptTCPInfo(num, unix.IPPROTO_TCP, unix.TCP_INFO)
	require.NoError(m.t, err)
	return info.Unacked == 0 || info.State == unix.BPF_TCP_SYN_SENT
}

// Close frees everything that the script did not open itself.
func (m *machine) Close() {
	m.server.Close()
	for _, p := range []*Epoll{m.level, m.edge, m.probe} {
		require.NoError(m.t, p.Close())
	}
	for _, num := range m.raw {
		require.NoError(m.t, unix.Close(num))
	}
	require.Zero(m.t, m.ours.Live()+m.theirs.Live()+m.ours.pipes, "descriptors left open")
}
