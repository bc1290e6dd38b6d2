package simpoller

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// force says val to one choice about one op, the first or a later one, and 0 to
// all others.
type force struct {
	op  sim.Op
	val int
	ord uint32
}

func (f force) Choose(_ sim.Actor, op sim.Op, ord uint32, n int) int {
	if op != f.op || ord != f.ord {
		return 0
	}
	return min(f.val, n-1)
}

// deck is a small kernel with a poller and connections to peers that do what
// the test says.
type deck struct {
	sim.World
	Poller
	kernel simfd.Kernel
	fds    []core.FD
	peers  []*simfd.Socket
	woken  int
}

func newDeck(edge bool, src sim.Source) *deck {
	d := &deck{}
	link := sim.Link{Segment: 100, SndBuf: 30, RcvBuf: 100}
	d.World.Reset(src)
	d.kernel.Reset(&d.World, simfd.Params{Judge: true, House: true, Files: 9, Front: link, Back: link, Queue: 9}, &d.Poller, d)
	d.Poller.Reset(&d.World, &d.kernel, edge, func() { d.woken++ })
	return d
}

// Served implements simfd.Network.
func (d *deck) Served(_ uint32, s *simfd.Socket) simfd.Peer {
	d.peers = append(d.peers, s)
	return d
}

// Ready implements simfd.Peer.
func (d *deck) Ready() {}

// connect opens a connection and watches it; its number is returned.
func (d *deck) connect(t *testing.T, want core.Events) int {
	label := uint32(len(d.fds))
	fd, e := d.kernel.Socket(0, label)
	require.Zero(t, e)
	fd.Connect()
	d.run()
	d.fds = append(d.fds, fd)
	if want != 0 {
		d.set(fd.Num(), 1, 0, want)
	}
	return fd.Num()
}

func (d *deck) set(num, gen int, old, want core.Events) core.Errno {
	return d.Set(core.Key(gen)<<32|core.Key(num), old, want)
}

// run lets everything that is under way arrive.
func (d *deck) run() {
	for d.World.Step() {
	}
}

// say makes a peer send n bytes, and lets them arrive.
func (d *deck) say(peer, n int) {
	d.peers[peer].Send(make([]byte, n), false)
	d.run()
}

// read takes up to n bytes.
func (d *deck) read(num, n int) {
	d.kernel.FD(num).Recv(make([]byte, n))
}

// wait prints what one Wait with room for so many lines reports.
func (d *deck) wait(room int) string {
	lines := make([]core.Ready, room)
	n, now, e := d.Wait(lines, 0)
	var text []string
	if e != 0 {
		text = append(text, e.String())
	}
	for _, l := range lines[:n] {
		text = append(text, fmt.Sprintf("fd%d.%d %v", l.Key.Num(), l.Key.Gen(), l.Events))
	}
	if now != core.Time(d.Now()) {
		text = append(text, "wrong time")
	}
	if text == nil {
		return "-"
	}
	return strings.Join(text, ", ")
}

const (
	in   = core.EvIn | core.EvRdHup
	both = core.EvIn | core.EvPri | core.EvOut | core.EvRdHup
)

func TestLevelReportsForAsLongAsItIsTrue(t *testing.T) {
	d := newDeck(false, sim.Benign{})
	fd := d.connect(t, in)
	require.Equal(t, "-", d.wait(9))
	require.False(t, d.Pending())
	d.say(0, 10)
	require.Equal(t, 1, d.woken)
	for range 3 {
		require.True(t, d.Pending())
		require.Equal(t, "fd0.1 IN", d.wait(9))
	}
	d.read(fd, 4)
	require.Equal(t, "fd0.1 IN", d.wait(9), "some is left")
	d.read(fd, 9)
	require.Equal(t, "-", d.wait(9))
	d.say(0, 1)
	require.Equal(t, "fd0.1 IN", d.wait(9))
}

