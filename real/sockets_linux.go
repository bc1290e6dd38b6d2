package real

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"millrace/core"
)

// pageBits is how many sockets, as a power of two, a page of the slab holds: as many as make
// memory of which the runtime takes nothing for itself. Of what is not touched the machine has none.
const pageBits = 11

// Sockets is one worker's sockets and its core.Dialer. A socket's record is
// found by its descriptor number in pages that never move, so a connection
// allocates nothing once its number was seen before.
type Sockets struct {
	pages    [][]socket
	targets  []*target // by number
	nowhere  target    // of who was accepted
	vigil    [numSides][]option
	calls    *Calls
	local    sockaddr // getsockname writes here; a local would be moved to the heap
	info     unix.TCPInfo
	live     int
	received [numSides]uint64 // bytes
	sent     [numSides]uint64
	spliced  uint64 // of those received, into pipes
	pipes    int    // open
	clients  int    // of the live ones
	budget   budget
}

var _ core.Dialer = (*Sockets)(nil)

// NewSockets makes a worker's sockets. Dialing by number means a place in
// servers. System calls are counted in calls.
func NewSockets(servers []netip.AddrPort, calls *Calls) (*Sockets, error) {
	s, err := NewServers(servers, nil)
	if err != nil {
		return nil, err
	}
	k := &Sockets{calls: calls}
	k.nowhere.k = k
	for _, t := range s.list {
		k.aim(len(k.targets), t)
	}
	return k, nil
}

// Live returns how many sockets are open.
func (k *Sockets) Live() int { return k.live }

// Socket returns a descriptor aimed at a server. The label is for simulated
// kernels.
func (k *Sockets) Socket(to int, _ uint32) (core.FD, core.Errno) {
	t := k.targets[to]
	for {
		k.calls[CallSocket]++
		r, _, e := syscall.RawSyscall(unix.SYS_SOCKET, uintptr(t.family()),
			unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		n, errno := count(r, e)
		switch {
		case errno == 0:
			s := k.adopt(n, socket{to: t, side: server})
			s.set(k.vigil[server]) // a refusal costs time, not bytes
			return s, 0
		case !k.shed(errno):
			return nil, errno
		}
	}
}

// adopt files a socket under its number.
func (k *Sockets) adopt(num int, is socket) *socket {
	for num>>pageBits >= len(k.pages) {
		k.pages = append(k.pages, nil)
	}
	page := &k.pages[num>>pageBits]
	if *page == nil { // numbers are the process's: other workers have most pages
		*page = make([]socket, 1<<pageBits)
	}
	s := &(*page)[num&(1<<pageBits-1)]
	core.BugOn(s.open, "I43", "socket", "the kernel gave a number that is in use")
	*s = is
	s.num, s.open = int32(num), true
	k.live++
	if s.side == client {
		k.clients++
	}
	return s
}
