package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatArrivedAtOnceLiesInOnePiece(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 30, SndBuf: 100, RcvBuf: 100})
	require.Zero(t, p.Piece())
	for _, n := range []int{10, 40, 5} {
		p.put(t, n)
		p.run()
	}
	for _, c := range []struct{ piece, read int }{{10, 4}, {6, 6}, {30, 29}, {1, 6}, {5, 2}, {3, 3}, {5, 1}, {4, 4}, {0, 1}} {
		require.Equal(t, c.piece, p.Piece())
		p.get(t, c.read)
	}
	p.put(t, 7)
	p.run()
	p.Purge()
	require.Zero(t, p.Piece())
}

func TestSmallSegmentsMergeOnLoopback(t *testing.T) {
	p := newWire(Benign{}, Link{Segment: 30, SndBuf: 100, RcvBuf: 100, Merge: true})
	for _, n := range []int{10, 20, 5} {
		p.put(t, n)
		p.run()
	}
	require.Equal(t, 30, p.Piece(), "no more than a segment")
	p.get(t, 33)
	require.Equal(t, 2, p.Piece())
}
