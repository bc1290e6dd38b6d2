package real

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/streamif"
)

// grouped starts a worker that echoes on several addresses.
func grouped(t *testing.T, edge bool, n, record int) (*relay, []netip.AddrPort) {
	var lns []*Listener
	var addrs []netip.AddrPort
	for range n {
		lns = append(lns, bind(t))
		addrs = append(addrs, lns[len(lns)-1].Addr())
	}
	cfg := config(edge)
	cfg.Proxy.Applet, cfg.Record = streamif.Echo{}, record
	w, err := NewWorker(0, cfg, lns...)
	require.NoError(t, err)
	r := &relay{Worker: w, addr: addrs[0], over: make(chan error, 1)}
	go func() { r.over <- w.Run() }()
	t.Cleanup(func() {
		w.Kill()
		require.NoError(t, r.wait(t))
	})
	return r, addrs
}

func TestSeveralListenersAreServedAlike(t *testing.T) {
	before := openFiles(t)
	pollers(t, func(t *testing.T, edge bool) {
		r, addrs := grouped(t, edge, 3, 1<<16)
		for i := range 60 {
			c := dial(t, addrs[i*i%3])
			send(t, c, "hello")
			expect(t, c, "hello")
			if i%4 == 0 {
				require.NoError(t, c.Close())
			}
		}
		tr := r.trace(t)
		replays(t, tr)
	})
	require.Equal(t, before, openFiles(t))
}

// couple is a group of two listeners, until the test ends.
func couple(t *testing.T) (g *group, a, b *Listener) {
	a, b = bind(t), bind(t)
	g, err := newGroup([]*Listener{a, b})
	require.NoError(t, err)
	t.Cleanup(func() { require.Zero(t, g.Close()) })
	k, err := NewSockets(nil, new(Calls))
	require.NoError(t, err)
	g.Serve(k)
	return g, a, b
}

// TestABusyListenerStarvesNoOther: each gets its turn. Which is first is the kernel's to say:
// on a busy machine a connection that was made later may be in its queue earlier.
func TestABusyListenerStarvesNoOther(t *testing.T) {
	g, a, b := couple(t)
	for range 5 {
		dial(t, a.Addr())
	}
	quiet := dial(t, b.Addr())
	g.last()
	require.EqualValues(t, 5, a.goal)
	require.EqualValues(t, 1, b.goal)
	turn := -1
	for i := range 6 {
		fd, peer, e := g.Accept()
		require.Zero(t, e)
		require.EqualValues(t, i+1, peer.Label)
		require.Equal(t, i == 5, g.done())
		if written(peer.Addr).String() == quiet.LocalAddr().String() {
			turn = i
		}
		require.Zero(t, fd.Close(false))
	}
	require.Contains(t, []int{0, 1}, turn, "the quiet one waits for one of the others at most")
}

// TestWhoComesLateTakesNobodysPlace: a listener that nobody waited at when a drain began lets
// one in, who is not counted for those who wait at another.
func TestWhoComesLateTakesNobodysPlace(t *testing.T) {
	g, a, b := couple(t)
	dial(t, a.Addr())
	dial(t, a.Addr())
	g.last()
	dial(t, b.Addr())
	for i := range 3 {
		require.False(t, g.done(), i)
		fd, _, e := g.Accept()
		require.Zero(t, e)
		require.Zero(t, fd.Close(false))
	}
	require.True(t, g.done())
}
