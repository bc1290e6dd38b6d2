package loopback

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// phantom is the other end of a network in which there is nobody: a TUN device in a network
// namespace of its own, and what answers there is a few lines that know TCP's header. The
// loopback interface cannot lose anything; whoever is called here can fall silent.
type phantom struct {
	tun     int
	packet  [2048]byte
	callers []*caller
}

// caller is one connection of this machine's with the phantom.
type caller struct {
	fd     int
	local  uint16
	seq    uint32 // the phantom's next
	ack    uint32 // what it has taken
	up     bool
	answer func(c *caller, flags byte, data int) // how it answers from then on; nil = not at all
	p      *phantom
	began  time.Time
	probes int // packets without data that came since it is up
	rst    bool // one of them was a RST
	at     time.Duration // when it ended
	why    unix.Errno    // and how
}

// The bits of TCP's header, and addresses in a network that nobody else is in.
const (
	tcpFIN, tcpSYN, tcpRST, tcpACK = 1, 2, 4, 16

	phantomPort = 7
)

var (
	ours   = [4]byte{10, 9, 0, 1}
	theirs = [4]byte{10, 9, 0, 2}
)

// newPhantom makes a network of a thread that ends with the test.
func newPhantom(t *testing.T) *phantom {
	runtime.LockOSThread() // and never unlocked: the thread ends, and its namespace with it
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("needs root, for a network namespace: %v", err)
	}
	tun, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("needs TUN devices: %v", err)
	}
	t.Cleanup(func() { unix.Close(tun) })
	req, err := unix.NewIfreq("phantom0")
	require.NoError(t, err)
	req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	require.NoError(t, unix.IoctlIfreq(tun, unix.TUNSETIFF, req))
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	defer unix.Close(s)
	for _, set := range []struct {
		call uint
		addr [4]byte
	}{{unix.SIOCSIFADDR, ours}, {unix.SIOCSIFNETMASK, [4]byte{255, 255, 255, 0}}} {
		require.NoError(t, req.SetInet4Addr(set.addr[:]))
		require.NoError(t, unix.IoctlIfreq(s, set.call, req))
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	require.NoError(t, unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, req))
	return &phantom{tun: tun}
}

// call connects to the phantom, which answers the SYN and from then on as it is told to.
func (p *phantom) call(t *testing.T, answer func(c *caller, flags byte, data int), options ...[3]int) *caller {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	for _, o := range options {
		require.NoError(t, unix.SetsockoptInt(fd, o[0], o[1], o[2]))
	}
	require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: ours}))
	name, err := unix.Getsockname(fd)
	require.NoError(t, err)
	c := &caller{fd: fd, p: p, answer: answer, local: uint16(name.(*unix.SockaddrInet4).Port), seq: 1000}
	p.callers = append(p.callers, c)
	require.Equal(t, unix.EINPROGRESS, unix.Connect(fd, &unix.SockaddrInet4{Addr: theirs, Port: phantomPort}))
	p.run(func() bool { return c.up }, time.Second)
	require.True(t, c.up, "not connected")
	c.began = time.Now()
	return c
}

// run lets packets pass until something is so, or so long.
func (p *phantom) run(until func() bool, most time.Duration) {
	end := time.Now().Add(most)
	for !until() && time.Now().Before(end) {
		fds := []unix.PollFd{{Fd: int32(p.tun), Events: unix.POLLIN}}
		unix.Poll(fds, 5)
		for {
			n, err := unix.Read(p.tun, p.packet[:])
			if err != nil {
				break
			}
			p.came(p.packet[:n])
		}
		for _, c := range p.callers {
			c.look()
		}
	}
}

// look takes note of the end of a connection.
func (c *caller) look() {
	if !c.up || c.why != 0 {
		return
	}
	fds := []unix.PollFd{{Fd: int32(c.fd)}}
	if n, _ := unix.Poll(fds, 0); n == 0 {
		return // asking for SO_ERROR would take away what a router said
	}
	if v, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR); err == nil && v != 0 {
		c.why, c.at = unix.Errno(v), time.Since(c.began)
	}
}

// came looks at a packet for the phantom.
func (p *phantom) came(b []byte) {
	if len(b) < 40 || b[0]>>4 != 4 || b[9] != unix.IPPROTO_TCP {
		return
	}
	tcp := b[int(b[0]&15)*4:]
	port, seq, flags := binary.BigEndian.Uint16(tcp), binary.BigEndian.Uint32(tcp[4:]), tcp[13]
	data := len(tcp) - int(tcp[12]>>4)*4
	for _, c := range p.callers {
		switch {
		case c.local != port:
		case flags&tcpSYN != 0:
			c.ack = seq + 1
			c.send(tcpSYN|tcpACK, 1000)
			c.seq++
		case !c.up:
			c.up = true
		default:
			if data == 0 {
				c.probes++
			}
			c.rst = c.rst || flags&tcpRST != 0
			if c.answer != nil {
				c.answer(c, flags, data)
			}
		}
	}
}

// take acknowledges what came, and lets in so much more.
func (c *caller) take(data int, window uint16) {
	c.ack += uint32(data)
	c.send(tcpACK, window)
}

// send sends a packet without data.
func (c *caller) send(flags byte, window uint16) {
	tcp := make([]byte, 20)
	binary.BigEndian.PutUint16(tcp, phantomPort)
	binary.BigEndian.PutUint16(tcp[2:], c.local)
	binary.BigEndian.PutUint32(tcp[4:], c.seq)
	binary.BigEndian.PutUint32(tcp[8:], c.ack)
	tcp[12], tcp[13] = 5<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], window)
	pseudo := append(append(append([]byte{}, theirs[:]...), ours[:]...), 0, unix.IPPROTO_TCP, 0, byte(len(tcp)))
	binary.BigEndian.PutUint16(tcp[16:], checksum(append(pseudo, tcp...)))
	c.p.packetOut(unix.IPPROTO_TCP, tcp)
}

// unreachable is a router's word that there is no way, about the packet that came last.
func (c *caller) unreachable() {
	icmp := append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, c.p.packet[:28]...)
	binary.BigEndian.PutUint16(icmp[2:], checksum(icmp))
	c.p.packetOut(unix.IPPROTO_ICMP, icmp)
}

// packetOut sends a packet to this machine.
func (p *phantom) packetOut(protocol byte, payload []byte) {
	ip := append([]byte{0x45, 0, 0, byte(20 + len(payload)), 0, 0, 0x40, 0, 64, protocol, 0, 0}, theirs[:]...)
	ip = append(ip, ours[:]...)
	binary.BigEndian.PutUint16(ip[10:], checksum(ip))
	unix.Write(p.tun, append(ip, payload...))
}

// checksum is that of the internet.
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

var _ = unsafe.Pointer(nil)
