package simpoller

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
)

// readers is a deck with three descriptors, each with something to read.
func readers(t *testing.T, edge bool, src sim.Source) *deck {
	d := newDeck(edge, src)
	for i := range 3 {
		d.connect(t, in)
		d.say(i, 5)
	}
	return d
}

func TestAHealthyPollerAddsNothing(t *testing.T) {
	d := readers(t, true, sim.Benign{})
	d.fds[1].Close(false)
	require.Equal(t, "fd0.1 IN, fd2.1 IN", d.wait(9))
	for range 5 {
		require.Equal(t, "-", d.wait(9))
	}
}

func TestTruncatedLinesAreNotLost(t *testing.T) {
	for _, c := range []struct {
		name string
		src  sim.Source
		room int
		want []string
	}{
		{"no room", sim.Benign{}, 1, []string{"fd0.1 IN", "fd1.1 IN", "fd2.1 IN", "-"}},
		{"little room", sim.Benign{}, 2, []string{"fd0.1 IN, fd1.1 IN", "fd2.1 IN", "-"}},
		{"chosen", force{op: sim.OpTruncate, val: 1}, 9, []string{"fd0.1 IN", "fd1.1 IN, fd2.1 IN", "-"}},
		{"one is late", sim.NewScript([]sim.Decision{{Actor: sim.Back | 1, Op: sim.OpLate, Val: 1}}), 9, []string{"fd0.1 IN, fd2.1 IN", "fd1.1 IN", "-"}},
		{"interrupted", force{op: sim.OpWaitIntr, val: 1}, 9, []string{"EINTR", "fd0.1 IN, fd1.1 IN, fd2.1 IN", "-"}},
		{"the second first", force{op: sim.OpRotate, val: 1}, 9, []string{"fd1.1 IN, fd2.1 IN, fd0.1 IN", "-"}},
		{"chosen and first", sim.NewScript([]sim.Decision{{Actor: sim.PollerOf, Op: sim.OpTruncate, Val: int(sim.Back)}}), 9,
			[]string{"fd0.1 IN, fd1.1 IN, fd2.1 IN", "-"}},
		{"the last first", force{op: sim.OpRotate, val: 2}, 9, []string{"fd2.1 IN, fd0.1 IN, fd1.1 IN", "-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := readers(t, true, c.src)
			for i, want := range c.want {
				require.Equal(t, i < len(c.want)-1, d.Pending())
				require.Equal(t, want, d.wait(c.room))
			}
		})
	}
}

func TestLevelTakesTurnsIfThereIsNoRoomForAll(t *testing.T) {
	d := readers(t, false, sim.Benign{})
	for _, want := range []string{"fd0.1 IN, fd1.1 IN", "fd2.1 IN, fd0.1 IN", "fd1.1 IN, fd2.1 IN"} {
		require.Equal(t, want, d.wait(2))
	}
}

func TestBothHalvesOfASplitReportArrive(t *testing.T) {
	for _, edge := range []bool{false, true} {
		d := newDeck(edge, force{op: sim.OpSplit, val: 1})
		fd := d.connect(t, both)
		d.say(0, 5)
		require.Equal(t, "fd0.1 IN", d.wait(9))
		d.read(fd, 9)
		require.Equal(t, "fd0.1 OUT", d.wait(9))
		want := "fd0.1 OUT"
		if edge {
			want = "-"
		}
		require.Equal(t, want, d.wait(9))
	}
}

// TestAReportIsSplitWhereItSays: ERR and HUP may come before what there is to read, or
// the end after it. The second report tells all that is true then.
func TestAReportIsSplitWhereItSays(t *testing.T) {
	for val, first := range []string{1: "IN|ERR|HUP|RDHUP", 2: "IN|OUT|ERR", 3: "ERR|HUP|RDHUP"} {
		if val == 0 {
			continue
		}
		d := newDeck(true, force{op: sim.OpSplit, val: val})
		d.connect(t, both)
		d.peers[0].Close(true)
		d.run()
		require.Equal(t, "fd0.1 "+first, d.wait(9))
		require.Equal(t, "fd0.1 IN|OUT|ERR|HUP|RDHUP", d.wait(9))
		require.Equal(t, "-", d.wait(9))
	}
}

