package core

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestAPileIsAList is compared with a slice, over the ends of its pieces and in memory that was
// another pile's.
func TestAPileIsAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p Pile[int]
		var want []int
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				for range rapid.IntRange(1, 2*pileSize).Draw(t, "entries") {
					p.Push(len(want))
					want = append(want, len(want))
				}
			},
			"pop": func(t *rapid.T) {
				for range rapid.IntRange(0, min(len(want), 2*pileSize)).Draw(t, "entries") {
					p.Pop()
					want = want[:len(want)-1]
				}
			},
			"set": func(t *rapid.T) {
				if len(want) > 0 {
					i := rapid.IntRange(0, len(want)-1).Draw(t, "place")
					*p.At(i), want[i] = -i, -i
				}
			},
			"empty": func(*rapid.T) { p, want = p.Emptied(), nil },
			"": func(t *rapid.T) {
				require.Equal(t, len(want), p.Len())
				for i := range want {
					require.Equal(t, want[i], *p.At(i))
				}
			},
		})
	})
}

// TestEntriesOfAPileStayWhereTheyAre while it grows, and one that was emptied needs no memory
// to be as large again.
func TestEntriesOfAPileStayWhereTheyAre(t *testing.T) {
	var p Pile[int]
	var places []*int
	grow := func() {
		for i := range 5 * pileSize {
			p.Push(i)
			if i == len(places) {
				places = append(places, p.At(i))
			}
		}
	}
	grow()
	for i := range places {
		require.Same(t, places[i], p.At(i))
	}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		p = p.Emptied()
		grow()
	}))
	require.Same(t, places[0], p.At(0))
}
