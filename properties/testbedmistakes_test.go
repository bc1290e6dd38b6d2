package properties_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"millrace/properties/mistakes"
)

// TestMistakesThatKillAreFound: a hunt survives what it hunts, and makes it small.
func TestMistakesThatKillAreFound(t *testing.T) {
	var list []mistakes.Mistake
	turn := inPart(mistakes.Deadly)
	for _, m := range turn {
		list = append(list, m.Mistake)
	}
	eachMistake(t, list, "soak", func(t *testing.T, i int, dir, soak string) {
		m := turn[i]
		found := filepath.Join(dir, "found")
		out := finds(t, soak, "-procs", "1", "-seeds", m.Seeds, "-seed", "1", "-o", found)
		require.Contains(t, out, "worlds            ", "it went on to the end")
		n, text := smallest(t, found)
		t.Logf("%d lines\n%s\n%s", n, text, out)
		require.LessOrEqual(t, n, page)
		require.Contains(t, text, "\nfail "+m.Identity)
	})
}

// TestMistakesInAResetAreFound: what no invariant objects to, since each of
// the two runs is a possible one.
func TestMistakesInAResetAreFound(t *testing.T) {
	eachMistake(t, inPart(mistakes.Reset), "soak", func(t *testing.T, _ int, dir, soak string) {
		out := finds(t, soak, "-first", "-procs", "1", "-seeds", "20000", "-seed", "1", "-o", filepath.Join(dir, "found"))
		t.Logf("%s", out)
		require.Contains(t, out, "times: I64 world: here it ")
		_, command, found := strings.Cut(out, "# replay: go run ./properties/cmd/soak ")
		require.True(t, found)
		command, _, _ = strings.Cut(command, "\n")
		again := finds(t, soak, append(strings.Fields(command), "-o", filepath.Join(dir, "again"))...)
		require.Contains(t, again, "times: I64 world: here it ", "the command that it prints shows it")
	})
}
