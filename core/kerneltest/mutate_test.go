package kerneltest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMutantsParseBackAndAreComparable(t *testing.T) {
	lists, err := Lists()
	require.NoError(t, err)
	known := map[string]bool{}
	for _, list := range lists {
		for _, s := range list {
			known[s.String()] = true
		}
	}
	seen := map[string]bool{}
	for seed := range uint64(500) {
		s := Mutate(seed, lists...)
		text := s.String()
		require.Equal(t, text, parse(t, text).String())
		require.Equal(t, text, Mutate(seed, lists...).String(), "the same seed, another script")
		require.True(t, s.Comparable())
		require.LessOrEqual(t, s.Len(), 2*maxMutant)
		require.False(t, known[text], "a recorded script")
		seen[text] = true
	}
	require.Greater(t, len(seen), 480, "mutants are all alike")
	again, err := Lists()
	require.NoError(t, err)
	require.Equal(t, again, lists, "what was recorded has changed")
}

// TestSoundLeavesOutWhatMeansNothing: each of these lines would differ, and be no
// difference.
func TestSoundLeavesOutWhatMeansNothing(t *testing.T) {
	for text, want := range map[string]string{
		"lst listen\npeer dial\npeer2 dial\nus2 accept\nus accept\nus2 accept": "lst listen\npeer dial\npeer2 dial\nus accept\nus2 accept\n",
		"lst listen\npeer dial\nlst close\nus accept":                          "lst listen\npeer dial\nlst close\n",
		"peer dial\nlst listen\nus accept":                                     "peer dial\nlst listen\n",
		"us socket\nus number\nus connect\nus send 5":                          "us socket\nus connect\nus send 5\n",
		"us socket\nus connect\nus send 5 more\npeer recv 9\nus send 1":        "us socket\nus connect\nus send 5 more\nus send 1\n",
		"us socket\nus connect\npeer send 5 more\nlevel\npeer shutw\nlevel":    "us socket\nus connect\npeer send 5 more\npeer shutw\nlevel\n",
		"us socket\nus connect\nus sndbuf 9\nus send 9\nus send 9\nus fill":    "us socket\nus connect\nus sndbuf 9\nus send 9\nus fill\n",
		"us socket\nsleep\nus connect":                                         "us socket\nus connect\n",
		"us socket\nus connect\nus fill\nus splice-out pipe\nlevel":            "us socket\nus connect\nus fill\nlevel\n",
		"us socket\nus connect\npeer fill\npeer urgent":                        "us socket\nus connect\npeer fill\n",
	} {
		var steps []Step
		for _, l := range parse(t, text).lines {
			steps = append(steps, *l.step)
		}
		require.Equal(t, want, sound(steps).String())
	}
}
