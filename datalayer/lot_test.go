package datalayer

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatNobodyNeedsIsGivenUp: what a burst leaves that ends piece by piece, but for so many, and
// not what was needed since the last time.
func TestWhatNobodyNeedsIsGivenUp(t *testing.T) {
	var l Lot
	l.Reset(16, 0)
	lend := func(n int) (pieces [][]byte) {
		for range n {
			pieces = append(pieces, l.Take())
		}
		return pieces
	}
	giveBack := func(pieces [][]byte) {
		for _, mem := range pieces {
			l.Give(mem, 5)
		}
	}
	pieces := lend(90)
	giveBack(pieces[:59])
	require.Equal(t, []int{31, 90, 0}, []int{l.Lent(), l.Made(), l.Trim()}, "they were needed")
	giveBack(lend(40))
	require.Equal(t, []int{19 * 16, 71, 0}, []int{l.Trim(), l.Made(), l.Lent() - 31})
	giveBack(pieces[59:])
	require.Greater(t, l.Made(), 5)
	l.Trim()
	l.Trim()
	require.Equal(t, []int{0, 2, 0}, []int{l.Lent(), l.Made(), l.Trim()})
}

// TestWhatWasUsedLastIsKept: it is in the cache.
func TestWhatWasUsedLastIsKept(t *testing.T) {
	var l Lot
	l.Reset(16, 0)
	all := [][]byte{l.Take(), l.Take(), l.Take(), l.Take()}
	for _, mem := range all {
		l.Give(mem, len(all))
	}
	l.Trim()
	require.Equal(t, 2*16, l.Trim())
	require.Same(t, &all[3][0], &l.Take()[0])
	require.Same(t, &all[2][0], &l.Take()[0])
}

// TestABurstThatIsOverLeavesTwoThirdsOfItAtMost: as long as more are lent than that, the next burst
// is as near as the end of this one.
func TestABurstThatIsOverLeavesTwoThirdsOfItAtMost(t *testing.T) {
	var l Lot
	l.Reset(16, 0)
	var pieces [][]byte
	for range 90 {
		pieces = append(pieces, l.Take())
	}
	for _, mem := range pieces {
		l.Give(mem, 5)
	}
	require.Equal(t, []int{0, 60}, []int{l.Lent(), l.Made()})
}