func TestEdgeReportsOncePerChange(t *testing.T) {
	d := newDeck(true, sim.Benign{})
	fd := d.connect(t, both)
	require.Equal(t, "fd0.1 OUT", d.wait(9), "what is true when it is registered counts as a change")
	require.Equal(t, "-", d.wait(9))
	d.say(0, 10)
	require.Equal(t, "fd0.1 IN|OUT", d.wait(9), "all that is true is told")
	require.Equal(t, "-", d.wait(9), "nothing was read, but nothing changed")
	d.say(0, 10)
	require.Equal(t, "fd0.1 IN|OUT", d.wait(9))
	d.read(fd, 5)
	require.Equal(t, "-", d.wait(9))
	d.peers[0].ShutW()
	d.run()
	require.Equal(t, "fd0.1 IN|OUT|RDHUP", d.wait(9))
	require.Equal(t, "-", d.wait(9))
}

func TestAChangeThatIsUndoneBeforeTheWaitIsNotReported(t *testing.T) {
	d := newDeck(true, sim.Benign{})
	fd := d.connect(t, in)
	d.say(0, 5)
	d.read(fd, 9)
	require.Equal(t, "-", d.wait(9))
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN", d.wait(9))
}

func TestOnlyWhatIsWantedIsReportedButErrorsAlways(t *testing.T) {
	for _, edge := range []bool{false, true} {
		d := newDeck(edge, sim.Benign{})
		d.connect(t, core.EvOut)
		d.connect(t, 0)
		d.say(0, 5)
		d.say(1, 5)
		require.Equal(t, "fd0.1 OUT", d.wait(9))
		d.peers[0].Close(true)
		d.peers[1].Close(true)
		d.run()
		require.Equal(t, "fd0.1 OUT|ERR|HUP", d.wait(9))
		require.Zero(t, d.Registered(1))
	}
}

func TestAChangeThatNobodyAskedForWakesNobody(t *testing.T) {
	for _, edge := range []bool{false, true} {
		d := newDeck(edge, sim.Benign{})
		d.connect(t, core.EvOut)
		d.wait(9)
		d.say(0, 5)
		require.Zero(t, d.woken)
		want := "fd0.1 OUT"
		if edge {
			want = "-"
		}
		require.Equal(t, want, d.wait(9))
	}
}

func TestWatchingAgainMovesToTheEnd(t *testing.T) {
	d := newDeck(true, sim.Benign{})
	for i := range 2 {
		d.connect(t, in)
		d.say(i, 5)
	}
	d.set(0, 1, in, 0)
	d.set(0, 1, 0, in)
	require.Equal(t, "fd1.1 IN, fd0.1 IN", d.wait(9))
}

func TestThePollerCountsWhatItIsAsked(t *testing.T) {
	d := newDeck(true, sim.Benign{})
	fd := d.connect(t, in)
	d.connect(t, 0)
	d.say(0, 5)
	d.say(1, 5)
	d.wait(9)
	d.wait(9)
	d.set(fd, 1, in, both)
	require.Equal(t, Stats{Sets: 2, Waits: 2, Lines: 1, Changes: 1}, d.Stats)
}

func TestSetReportsWhatIsTrueAlready(t *testing.T) {
	for _, edge := range []bool{false, true} {
		d := newDeck(edge, sim.Benign{})
		fd := d.connect(t, 0)
		d.say(0, 5)
		require.Zero(t, d.woken, "nobody was interested")
		d.set(fd, 1, 0, in)
		require.Equal(t, "fd0.1 IN", d.wait(9))
		d.set(fd, 1, in, 0)
		require.Equal(t, "-", d.wait(9))
		d.set(fd, 1, 0, in|core.EvOut)
		require.Equal(t, "fd0.1 IN|OUT", d.wait(9))
	}
}

func TestAWishThatHasLostTrackIsABreach(t *testing.T) {
	d := newDeck(false, sim.Benign{})
	fd := d.connect(t, in)
	require.PanicsWithError(t, "I03 poller: the table thinks - is registered, it is IN|RDHUP",
		func() { d.set(fd, 1, 0, in) })
}

