package real

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
	"millrace/streamif"
)

// urgent sends one byte of urgent data.
func urgent(t *testing.T, c *net.TCPConn) {
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		_, err = unix.SendmsgN(int(fd), []byte{'!'}, nil, nil, unix.MSG_OOB)
	}))
	require.NoError(t, err)
}

// arrived waits until the other host has acknowledged all that c sent, its FIN too. A
// busy machine takes more than any sleep to carry a segment over loopback.
func arrived(t *testing.T, c *net.TCPConn) {
	raw, err := c.SyscallConn()
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		var n int
		var failed error
		if err := raw.Control(func(fd uintptr) { n, failed = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }); err != nil {
			failed = err
		}
		return failed == nil && n == 0
	}, 10*time.Second, time.Millisecond)
}

// TestBytesBehindUrgentDataArrive: a splice stops at the mark, with EAGAIN for as long
// as there is no FIN and with 0 when there is one.
func TestBytesBehindUrgentDataArrive(t *testing.T) {
	for name, c := range map[string]struct {
		mode  streamif.SpliceMode
		first int
	}{"on": {streamif.SpliceOn, 10}, "auto": {streamif.SpliceAuto, 1 << 20}} {
		t.Run(name, func(t *testing.T) {
			pollers(t, func(t *testing.T, edge bool) {
				o := newOrigin(t)
				cfg := config(edge, o.addr)
				cfg.Proxy.SpliceReq, cfg.Proxy.MaxPipes = c.mode, 8
				r := start(t, cfg)
				client, server := r.dial(t), o.accept(t)
				send(t, client, "first, by copy")
				expect(t, server, "first, by copy")
				go client.Write(make([]byte, c.first))
				_, err := io.CopyN(io.Discard, server, int64(c.first))
				require.NoError(t, err)
				time.Sleep(20 * time.Millisecond)
				urgent(t, client)
				time.Sleep(20 * time.Millisecond)
				send(t, client, "behind it")
				expect(t, server, "behind it")
				time.Sleep(100 * time.Millisecond) // to spin, if it does
				send(t, client, "more, ")
				urgent(t, client)
				send(t, client, "and the end")
				require.NoError(t, client.CloseWrite())
				expect(t, server, "more, and the end")
				expectEnd(t, server)
				require.NoError(t, server.Close())
				r.ended(t, streamif.Normal)
				require.NotZero(t, r.socks.spliced)
				require.Less(t, r.calls[CallEpollWait], uint64(2000), "it spins")
			})
		})
	}
}

// TestLinuxSplicesUpToAnUrgentMark holds the facts that the simulated kernel has been
// told, on the sockets themselves.
func TestLinuxSplicesUpToAnUrgentMark(t *testing.T) {
	o := newOrigin(t)
	client := dial(t, o.addr)
	server := o.accept(t)
	file, err := server.File()
	require.NoError(t, err)
	defer file.Close()
	fd := int(file.Fd())
	require.NoError(t, unix.SetNonblock(fd, true))
	var calls Calls
	k, err := NewSockets(nil, &calls)
	require.NoError(t, err)
	s := k.adopt(fd, socket{to: &k.nowhere, side: 1})
	p, e := k.Pipe()
	require.Zero(t, e)
	defer p.Close()
	splice := func(want int, why core.Errno) {
		t.Helper()
		n, e := s.SpliceIn(p, 1<<20)
		require.Equal(t, why, e)
		require.Equal(t, want, n)
	}
	send(t, client, "ten bytes.")
	urgent(t, client)
	send(t, client, "behind")
	arrived(t, client)
	splice(10, 0)
	splice(0, core.EAGAIN)
	splice(0, core.EAGAIN)
	b := make([]byte, 100)
	n, e := s.Recv(b[:3])
	require.Zero(t, e)
	require.Equal(t, "beh", string(b[:n]))
	splice(3, 0)
	urgent(t, client)
	send(t, client, "last")
	require.NoError(t, client.CloseWrite())
	arrived(t, client)
	splice(0, 0)
	n, e = s.Recv(b)
	require.Zero(t, e)
	require.Equal(t, "last", string(b[:n]))
	splice(0, 0)
}
