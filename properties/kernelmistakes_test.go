package properties_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties/mistakes"
)

// TestMistakesInTheSimulatedKernelAreFound builds conform with each mistake in turn
// and has it compared with Linux: it must find it and shrink it to a page.
func TestMistakesInTheSimulatedKernelAreFound(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("compares with Linux")
	}
	eachMistake(t, inPart(mistakes.Kernel), "conform", func(t *testing.T, _ int, dir, conform string) {
		found := filepath.Join(dir, "found")
		out := finds(t, conform, "-first", "-seeds", "20000", "-seed", "1", "-o", found)
		require.NotContains(t, out, " 0 answered otherwise\n", "no recorded script shows it")
		n, text := shortest(t, found)
		t.Logf("%d lines\n%s", n, text)
		require.LessOrEqual(t, n, page)
	})
}

// shortest returns the shortest of the scripts found, and how long it is.
func shortest(t *testing.T, dir string) (lines int, text string) {
	files, err := filepath.Glob(filepath.Join(dir, "drawn-*.txt"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "no drawn script shows it")
	lines = 1 << 30
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		if n := strings.Count(string(b), "\n"); n < lines {
			lines, text = n, string(b)
		}
	}
	return lines, text
}
