package sim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// tree is a program whose questions depend on the answers: it prints them.
func tree(choose func(op Op, n int) int) string {
	path := ""
	ask := func(op Op, n int) int {
		v := choose(op, n)
		path += fmt.Sprintf(" %d/%d", v, n)
		return v
	}
	switch ask(OpRank, 3) {
	case 1:
		for range ask(OpRace, 4) {
			ask(OpRank, 2)
		}
	case 2:
		if ask(OpRace, 2) == 1 {
			ask(OpRank, 5)
		}
		ask(OpRank, 2)
	}
	return path
}

// walk goes through the same tree by recursion: it plays the answers that are
// given and branches at the first question beyond them.
func walk(given []int, depth int) (paths []string) {
	var open int // choices at the first question beyond
	asked := 0
	path := tree(func(_ Op, n int) int {
		asked++
		if asked <= len(given) {
			return given[asked-1]
		}
		if asked == len(given)+1 && asked <= depth {
			open = n
		}
		return 0
	})
	if open == 0 {
		return []string{path}
	}
	for v := range open {
		paths = append(paths, walk(append(slices.Clone(given), v), depth)...)
	}
	return paths
}

func TestExhaustVisitsEverySequenceOnce(t *testing.T) {
	for depth := 1; depth <= 6; depth++ {
		e := Exhaust{Ops: []Op{OpRank, OpRace}, Depth: depth}
		var got []string
		for e.Next() {
			got = append(got, tree(func(op Op, n int) int { return e.Choose(Worker, op, 0, n) }))
		}
		require.Equal(t, walk(nil, depth), got, "depth %d", depth)
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(got))), len(got))
		require.False(t, e.Next(), "it ends for good")
	}
}

func TestExhaustExploresOnlyItsOps(t *testing.T) {
	e := Exhaust{Ops: []Op{OpRank}, Depth: 9}
	runs := 0
	for e.Next() {
		runs++
		require.Zero(t, e.Choose(Client, OpRace, 0, 4))
		e.Choose(Client, OpRank, 0, 3)
		require.Zero(t, e.Choose(Client, OpHole, 0, 2))
	}
	require.Equal(t, 3, runs)
}

func TestExhaustWithNothingToExploreRunsOnce(t *testing.T) {
	e := Exhaust{Depth: 5}
	require.True(t, e.Next())
	require.Zero(t, e.Choose(Client, OpRank, 0, 3))
	require.False(t, e.Next())
}

func ExampleExhaust() {
	e := Exhaust{Ops: []Op{OpRank, OpShortRead}, Depth: 2}
	for e.Next() {
		first := e.Choose(Worker, OpRank, 0, 2)
		second := e.Choose(Front, OpShortRead, 0, 2+first)
		fmt.Println(first, second)
	}
	// Output:
	// 0 0
	// 0 1
	// 1 0
	// 1 1
	// 1 2
}
