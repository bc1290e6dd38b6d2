package simfd_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"millrace/core"
	"millrace/sim"
	"millrace/simfd"
)

// TestAVigilEndsAsItDoesOnLinux has the cases, and the answers, of package real/loopback's
// TestHowAVigilEndsOnLinux.
func TestAVigilEndsAsItDoesOnLinux(t *testing.T) {
	const second, ms = core.Second, core.Millisecond
	silence := func(_, far *simfd.Socket) { send(t, far, 1) } // which is lost, and all that follows
	for _, c := range []struct {
		name  string
		vigil core.Vigil
		then  func(near, far *simfd.Socket)
		want  core.Errno
		at    core.Time // about
		told  bool      // the other end is, by a RST
	}{
		{"nobody asks", core.Vigil{}, silence, 0, 0, false},
		{"nobody answers", core.Vigil{Idle: second, Interval: second, Count: 2}, silence, core.ETIMEDOUT, 3 * second, true},
		{"asked every two seconds", core.Vigil{Idle: second, Interval: 2 * second, Count: 2}, silence, core.ETIMEDOUT, 5 * second, true},
		{"somebody answers", core.Vigil{Idle: second, Interval: second, Count: 2}, func(_, _ *simfd.Socket) {}, 0, 0, false},
		{"answered by who has no memory", core.Vigil{Idle: second, Interval: second, Count: 2},
			func(_, far *simfd.Socket) { far.Vanish() }, core.ECONNRESET, second, false},
		{"bytes under way", core.Vigil{Idle: second, Interval: second, Count: 2, Unanswered: 1500 * ms},
			func(near, far *simfd.Socket) { silence(near, far); send(t, near, 1) }, core.ETIMEDOUT, 1700 * ms, false},
		{"bytes under way, and nothing said of them", core.Vigil{Idle: second, Interval: second, Count: 2},
			func(near, far *simfd.Socket) { silence(near, far); send(t, near, 1) }, core.ETIMEDOUT, 924800 * ms, false},
		{"the time for bytes counts instead of questions", core.Vigil{Idle: second, Interval: second, Count: 9, Unanswered: 500 * ms}, silence, core.ETIMEDOUT, 2 * second, true},
		{"if it is longer too", core.Vigil{Idle: second, Interval: second, Count: 1, Unanswered: 2500 * ms}, silence, core.ETIMEDOUT, 3 * second, true},
		{"our FIN is through", core.Vigil{Idle: second, Interval: second, Count: 2},
			func(near, far *simfd.Socket) { near.ShutW(); silence(near, far) }, core.ETIMEDOUT, 3 * second, true},
		{"a shut window", core.Vigil{Unanswered: 1000 * ms}, func(near, _ *simfd.Socket) { send(t, near, 1500) }, core.ETIMEDOUT, 1200 * ms, false},
		{"a shut window, and nobody answers", core.Vigil{Unanswered: 1000 * ms},
			func(near, far *simfd.Socket) { send(t, near, 1500); silence(near, far) }, core.ETIMEDOUT, 1200 * ms, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, near, far := watched(t, accident{op: sim.OpHole, val: 1, who: sim.Server}, c.vigil)
			began := w.Now()
			c.then(near, far)
			for !near.Failed() && w.Step() {
			}
			require.Equal(t, c.want, near.Error())
			if c.want != 0 {
				require.InDelta(t, float64(c.at), float64(w.Now()-began), float64(30*sim.Millisecond))
			}
			settle(w)
			if far.Connected() || far.Failed() {
				e := far.Error()
				require.Equal(t, c.told, e == core.ECONNRESET || e == core.EPIPE, "%s", e)
			}
		})
	}
}

func TestSilenceIsCountedFromTheLastAnswer(t *testing.T) {
	vigil := core.Vigil{Idle: 2 * core.Second, Interval: core.Second, Count: 3}
	w, near, far := watched(t, accident{op: sim.OpHole, val: 1, who: sim.Server}, vigil)
	began := w.Now()
	w.Leap(3 * sim.Second) // a question was answered after two
	send(t, far, 1)
	for near.Connected() && w.Step() {
	}
	require.InDelta(t, 7, float64(w.Now()-began)/float64(sim.Second), 0.03)
}

func TestAPartitionThatHealsInTimeIsNotNoticed(t *testing.T) {
	w, near, far := watched(t, accident{op: sim.OpHole, val: 2, who: sim.Server}, core.Vigil{Idle: core.Second, Interval: 500 * core.Millisecond, Count: 2})
	send(t, far, 1)
	settle(w)
	require.True(t, near.Connected())
	require.Equal(t, 1, near.In().Readable())
	far.Vanish()
	settle(w)
	_, e := near.Recv(make([]byte, 10))
	require.Zero(t, e, "the byte first")
	fails(t, near, core.ECONNRESET)
}

func TestAcceptedSocketsInheritTheVigilAndMayBeToldAnother(t *testing.T) {
	for _, own := range []bool{false, true} {
		w, k, servers := &sim.World{}, &simfd.Kernel{}, &town{}
		w.Reset(sim.Benign{})
		link := sim.Link{Latency: sim.Millisecond, Segment: 100, SndBuf: 1000, RcvBuf: 1000}
		k.Reset(w, simfd.Params{Files: 9, Front: link, Back: link, Queue: 1, Vigil: core.Vigil{Idle: core.Second}}, servers, servers)
		l := k.Listen()
		client := k.Dial(0, servers)
		settle(w)
		fd, _, e := l.Accept()
		require.Zero(t, e)
		want := core.ECONNRESET
		if own {
			require.Zero(t, fd.(core.Vigilant).Watch(core.Vigil{}))
			want = 0
		}
		client.Vanish()
		settle(w)
		require.Equal(t, want, fd.(*simfd.Socket).Error())
	}
}
