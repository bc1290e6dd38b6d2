package properties_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachMistakeHasItsPlace, which takes a moment, and is known only days later otherwise:
// the mistakes themselves have their turn now and then.
func TestEachMistakeHasItsPlace(t *testing.T) {
	all := slices.Concat(mistakes, historicMistakes, kernelMistakes, foreignMistakes, resetMistakes)
	for _, m := range smallMistakes {
		all = append(all, m.mutant)
	}
	for _, m := range deadlyMistakes {
		all = append(all, m.mutant)
	}
	for _, m := range all {
		text, err := os.ReadFile(filepath.Join("..", m.file))
		require.NoError(t, err)
		require.Equal(t, true, strings.Contains(string(text), m.old), "%s: %q is not in %s any more", m.name, m.old, m.file)
	}
}
