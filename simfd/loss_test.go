package simfd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// accident is a source in which one op strikes, once for each actor that asks.
type accident struct {
	op  sim.Op
	val int
	who sim.Actor // 0: anybody
}

func (a accident) Choose(who sim.Actor, op sim.Op, ord uint32, _ int) int {
	if op == a.op && ord == 0 && (a.who == 0 || who.Kind() == a.who) {
		return a.val
	}
	return 0
}

// call connects the program with a server in a world of accidents.
func call(t *testing.T, src sim.Source) (w *sim.World, near, far *simfd.Socket) {
	return watched(t, src, core.Vigil{})
}

// watched does, and the program's kernel keeps a vigil.
func watched(t *testing.T, src sim.Source, vigil core.Vigil) (w *sim.World, near, far *simfd.Socket) {
	w, k, servers := &sim.World{}, &simfd.Kernel{}, &town{}
	w.Reset(src)
	link := sim.Link{Latency: sim.Millisecond, Segment: 100, SndBuf: 2000, RcvBuf: 1000}
	k.Reset(w, simfd.Params{Files: 9, Front: link, Back: link, Vigil: vigil}, servers, servers)
	fd, e := k.Socket(0, 0)
	require.Zero(t, e)
	require.Equal(t, core.EINPROGRESS, fd.Connect())
	settle(w)
	require.Zero(t, fd.Connect())
	return w, fd.(*simfd.Socket), servers.far
}

func settle(w *sim.World) {
	for w.Step() {
	}
}

func send(t *testing.T, s *simfd.Socket, bytes int) {
	n, e := s.Send(make([]byte, bytes), false)
	require.Zero(t, e)
	require.Equal(t, bytes, n)
}

// fails checks that the next call on a socket tells a failure.
func fails(t *testing.T, s *simfd.Socket, want core.Errno) {
	_, e := s.Recv(make([]byte, 10))
	require.Equal(t, want, e)
}

func TestWhoSendsIntoAHoleIsToldThatNobodyAnswers(t *testing.T) {
	w, near, far := call(t, accident{op: sim.OpHole, val: 1, who: sim.Back})
	began := w.Now()
	send(t, near, 10)
	settle(w)
	require.Equal(t, 15, int((w.Now()-began)/(60*sim.Second)), "minutes")
	require.Equal(t, core.ETIMEDOUT, near.Error())
	require.True(t, far.Connected(), "nobody tells the other end")
}

func TestWhoIsNotHeardDoesNotLearnThatHeIsSentSomething(t *testing.T) {
	w, near, far := call(t, accident{op: sim.OpHole, val: 1, who: sim.Server})
	began := w.Now()
	send(t, far, 1)
	require.True(t, w.Step(), "from now on nothing comes back")
	send(t, near, 10)
	settle(w)
	n, e := far.Recv(make([]byte, 100))
	require.Zero(t, e)
	require.Equal(t, 10, n, "what arrived is there all the same")
	require.Equal(t, 15, int((w.Now()-began)/(60*sim.Second)), "minutes")
	require.Equal(t, core.ETIMEDOUT, near.Error())
}

func TestAcknowledgementsThatComeLateMakeRoom(t *testing.T) {
	for v := 2; v <= 5; v++ {
		w, near, far := call(t, accident{op: sim.OpHole, val: v, who: sim.Server})
		send(t, far, 1)
		require.True(t, w.Step())
		send(t, near, 10)
		require.Zero(t, near.ShutW())
		for far.In().Readable() == 0 {
			require.True(t, w.Step())
		}
		require.Equal(t, 11, near.Untaken())
		settle(w)
		require.Zero(t, near.Untaken())
		require.True(t, near.Out().FinAcked())
		n, e := far.Recv(make([]byte, 100))
		require.Zero(t, e)
		require.Equal(t, 10, n, "and nothing comes twice")
		require.Equal(t, 1, near.In().Readable())
		require.Zero(t, near.Error())
	}
}

func TestWhoAsksInVainForRoomGivesUp(t *testing.T) {
	w, near, far := call(t, accident{op: sim.OpHole, val: 1, who: sim.Server})
	send(t, near, 1000)
	settle(w)
	send(t, near, 10)
	settle(w)
	require.Zero(t, near.Error(), "who is answered waits for ever")
	send(t, far, 1)
	settle(w)
	require.Equal(t, core.ETIMEDOUT, near.Error())
	require.Equal(t, 1000, far.In().Readable())
}

func TestRoomThatNobodyTellsOfIsAskedFor(t *testing.T) {
	w, near, far := call(t, accident{op: sim.OpHole, val: 2, who: sim.Server})
	send(t, near, 1000)
	settle(w)
	send(t, near, 10)
	send(t, far, 1)
	require.True(t, w.Step())
	n, e := far.Recv(make([]byte, 1000))
	require.Zero(t, e)
	require.Equal(t, 1000, n)
	settle(w)
	require.Equal(t, 10, far.In().Readable())
}

func TestAClosedSocketGivesUpEarlier(t *testing.T) {
	w, near, _ := call(t, accident{op: sim.OpHole, val: 1, who: sim.Back})
	began := w.Now()
	send(t, near, 10)
	require.Zero(t, near.Close(false))
	settle(w)
	require.Equal(t, 102, int((w.Now()-began)/sim.Second), "seconds")
}

func TestAfterAPartitionAllArrives(t *testing.T) {
	for v := 1; v <= 4; v++ {
		w, near, far := call(t, accident{op: sim.OpPartition, val: v, who: sim.Back})
		send(t, near, 10)
		settle(w)
		n, e := far.Recv(make([]byte, 100))
		require.Zero(t, e)
		require.Equal(t, 10, n)
		require.Zero(t, near.Error())
	}
}

func TestAResetInAPartitionLeavesTheOtherEndHalfOpen(t *testing.T) {
	w, near, far := call(t, accident{op: sim.OpPartition, val: 1, who: sim.Back})
	send(t, near, 10)
	require.True(t, w.Step(), "the segment is lost")
	require.Zero(t, near.Close(true))
	settle(w)
	require.True(t, far.Connected(), "it has heard nothing")
	send(t, far, 1)
	settle(w)
	fails(t, far, core.ECONNRESET)
}

func TestAResetThatIsLostIsSaidAgainToWhoSends(t *testing.T) {
	w, near, far := call(t, accident{op: sim.OpRstLost, val: 1, who: sim.Back})
	require.Zero(t, near.Close(true))
	settle(w)
	require.True(t, far.Connected(), "it has heard nothing")
	require.Zero(t, far.ShutW())
	settle(w)
	fails(t, far, core.ECONNRESET)
}

func TestAPeerWithoutMemoryAnswersWithAReset(t *testing.T) {
	w, near, far := call(t, sim.Benign{})
	far.Vanish()
	settle(w)
	require.True(t, near.Connected(), "it says nothing by itself")
	send(t, near, 10)
	settle(w)
	fails(t, near, core.ECONNRESET)
}

// noWay is a hole behind which a router says that there is no way.
type noWay struct{ accident }

func (n noWay) Choose(who sim.Actor, op sim.Op, ord uint32, k int) int {
	if op == sim.OpUnreachable {
		return 1
	}
	return n.accident.Choose(who, op, ord, k)
}

func TestWhoGivesUpTellsWhatARouterSaid(t *testing.T) {
	w, near, _ := call(t, noWay{accident{op: sim.OpHole, val: 1, who: sim.Back}})
	send(t, near, 10)
	settle(w)
	fails(t, near, core.EHOSTUNREACH)
}
