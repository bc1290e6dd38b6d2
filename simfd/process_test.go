package simfd_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// crew is a program with several workers, and the clients that come to it.
type crew struct {
	w       sim.World
	workers [3]simfd.Kernel
	lsts    [3]*simfd.Listener
	clients []*simfd.Socket
	town    town
}

func newCrew(src sim.Source) *crew {
	c := new(crew)
	c.w.Reset(src)
	link := sim.Link{Latency: sim.Millisecond, Segment: 100, SndBuf: 1000, RcvBuf: 1000}
	c.workers[0].Reset(&c.w, simfd.Params{Files: 9, Front: link, Back: link, Queue: 9, PipeSlots: 4}, &c.town, &c.town)
	for i := 1; i < len(c.workers); i++ {
		c.workers[i].Join(&c.workers[0], i, &c.town)
	}
	for i := range c.workers {
		c.lsts[i] = c.workers[i].Listen()
	}
	return c
}

// come has so many clients come.
func (c *crew) come(n int) {
	for range n {
		c.clients = append(c.clients, c.workers[0].Dial(uint32(len(c.clients)), &c.town))
	}
	settle(&c.w)
}

// String says of each client which worker it has come to, and what became of it.
func (c *crew) String() string {
	var b strings.Builder
	for i, s := range c.clients {
		fmt.Fprintf(&b, " %d", c.workers[0].Holder(uint32(i)))
		if s.Failed() {
			b.WriteString(" reset")
		}
	}
	return b.String()[1:]
}

func TestClientsComeToListenersInTurnUnlessAChoiceNamesOne(t *testing.T) {
	c := newCrew(sim.NewScript([]sim.Decision{
		{Actor: sim.Client | 1, Op: sim.OpShare, Val: int(sim.Listener.Of(2))},
		{Actor: sim.Client | 3, Op: sim.OpShare, Val: int(sim.Listener.Of(9))}, // whom there is not
	}))
	c.come(4)
	require.Equal(t, "0 2 2 0", c.String())
}

// TestWhoWaitsAtAClosedListenerIsReset: package real/loopback shows that Linux does it.
func TestWhoWaitsAtAClosedListenerIsReset(t *testing.T) {
	c := newCrew(sim.Benign{})
	c.come(6)
	require.Zero(t, c.lsts[1].Close())
	settle(&c.w)
	require.Equal(t, "0 1 reset 2 0 1 reset 2", c.String())
	c.come(2)
	require.Equal(t, "0 1 reset 2 0 1 reset 2 0 2", c.String(), "all others come to those who are left")
	require.Equal(t, []int{3, 0, 3}, []int{c.workers[0].Backlog(), c.workers[1].Backlog(), c.workers[2].Backlog()})
}

func TestTheEndOfAProcessIsTheEndOfAllItHas(t *testing.T) {
	c := newCrew(sim.Benign{})
	k := &c.workers[1]
	c.come(9)
	accept := func() *simfd.Socket {
		fd, _, e := c.lsts[1].Accept()
		require.Zero(t, e)
		return fd.(*simfd.Socket)
	}
	c.clients[4].Send([]byte("unread"), false)
	settle(&c.w)
	idle, unread := accept(), accept()
	_, e := idle.Dup()
	require.Zero(t, e)
	_, e = idle.Send([]byte("last words"), false)
	require.Zero(t, e)
	pipe, e := k.Pipe()
	require.Zero(t, e)
	require.NotNil(t, pipe)
	_, e = k.EventFD(1)
	require.Zero(t, e)
	other, _, e := c.lsts[2].Accept()
	require.Zero(t, e)
	require.Equal(t, 1, other.Num(), "each process has numbers of its own")
	require.Equal(t, 1, idle.Num())

	k.Kill()
	settle(&c.w)
	require.Zero(t, k.Open())
	require.Zero(t, k.Pipes())
	require.Equal(t, "0 1 2 0 1 reset 2 0 1 reset 2", c.String(), "unread %v, waiting, and nobody else", unread)
	buf := make([]byte, 99)
	n, e := c.clients[1].Recv(buf)
	require.Zero(t, e)
	require.Equal(t, "last words", string(buf[:n]), "what was sent is still delivered")
	require.True(t, c.clients[1].In().FinIn())

	require.Zero(t, k.Listen().Num(), "another process may take its place")
	c.come(3)
	require.Equal(t, []int{4, 1, 3}, []int{c.workers[0].Backlog(), k.Backlog(), c.workers[2].Backlog()})
}

func TestADoomedProcessMakesSoManyCallsAndNoMore(t *testing.T) {
	c := newCrew(sim.Benign{})
	k := &c.workers[1]
	k.Doom(2)
	for range 2 {
		_, _, e := c.lsts[1].Accept()
		require.Equal(t, core.EAGAIN, e)
	}
	for range 2 { // also if it goes on for a while, as deferred functions do
		require.PanicsWithValue(t, simfd.Died{}, func() { c.lsts[1].Accept() })
	}
	_, _, e := c.lsts[0].Accept()
	require.Equal(t, core.EAGAIN, e, "the others live on")
	require.True(t, k.Doomed())
	k.Kill()
	k.Round()
	_, _, e = k.Listen().Accept()
	require.Equal(t, core.EAGAIN, e, "and so does who takes its place")
}
