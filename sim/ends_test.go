package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// roomy is a link on which nothing waits.
var roomy = Link{Segment: 100, SndBuf: 100, RcvBuf: 100}

func TestBytesForAnEndThatRefusesEndTheStream(t *testing.T) {
	p := newWire(Benign{}, roomy)
	p.put(t, 5)
	p.World.Step()
	p.Refuse()
	p.take()
	p.put(t, 7)
	for p.World.Step() {
	}
	require.Equal(t, "refused@0", p.take())
	require.Equal(t, 5, p.Readable(), "what had arrived is still there")
	p.put(t, 1)
	require.False(t, p.World.Step(), "it moves again")
}

func TestAFinIsNotRefused(t *testing.T) {
	p := newWire(Benign{}, roomy)
	p.Refuse()
	p.End()
	for p.World.Step() {
	}
	require.Equal(t, "arrived 0 FIN@0 taken@0", p.take())
}

func TestBuffersShrinkAndNeverLoseBytes(t *testing.T) {
	p := newWire(Benign{}, roomy)
	p.put(t, 60)
	p.World.Step()
	p.put(t, 60)
	p.Resize(10, 20)
	require.Zero(t, p.Free(), "less than nothing")
	for p.World.Step() {
	}
	require.Equal(t, 100, p.Readable(), "what was let in was taken back")
	p.get(t, 85)
	for p.World.Step() {
	}
	require.Equal(t, 15, p.Readable(), "more than the smaller window")
	p.get(t, 5)
	for p.World.Step() {
	}
	require.Equal(t, 20, p.Readable())
	p.Resize(1000, 0)
	require.Equal(t, 100, p.Free()+p.Queued(), "more than the ring has")
	for p.Readable() > 0 {
		p.get(t, 7)
		for p.World.Step() {
		}
	}
	require.Equal(t, p.sent, p.got)
}

func TestASizeToldBeforeAnythingIsTheFirstWindow(t *testing.T) {
	p := newWire(Benign{}, roomy)
	p.Resize(0, 20)
	p.put(t, 60)
	p.run()
	require.Equal(t, 20, p.Readable())
}

func TestPurgeForgetsBytesAndTheFin(t *testing.T) {
	p := newWire(Benign{}, roomy)
	p.put(t, 5)
	p.End()
	for p.World.Step() {
	}
	require.True(t, p.FinIn())
	p.Purge()
	require.Zero(t, p.Readable())
	require.False(t, p.FinIn())
}
