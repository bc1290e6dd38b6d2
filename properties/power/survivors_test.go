package power

import (
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachSurvivorIsAMutantOfTheCode: an explanation of a line that is no more says nothing, and
// README counts them.
func TestEachSurvivorIsAMutantOfTheCode(t *testing.T) {
	known, err := readSurvivors("survivors.txt")
	require.NoError(t, err)
	c, err := parse(nil, io.Discard)
	require.NoError(t, err)
	all, err := (&tree{root: "../..", files: map[string][]byte{}}).mutants(c.packages)
	require.NoError(t, err)
	for _, m := range all {
		delete(known, m.Key)
	}
	require.Empty(t, slices.Sorted(maps.Keys(known)), "look at what became of the line, and whether that mutant is found")
}
