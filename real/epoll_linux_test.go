package real

import (
	"io"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"millrace/core"
)

func newPoller(t *testing.T, edge bool) *Epoll {
	p, err := NewEpoll(edge, new(Calls))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// ends returns a connected pair of sockets.
func ends(t *testing.T) (a, b core.FD) {
	l := bind(t)
	k, err := NewSockets([]netip.AddrPort{l.Addr()}, new(Calls))
	require.NoError(t, err)
	l.Serve(k)
	a, e := k.Socket(0, 0)
	require.Zero(t, e)
	for e = a.Connect(); e == core.EINPROGRESS || e == core.EALREADY; e = a.Connect() {
	}
	require.Contains(t, []core.Errno{0, core.EISCONN}, e)
	b, _, e = l.Accept()
	require.Zero(t, e)
	require.Zero(t, l.Close())
	t.Cleanup(func() {
		for _, fd := range []core.FD{a, b} {
			if fd.(*socket).open {
				require.Zero(t, fd.Close(false))
			}
		}
	})
	return a, b
}

// undisturbed is Wait, begun again where a signal has ended it: Go sends some to a thread that
// has not been to the scheduler for a while, and a raw wait is no visit.
func undisturbed(p *Epoll, ready []core.Ready, deadline core.Time) (n int, now core.Time, e core.Errno) {
	for n, now, e = p.Wait(ready, deadline); e == core.EINTR; n, now, e = p.Wait(ready, deadline) {
	}
	return n, now, e
}

func wait(t *testing.T, p *Epoll, span core.Time) []core.Ready {
	ready := make([]core.Ready, 8)
	n, _, e := undisturbed(p, ready, p.Now()+span)
	require.Zero(t, e)
	return ready[:n]
}

func TestLevelReportsForAsLongAsItLastsEdgeOnce(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		p := newPoller(t, edge)
		a, b := ends(t)
		key := core.Key(7)<<32 | core.Key(b.Num())
		require.Zero(t, p.Set(key, 0, core.EvIn))
		_, e := a.Send([]byte("x"), false)
		require.Zero(t, e)
		report := []core.Ready{{Key: key, Events: core.EvIn}}
		require.Equal(t, report, wait(t, p, 10*core.Second))
		if edge {
			require.Empty(t, wait(t, p, core.Millisecond))
		} else {
			require.Equal(t, report, wait(t, p, core.Second))
		}
		require.Zero(t, p.Set(key, core.EvIn, core.EvIn|core.EvOut))
		require.Equal(t, []core.Ready{{Key: key, Events: core.EvIn | core.EvOut}}, wait(t, p, core.Second))
		require.Zero(t, p.Set(key, core.EvIn|core.EvOut, 0))
		require.Empty(t, wait(t, p, core.Millisecond))
	})
}

func TestAClosedSocketIsForgotten(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		p := newPoller(t, edge)
		a, b := ends(t)
		require.Zero(t, p.Set(core.Key(1)<<32|core.Key(b.Num()), 0, core.EvIn))
		_, e := a.Send([]byte("x"), false)
		require.Zero(t, e)
		require.Zero(t, b.Close(false))
		require.Empty(t, wait(t, p, core.Millisecond))
	})
}

func TestWakeEndsASleepAndIsNotReported(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		p := newPoller(t, edge)
		ready := make([]core.Ready, 1)
		for range 3 {
			woke := make(chan struct{})
			go func() {
				p.Wake()
				close(woke)
			}()
			n, _, e := undisturbed(p, ready, 0)
			<-woke
			require.Zero(t, n)
			require.Zero(t, e)
		}
	})
}

func TestWaitSleepsNoShorterThanAsked(t *testing.T) {
	p := newPoller(t, true)
	at := p.Now() + 1500*core.Microsecond
	_, now, e := undisturbed(p, make([]core.Ready, 1), at)
	require.Zero(t, e)
	require.GreaterOrEqual(t, now, at)
	require.Equal(t, uint64(1), p.calls[CallEpollWait], "an idle poller asks once")
	_, _, e = undisturbed(p, make([]core.Ready, 1), now)
	require.Zero(t, e)
	require.Equal(t, uint64(2), p.calls[CallEpollWait])
}

func TestASleepingWorkerDoesNotStopTheGarbageCollector(t *testing.T) {
	cfg := config(true, anyPort)
	start(t, cfg)
	time.Sleep(20 * time.Millisecond) // it sleeps by now
	done := make(chan struct{})
	go func() {
		for range 5 {
			runtime.GC()
		}
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(patience):
		require.FailNow(t, "the garbage collector waits for the worker")
	}
}

