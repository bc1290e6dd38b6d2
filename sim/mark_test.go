package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheMarkMoves: what is read is all but the byte that is marked when the reader comes
// to it, and one that was next when the mark moved.
func TestTheMarkMoves(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 30, SndBuf: 100, RcvBuf: 100})
	send := func(text string) { p.Write([]byte(text), false) }
	got := func() string {
		p.run()
		var b [50]byte
		return string(b[:p.Get(b[:])])
	}
	mark := func(b byte) {
		p.run()
		p.Mark(b)
		p.run()
	}
	send("ab")
	mark('!')
	send("cd")
	mark('?')
	require.Equal(t, "ab!cd", got(), "the mark is further on")
	require.True(t, p.Urgent())
	mark('+')
	require.Empty(t, got(), "? was next")
	require.False(t, p.Marked())
	send("ef")
	require.Equal(t, "ef", got())
	require.Zero(t, p.Unread())
}

// TestAnUrgentByteTakesRoom: it does so until it was passed, in both buffers.
func TestAnUrgentByteTakesRoom(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 10, SndBuf: 20, RcvBuf: 20})
	p.Mark('!')
	require.Equal(t, 19, p.Free())
	for range 3 {
		p.Write(make([]byte, 20), false)
		p.run()
	}
	require.Equal(t, 20, p.Unread())
	require.Equal(t, 19, p.Readable())
	require.True(t, p.Full())
	require.Zero(t, p.Free())
}
