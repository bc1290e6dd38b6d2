package real

import (
	"net/netip"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/streamif"
)

// peer is a blocking socket on plain system calls, so that a benchmark measures
// the worker and not Go's network poller.
type peer int

func (p peer) send(b testing.TB, data []byte) {
	for len(data) > 0 {
		n, err := unix.SendmsgN(int(p), data, nil, nil, unix.MSG_NOSIGNAL)
		require.NoError(b, err)
		data = data[n:]
	}
}

// recv reads until data is full or the stream ends, and returns how much.
func (p peer) recv(b testing.TB, data []byte) int {
	got := 0
	for got < len(data) {
		n, _, err := unix.Recvfrom(int(p), data[got:], 0)
		require.NoError(b, err)
		if n == 0 {
			break
		}
		got += n
	}
	return got
}

func (p peer) shutW(b testing.TB) { require.NoError(b, unix.Shutdown(int(p), unix.SHUT_WR)) }

func (p peer) close(b testing.TB) { require.NoError(b, unix.Close(int(p))) }

// scene is a running worker with a client's and a server's end.
type scene struct {
	b     *testing.B
	relay *relay
	to    unix.Sockaddr
	ln    *Listener
}

func newScene(b *testing.B, edge bool, bufSize int) *scene {
	all, err := Listen(anyPort, 1)
	require.NoError(b, err)
	s := &scene{b: b, ln: all[0]}
	require.NoError(b, unix.SetNonblock(s.ln.num, false))
	cfg := config(edge, s.ln.Addr())
	cfg.Proxy.ClientTimeout = streamif.Defaults().ClientTimeout
	cfg.Proxy.ServerTimeout = streamif.Defaults().ServerTimeout
	cfg.Proxy.BufSize = bufSize
	s.relay = start(b, cfg)
	s.to = inet4(s.relay.addr)
	return s
}

func inet4(a netip.AddrPort) unix.Sockaddr {
	return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
}

func (s *scene) dial() peer {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	require.NoError(s.b, err)
	require.NoError(s.b, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1))
	require.NoError(s.b, unix.Connect(fd, s.to))
	return peer(fd)
}

func (s *scene) accept() peer {
	fd, _, err := unix.Accept4(s.ln.num, unix.SOCK_CLOEXEC)
	require.NoError(s.b, err)
	return peer(fd)
}

// report stops the worker and adds its system calls to the result.
func (s *scene) report() {
	s.b.StopTimer()
	require.NoError(s.b, s.relay.stop(s.b))
	total := float64(0)
	for c := range NumCalls {
		total += float64(s.relay.calls[c])
		s.b.ReportMetric(float64(s.relay.calls[c])/float64(s.b.N), c.String()+"/op")
	}
	s.b.ReportMetric(total/float64(s.b.N), "syscalls/op")
	require.Zero(s.b, s.ln.Close())
}

// modes runs a benchmark under both poller modes.
func modes(b *testing.B, bench func(b *testing.B, edge bool)) {
	b.Run("level", func(b *testing.B) { bench(b, false) })
	b.Run("edge", func(b *testing.B) { bench(b, true) })
}

func BenchmarkRoundTrip(b *testing.B) {
	modes(b, func(b *testing.B, edge bool) {
		s := newScene(b, edge, 16384)
		client := s.dial()
		server := s.accept()
		msg := make([]byte, 64)
		for b.Loop() {
			client.send(b, msg)
			server.recv(b, msg)
			server.send(b, msg)
			client.recv(b, msg)
		}
		s.report()
		client.close(b)
		server.close(b)
	})
}

func BenchmarkBulk(b *testing.B) {
	const size = 1 << 20
	for _, bufSize := range []int{16 << 10, 64 << 10, 256 << 10} {
		b.Run(map[int]string{16 << 10: "16K", 64 << 10: "64K", 256 << 10: "256K"}[bufSize], func(b *testing.B) {
			s := newScene(b, true, bufSize)
			client := s.dial()
			server := s.accept()
			done := make(chan struct{})
			go func() {
				defer close(done)
				sink := make([]byte, size)
				for server.recv(b, sink) > 0 {
				}
			}()
			data := make([]byte, size)
			b.SetBytes(size)
			for b.Loop() {
				client.send(b, data)
			}
			client.shutW(b)
			<-done
			s.report()
			client.close(b)
			server.close(b)
		})
	}
}

// BenchmarkShortConnection has so many connections under way at once; one
// operation is one connection.
func BenchmarkShortConnection(b *testing.B) {
	for _, batch := range []int{1, 64} {
		b.Run(strconv.Itoa(batch), func(b *testing.B) {
			modes(b, func(b *testing.B, edge bool) { shortConnections(b, edge, batch) })
		})
	}
}

func shortConnections(b *testing.B, edge bool, batch int) {
	s := newScene(b, edge, 16384)
	msg := make([]byte, 64)
	clients, servers := make([]peer, batch), make([]peer, batch)
	for done := 0; done < b.N; done += batch {
		for i := range clients {
			clients[i] = s.dial()
			clients[i].send(b, msg)
		}
		for i := range servers {
			servers[i] = s.accept()
			servers[i].recv(b, msg)
			servers[i].send(b, msg)
		}
		for _, c := range clients {
			c.recv(b, msg)
			c.shutW(b)
		}
		for _, p := range servers {
			require.Zero(b, p.recv(b, msg))
			p.close(b)
		}
		for _, c := range clients {
			require.Zero(b, c.recv(b, msg))
			c.close(b)
		}
	}
	s.report()
}
