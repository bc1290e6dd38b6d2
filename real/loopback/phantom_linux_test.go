package loopback

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// phantom is the other end of a network in which there is nobody: a TUN device in a network
// namespace of its own. What answers there is a few lines that know TCP's header. The
// loopback interface loses nothing; who is here can fall silent, or forget.
type phantom struct {
	tun    int
	packet [2048]byte
	ends   []*ghost
}

// ghost is the phantom's end of a connection, and this machine's descriptor of the other one.
type ghost struct {
	p      *phantom
	fd     int
	port   uint16 // this machine's
	seq    uint32 // the phantom's next
	ack    uint32 // what it has taken
	up     bool
	answer func(e *ghost, data int) // what it does when a packet comes; nil = nothing
	began  time.Time
	at     time.Duration // when the connection ended
	why    unix.Errno    // and how
	rst    bool          // and the phantom was told
}

// The bits of TCP's header that matter, and addresses that nobody has.
const (
	tcpSYN, tcpRST, tcpACK = 2, 4, 16

	phantomPort = 7
)

var ours, theirs = [4]byte{10, 9, 0, 1}, [4]byte{10, 9, 0, 2}

// newPhantom makes a network, of a thread that ends with the test.
func newPhantom(t *testing.T) *phantom {
	runtime.LockOSThread() // and never unlocked: the thread ends, and its namespace with it
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("a network namespace needs root: %v", err)
	}
	tun, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("there are no TUN devices: %v", err)
	}
	t.Cleanup(func() { unix.Close(tun) })
	ifr, err := unix.NewIfreq("phantom")
	require.NoError(t, err)
	ifr.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(tun, unix.TUNSETIFF, ifr); err != nil {
		t.Skipf("there are no TUN devices: %v", err)
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	defer unix.Close(s)
	require.NoError(t, ifr.SetInet4Addr(ours[:]))
	require.NoError(t, unix.IoctlIfreq(s, unix.SIOCSIFADDR, ifr))
	require.NoError(t, ifr.SetInet4Addr([]byte{255, 255, 255, 0}))
	require.NoError(t, unix.IoctlIfreq(s, unix.SIOCSIFNETMASK, ifr))
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	require.NoError(t, unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, ifr))
	return &phantom{tun: tun}
}

// option is a socket option.
type option struct{ level, name, value int }

// socket makes a socket with options.
func (p *phantom) socket(t *testing.T, options []option) *ghost {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	for _, o := range options {
		require.NoError(t, unix.SetsockoptInt(fd, o.level, o.name, o.value))
	}
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: ours}))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	e := &ghost{p: p, fd: fd, port: uint16(name.(*unix.SockaddrInet4).Port), seq: 1000}
	p.ends = append(p.ends, e)
	t.Cleanup(func() { unix.Close(e.fd) })
	return e
}

// call connects to the phantom.
func (p *phantom) call(t *testing.T, options ...option) *ghost {
	e := p.socket(t, options)
	require.Equal(t, unix.EINPROGRESS, unix.Connect(e.fd, &unix.SockaddrInet4{Addr: theirs, Port: phantomPort}))
	return e.begin(t)
}

// receive has the phantom connect to a listener that has the options.
func (p *phantom) receive(t *testing.T, options ...option) *ghost {
	e := p.socket(t, options)
	require.NoError(t, unix.Listen(e.fd, 1))
	e.send(tcpSYN, 1000)
	e.seq++
	e.begin(t)
	fd, _, err := unix.Accept(e.fd)
	require.NoError(t, err)
	unix.Close(e.fd)
	e.fd = fd
	return e
}

func (e *ghost) begin(t *testing.T) *ghost {
	e.p.run(time.Second, func() bool { return e.up })
	require.True(t, e.up, "no connection")
	e.began = time.Now()
	return e
}

// run lets packets pass for so long, or until something is so.
func (p *phantom) run(most time.Duration, until func() bool) {
	for end := time.Now().Add(most); !until() && time.Now().Before(end); {
		_, _ = unix.Poll([]unix.PollFd{{Fd: int32(p.tun), Events: unix.POLLIN}}, 5)
		for n, err := unix.Read(p.tun, p.packet[:]); err == nil; n, err = unix.Read(p.tun, p.packet[:]) {
			p.came(p.packet[:n])
		}
		for _, e := range p.ends {
			e.look()
		}
	}
}

// look takes note of the end of a connection. It asks for the error only when there is one:
// SO_ERROR would take away what a router said.
func (e *ghost) look() {
	if !e.up || e.why != 0 {
		return
	}
	if n, err := unix.Poll([]unix.PollFd{{Fd: int32(e.fd)}}, 0); n == 1 && err == nil {
		v, _ := unix.GetsockoptInt(e.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		e.why, e.at = unix.Errno(v), time.Since(e.began)
	}
}

// came has the phantom see a packet.
func (p *phantom) came(b []byte) {
	if len(b) < 40 || b[0]>>4 != 4 || b[9] != unix.IPPROTO_TCP {
		return
	}
	tcp := b[int(b[0]&15)*4:]
	seq, flags, data := binary.BigEndian.Uint32(tcp[4:]), tcp[13], len(tcp)-int(tcp[12]>>4)*4
	for _, e := range p.ends {
		switch {
		case e.port != binary.BigEndian.Uint16(tcp):
		case flags == tcpSYN|tcpACK:
			e.ack = seq + 1
			e.send(tcpACK, 1000)
			e.up = true
		case flags&tcpSYN != 0:
			e.ack = seq + 1
			e.send(tcpSYN|tcpACK, 1000)
			e.seq++
		case !e.up:
			e.up = true
		default:
			e.rst = e.rst || flags&tcpRST != 0
			if e.answer != nil {
				e.answer(e, data)
			}
		}
	}
}

// send sends a packet without data.
func (e *ghost) send(flags byte, window uint16) {
	tcp := make([]byte, 20)
	binary.BigEndian.PutUint16(tcp, phantomPort)
	binary.BigEndian.PutUint16(tcp[2:], e.port)
	binary.BigEndian.PutUint32(tcp[4:], e.seq)
	binary.BigEndian.PutUint32(tcp[8:], e.ack)
	tcp[12], tcp[13] = 5<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], window)
	pseudo := append(append(append([]byte{}, theirs[:]...), ours[:]...), 0, unix.IPPROTO_TCP, 0, byte(len(tcp)))
	binary.BigEndian.PutUint16(tcp[16:], checksum(append(pseudo, tcp...)))
	e.p.send(unix.IPPROTO_TCP, tcp)
}

// unreachable is a router's word that there is no way, about the packet that came last.
func (e *ghost) unreachable() {
	icmp := append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, e.p.packet[:28]...)
	binary.BigEndian.PutUint16(icmp[2:], checksum(icmp))
	e.p.send(unix.IPPROTO_ICMP, icmp)
}

// send sends a packet to this machine.
func (p *phantom) send(protocol byte, payload []byte) {
	ip := append([]byte{0x45, 0, 0, byte(20 + len(payload)), 0, 0, 0x40, 0, 64, protocol, 0, 0}, theirs[:]...)
	ip = append(ip, ours[:]...)
	binary.BigEndian.PutUint16(ip[10:], checksum(ip))
	_, _ = unix.Write(p.tun, append(ip, payload...)) // what is lost is sent again
}

// checksum is the internet's.
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
