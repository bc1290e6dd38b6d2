package loopback

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestWhoWaitsAtAClosedListenerIsResetOnLinux shows what the simulated kernel's test of that
// name has: of two sockets that listen on one port each has a part of the clients, and one
// that is closed takes those with it who wait there, and nobody else. Whoever comes then comes
// to the other one.
func TestWhoWaitsAtAClosedListenerIsResetOnLinux(t *testing.T) {
	if b, err := os.ReadFile("/proc/sys/net/ipv4/tcp_migrate_req"); err == nil && string(b) == "1\n" {
		t.Skip("this machine hands those who wait to another listener")
	}
	listen := func(port int) int {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		require.NoError(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1))
		require.NoError(t, unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}))
		require.NoError(t, unix.Listen(fd, 128))
		return fd
	}
	first := listen(0)
	at, err := unix.Getsockname(first)
	require.NoError(t, err)
	second := listen(at.(*unix.SockaddrInet4).Port)
	dial := func() (clients []int) {
		for range 64 {
			fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			require.NoError(t, err)
			require.NoError(t, unix.Connect(fd, at))
			clients = append(clients, fd)
		}
		return clients
	}
	reset := func(clients []int) (n int) {
		for _, fd := range clients {
			e, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
			require.NoError(t, err)
			if unix.Errno(e) == unix.ECONNRESET {
				n++
			}
			unix.Close(fd)
		}
		return n
	}
	accept := func(lst int) (n int) {
		for {
			fd, _, err := unix.Accept(lst)
			if err != nil {
				require.Equal(t, unix.EAGAIN, err)
				return n
			}
			unix.Close(fd)
			n++
		}
	}
	before := dial()
	unix.Close(first)
	here := accept(second)
	require.Equal(t, len(before)-here, reset(before))
	require.NotContains(t, []int{0, len(before)}, here, "both were come to")
	after := dial()
	require.Equal(t, len(after), accept(second), "all come to the one that is left")
	require.Zero(t, reset(after))
	unix.Close(second)
}
