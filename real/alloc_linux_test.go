//go:build !race

// Under the race detector the compiler checks pointer conversions, and for that
// moves to the heap what is passed to a system call by address.

package real

import (
	"io"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/streamif"
)

// hand drives a worker and its peers from one goroutine, all on raw calls, so
// that whatever is allocated in between was allocated by the worker's loop.
type hand struct {
	t     *testing.T
	w     *Worker
	peers *Sockets
	front *Listener // the worker's
	back  *Listener // the server's; nil with an applet
	buf   []byte
}

func newHand(t *testing.T, edge bool, applet streamif.Maker) *hand {
	h := &hand{t: t, buf: make([]byte, 64<<10)}
	cfg := config(edge)
	if applet == nil {
		h.back = bind(t)
		cfg.Servers = []netip.AddrPort{h.back.Addr()}
		t.Cleanup(func() { require.Zero(t, h.back.Close()) })
	}
	cfg.Proxy.Applet = applet
	cfg.Proxy.ClientTimeout, cfg.Proxy.ServerTimeout = core.Second*60, core.Second*60
	cfg.Proxy.BulkSize, cfg.Proxy.BulkBuffers = 512<<10, 4
	cfg.Log, cfg.Sessions = NewLog(io.Discard, 1), true
	h.front = bind(t)
	var calls Calls
	var err error
	h.peers, err = NewSockets([]netip.AddrPort{h.front.Addr()}, &calls)
	require.NoError(t, err)
	if h.back != nil {
		h.back.Serve(h.peers)
	}
	h.w, err = NewWorker(0, cfg, h.front)
	require.NoError(t, err)
	t.Cleanup(func() {
		h.w.Kill()
		require.NoError(t, h.w.Run())
		require.True(t, cfg.Log.Close(patience))
	})
	return h
}

// turn runs one round that does not sleep.
func (h *hand) turn() {
	h.w.epoll.Wake()
	if e := h.w.round(); e != 0 {
		h.t.Fatal(e)
	}
	if h.w.loop.Now() > core.Time(patience) {
		h.t.Fatal("something that must happen does not")
	}
}

func (h *hand) dial() core.FD {
	fd, e := h.peers.Socket(0, 0)
	if e != 0 {
		h.t.Fatal(e)
	}
	for e = fd.Connect(); e == core.EINPROGRESS || e == core.EALREADY; e = fd.Connect() {
	}
	if e != 0 && e != core.EISCONN {
		h.t.Fatal(e)
	}
	return fd
}

func (h *hand) accept() core.FD {
	for {
		fd, _, e := h.back.Accept()
		if e == 0 {
			return fd
		}
		if e != core.EAGAIN {
			h.t.Fatal(e)
		}
		h.turn()
	}
}

// pass sends n bytes from one peer and turns the worker until the other has them.
func (h *hand) pass(from, to core.FD, n int) {
	for sent, got := 0, 0; got < n; {
		if sent < n {
			k, _ := from.Send(h.buf[:n-sent], false)
			sent += k
		}
		h.turn()
		k, e := to.Recv(h.buf[:n-got])
		if got += k; k == 0 && e != core.EAGAIN {
			h.t.Fatal("the stream ended early: ", e)
		}
	}
}

// end turns the worker until fd reads its end of stream.
func (h *hand) end(fd core.FD) {
	for {
		if n, e := fd.Recv(h.buf); n == 0 && e != core.EAGAIN {
			return
		}
		h.turn()
	}
}

// connection is a whole life: request, answer, half-close, close.
func (h *hand) connection() {
	client := h.dial()
	server := h.accept()
	h.pass(client, server, 64)
	h.pass(server, client, 64)
	client.ShutW()
	h.end(server)
	server.Close(false)
	h.end(client)
	client.Close(false)
	for h.w.socks.Live() > 0 {
		h.turn()
	}
}

func TestARoundTripAllocatesNothing(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		h := newHand(t, edge, nil)
		client := h.dial()
		server := h.accept()
		trip := func() {
			h.pass(client, server, 64)
			h.pass(server, client, 64)
		}
		trip()
		require.Zero(t, testing.AllocsPerRun(2000, trip))
		bulk := func() { h.pass(client, server, 1<<16) }
		bulk()
		require.Zero(t, testing.AllocsPerRun(200, bulk))
		client.Close(false)
		server.Close(false)
	})
}

func TestAnEchoAllocatesNothing(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		h := newHand(t, edge, streamif.Echo{})
		client := h.dial()
		trip := func() { h.pass(client, client, 1<<16) }
		trip()
		require.Zero(t, testing.AllocsPerRun(500, trip))
		client.Close(false)
	})
}

func TestAConnectionAllocatesNothingOnceWarm(t *testing.T) {
	pollers(t, func(t *testing.T, edge bool) {
		h := newHand(t, edge, nil)
		for range 3 {
			h.connection()
		}
		require.Zero(t, testing.AllocsPerRun(300, h.connection))
	})
}

func TestPublishingAndLoggingAllocateNothing(t *testing.T) {
	h := newHand(t, true, streamif.Echo{})
	run := func() {
		h.w.pub.at = h.w.loop.Now()
		h.w.pub.tick()
		if b := h.w.obs.journal.begin("INFO", "line"); b != nil {
			h.w.obs.journal.end(b)
		}
	}
	run()
	require.Zero(t, testing.AllocsPerRun(300, run))
}
