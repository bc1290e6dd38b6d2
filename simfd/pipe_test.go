package simfd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// town has servers that do as they are told, and nobody who wants to know anything.
type town struct{ far *simfd.Socket }

func (*town) Changed(int, core.Events) {}
func (*town) Parted(int)               {}
func (*town) Joined(int)               {}
func (*town) Closed(int)               {}
func (*town) Ready()                   {}

func (t *town) Served(_ uint32, s *simfd.Socket) simfd.Peer {
	t.far = s
	return t
}

// TestASlotTakesWhatArrivedAtOnce on the link that it came over.
func TestASlotTakesWhatArrivedAtOnce(t *testing.T) {
	var w sim.World
	var k simfd.Kernel
	var servers town
	w.Reset(sim.Benign{})
	front := sim.Link{Segment: 100, SndBuf: 1000, RcvBuf: 1000}
	back := front
	back.Segment = 10
	k.Reset(&w, simfd.Params{Files: 9, Front: front, Back: back, PipeSlots: 3}, &servers, &servers)
	settle := func() {
		for w.Step() {
		}
	}
	fd, e := k.Socket(0, 0)
	require.Zero(t, e)
	require.Equal(t, core.EINPROGRESS, fd.Connect())
	settle()
	servers.far.Send(make([]byte, 34), false)
	settle()
	servers.far.Send(make([]byte, 3), false)
	settle()
	pipe, e := k.Pipe()
	require.Zero(t, e)
	for _, want := range []int{30, 7} {
		n, e := fd.SpliceIn(pipe, 1000)
		require.Zero(t, e)
		require.Equal(t, want, n)
		n, e = pipe.Read(make([]byte, 1000))
		require.Zero(t, e)
		require.Equal(t, want, n)
	}
}
