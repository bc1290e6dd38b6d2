package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// shut is a stream whose receiver is full.
func shut(t *testing.T, link Link) *wire {
	p := newWire(Benign{}, link)
	p.put(t, link.SndBuf)
	p.run()
	require.Equal(t, link.RcvBuf, p.Readable())
	return p
}

func TestALittleRoomLetsNothingIn(t *testing.T) {
	for _, c := range []struct {
		name    string
		segment int
		enough  int
	}{
		{"a segment is enough", 30, 30},
		{"half of a buffer that no segment fits in is", 200, 50},
		{"a sixteenth is the least", 1, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := shut(t, Link{Segment: c.segment, SndBuf: 200, RcvBuf: 100})
			p.get(t, c.enough-1)
			require.Empty(t, p.run(), "too little was enough")
			p.get(t, 1)
			require.NotEmpty(t, p.run(), "enough was too little")
			require.Equal(t, 100, p.Readable())
		})
	}
}

// TestWhoReadsNoMoreSaysNothing: the sender finds out by asking.
func TestWhoReadsNoMoreSaysNothing(t *testing.T) {
	for name, quiet := range map[string]func(p *wire){
		"shut":               func(p *wire) { p.Mute(); p.get(t, 60) },
		"with a larger room": func(p *wire) { p.Resize(0, 20); p.get(t, 60); p.Resize(0, 100) },
	} {
		t.Run(name, func(t *testing.T) {
			p := shut(t, Link{Segment: 30, SndBuf: 200, RcvBuf: 100})
			before := p.World.Now()
			quiet(p)
			require.Equal(t, 40, p.Readable())
			at, ok := p.World.Next()
			require.True(t, ok)
			require.Equal(t, before+probeSpan, at)
			p.run()
			require.Equal(t, 100, p.Readable())
		})
	}
}

func TestNothingIsAskedForWithoutNeed(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 30, SndBuf: 200, RcvBuf: 100})
	p.put(t, 20)
	p.run()
	p.Mute()
	p.get(t, 5)
	require.False(t, p.proc.Scheduled(), "there was room before")
}