// TestOneLineOvertakesTheOthers: by its own descriptor's choice, so that the order of a
// report depends on nobody else.
func TestOneLineOvertakesTheOthers(t *testing.T) {
	d := readers(t, true, sim.NewScript([]sim.Decision{{Actor: sim.Back | 2, Op: sim.OpAhead, Val: 1}}))
	require.Equal(t, "fd2.1 IN, fd0.1 IN, fd1.1 IN", d.wait(9))
	d = readers(t, true, sim.NewScript([]sim.Decision{{Actor: sim.Back | 1, Op: sim.OpAhead, Val: 1}, {Actor: sim.Back | 2, Op: sim.OpAhead, Val: 1}}))
	require.Equal(t, "fd1.1 IN, fd2.1 IN, fd0.1 IN", d.wait(9))
}

// TestAHangupThatIsNoneIsSaidOnceAndIsKnownToBeMadeUp: what every call denies.
func TestAHangupThatIsNoneIsSaidOnceAndIsKnownToBeMadeUp(t *testing.T) {
	d := newDeck(true, force{op: sim.OpEarlyHup, val: 1})
	fd := d.connect(t, in)
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN|HUP", d.wait(9))
	require.Equal(t, core.EvHup, d.kernel.FD(fd).Lies())
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN", d.wait(9))
}

func TestAReportOfOneDirectionHasNoHalves(t *testing.T) {
	d := newDeck(true, force{op: sim.OpSplit, val: 1})
	d.connect(t, core.EvOut)
	require.Equal(t, "fd0.1 OUT", d.wait(9))
	d.connect(t, core.EvIn)
	d.say(1, 5)
	require.Equal(t, "fd1.1 IN", d.wait(9))
	require.Empty(t, d.Choices.Taken)
}

func TestASecondHalfThatIsNoLongerTrueStillArrives(t *testing.T) {
	d := newDeck(true, force{op: sim.OpSplit, val: 1})
	fd := d.connect(t, both)
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN", d.wait(9))
	d.read(fd, 9)
	d.kernel.FD(fd).Send(make([]byte, 30), false) // no room is left
	require.Equal(t, "fd0.1 OUT", d.wait(9))
	d.run()
	require.Equal(t, "fd0.1 OUT", d.wait(9), "and the room that came since is a change")
	require.Equal(t, "-", d.wait(9))
}

func TestASplitReportIsForgottenOnClose(t *testing.T) {
	d := newDeck(true, force{op: sim.OpSplit, val: 1})
	fd := d.connect(t, both)
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN", d.wait(9))
	d.fds[0].Close(false)
	d.connect(t, 0)
	d.set(fd, 2, 0, core.EvIn)
	require.Equal(t, "-", d.wait(9))
}

func TestStaleLinesComeOnlyWhenChosen(t *testing.T) {
	d := readers(t, true, force{op: sim.OpStale, val: 1, ord: 1})
	d.wait(9)
	require.Equal(t, "-", d.wait(9), "nothing has been closed")
	d.fds[1].Close(false)
	require.Equal(t, "-", d.wait(9))
	require.Equal(t, "fd1.1 IN|OUT|HUP", d.wait(9))
	require.Equal(t, "-", d.wait(9))
}

func TestWhatWasNeverWatchedHasNoStaleLine(t *testing.T) {
	d := newDeck(true, force{op: sim.OpStale, val: 1})
	d.connect(t, 0)
	d.fds[0].Close(false)
	require.Equal(t, "-", d.wait(9))
	fd := d.connect(t, in)
	d.set(fd, 1, in, 0)
	d.fds[1].Close(false)
	require.Equal(t, "-", d.wait(9))
}