func TestClosingForgetsTheDescriptor(t *testing.T) {
	for _, edge := range []bool{false, true} {
		d := newDeck(edge, sim.Benign{})
		fd := d.connect(t, both)
		d.say(0, 5)
		d.fds[0].Close(false)
		require.Zero(t, d.Registered(fd))
		require.False(t, d.Pending())
		require.Equal(t, "-", d.wait(9))
		// The number begins a new life, which is not registered.
		require.Equal(t, fd, d.connect(t, 0))
		d.say(1, 5)
		require.Equal(t, "-", d.wait(9))
		d.set(fd, 2, 0, both)
		require.Equal(t, "fd0.2 IN|OUT", d.wait(9))
	}
}

func TestANumberReusedWhileItsReportWasDueIsReportedOnce(t *testing.T) {
	d := newDeck(true, sim.Benign{})
	fd := d.connect(t, in)
	d.say(0, 5)
	d.fds[0].Close(false)
	d.connect(t, 0)
	d.set(fd, 2, 0, in)
	d.say(1, 5)
	require.Equal(t, "fd0.2 IN", d.wait(9))
	require.Equal(t, "-", d.wait(9))
}

// TestWhatIsClosedIsNotRegistered: EBADF comes before what there was.
func TestWhatIsClosedIsNotRegistered(t *testing.T) {
	d := newDeck(false, sim.Benign{})
	fd := d.connect(t, 0)
	key := core.Key(1)<<32 | core.Key(fd)
	require.Zero(t, d.Add(key, 0))
	require.Equal(t, core.EEXIST, d.Add(key, in))
	require.Zero(t, d.Mod(key, in))
	d.say(0, 5)
	require.Equal(t, "fd0.1 IN", d.wait(9))
	d.fds[0].Close(false)
	require.Equal(t, "-", d.wait(9))
	for _, e := range []core.Errno{d.Add(key, in), d.Mod(key, in), d.Del(key), d.Del(core.Key(1000))} {
		require.Equal(t, core.EBADF, e)
	}
	require.Zero(t, d.Registered(fd))
}

func TestAListenerIsReportedWhileSomebodyWaits(t *testing.T) {
	d := newDeck(false, sim.Benign{})
	l := d.kernel.Listen()
	d.set(l.Num(), 1, 0, core.EvIn)
	require.Equal(t, "-", d.wait(9))
	d.kernel.Dial(0, d)
	d.run()
	require.Equal(t, 1, d.woken)
	require.Equal(t, "fd0.1 IN", d.wait(9))
	_, _, e := l.Accept()
	require.Zero(t, e)
	require.Equal(t, "-", d.wait(9))
}

func TestResetForgetsEverything(t *testing.T) {
	d := newDeck(true, sim.Benign{})
	fd := d.connect(t, both)
	d.say(0, 5)
	d.Poller.Reset(&d.World, &d.kernel, false, func() {})
	require.False(t, d.Edge())
	require.Zero(t, d.Registered(fd))
	require.Zero(t, d.Registered(99))
	require.Equal(t, "-", d.wait(9))
	require.Equal(t, Stats{Waits: 1}, d.Stats)
}

// TestWhoWatchesAWorldIsNoPartOfIt: a look that the program did not make arms nothing,
// else the checks would wake a program that Linux leaves asleep.
func TestWhoWatchesAWorldIsNoPartOfIt(t *testing.T) {
	for _, asks := range []bool{false, true} {
		d := newDeck(true, sim.Benign{})
		num := d.connect(t, core.EvOut)
		require.Equal(t, "fd0.1 OUT", d.wait(9))
		n, e := d.fds[0].Send(make([]byte, 25), false)
		require.Equal(t, 25, n, "it is not full, and has too little room to be writable: %v", e)
		if asks {
			d.kernel.Poll(num)
		} else {
			require.Zero(t, d.kernel.Events(num)&core.EvOut)
		}
		d.run() // the peer's buffer has room for all of it
		require.Equal(t, asks, d.Pending())
	}
}
