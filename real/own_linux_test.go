package real

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
)

// TestASocketThatMeetsItselfIsRefused: nobody listens at a port that the kernel then
// chooses for the socket that connects to it.
func TestASocketThatMeetsItselfIsRefused(t *testing.T) {
	for _, ip := range []string{"127.0.0.1", "::1"} {
		spare, err := Listen(netip.AddrPortFrom(netip.MustParseAddr(ip), 0), 1)
		require.NoError(t, err)
		to := spare[0].Addr()
		require.Zero(t, spare[0].Close())
		var calls Calls
		k, err := NewSockets([]netip.AddrPort{to}, &calls)
		require.NoError(t, err)
		fd, e := k.Socket(0, 0)
		require.Zero(t, e)
		var at unix.Sockaddr = &unix.SockaddrInet4{Port: int(to.Port()), Addr: [4]byte{127, 0, 0, 1}}
		if to.Addr().Is6() {
			at = &unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()}
		}
		require.NoError(t, unix.Bind(fd.Num(), at))
		require.Equal(t, core.ECONNREFUSED, fd.Connect())
		require.Zero(t, fd.Close(false))
	}
}

func TestNobodyIsAskedWhoMeetsWhomWhereItCannotHappen(t *testing.T) {
	for addr, want := range map[string]bool{
		"127.0.0.1:80": false, "192.0.2.1:40000": false, "[2001:db8::1]:40000": false,
		"127.0.0.1:40000": true, "0.0.0.0:40000": true, "[::1]:40000": true, "[::ffff:127.0.0.1]:40000": true,
	} {
		own, err := mayBeOwn(netip.MustParseAddrPort(addr))
		require.NoError(t, err)
		require.Equal(t, want, own, addr)
	}
}
