package simfd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// ring is a program with a listener, in a world of accidents.
func ring(src sim.Source) (*sim.World, *simfd.Kernel, core.Listener) {
	w, k, town := &sim.World{}, &simfd.Kernel{}, &town{}
	w.Reset(src)
	link := sim.Link{Latency: sim.Millisecond, Segment: 100, SndBuf: 1000, RcvBuf: 1000}
	k.Reset(w, simfd.Params{Files: 9, Front: link, Back: link, Queue: 9, House: true, Judge: true}, town, town)
	return w, k, k.Listen()
}

// TestSomeFailuresOfAcceptTakeAConnectionWithThem, and others leave it where it is.
func TestSomeFailuresOfAcceptTakeAConnectionWithThem(t *testing.T) {
	for val := 1; sim.OpAccept.ValueName(val) != ""; val++ {
		w, k, lst := ring(accident{op: sim.OpAccept, val: val})
		k.Dial(0, &town{})
		settle(w)
		_, _, e := lst.Accept()
		require.Equal(t, sim.OpAccept.ValueName(val), e.String())
		w.Leap(sim.Second)
		_, _, again := lst.Accept()
		require.Equal(t, e.Passed(), again == core.EAGAIN, "%s, and then %s", e, again)
	}
}

// TestAConnectionThatIsBeingMadeIsNoneToSomeKernels: once, and then it has to wait.
func TestAConnectionThatIsBeingMadeIsNoneToSomeKernels(t *testing.T) {
	for _, call := range []func(core.FD) (int, core.Errno){
		func(fd core.FD) (int, core.Errno) { return fd.Recv(make([]byte, 9)) },
		func(fd core.FD) (int, core.Errno) { return fd.Send(make([]byte, 9), false) },
	} {
		for val, want := range []core.Errno{core.EAGAIN, core.ENOTCONN} {
			_, k, _ := ring(accident{op: sim.OpNotYet, val: val})
			fd, _ := k.Socket(0, 0)
			require.Equal(t, core.EINPROGRESS, fd.Connect())
			_, e := call(fd)
			require.Equal(t, want, e)
		}
	}
}

// TestACloseThatFailsHasClosed: the number is free, whatever the answer.
func TestACloseThatFailsHasClosed(t *testing.T) {
	_, k, _ := ring(accident{op: sim.OpClose, val: 1})
	fd, _ := k.Socket(0, 0)
	num := fd.Num()
	require.Equal(t, core.EINTR, fd.Close(false))
	again, _ := k.Socket(0, 1)
	require.Equal(t, num, again.Num())
}
