package real

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/streamif"
)

func TestAcceptedSocketsInheritTheVigilAtNoCall(t *testing.T) {
	l := bind(t)
	var calls Calls
	k, err := NewSockets([]netip.AddrPort{l.Addr()}, &calls)
	require.NoError(t, err)
	vigil := options(core.Vigil{Idle: 5400 * core.Second, Interval: 7 * core.Second, Count: 4, Unanswered: 1500 * core.Millisecond})
	k.vigil = [numSides][]option{vigil, vigil}
	l.Serve(k)
	a, e := k.Socket(0, 0)
	require.Zero(t, e)
	require.EqualValues(t, 5, calls[CallSetsockopt], "one that connects is told")
	for e = a.Connect(); e == core.EINPROGRESS || e == core.EALREADY; e = a.Connect() {
	}
	before := calls
	b, _, e := l.Accept()
	require.Zero(t, e)
	before[CallAccept]++
	require.Equal(t, before, calls, "one that is accepted costs what it always does")
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

func TestServersAreNotWatchedWhereATimeoutComesFirst(t *testing.T) {
	const minute = 60 * core.Second
	for _, c := range []struct {
		timeout, fin core.Time
		watched      bool
	}{{minute, 0, false}, {2 * minute, 0, false}, {minute, 3 * minute, true}, {3 * minute, 0, true}, {0, 0, true}, {0, minute, true}} {
		v := beyond(&streamif.Config{ServerTimeout: c.timeout, ServerFin: c.fin}, core.Vigil{Idle: 2 * minute, Unanswered: minute})
		require.Equal(t, c.watched, v.Idle != 0)
		require.Equal(t, minute, v.Unanswered)
	}
}