func TestSocketsTellTheTruth(t *testing.T) {
	a, b := ends(t)
	buf := make([]byte, 16)
	_, e := a.Recv(buf)
	require.Equal(t, core.EAGAIN, e)
	n, e := a.Send([]byte("hello"), true)
	require.Equal(t, 5, n)
	require.Zero(t, e)
	require.Zero(t, a.ShutW())
	require.Eventually(t, func() bool { n, e = b.Recv(buf); return e == 0 }, patience, time.Millisecond)
	require.Equal(t, "hello", string(buf[:n]))
	n, e = b.Recv(buf)
	require.Zero(t, n)
	require.Zero(t, e, "the FIN")
	_, e = a.Send([]byte("x"), false)
	require.Equal(t, core.EPIPE, e)
	require.Zero(t, b.Close(true))
	require.Eventually(t, func() bool { _, e = a.Recv(buf); return e != core.EAGAIN }, patience, time.Millisecond)
	require.Equal(t, core.ECONNRESET, e)
}

func TestBothEndsSendSmallSegmentsAtOnce(t *testing.T) {
	a, b := ends(t)
	noDelay := func(fd core.FD) int {
		v, err := unix.GetsockoptInt(fd.Num(), unix.IPPROTO_TCP, unix.TCP_NODELAY)
		require.NoError(t, err)
		return v
	}
	require.Equal(t, 1, noDelay(b), "inherited from the listener")
	for want := range 2 { // the dialed end sets it before the second send
		_, e := a.Send([]byte("x"), false)
		require.Zero(t, e)
		require.Equal(t, want, noDelay(a))
	}
}

// TestARegistrationIsACallWithAnswers: those that the simulated kernel has too.
func TestARegistrationIsACallWithAnswers(t *testing.T) {
	p, err := NewEpoll(false, new(Calls))
	require.NoError(t, err)
	defer p.Close()
	a, _ := ends(t)
	key := core.Key(a.Num())
	require.Equal(t, []core.Errno{core.ENOENT, core.ENOENT, 0, core.EEXIST, 0, 0}, []core.Errno{
		p.Mod(key, core.EvIn), p.Del(key), p.Add(key, 0), p.Add(key, core.EvIn), p.Mod(key, core.EvOut), p.Del(key)})
	gone := core.Key(1 << 20)
	require.Equal(t, []core.Errno{core.EBADF, core.EBADF, core.EBADF}, []core.Errno{p.Add(gone, 0), p.Mod(gone, 0), p.Del(gone)})
}

func TestAddressesSurviveTheKernelsForm(t *testing.T) {
	for _, s := range []string{"127.0.0.1:80", "[::1]:65535", "[2001:db8::5]:443", "[::ffff:1.2.3.4]:9"} {
		a := netip.MustParseAddrPort(s)
		sa, err := newSockaddr(a)
		require.NoError(t, err)
		require.Equal(t, netip.AddrPortFrom(a.Addr().Unmap(), a.Port()), written(sa.addr()))
	}
	_, err := newSockaddr(netip.AddrPort{})
	require.EqualError(t, err, "no valid address")
	_, err = newSockaddr(netip.MustParseAddrPort("[fe80::1%nosuchlink]:1"))
	require.ErrorContains(t, err, "nosuchlink")
}

// TestEveryWakeWakes: also the one after a few hundred, whose count would be too much
// for the eventfd if it grew by more than one each time.
func TestEveryWakeWakes(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		p := newPoller(t, edge)
		ready := make([]core.Ready, 4)
		for i := range 2000 {
			p.Wake()
			begin := p.Now()
			_, now, e := undisturbed(p, ready, begin+10*core.Second)
			require.Zero(t, e)
			require.Less(t, now-begin, 5*core.Second, "wake %d", i)
		}
	})
}

// TestWhoStopsTheWorldIsNotKeptWaiting by a loop that dozes between the messages of a peer: the
// collector comes to its end each time, and so do the messages.
func TestWhoStopsTheWorldIsNotKeptWaiting(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		r, client, server := pair(t, edge)
		stop := make(chan struct{})
		trips := async(func() (d digest, err error) {
			for b := []byte{0}; ; d.n++ {
				select {
				case <-stop:
					return d, nil
				default:
				}
				for _, c := range [...][2]stream{{client, server}, {server, client}} {
					if _, err := c[0].Write(b); err != nil {
						return d, err
					}
					if _, err := io.ReadFull(c[1], b); err != nil {
						return d, err
					}
				}
			}
		})
		for range 100 {
			runtime.GC()
		}
		close(stop)
		got := <-trips
		require.NoError(t, got.err)
		require.NotZero(t, got.d.n)
		require.NoError(t, r.stop(t))
	})
}