func TestSpuriousLinesComeOnlyWhenChosenAndForWhatIsWanted(t *testing.T) {
	for val, want := range []string{"-", "fd0.1 IN", "fd1.1 IN|OUT", "-"} {
		d := newDeck(true, force{op: sim.OpSpurious, val: val, ord: 1})
		d.connect(t, in)
		d.connect(t, both)
		d.connect(t, both)
		d.set(2, 1, both, 0)
		d.wait(9)
		require.Equal(t, want, d.wait(9), "choice %d", val)
		require.Equal(t, "-", d.wait(9))
	}
}

func TestAFullReportLeavesNoRoomForInventions(t *testing.T) {
	d := readers(t, false, force{op: sim.OpStale, val: 1})
	d.fds[2].Close(false)
	require.Equal(t, "fd0.1 IN, fd1.1 IN", d.wait(2))
	require.Equal(t, "fd0.1 IN, fd1.1 IN, fd2.1 IN|OUT|HUP", d.wait(3))

	d = newDeck(true, sim.NewScript([]sim.Decision{
		{Actor: sim.PollerOf, Op: sim.OpStale, Ord: 0, Val: 1},
		{Actor: sim.PollerOf, Op: sim.OpSpurious, Ord: 0, Val: int(sim.Back)},
	}))
	d.connect(t, in)
	d.connect(t, in)
	d.fds[1].Close(false)
	require.Equal(t, "fd1.1 IN|OUT|HUP", d.wait(1))
	require.Equal(t, "fd0.1 IN", d.wait(1))
}

func TestARefusedWishIsNotRegistered(t *testing.T) {
	d := newDeck(true, force{op: sim.OpSetFail, val: 1})
	fd := d.connect(t, 0)
	d.say(0, 5)
	require.Equal(t, core.ENOMEM, d.set(fd, 1, 0, in))
	require.Zero(t, d.Registered(fd))
	require.Equal(t, "-", d.wait(9))
	require.Zero(t, d.set(fd, 1, 0, in))
	require.Equal(t, "fd0.1 IN", d.wait(9))
}

// TestAChangeOfAWishMayBeRefusedAndItsEndMayNot: the old one stays.
func TestAChangeOfAWishMayBeRefusedAndItsEndMayNot(t *testing.T) {
	d := newDeck(true, force{op: sim.OpSetFail, val: 1, ord: 1})
	fd := d.connect(t, in)
	require.Equal(t, core.ENOMEM, d.set(fd, 1, in, both))
	require.Equal(t, in, d.Registered(fd))
	d = newDeck(true, force{op: sim.OpSetFail, val: 1, ord: 1})
	fd = d.connect(t, in)
	require.Zero(t, d.set(fd, 1, in, 0))
}

func TestAClockJumpIsSeenByTheWaitItself(t *testing.T) {
	d := newDeck(true, force{op: sim.OpClockJump, val: 5})
	before := d.Now()
	require.Equal(t, "-", d.wait(9), "Wait tells the time after the jump")
	require.Equal(t, before+100*sim.Millisecond, d.Now())
}

func TestAReportAllowsAnotherTry(t *testing.T) {
	d := newDeck(false, sim.Benign{})
	fd := d.connect(t, in)
	d.read(fd, 9) // EAGAIN
	require.PanicsWithError(t, "I58 kernel: recv again before the poller reported anything",
		func() { d.read(fd, 9) })
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN", d.wait(9))
	d.read(fd, 9)
}

func TestAReportOfRoomOrOfAnErrorAllowsAnotherWrite(t *testing.T) {
	for _, end := range []struct {
		do   func(d *deck)
		want string
	}{
		{func(d *deck) { d.run(); d.peers[0].Recv(make([]byte, 99)); d.run() }, "fd0.1 OUT"},
		{func(d *deck) { d.peers[0].Close(true); d.run() }, "fd0.1 OUT|ERR|HUP"},
	} {
		d := newDeck(false, sim.Benign{})
		d.connect(t, core.EvOut)
		d.wait(9)
		write := func() { d.fds[0].Send(make([]byte, 40), false) } // more than there is room for
		write()
		require.PanicsWithError(t, "I58 kernel: send again before the poller reported anything", write)
		end.do(d)
		require.Equal(t, end.want, d.wait(9))
		write()
	}
}
