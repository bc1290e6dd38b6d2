package core

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// slow opens descriptors whose turns come late.
func (s *stage) slow(n int) (list []*actor) {
	for i := range n {
		a := s.open(fmt.Sprintf("slow%d", i), i, 0, dry)
		a.desc.Late(true)
		list = append(list, a)
	}
	return list
}

// TestLateTurnsComeBehindAllOthersOneInARound: established connections wait for one
// handshake at most, and no handshake waits for ever.
func TestLateTurnsComeBehindAllOthersOneInARound(t *testing.T) {
	s := newStage(false)
	slow := s.slow(3)
	fast := s.open("fast", 9, 0, dry)
	s.round(t)
	said := s.round(t, readable(slow[0]), readable(slow[1]), readable(slow[2]), readable(fast))
	require.Equal(t, "fast   turn, R ready\nslow0  turn, R ready\n", said)
	require.Equal(t, s.Now(), s.Deadline(), "the others wait, and the loop does not sleep")
	require.Equal(t, "fast   turn, R ready\nslow1  turn, R ready\n", s.round(t, readable(fast)))
	slow[2].desc.Late(false)
	require.Equal(t, "slow2  turn, R ready\n", s.round(t), "no longer late")
}

// TestWhoHasNothingToDoTakesNobodysLateTurn: a handshake that wanted to write in its turn, and
// did, stood in line with nothing left to do. Every other round was its, and recordings that
// had lost their beginning, in which others had done so, did not replay.
func TestWhoHasNothingToDoTakesNobodysLateTurn(t *testing.T) {
	s := newStage(false)
	writer := s.open("writer", 7, 0, func(a *actor) {
		dry(a)
		a.desc.May(W)
		a.desc.Want(W)
		a.desc.Stop(W)
	})
	writer.desc.Late(true)
	slow := s.slow(1)
	s.round(t)
	require.Equal(t, "writer turn, R ready\n", s.round(t, readable(writer)))
	require.Equal(t, "slow0  turn, R ready\n", s.round(t, readable(slow[0])))
	require.NotEqual(t, s.Now(), s.Deadline(), "and the loop may sleep")
}

// TestNoTimeoutIsToldOfALateTurnThatHasYetToCome: what was reported in time and waits in
// line is not looked at. What comes later does not hold the time up.
func TestNoTimeoutIsToldOfALateTurnThatHasYetToCome(t *testing.T) {
	s := newStage(false)
	slow := s.slow(2)
	s.round(t)
	before := s.Now()
	s.poller.clock += 5 * Second
	s.round(t, readable(slow[0]), readable(slow[1]))
	require.LessOrEqual(t, s.Looked(), before)
	s.round(t, readable(slow[0])) // slow1 has its turn, and slow0 is in line again
	s.round(t)
	s.round(t)
	require.Greater(t, s.Looked(), before)
}

// TestALineFromBeforeTheFirstLookHoldsTheTimeUpToo: there is no earlier look by which
// to say since when.
func TestALineFromBeforeTheFirstLookHoldsTheTimeUpToo(t *testing.T) {
	s := newStage(false)
	slow := s.slow(3)
	before := s.Now()
	s.round(t, readable(slow[0]), readable(slow[1]), readable(slow[2]))
	s.poller.clock += 5 * Second
	s.round(t)
	require.LessOrEqual(t, s.Looked(), before)
}
