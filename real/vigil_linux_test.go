package real

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
)

func TestAcceptedSocketsInheritTheVigilAtNoCall(t *testing.T) {
	l := bind(t)
	var calls Calls
	k, err := NewSockets([]netip.AddrPort{l.Addr()}, &calls)
	require.NoError(t, err)
	k.vigil = options(core.Vigil{Idle: 5400 * core.Second, Interval: 7 * core.Second, Count: 4, Unanswered: 1500 * core.Millisecond})
	l.Serve(k)
	a, e := k.Socket(0, 0)
	require.Zero(t, e)
	require.EqualValues(t, 5, calls[CallSetsockopt], "one that connects is told")
	for e = a.Connect(); e == core.EINPROGRESS || e == core.EALREADY; e = a.Connect() {
	}
	b, _, e := l.Accept()
	require.Zero(t, e)
	require.EqualValues(t, 5, calls[CallSetsockopt])
	for _, fd := range []core.FD{a, b} {
		for name, want := range map[[2]int]int{
			{unix.SOL_SOCKET, unix.SO_KEEPALIVE}: 1, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE}: 5400,
			{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}: 7, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT}: 4,
			{unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT}: 1500,
		} {
			v, err := unix.GetsockoptInt(fd.Num(), name[0], name[1])
			require.NoError(t, err)
			require.Equal(t, want, v)
		}
		require.Zero(t, fd.Close(false))
	}
	require.Zero(t, l.Close())
}

func TestNobodyWatchesUnasked(t *testing.T) { require.Empty(t, options(core.Vigil{})) }
