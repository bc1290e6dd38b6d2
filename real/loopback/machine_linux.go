package loopback

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/core/kerneltest"
	"millrace/real"
)

// Machine is one process with its peers. What goes wrong with the machine itself
// is kept, and told by Close.
type Machine struct {
	patience time.Duration
	err      error
	calls    real.Calls
	sockets  *real.Sockets // ours
	server   *real.Listener
	lstAddr  netip.AddrPort // where clients go
	oneshot  oneshot
	pollers  [3]*real.Epoll // level, edge, probe
	sleepers [2]*sleeper
	ends     []int // sockets that are open, by number
	raw      []int // descriptors that only serve as targets
	full     bool  // the target of this name is ready
}

var _ kerneltest.Machine = (*Machine)(nil)

var loopback = netip.MustParseAddr("127.0.0.1")

// nowhere is the one address that TCP never has a route to.
var nowhere = netip.MustParseAddrPort("255.255.255.255:9")

// patience is how long the network is left alone after each step, at the first
// try of a script and at those that follow.
var patience = [Tries]time.Duration{0, 2 * time.Millisecond, 20 * time.Millisecond}

// Tries is how many degrees of patience there are.
const Tries = 3

// New makes a machine for the given try of a script, from 0: the later, the longer
// it leaves the network alone after everything that may send something.
func New(try int) *Machine {
	m := &Machine{patience: patience[min(try, Tries-1)]}
	var err error
	m.oneshot.fd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	m.failed(err)
	for i := range m.pollers {
		m.pollers[i], err = real.NewEpoll(i == 1, &m.calls)
		m.failed(err)
	}
	for i := range m.sleepers {
		m.sleepers[i] = &sleeper{Epoll: m.pollers[i]}
	}
	servers, err := real.Listen(netip.AddrPortFrom(loopback, 0), 1)
	if m.failed(err) {
		return m
	}
	m.server = servers[0]
	m.limit(m.server.Num())
	targets := []netip.AddrPort{
		kerneltest.Open:    m.server.Addr(),
		kerneltest.Closed:  m.mute(),
		kerneltest.Full:    m.mute(),
		kerneltest.Nowhere: nowhere,
	}
	m.lstAddr = targets[kerneltest.Closed]
	m.sockets = m.dialer(targets...)
	m.server.Serve(m.dialer())
	return m
}

// Pollers returns the pollers.
func (m *Machine) Pollers() kerneltest.Pollers {
	return kerneltest.Pollers{Level: m.sleepers[0], Edge: m.sleepers[1], Oneshot: m.oneshot, Probe: m.pollers[2]}
}

// failed keeps the first error.
func (m *Machine) failed(err error) bool {
	if m.err == nil {
		m.err = err
	}
	return err != nil
}

func (m *Machine) dialer(targets ...netip.AddrPort) *real.Sockets {
	k, err := real.NewSockets(targets, &m.calls)
	m.failed(err)
	return k
}

// bufferSize keeps a fill short, and the kernel from resizing buffers.
const bufferSize = 1 << 17

// limit sets the buffer sizes of a socket, or of those that a listener accepts.
func (m *Machine) limit(num int) {
	m.failed(unix.SetsockoptInt(num, unix.SOL_SOCKET, unix.SO_SNDBUF, bufferSize))
	m.failed(unix.SetsockoptInt(num, unix.SOL_SOCKET, unix.SO_RCVBUF, bufferSize))
	// Linux 6.15 can be told to acknowledge sooner; others take 40 ms at times.
	_ = unix.SetsockoptInt(num, unix.IPPROTO_TCP, unix.TCP_DELACK_MAX_US, 5000)
}

// mute takes a port on which nobody listens.
func (m *Machine) mute() netip.AddrPort {
	num := m.socket()
	m.failed(unix.Bind(num, &unix.SockaddrInet4{Addr: loopback.As4()}))
	sa, err := unix.Getsockname(num)
	if m.failed(err) {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(loopback, uint16(sa.(*unix.SockaddrInet4).Port))
}

// socket makes a descriptor that lasts as long as the machine.
func (m *Machine) socket() int {
	num, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if !m.failed(err) {
		m.raw = append(m.raw, num)
	}
	return num
}

// stuff makes the target Full what it is called: the shortest backlog there is,
// with somebody in it. Linux drops what else comes, as if it had been lost.
func (m *Machine) stuff() {
	if m.full || m.err != nil {
		return
	}
	m.full = true
	listener := m.raw[kerneltest.Full-kerneltest.Closed]
	m.failed(unix.Listen(listener, 0))
	sa, err := unix.Getsockname(listener)
	if m.failed(err) {
		return
	}
	if err := unix.Connect(m.socket(), sa); !errors.Is(err, unix.EINPROGRESS) {
		m.failed(fmt.Errorf("the first connection to a short backlog: %w", err))
	}
	m.Settle()
}

// adopt makes an end of a socket of real's.
func (m *Machine) adopt(fd core.FD) *end {
	m.limit(fd.Num())
	m.ends = append(m.ends, fd.Num())
	return &end{FD: fd, m: m}
}

// Settle waits until everything sent is acknowledged, and a little longer if
// told to.
func (m *Machine) Settle() {
	for limit := time.Now().Add(time.Second); !m.acknowledged() && time.Now().Before(limit); {
		time.Sleep(100 * time.Microsecond)
	}
	if m.patience > 0 {
		time.Sleep(m.patience)
	}
	for _, s := range m.sleepers {
		s.settled()
	}
}

// acknowledged asks all sockets to send what they hold back, and whether
// anything that they sent has not been acknowledged.
func (m *Machine) acknowledged() bool {
	done := true
	for _, num := range m.ends {
		m.failed(unix.SetsockoptInt(num, unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1))
		info, err := unix.GetsockoptTCPInfo(num, unix.IPPROTO_TCP, unix.TCP_INFO)
		if m.failed(err) {
			return true
		}
		done = done && (info.Unacked == 0 || info.State == unix.BPF_TCP_SYN_SENT)
	}
	return done
}

// forget says that an end is closed.
func (m *Machine) forget(num int) {
	m.ends = slices.DeleteFunc(m.ends, func(n int) bool { return n == num })
}

// Close frees everything that the script did not open itself.
func (m *Machine) Close() error {
	if m.server != nil {
		m.server.Close()
	}
	for _, s := range m.sleepers {
		s.end()
	}
	for _, p := range m.pollers {
		if p != nil {
			m.failed(p.Close())
		}
	}
	m.failed(unix.Close(m.oneshot.fd))
	for _, num := range m.raw {
		m.failed(unix.Close(num))
	}
	if m.err == nil && len(m.ends) > 0 {
		m.err = fmt.Errorf("%d sockets were left open", len(m.ends))
	}
	return m.err
}
